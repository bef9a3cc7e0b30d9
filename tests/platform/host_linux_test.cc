// SPDX-License-Identifier: Apache-2.0
// LinuxHost against the machine that runs the test.
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

TEST(LinuxHostFiles, AFileIsReadWhole) {
  const TempFolder folder;
  folder.Write("a.conf", "one\ntwo\n");
  EXPECT_EQ(LinuxHost().ReadFile(folder / "a.conf").value(), "one\ntwo\n");
}

TEST(LinuxHostFiles, AFileOfProcWhoseSizeIsZeroIsReadToItsEnd) {
  const std::string status = LinuxHost().ReadFile("/proc/self/status").value();
  EXPECT_NE(status.find("\nVmRSS:"), std::string::npos);
  EXPECT_NE(status.find("\nnonvoluntary_ctxt_switches:"), std::string::npos);
}

TEST(LinuxHostFiles, AFileOverTheBoundIsRefusedNotCut) {
  const TempFolder folder;
  folder.Write("big", std::string(1001, 'x'));
  EXPECT_EQ(LinuxHost().ReadFile(folder / "big", 1000).error().code, Code::kTooLarge);
  EXPECT_EQ(LinuxHost().ReadFile(folder / "big", 1001).value().size(), 1001u);
}

TEST(LinuxHostFiles, TheBoundHoldsForAFileThatShowsNoSize) {
  EXPECT_EQ(LinuxHost().ReadFile("/proc/self/status", 100).error().code, Code::kTooLarge);
}

TEST(LinuxHostFiles, AFileThatGrowsPastTheBoundWhileItIsReadIsRefused) {
  const TempFolder folder;
  folder.Write("log", std::string(1 << 16, 'x'));
  const pid_t writer = fork();
  if (writer == 0) {
    std::ofstream out(folder / "log", std::ios::app);
    for (int i = 0; i < 64; ++i) out << std::string(1 << 16, 'x') << std::flush;
    _exit(0);
  }
  Result<std::string> read = "";
  while (read) read = LinuxHost().ReadFile(folder / "log", 1 << 20);
  kill(writer, SIGKILL);
  waitpid(writer, nullptr, 0);
  EXPECT_EQ(read.error().code, Code::kTooLarge);
}

TEST(LinuxHostFiles, TheHeadOfALargeFileIsItsFirstBytes) {
  const TempFolder folder;
  folder.Write("main.cvd", "ClamAV-VDB:head" + std::string(1 << 20, 'x'));
  EXPECT_EQ(LinuxHost().ReadHead(folder / "main.cvd", 15).value(), "ClamAV-VDB:head");
}

TEST(LinuxHostFiles, WhatIsNoRegularFileIsNeitherReadNorWaitedFor) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder / "pipe", std::string("/dev/zero"), folder.path()}) {
    EXPECT_EQ(LinuxHost().ReadFile(path).error().code, Code::kInvalidArgument) << path;
  }
}

TEST(LinuxHostFiles, ErrorsNameThePathAndSayWhy) {
  const TempFolder folder;
  folder.Write("file", "");
  ASSERT_EQ(symlink("loop", (folder / "loop").c_str()), 0);
  const LinuxHost host;
  EXPECT_EQ(host.ReadFile(folder / "none").error(),
            (Error{Code::kNotFound, folder / "none" + ": No such file or directory"}));
  EXPECT_EQ(host.ReadFile(folder / "file/below").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadFile(folder / "loop").error().code, Code::kMalformed);
  EXPECT_EQ(host.ReadFile("etc/hosts").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile(std::string("/etc/hosts\0x", 12)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ListDir(folder / "file").error().code, Code::kNotFound);
  EXPECT_EQ(host.Stat(folder / "none").error().code, Code::kNotFound);
  EXPECT_EQ(host.RealPath(folder / "none").error().code, Code::kNotFound);
}

// Root may read everything: the question is asked by a child without rights.
TEST(LinuxHostFiles, AFileThatMayNotBeReadIsDenied) {
  const TempFolder folder;
  folder.Write("secret", "x");
  ASSERT_EQ(chmod((folder / "secret").c_str(), 0600), 0);
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(100);
    const auto read = LinuxHost().ReadFile(folder / "secret");
    _exit(!read && read.error().code == Code::kDenied ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), getuid() == 0 ? 0 : 1);
}

