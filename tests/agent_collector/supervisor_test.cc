// SPDX-License-Identifier: Apache-2.0
// The real supervisor with stand-ins for the two programs that it keeps.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <sstream>

#include "platform/fd_posix.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Report {
  std::string role;
  pid_t pid = -1;
  std::string rest;  // from "uid" on
};

class SupervisorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root to start a process as another user";
    ASSERT_EQ(mkfifo((folder_ / "report").c_str(), 0666), 0);
    ASSERT_EQ(chmod((folder_ / "report").c_str(), 0666), 0);
    ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
    report_ = Fd(open((folder_ / "report").c_str(), O_RDWR | O_CLOEXEC));
  }
  void TearDown() override {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }

  void Start(const std::string& collector_behaviour, std::vector<std::string> more = {}) {
    std::vector<std::string> args = {SALLYPORT_SUPERVISOR,
                                     "--state",
                                     folder_ / "state",
                                     "--run",
                                     folder_ / "run",
                                     "--user",
                                     user_,
                                     "--collector",
                                     SALLYPORT_FAKE_WARD,
                                     "--agent",
                                     SALLYPORT_FAKE_WARD};
    args.insert(args.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("FAKE_WARD_REPORT", (folder_ / "report").c_str(), 1);
    setenv("FAKE_WARD_COLLECTOR", collector_behaviour.c_str(), 1);
    execv(argv[0], argv.data());
    _exit(127);
  }

  // The next line of the FIFO.
  std::string NextLine() {
    while (unread_.find('\n') == std::string::npos) {
      pollfd ready{report_.get(), POLLIN, 0};
      if (poll(&ready, 1, 20'000) <= 0) return "nothing was reported";
      char chunk[4096];
      unread_.append(chunk, static_cast<size_t>(read(report_.get(), chunk, sizeof chunk)));
    }
    const std::string line = unread_.substr(0, unread_.find('\n'));
    unread_.erase(0, line.size() + 1);
    return line;
  }
  // "<role> pid <pid> uid ..."; pid -1 when that is not what it is.
  static Report Parse(const std::string& line) {
    Report report;
    std::istringstream in(line);
    std::string word;
    in >> report.role >> word >> report.pid;
    if (!in) return {line, -1, ""};
    report.rest = line.substr(line.find("uid"));
    return report;
  }
  Report Next(const std::string& role) {
    for (;;) {
      Report report = Parse(NextLine());
      if (report.pid <= 0 || report.role == role) return report;
    }
  }
  static bool Ends(pid_t pid) {
    const Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd.valid()) return true;
    pollfd ended{pidfd.get(), POLLIN, 0};
    return poll(&ended, 1, 20'000) == 1;
  }
  int Await() {  // the supervisor's end
    int status = 0;
    if (!Ends(pid_)) return -1;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  TempFolder folder_;
  std::string user_ = "nobody";
  Fd report_;
  std::string unread_;
  pid_t pid_ = -1;
};

TEST_F(SupervisorTest, TheAgentHasNoRightsAndTheCollectorKeepsThem) {
  Start("stay");
  Report first = Next("agent");
  EXPECT_EQ(first.rest,
            "uid 65534 no_new_privs 1 capabilities 0000000000000000 groups [ ] args "
            "--state " +
                folder_ / "state/agent" + " --run " + folder_ / "run" + " ");
}

TEST_F(SupervisorTest, TheCollectorIsRootAndKnowsTheAgentsUser) {
  Start("stay");
  const Report collector = Next("collector");
  EXPECT_TRUE(collector.rest.starts_with("uid 0 no_new_privs 1 ")) << collector.rest;
  EXPECT_NE(collector.rest.find("args --state " + folder_ / "state/collector" + " --socket " +
                                folder_ / "run/collector.sock" +
                                " --agent-user 65534 "
                                "--service-key " +
                                folder_ / "state/agent/service.spki" + " "),
            std::string::npos)
      << collector.rest;
}

TEST_F(SupervisorTest, FoldersBelongToWhoNeedsThem) {
  Start("stay");
  Next("collector");
  const auto shown = [&](const std::string& name) {
    struct stat s {};
    stat((folder_ / name).c_str(), &s);
    std::ostringstream out;
    out << std::oct << (s.st_mode & 07777) << std::dec << " " << s.st_uid;
    return out.str();
  };
  EXPECT_EQ(shown("state"), "755 0");
  EXPECT_EQ(shown("state/collector"), "700 0");
  EXPECT_EQ(shown("state/agent"), "700 65534");
  EXPECT_EQ(shown("run"), "1775 0");
}

TEST_F(SupervisorTest, ACollectorThatHangsInATableIsKilledAndStartedAgain) {
  Start("hang", {"--table-deadline", "1"});
  const Report first = Next("collector");
  const Report second = Next("collector");
  EXPECT_GT(second.pid, 0) << second.role;
  EXPECT_NE(second.pid, first.pid);
  EXPECT_TRUE(Ends(first.pid));
}

TEST_F(SupervisorTest, ACollectorThatGrowsIsKilledAndStartedAgain) {
  Start("grow", {"--max-rss-mib", "16", "--table-deadline", "1"});
  const Report first = Next("collector");
  const Report second = Next("collector");
  EXPECT_GT(second.pid, 0) << second.role;
  EXPECT_TRUE(Ends(first.pid));
}

TEST_F(SupervisorTest, OneThatEndsIsStartedAgainAfterAWaitThatGrows) {
  Start("exit", {"--without-agent"});
  std::vector<SteadyClock::time_point> starts;
  for (int i = 0; i < 4; ++i) {
    ASSERT_GT(Next("collector").pid, 0);
    starts.push_back(SteadyClock::now());
  }
  EXPECT_GE(starts[2] - starts[1], milliseconds(200));
  EXPECT_GE(starts[3] - starts[2], milliseconds(450));
}

TEST_F(SupervisorTest, OnTermBothEndFirst) {
  Start("stay");
  const Report one = Parse(NextLine());
  const Report other = Parse(NextLine());
  ASSERT_NE(one.role, other.role);
  kill(pid_, SIGTERM);
  EXPECT_EQ(Await(), 0);
  EXPECT_EQ(kill(one.pid, 0), -1);
  EXPECT_EQ(kill(other.pid, 0), -1);
}

TEST_F(SupervisorTest, WhenItIsKilledItsChildrenDieWithIt) {
  Start("stay");
  const pid_t collector = Next("collector").pid;
  kill(pid_, SIGKILL);
  EXPECT_TRUE(Ends(collector));
}

TEST_F(SupervisorTest, AnAgentThatWouldBeRootIsRefused) {
  user_ = "root";
  Start("stay");
  EXPECT_EQ(Await(), 70);
}

}  // namespace
}  // namespace sallyport
