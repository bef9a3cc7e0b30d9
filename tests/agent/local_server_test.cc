// SPDX-License-Identifier: Apache-2.0
#include "agent/local_server.h"

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "tests/agent/local_server_rig.h"

namespace sallyport {
namespace {

// Long before an idle client is dropped.
constexpr std::chrono::milliseconds kSoon{5'000};

class LocalServerTest : public LocalServerRig {};

TEST_F(LocalServerTest, AnswersAStatusRequest) {
  const auto response = AskHere(StatusRequest());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status().device_id(), "laptop-1");
}

TEST_F(LocalServerTest, AnswerMayComeLater) {
  QTimer answer;
  QObject::connect(&answer, &QTimer::timeout, [&] {
    if (!later_) return;
    v1::LocalResponse response;
    response.mutable_check_now()->mutable_status()->set_device_id("checked");
    std::exchange(later_, nullptr)(response);
  });
  answer.start(1);
  const auto response = AskHere(CheckRequest());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->check_now().status().device_id(), "checked");
}

TEST_F(LocalServerTest, AnswerToAClientThatIsGoneIsDropped) {
  std::optional client = Connect();
  Say(*client, FrameOf(CheckRequest()));
  ASSERT_TRUE(RunUntil([&] { return later_ != nullptr; }));
  client.reset();
  later_(v1::LocalResponse());
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  later_(v1::LocalResponse());
  server_.reset();
  later_(v1::LocalResponse());
}

TEST_F(LocalServerTest, GarbageEndsOnlyTheConnectionThatItCameOn) {
  const BlockingEnd patient = Connect();
  BlockingEnd liar = Connect();
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 2; }));
  std::string length;
  PutU32(length, 0xFFFFFFFF);
  Say(liar, length);
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }, kSoon));
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
}

TEST_F(LocalServerTest, FrameOverTheBoundEndsTheConnectionBeforeItIsRead) {
  BlockingEnd client = Connect();
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  std::string start;
  PutU32(start, 3 << 20);  // allowed between collector and agent, not here
  start += std::string(LocalServer::kMaxRequestBytes + 1, 'x');
  Say(client, start);
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }, kSoon));
}

TEST_F(LocalServerTest, HalfARequestIsNoRequestUntilTheRestComes) {
  BlockingEnd client = Connect();
  const std::string frame = FrameOf(CheckRequest());
  Say(client, frame.substr(0, frame.size() - 1));
  ASSERT_TRUE(AskHere(StatusRequest()).has_value());  // others are served meanwhile
  EXPECT_EQ(later_, nullptr);
  Say(client, frame.substr(frame.size() - 1));
  EXPECT_TRUE(RunUntil([&] { return later_ != nullptr; }));
}

TEST_F(LocalServerTest, ClientThatGoesInTheMiddleOfARequestIsForgotten) {
  std::optional client = Connect();
  Say(*client, FrameOf(StatusRequest()).substr(0, 3));
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  client.reset();
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
}

TEST_F(LocalServerTest, ClientThatNeverAsksIsDroppedInTime) {
  patience_.idle = Millis(500);
  Listen({});
  const BlockingEnd client = Connect();
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
}

TEST_F(LocalServerTest, AnswerOfManyMegabytesArrivesWhole) {
  answer_.assign(3 << 20, 'x');
  const auto response = AskHere(EvidenceRequest());
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->evidence().envelope().payload(), answer_);
}

// What was sent just before the server went is read by the client all the same.
TEST_F(LocalServerTest, AnswerOutlivesTheServer) {
  BlockingEnd client = Connect();
  Say(client, FrameOf(CheckRequest()));
  ASSERT_TRUE(RunUntil([&] { return later_ != nullptr; }));
  v1::LocalResponse response;
  response.mutable_check_now()->mutable_status()->set_device_id("checked");
  later_(response);
  server_.reset();
  FrameReader reader;
  for (auto bytes = client.Read(InTime()); bytes; bytes = client.Read(InTime())) reader.Add(*bytes);
  const auto frame = reader.Next();
  ASSERT_TRUE(frame.has_value() && frame->has_value());
  EXPECT_EQ(**frame, response.SerializeAsString());
}

TEST_F(LocalServerTest, NameThatSomebodyListensOnIsNotTaken) {
  const auto second = LocalListener::Listen(name_.text(), {}, [](LocalEnd, const Peer&) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kConflict);
  EXPECT_NE(second.error().message.find(name_.text()), std::string::npos);
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
}

TEST_F(LocalServerTest, NameOfAServerThatIsGoneIsTaken) {
  server_.reset();
  EXPECT_EQ(ConnectLocal(name_.text()).error().code, Code::kNotFound);
  Listen({});
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
}

TEST_F(LocalServerTest, MessageThatIsNoRequestIsAnsweredWithAnError) {
  const auto response = AskHere(v1::LocalRequest());
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ExitCode::kUsage);
}