TEST(LinuxHostFiles, TheGuardIsAskedWithTheRealPathOfWhatWasOpened) {
  const TempFolder folder;
  folder.Write("real/secret.key", "x");
  ASSERT_EQ(symlink("real", (folder / "innocent").c_str()), 0);
  const LinuxHost host({}, [&](const std::string& real) -> Status {
    if (real.starts_with(folder / "real")) return Fail(Code::kDenied, real);
    return {};
  });
  EXPECT_EQ(host.ReadFile(folder / "innocent/secret.key").error(),
            (Error{Code::kDenied, folder / "real/secret.key"}));
  EXPECT_EQ(host.ListDir(folder / "innocent").error(), (Error{Code::kDenied, folder / "real"}));
  EXPECT_TRUE(host.ListDir(folder.path()).has_value());
}

TEST(LinuxHostFiles, FoldersAreListedByNameWithTypes) {
  const TempFolder folder;
  folder.Write("b", "");
  folder.Write("a/x", "");
  ASSERT_EQ(symlink("b", (folder / "c").c_str()), 0);
  ASSERT_EQ(mkfifo((folder / "d").c_str(), 0600), 0);
  EXPECT_EQ(LinuxHost().ListDir(folder.path()).value(),
            (std::vector<DirEntry>{{"a", FileType::kDirectory},
                                   {"b", FileType::kFile},
                                   {"c", FileType::kSymlink},
                                   {"d", FileType::kOther}}));
}

TEST(LinuxHostFiles, StatFollowsLinksAndReadLinkDoesNot) {
  const TempFolder folder;
  folder.Write("file", "12345");
  ASSERT_EQ(chmod((folder / "file").c_str(), 0640), 0);
  ASSERT_EQ(symlink("file", (folder / "link").c_str()), 0);
  const LinuxHost host;
  const FileStat stat = host.Stat(folder / "link").value();
  EXPECT_EQ(stat.type, FileType::kFile);
  EXPECT_EQ(stat.size, 5);
  EXPECT_EQ(stat.mode, 0640u);
  EXPECT_EQ(stat.uid, static_cast<int64_t>(getuid()));
  EXPECT_NEAR(static_cast<double>(stat.modified_s), static_cast<double>(time(nullptr)), 5);
  EXPECT_EQ(host.ReadLink(folder / "link").value(), "file");
  EXPECT_EQ(host.ReadLink(folder / "file").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.RealPath(folder / "link").value(), folder / "file");
}

TEST(LinuxHostTime, BootTimeIsTheOneOfProcUptime) {
  const LinuxHost host;
  const double uptime = std::stod(host.ReadFile("/proc/uptime").value());
  EXPECT_NEAR(static_cast<double>(host.Time().boot.count()) / 1000, uptime, 1);
}

TEST(LinuxHostRun, OutputErrorsAndExitCodeAreAnswers) {
  const LinuxHost host({kShell});
  EXPECT_EQ(host.Run(Shell("echo out; echo err >&2; exit 3")).value(),
            (CommandOutput{3, "out\n", "err\n"}));
  EXPECT_EQ(host.Run(Shell("kill -TERM $$")).value().exit_code, 128 + SIGTERM);
}

TEST(LinuxHostRun, OnlyTheAllowListIsRunAndOnlyByItsFullPath) {
  const LinuxHost host({"/bin/true"});
  EXPECT_EQ(host.Run({{"/bin/true"}}).value().exit_code, 0);
  EXPECT_EQ(host.Run({{"/bin/false"}}).error().code, Code::kDenied);
  EXPECT_EQ(host.Run({{"true"}}).error().code, Code::kDenied);
  EXPECT_EQ(host.Run({{"/bin/../bin/true"}}).error().code, Code::kDenied);
  EXPECT_EQ(host.Run({{}}).error().code, Code::kInvalidArgument);
}

TEST(LinuxHostRun, ACommandThatIsNotInstalledIsNotFound) {
  const LinuxHost host({"/usr/sbin/no-such-program"});
  EXPECT_EQ(host.Run({{"/usr/sbin/no-such-program"}}).error(),
            (Error{Code::kNotFound, "/usr/sbin/no-such-program: No such file or directory"}));
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

TEST(LinuxHostRun, ACommandThatPrintsWithoutEndIsKilledAtTheBound) {
  const LinuxHost host({kShell});
  EXPECT_EQ(host.Run(Shell("yes", milliseconds(60'000), 1000)).error().code, Code::kTooLarge);
  EXPECT_EQ(host.Run(Shell("yes >&2", milliseconds(60'000), 1000)).error().code, Code::kTooLarge);
  EXPECT_EQ(host.Run(Shell("printf 12345", milliseconds(60'000), 5)).value().out, "12345");
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
