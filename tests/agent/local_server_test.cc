// SPDX-License-Identifier: Apache-2.0
#include "agent/local_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "agent/cli/local_client.h"
#include "agent/frame.h"
#include "base/bytes.h"
#include "platform/host_linux.h"
#include "tests/agent/event_loop.h"
#include "tests/agent/temp_folder.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kPatience{5'000};

v1::LocalRequest StatusRequest() {
  v1::LocalRequest request;
  request.mutable_status();
  return request;
}

v1::LocalRequest CheckRequest() {
  v1::LocalRequest request;
  request.mutable_check_now();
  return request;
}

v1::LocalRequest EvidenceRequest() {
  v1::LocalRequest request;
  request.mutable_evidence();
  return request;
}

v1::LocalRequest WatchRequest() {
  v1::LocalRequest request;
  request.mutable_watch();
  return request;
}

class LocalServerTest : public testing::Test {
 protected:
  LocalServerTest() {
    TestApplication();
    chmod(folder_.path().c_str(), 0755);
    Listen({});
  }

  void Listen(std::set<UserId> owners) {
    server_.reset();
    auto server = LocalServer::Listen(
        path_, std::move(owners), [] { return LinuxHost().Time(); },
        [this](const v1::LocalRequest& request, LocalServer::Reply reply) {
          if (request.has_check_now()) {
            later_ = std::move(reply);
            return;
          }
          v1::LocalResponse response;
          if (request.has_status() || request.has_watch())
            response.mutable_status()->set_device_id("laptop-1");
          if (request.has_evidence()) {
            response.mutable_evidence()->mutable_envelope()->set_payload(answer_);
          }
          reply(response);
        },
        patience_);
    ASSERT_TRUE(server.has_value());
    server_ = *std::move(server);
  }

  tl::expected<v1::LocalResponse, AskError> AskHere(const v1::LocalRequest& request) {
    return WhileLoopRuns([&] { return Ask(path_, request, kPatience); });
  }

  // The exit code of a process of another user who asks; 0 when it was answered.
  int AskAs(uid_t uid, const v1::LocalRequest& request) {
    return WhileLoopRuns([&] {
      const pid_t child = fork();
      if (child == 0) {
        if (setuid(uid) != 0) _exit(100);
        const auto response = Ask(path_, request, kPatience);
        _exit(response ? 0 : static_cast<int>(response.error().code));
      }
      int status = 0;
      waitpid(child, &status, 0);
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    });
  }

  int Connect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  TempFolder folder_;
  std::string path_ = folder_.path() + "/agent.sock";
  LocalServer::Patience patience_;
  std::string answer_ = "evidence";
  const std::string watch_ = EncodeFrame(WatchRequest().SerializeAsString()).value();
  LocalServer::Reply later_;
  std::unique_ptr<LocalServer> server_;
};

TEST_F(LocalServerTest, AnswersAStatusRequest) {
  const auto response = AskHere(StatusRequest());
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status().device_id(), "laptop-1");
}

TEST_F(LocalServerTest, AnyUserMayAskForTheStatusAndForNothingElse) {
  ASSERT_EQ(geteuid(), 0u) << "needs root: it becomes another user";
  EXPECT_EQ(AskAs(65534, StatusRequest()), 0);
  EXPECT_EQ(AskAs(65534, CheckRequest()), static_cast<int>(ExitCode::kPermission));
  EXPECT_EQ(AskAs(65534, EvidenceRequest()), static_cast<int>(ExitCode::kPermission));
  EXPECT_EQ(AskAs(0, EvidenceRequest()), 0);
}

TEST_F(LocalServerTest, OwnerMayAskForEvidence) {
  ASSERT_EQ(geteuid(), 0u) << "needs root: it becomes another user";
  Listen({"65534"});
  EXPECT_EQ(AskAs(65534, EvidenceRequest()), 0);
  EXPECT_EQ(AskAs(65533, EvidenceRequest()), static_cast<int>(ExitCode::kPermission));
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
  const int fd = Connect();
  const std::string frame = EncodeFrame(CheckRequest().SerializeAsString()).value();
  ASSERT_EQ(write(fd, frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
  ASSERT_TRUE(RunUntil([&] { return later_ != nullptr; }));
  close(fd);
  later_(v1::LocalResponse());
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  later_(v1::LocalResponse());
  server_.reset();
  later_(v1::LocalResponse());
}

TEST_F(LocalServerTest, GarbageEndsOnlyTheConnectionThatItCameOn) {
  const int patient = Connect();
  const int liar = Connect();
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 2; }));
  std::string length;
  PutU32(length, 0xFFFFFFFF);
  ASSERT_EQ(write(liar, length.data(), length.size()), 4);
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
  close(patient);
  close(liar);
}

TEST_F(LocalServerTest, FrameOverTheBoundEndsTheConnectionBeforeItIsRead) {
  const int fd = Connect();
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == 1; }));
  std::string start;
  PutU32(start, 3 << 20);  // allowed between collector and agent, not here
  start += std::string(LocalServer::kMaxRequestBytes + 1, 'x');
  ASSERT_EQ(write(fd, start.data(), start.size()), static_cast<ssize_t>(start.size()));
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  close(fd);
}

