// SPDX-License-Identifier: Apache-2.0
// The uplink against the real policy service, over TLS on loopback.
#include "agent/uplink.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "platform/fd_posix.h"
#include "platform/host_linux.h"
#include "tests/agent/event_loop.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

using testing::HasSubstr;

// What one uplink has told.
struct Heard {
  int hellos = 0;
  int downs = 0;
  int failures = 0;
};

class UplinkTest : public testing::Test {
 protected:
  UplinkTest() { TestApplication(); }

  static TestEnroller::Identity Enroll(RunningService& service) {
    return service.enroller()
        .Enroll(service.Token(LeafName::Role::kDevice), LeafName::Role::kDevice)
        .value();
  }

  void Begin(const TestEnroller::Identity& identity) {
    Uplink::Events events;
    events.hello = [] {
      v1::AgentMessage message;
      message.mutable_hello()->set_agent_version("test");
      return message;
    };
    events.on_message = [this](const v1::ServiceMessage& message) {
      heard_.hellos += message.has_hello();
    };
    events.on_down = [this] { ++heard_.downs; };
    events.on_failed = [this] { ++heard_.failures; };
    uplink_ = std::make_unique<Uplink>(
        identity.record, identity.key,
        [this] {
          Now now = LinuxHost().Time();
          now.boot += ahead_;
          return now;
        },
        std::move(events));
    uplink_->Start();
  }

  bool HelloNumber(int count) {
    return RunUntil([&] { return heard_.hellos >= count; });
  }

  v1::AgentStatus Status() const {
    v1::AgentStatus status;
    uplink_->Describe(&status);
    return status;
  }

  Heard heard_;
  Millis ahead_{0};  // of the clock that timers go by
  std::unique_ptr<Uplink> uplink_;
};

TEST_F(UplinkTest, FetchesALeafAndBringsTheHelloOfTheService) {
  RunningService service;
  Begin(Enroll(service));
  ASSERT_TRUE(HelloNumber(1));
  EXPECT_TRUE(uplink_->connected());
  EXPECT_EQ(heard_.failures, 0);
  EXPECT_EQ(Status().connection_error(), "");
  EXPECT_GT(Status().connected_since_ms(), 0u);
  EXPECT_GT(Status().leaf_not_after_ms(), Status().connected_since_ms());
}

TEST_F(UplinkTest, StreamThatEndsIsToldOnceAndReplaced) {
  RunningService service;
  Begin(Enroll(service));
  ASSERT_TRUE(HelloNumber(1));
  service.Stop();
  ASSERT_TRUE(RunUntil([&] { return heard_.failures >= 2; }));
  EXPECT_EQ(heard_.downs, 1);
  EXPECT_FALSE(uplink_->connected());
  EXPECT_NE(Status().connection_error(), "");
  service.Start();
  ASSERT_TRUE(HelloNumber(2));
  EXPECT_EQ(heard_.downs, 1);
}

TEST_F(UplinkTest, StreamThatIsDroppedIsReplaced) {
  RunningService service;
  Begin(Enroll(service));
  ASSERT_TRUE(HelloNumber(1));
  uplink_->Drop("no answer");
  EXPECT_EQ(heard_.downs, 1);
  EXPECT_EQ(Status().connection_error(), "no answer");
  EXPECT_TRUE(HelloNumber(2));
}

TEST_F(UplinkTest, MovesToANewLeafWithoutBeingDown) {
  ServiceOptions options;
  options.leaf_lifetime = std::chrono::seconds(3);
  RunningService service(kEdrPolicy, options);
  Begin(Enroll(service));
  ASSERT_TRUE(HelloNumber(1));
  const uint64_t first = Status().leaf_not_after_ms();
  ASSERT_TRUE(HelloNumber(2));
  EXPECT_GT(Status().leaf_not_after_ms(), first);
  EXPECT_EQ(heard_.downs, 0);
  EXPECT_EQ(heard_.failures, 0);
}

TEST_F(UplinkTest, ServiceOfAnotherCaIsNotBelieved) {
  RunningService service;
  RunningService another;
  TestEnroller::Identity identity = Enroll(service);
  identity.record.ca_pem = another.ca_pem();
  Begin(identity);
  ASSERT_TRUE(RunUntil([&] { return heard_.failures > 0; }));
  EXPECT_EQ(heard_.hellos, 0);
  EXPECT_THAT(Status().connection_error(), HasSubstr("not of this CA"));
}

TEST_F(UplinkTest, WhoeverAsksGetsATryBeforeItsTime) {
  RunningService service;
  const TestEnroller::Identity identity = Enroll(service);
  service.Stop();
  ahead_ = Millis(3'600'000);  // an hour before a timer fires
  Begin(identity);
  ASSERT_TRUE(RunUntil([&] { return heard_.failures == 1; }));
  service.Start();
  EXPECT_TRUE(uplink_->TryNow());
  EXPECT_TRUE(HelloNumber(1));
  EXPECT_TRUE(uplink_->TryNow()) << "there is a stream";
}

// A listener that takes connections and never says anything, as behind a network that was left.
class Silent {
 public:
  Silent() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_.get(), 8), 0);
    getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    QObject::connect(&notifier_, &QSocketNotifier::activated, [this](QSocketDescriptor) {
      peers_.emplace_back(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    });
  }
  const std::string& address() const { return address_; }
  size_t peers() const { return peers_.size(); }

 private:
  Fd fd_;
  std::string address_;
  QSocketNotifier notifier_{fd_.get(), QSocketNotifier::Read};
  std::vector<Fd> peers_;
};

TEST_F(UplinkTest, AnotherNetworkEndsATryThatHangsInTheOldOne) {
  RunningService service;
  const Silent silent;
  TestEnroller::Identity identity = Enroll(service);
  identity.record.enrollment_address = silent.address();
  Begin(identity);
  ASSERT_TRUE(RunUntil([&] { return silent.peers() == 1; }));
  uplink_->NetworkChanged();  // at the same moment: the try knows this network
  ahead_ = Millis(1'500);
  uplink_->NetworkChanged();
  // By itself the first try would hang for ten seconds.
  EXPECT_TRUE(RunUntil([&] { return silent.peers() == 2; }, std::chrono::seconds(8)));
  EXPECT_EQ(heard_.failures, 0);
}

}  // namespace
}  // namespace sallyport
