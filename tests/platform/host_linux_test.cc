// SPDX-License-Identifier: Apache-2.0
// LinuxHost against the machine that runs the test: what only Linux has. host_posix_test.cc has the
// rest.
#include "platform/host_linux.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kShell = "/bin/sh";

Command Shell(const std::string& script, milliseconds deadline = milliseconds(10'000),
              size_t max_output = 1 << 20) {
  return {{kShell, "-c", script}, deadline, max_output};
}

TEST(LinuxHostFiles, AFileOfProcWhoseSizeIsZeroIsReadToItsEnd) {
  const std::string status = LinuxHost().ReadFile("/proc/self/status").value();
  EXPECT_NE(status.find("\nVmRSS:"), std::string::npos);
  EXPECT_NE(status.find("\nnonvoluntary_ctxt_switches:"), std::string::npos);
}

TEST(LinuxHostFiles, TheBoundHoldsForAFileThatShowsNoSize) {
  EXPECT_EQ(LinuxHost().ReadFile("/proc/self/status", 100).error().code, Code::kTooLarge);
}

TEST(LinuxHostTime, BootTimeIsTheOneOfProcUptime) {
  const LinuxHost host;
  const double uptime = std::stod(host.ReadFile("/proc/uptime").value());
  EXPECT_NEAR(static_cast<double>(host.Time().boot.count()) / 1000, uptime, 1);
}

TEST(LinuxHostRun, TheEnvironmentIsOursAndStdinIsEmpty) {
  setenv("LD_PRELOAD_OF_A_STRANGER", "x", 1);
  const LinuxHost host({"/usr/bin/env", "/bin/cat", kShell});
  EXPECT_EQ(host.Run({{"/usr/bin/env"}}).value().out,
            "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
  EXPECT_EQ(host.Run({{"/bin/cat"}}).value(), (CommandOutput{0, "", ""}));
  EXPECT_EQ(host.Run(Shell("pwd")).value().out, "/\n");
}

TEST(LinuxHostRun, NoDescriptorOfOursIsInherited) {
  const TempFolder folder;
  folder.Write("kept-open", "");
  const std::ifstream open_without_cloexec(folder / "kept-open");
  const int plain = dup(0);
  const LinuxHost host({kShell});
  EXPECT_EQ(
      host.Run(Shell("for fd in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done"))
          .value()
          .out,
      "");
  close(plain);
}

TEST(LinuxHostRun, ACommandThatHangsIsKilledWithItsWholeGroup) {
  const TempFolder folder;
  const LinuxHost host({kShell});
  const auto start = SteadyClock::now();
  const auto run =
      host.Run(Shell("sleep 600 & echo $! >" + folder / "pid" + "; sleep 600", milliseconds(300)));
  EXPECT_EQ(run.error(), (Error{Code::kTimeout, "/bin/sh: not done after 300 ms"}));
  EXPECT_LT(SteadyClock::now() - start, milliseconds(5'000));
  const int grandchild = std::stoi(folder.Read("pid"));
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, grandchild, 0));
  pollfd ended{pidfd, POLLIN, 0};
  EXPECT_TRUE(pidfd < 0 || poll(&ended, 1, 5'000) == 1);
  close(pidfd);
}

TEST(LinuxHostRun, AGrandchildThatKeepsThePipeOpenDelaysNothing) {
  const LinuxHost host({kShell});
  const auto start = SteadyClock::now();
  EXPECT_EQ(host.Run(Shell("echo done; setsid sleep 5 & exit 0", milliseconds(60'000))).value(),
            (CommandOutput{0, "done\n", ""}));
  EXPECT_LT(SteadyClock::now() - start, milliseconds(4'000));
}

TEST(LinuxHostRun, NoZombieAndNoDescriptorStaysBehind) {
  const LinuxHost host({kShell});
  const size_t before = host.ListDir("/proc/self/fd").value().size();
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(host.Run(Shell("exit 1")));
    static_cast<void>(host.Run(Shell("yes", milliseconds(10'000), 10)));
    static_cast<void>(host.Run({{"/usr/sbin/none"}}));
  }
  EXPECT_EQ(host.ListDir("/proc/self/fd").value().size(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // ECHILD: there is nothing left to collect
}

}  // namespace
}  // namespace sallyport