TEST_F(LocalServerTest, MessageThatIsNoRequestIsAnsweredWithAnError) {
  const auto response = AskHere(v1::LocalRequest());
  ASSERT_FALSE(response.has_value());
  EXPECT_EQ(response.error().code, ExitCode::kUsage);
}

TEST_F(LocalServerTest, ManySmallRequestsInOneWriteAreAnsweredOneByOne) {
  const int fd = Connect();
  const std::string frame = EncodeFrame(StatusRequest().SerializeAsString()).value();
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += frame;
  const int answered = WhileLoopRuns([&] {
    EXPECT_EQ(write(fd, many.data(), many.size()), static_cast<ssize_t>(many.size()));
    FrameReader reader;
    int count = 0;
    char buffer[4096];
    while (count < 2'000) {
      const ssize_t got = read(fd, buffer, sizeof(buffer));
      if (got <= 0) break;
      reader.Add({buffer, static_cast<size_t>(got)});
      for (auto next = reader.Next(); next && *next; next = reader.Next()) ++count;
    }
    return count;
  });
  EXPECT_EQ(answered, 2'000);
  close(fd);
}

TEST_F(LocalServerTest, ClientThatNeverReadsCostsOneAnswerAndIsDroppedInTime) {
  answer_ = std::string(2 << 20, 'x');
  patience_.idle = Millis(300);
  Listen({});
  const int fd = Connect();
  const std::string frame = EncodeFrame(EvidenceRequest().SerializeAsString()).value();
  for (int i = 0; i < 50; ++i) ASSERT_GT(write(fd, frame.data(), frame.size()), 0);
  ASSERT_TRUE(AskHere(StatusRequest()).has_value());
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  close(fd);
}

TEST_F(LocalServerTest, CrowdOfOneUserPushesOutItsOwnOldest) {
  std::vector<int> crowd;
  for (size_t i = 0; i < LocalServer::kMaxClientsPerUser + 5; ++i) crowd.push_back(Connect());
  ASSERT_TRUE(RunUntil([&] { return server_->clients() == LocalServer::kMaxClientsPerUser; }));
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
  EXPECT_LE(server_->clients(), LocalServer::kMaxClientsPerUser);
  for (const int fd : crowd) close(fd);
}

TEST_F(LocalServerTest, SocketOfAProcessThatIsGoneIsTakenOverAndALiveOneIsNot) {
  const auto second = LocalServer::Listen(
      path_, {}, [] { return LinuxHost().Time(); }, {}, LocalServer::Patience{});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kConflict);

  server_.reset();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  const int stale = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(stale);
  Listen({});
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
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
  patience_.idle = Millis(1);  // waiting for news is not idling
  patience_.answer = Millis(1);
  Listen({});
  StatusWatcher watcher(path_);
  ASSERT_TRUE(RunUntil([&] { return server_->watchers() == 1 && !watcher.seen().empty(); }));
  server_->Tell(StatusOf("laptop-2"));
  ASSERT_TRUE(RunUntil([&] { return watcher.seen().size() == 2; }));
  server_->Tell(StatusOf("laptop-3"));
  server_.reset();
  EXPECT_EQ(watcher.Join().code, ExitCode::kNotRunning);
  EXPECT_EQ(watcher.seen(), (std::vector<std::string>{"laptop-1", "laptop-2", "laptop-3"}));
}

TEST_F(LocalServerTest, AnyUserMayWatch) { EXPECT_EQ(AskAs(65534, WatchRequest()), 0); }

TEST_F(LocalServerTest, WatcherThatGoesIsForgotten) {
  ASSERT_TRUE(AskHere(WatchRequest()).has_value());  // and hangs up
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  EXPECT_EQ(server_->watchers(), 0u);
}

TEST_F(LocalServerTest, WatcherThatDoesNotReadCostsOneUnreadStatus) {
  const int fd = Connect();
  ASSERT_GT(write(fd, watch_.data(), watch_.size()), 0);
  ASSERT_TRUE(RunUntil([&] { return server_->watchers() == 1; }));
  const v1::LocalResponse large = StatusOf(std::string(1 << 20, 'x'));
  server_->Tell(large);
  EXPECT_EQ(server_->watchers(), 1u);
  server_->Tell(large);
  EXPECT_EQ(server_->watchers(), 0u);
  close(fd);
}

TEST_F(LocalServerTest, WatcherThatSaysMoreIsCutOff) {
  const int fd = Connect();
  ASSERT_GT(write(fd, watch_.data(), watch_.size()), 0);
  ASSERT_TRUE(RunUntil([&] { return server_->watchers() == 1; }));
  ASSERT_GT(write(fd, watch_.data(), watch_.size()), 0);
  EXPECT_TRUE(RunUntil([&] { return server_->clients() == 0; }));
  close(fd);
}

TEST(LocalClient, NobodyListeningIsNotRunning) {
  v1::LocalRequest request;
  request.mutable_status();
  EXPECT_EQ(Ask("/nonexistent/agent.sock", request, kPatience).error().code, ExitCode::kNotRunning);
}

}  // namespace
}  // namespace sallyport
