// SPDX-License-Identifier: Apache-2.0
// What LocalServer owes to users of a Unix system, and to files that a crash left.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "tests/agent/local_server_rig.h"

namespace sallyport {
namespace {

class LocalServerPosix : public LocalServerRig {
 protected:
  // The exit code of a process of another user who asks; 0 when it was answered.
  int AskAs(uid_t uid, const v1::LocalRequest& request) {
    return WhileLoopRuns([&] {
      const pid_t child = fork();
      if (child == 0) {
        if (setuid(uid) != 0) _exit(100);
        const auto response = Ask(name_.text(), request, kPatience);
        _exit(response ? 0 : static_cast<int>(response.error().code));
      }
      int status = 0;
      waitpid(child, &status, 0);
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    });
  }
};

TEST_F(LocalServerPosix, AnyUserMayAskForTheStatusAndForNothingElse) {
  ASSERT_EQ(geteuid(), 0u) << "needs root: it becomes another user";
  EXPECT_EQ(AskAs(65534, StatusRequest()), 0);
  EXPECT_EQ(AskAs(65534, CheckRequest()), static_cast<int>(ExitCode::kPermission));
  EXPECT_EQ(AskAs(65534, EvidenceRequest()), static_cast<int>(ExitCode::kPermission));
  EXPECT_EQ(AskAs(0, EvidenceRequest()), 0);
}

TEST_F(LocalServerPosix, OwnerMayAskForEvidence) {
  ASSERT_EQ(geteuid(), 0u) << "needs root: it becomes another user";
  Listen({"65534"});
  EXPECT_EQ(AskAs(65534, EvidenceRequest()), 0);
  EXPECT_EQ(AskAs(65533, EvidenceRequest()), static_cast<int>(ExitCode::kPermission));
}

TEST_F(LocalServerPosix, SocketOfAProcessThatIsGoneIsTakenOverAndALiveOneIsNot) {
  const auto second = LocalServer::Listen(
      name_.text(), {}, [] { return MakeThisHost()->Time(); }, {}, LocalServer::Patience{});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kConflict);

  server_.reset();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name_.text().c_str(), name_.text().size() + 1);
  const int stale = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(stale);
  Listen({});
  EXPECT_TRUE(AskHere(StatusRequest()).has_value());
}

TEST_F(LocalServerPosix, AnyUserMayWatch) { EXPECT_EQ(AskAs(65534, WatchRequest()), 0); }

}  // namespace
}  // namespace sallyport
