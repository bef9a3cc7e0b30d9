// SPDX-License-Identifier: Apache-2.0
// Against a real charon.
#include "gateway/vici/client.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>

#include "tests/gateway/charon.h"

namespace sallyport::vici {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

class ViciClient : public testing::Test {
 protected:
  static Message Connection(const std::string& name) {
    return Message{{name, Message{{"version", "2"s},
                                  {"remote_addrs", Message::List{"192.0.2.1"}},
                                  {"local", Message{{"auth", "pubkey"s}, {"id", "gw.test"s}}},
                                  {"remote", Message{{"auth", "pubkey"s}}}}}};
  }

  Charon charon_;
  Client client_ = Client::Connect(charon_.socket()).value();
};

TEST_F(ViciClient, ACommandIsAnswered) {
  const auto version = client_.Request("version", {}, 2s);
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(version->Text("daemon"), "charon-systemd");
  EXPECT_TRUE(Client::Connect("unix://" + charon_.socket()));
}

TEST_F(ViciClient, ThePluginsThatTheGateNeedsAreListed) {
  const auto stats = client_.Request("stats", {}, 2s);
  ASSERT_TRUE(stats) << stats.error().message;
  const Message::List* plugins = stats->ListOf("plugins");
  ASSERT_NE(plugins, nullptr);
  EXPECT_TRUE(std::ranges::count(*plugins, "vici"));
  EXPECT_TRUE(std::ranges::count(*plugins, "kernel-libipsec"));
}

TEST_F(ViciClient, AStreamedAnswerHasEveryItemAndTheConnectionGoesOn) {
  for (const char* name : {"one", "two", "three"}) {
    const auto loaded = client_.Request("load-conn", Connection(name), 2s);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }
  const auto items = client_.Stream("list-conns", "list-conn", {}, 2s);
  ASSERT_TRUE(items) << items.error().message;
  std::vector<std::string> names;
  for (const Message& item : *items) names.push_back(item.entries().front().key);
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"one", "three", "two"}));
  EXPECT_EQ(client_.Stream("list-sas", "list-sa", {}, 2s).value(), std::vector<Message>{});
  EXPECT_TRUE(client_.Request("version", {}, 2s));
}

TEST_F(ViciClient, ARefusalCarriesCharonsOwnWords) {
  const auto gone = client_.Request("terminate", {{"ike-id", "4711"s}, {"force", "yes"s}}, 2s);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::kConflict);
  EXPECT_NE(gone.error().message.find("no matching SAs"), std::string::npos)
      << gone.error().message;
}

TEST_F(ViciClient, UnknownCommandsAndEventsAreNotFound) {
  EXPECT_EQ(client_.Request("no-such-command", {}, 2s).error().code, Code::kNotFound);
  EXPECT_EQ(client_.Subscribe("no-such-event", 2s).error().code, Code::kNotFound);
  EXPECT_TRUE(client_.Request("version", {}, 2s));
}

TEST_F(ViciClient, SubscribedEventsArriveOnTheirOwnConnection) {
  Client events = Client::Connect(charon_.socket()).value();
  ASSERT_TRUE(events.Subscribe("log", 2s));
  EXPECT_EQ(events.NextEvent().value(), std::nullopt);
  ASSERT_TRUE(client_.Request("load-conn", Connection("loud"), 2s));
  ASSERT_FALSE(
      client_.Request("initiate", {{"ike", "loud"s}, {"timeout", "1"s}, {"loglevel", "1"s}}, 5s));
  pollfd entry{events.fd(), POLLIN, 0};
  ASSERT_EQ(poll(&entry, 1, 5000), 1);
  const auto event = events.NextEvent();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->name, "log");
}

TEST_F(ViciClient, ACharonThatDoesNotAnswerIsATimeoutAndADeadOneUnavailable) {
  Client events = Client::Connect(charon_.socket()).value();
  ASSERT_TRUE(events.Subscribe("ike-updown", 2s));
  charon_.Stop();
  EXPECT_EQ(client_.Request("version", {}, 50ms).error().code, Code::kTimeout);
  charon_.Kill();
  EXPECT_EQ(client_.Request("version", {}, 2s).error().code, Code::kUnavailable);
  EXPECT_EQ(events.NextEvent().error().code, Code::kUnavailable);
  EXPECT_EQ(Client::Connect(charon_.socket()).error().code, Code::kUnavailable);
}

TEST(ViciConnect, APathThatFitsNoSocketAddressIsRefused) {
  EXPECT_EQ(Client::Connect(std::string(200, 'x')).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace sallyport::vici