TEST_F(LocalServerTest, ManySmallRequestsInOneWriteAreAnsweredOneByOne) {
  BlockingEnd client = Connect();
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += FrameOf(StatusRequest());
  const int answered = WhileLoopRuns([&] {
    Say(client, many);
    FrameReader reader;
    int count = 0;
    while (count < 2'000) {
      const Result<std::string> bytes = client.Read(InTime());
      if (!bytes) break;
      reader.Add(*bytes);
      for (auto next = reader.Next(); next && *next; next = reader.Next()) ++count;
    }
    return count;
  });
  EXPECT_EQ(answered, 2'000);
}

// The next request is not looked at before the answer to the one before it has been read.
TEST_F(LocalServerTest, RequestsThatWaitForALargeAnswerToBeReadAreAnsweredThen) {
  answer_.assign(1 << 20, 'x');
  BlockingEnd client = Connect();
  Say(client, FrameOf(EvidenceRequest()) + FrameOf(EvidenceRequest()) + FrameOf(StatusRequest()));
  const int answered = WhileLoopRuns([&] {
    FrameReader reader;
    int count = 0;
    while (count < 3) {
      const Result<std::string> bytes = client.Read(InTime());
      if (!bytes) break;
      reader.Add(*bytes);
      for (auto next = reader.Next(); next && *next; next = reader.Next()) ++count;
    }
    return count;
  });
  EXPECT_EQ(answered, 3);
}

TEST_F(LocalServerTest, ClientThatNeverReadsCostsOneAnswerAndIsDroppedInTime) {
  answer_ = std::string(2 << 20, 'x');
  patience_.idle = Millis(1'000);
  Listen({});
  BlockingEnd client = Connect();
  for (int i = 0; i < 50; ++i) Say(client, FrameOf(EvidenceRequest()));
  ASSERT_TRUE(AskHere(StatusRequest()).has_value());
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
}

TEST_F(LocalServerTest, CrowdOfOneUserPushesOutItsOwnOldest) {
  std::vector<BlockingEnd> crowd;
  for (size_t i = 0; i < LocalServer::kMaxClientsPerUser + 5; ++i) crowd.push_back(Connect());
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == LocalServer::kMaxClientsPerUser; }));
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
  EXPECT_LE(server_->clients(), LocalServer::kMaxClientsPerUser);
}

// Statuses that arrive at one who watches; the watching ends with the agent.
class StatusWatcher {
 public:
  explicit StatusWatcher(const std::string& path)
      : thread_([this, path] {
          end_ = Watch(path, kPatience, [this](const v1::AgentStatus& status) {
            const std::lock_guard lock(mutex_);
            seen_.push_back(status.device_id());
            QMetaObject::invokeMethod(
                QCoreApplication::instance(), [] {}, Qt::QueuedConnection);  // wakes RunUntil
          });
        }) {}
  AskError Join() {
    thread_.join();
    return end_;
  }
  std::vector<std::string> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> seen_;
  AskError end_;
  std::thread thread_;
};

v1::LocalResponse StatusOf(const std::string& device) {
  v1::LocalResponse response;
  response.mutable_status()->set_device_id(device);
  return response;
}

TEST_F(LocalServerTest, WhoWatchesIsToldUntilTheAgentEnds) {
  patience_.idle = Millis(500);
  patience_.answer = Millis(500);
  Listen({});
  StatusWatcher watcher(name_.text());
  ASSERT_TRUE(RunUntil([&] { return server_->watchers() == 1 && !watcher.seen().empty(); }));
  const BlockingEnd idler = Connect();  // waiting for news is not idling: this one goes
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 2; }));
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  server_->Tell(StatusOf("laptop-2"));
  ASSERT_TRUE(RunUntil([&] { return watcher.seen().size() == 2; }));
  server_->Tell(StatusOf("laptop-3"));
  server_.reset();
  EXPECT_EQ(watcher.Join().code, ExitCode::kNotRunning);
  EXPECT_EQ(watcher.seen(), (std::vector<std::string>{"laptop-1", "laptop-2", "laptop-3"}));
}

TEST_F(LocalServerTest, WatcherThatGoesIsForgotten) {
  ASSERT_TRUE(AskHere(WatchRequest()).has_value());  // and hangs up
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  EXPECT_EQ(server_->watchers(), 0u);
}

TEST_F(LocalServerTest, WatcherThatDoesNotReadCostsOneUnreadStatus) {
  BlockingEnd client = Connect();
  Say(client, FrameOf(WatchRequest()));
  ASSERT_TRUE(RunUntil([&] { return server_->watchers() == 1; }));
  const v1::LocalResponse large = StatusOf(std::string(1 << 20, 'x'));
  server_->Tell(large);
  EXPECT_EQ(server_->watchers(), 1u);
  server_->Tell(large);
  EXPECT_EQ(server_->watchers(), 0u);
}

TEST_F(LocalServerTest, WatcherThatSaysMoreIsCutOff) {
  BlockingEnd client = Connect();
  Say(client, FrameOf(WatchRequest()));
  ASSERT_TRUE(RunUntil([&] { return server_->watchers() == 1; }));
  Say(client, FrameOf(WatchRequest()));
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
}

TEST(LocalClient, NobodyListeningIsNotRunning) {
  const LocalName name;
  EXPECT_EQ(Ask(name.text(), StatusRequest(), kPatience).error().code, ExitCode::kNotRunning);
}

TEST(LocalClient, NameThatCannotBeOneIsAUsageError) {
  EXPECT_EQ(Ask("\\\\.\\pipe\\" + std::string(300, 'x'), StatusRequest(), kPatience).error().code,
            ExitCode::kUsage);
}

}  // namespace
}  // namespace sallyport
