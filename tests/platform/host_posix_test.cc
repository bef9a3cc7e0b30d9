// SPDX-License-Identifier: Apache-2.0
// The machine that runs the test, asked for what Linux and macOS have alike.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "platform/this_host.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;

constexpr const char* kShell = "/bin/sh";

Command Shell(const std::string& script, milliseconds deadline = milliseconds(10'000),
              size_t max_output = 1 << 20) {
  return {{kShell, "-c", script}, deadline, max_output};
}

TEST(ThisHostFiles, AFileIsReadWhole) {
  const TempFolder folder;
  folder.Write("a.conf", "one\ntwo\n");
  EXPECT_EQ(MakeThisHost()->ReadFile(folder / "a.conf").value(), "one\ntwo\n");
}

TEST(ThisHostFiles, AFileOverTheBoundIsRefusedNotCut) {
  const TempFolder folder;
  folder.Write("big", std::string(1001, 'x'));
  EXPECT_EQ(MakeThisHost()->ReadFile(folder / "big", 1000).error().code, Code::kTooLarge);
  EXPECT_EQ(MakeThisHost()->ReadFile(folder / "big", 1001).value().size(), 1001u);
}

TEST(ThisHostFiles, AFileThatGrowsPastTheBoundWhileItIsReadIsRefused) {
  const TempFolder folder;
  folder.Write("log", std::string(1 << 16, 'x'));
  const pid_t writer = fork();
  if (writer == 0) {
    std::ofstream out(folder / "log", std::ios::app);
    for (int i = 0; i < 64; ++i) out << std::string(1 << 16, 'x') << std::flush;
    _exit(0);
  }
  Result<std::string> read = "";
  while (read) read = MakeThisHost()->ReadFile(folder / "log", 1 << 20);
  kill(writer, SIGKILL);
  waitpid(writer, nullptr, 0);
  EXPECT_EQ(read.error().code, Code::kTooLarge);
}

TEST(ThisHostFiles, TheHeadOfALargeFileIsItsFirstBytes) {
  const TempFolder folder;
  folder.Write("main.cvd", "ClamAV-VDB:head" + std::string(1 << 20, 'x'));
  EXPECT_EQ(MakeThisHost()->ReadHead(folder / "main.cvd", 15).value(), "ClamAV-VDB:head");
}

TEST(ThisHostFiles, WhatIsNoRegularFileIsNeitherReadNorWaitedFor) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder / "pipe", std::string("/dev/zero"), folder.path()}) {
    EXPECT_EQ(MakeThisHost()->ReadFile(path).error().code, Code::kInvalidArgument) << path;
  }
}

TEST(ThisHostFiles, ErrorsNameThePathAndSayWhy) {
  const TempFolder folder;
  folder.Write("file", "");
  ASSERT_EQ(symlink("loop", (folder / "loop").c_str()), 0);
  const auto host = MakeThisHost();
  EXPECT_EQ(host->ReadFile(folder / "none").error(),
            (Error{Code::kNotFound, folder / "none" + ": No such file or directory"}));
  EXPECT_EQ(host->ReadFile(folder / "file/below").error().code, Code::kNotFound);
  EXPECT_EQ(host->ReadFile(folder / "loop").error().code, Code::kMalformed);
  EXPECT_EQ(host->ReadFile("etc/hosts").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host->ReadFile(std::string("/etc/hosts\0x", 12)).error().code, Code::kInvalidArgument);
  EXPECT_EQ(host->ListDir(folder / "file").error().code, Code::kNotFound);
  EXPECT_EQ(host->Stat(folder / "none").error().code, Code::kNotFound);
  EXPECT_EQ(host->RealPath(folder / "none").error().code, Code::kNotFound);
}

// Root may read everything: the question is asked by a child without rights.
TEST(ThisHostFiles, AFileThatMayNotBeReadIsDenied) {
  const TempFolder folder;
  folder.Write("secret", "x");
  ASSERT_EQ(chmod((folder / "secret").c_str(), 0600), 0);
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(100);
    const auto read = MakeThisHost()->ReadFile(folder / "secret");
    _exit(!read && read.error().code == Code::kDenied ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), getuid() == 0 ? 0 : 1);
}

TEST(ThisHostFiles, TheGuardIsAskedWithTheRealPathOfWhatWasOpened) {
  const TempFolder folder;
  folder.Write("real/secret.key", "x");
  ASSERT_EQ(symlink("real", (folder / "innocent").c_str()), 0);
  const auto host = MakeThisHost({}, [&](const std::string& real) -> Status {
    if (real.starts_with(folder / "real")) return Fail(Code::kDenied, real);
    return {};
  });
  EXPECT_EQ(host->ReadFile(folder / "innocent/secret.key").error(),
            (Error{Code::kDenied, folder / "real/secret.key"}));
  EXPECT_EQ(host->ListDir(folder / "innocent").error(), (Error{Code::kDenied, folder / "real"}));
  EXPECT_TRUE(host->ListDir(folder.path()).has_value());
}

TEST(ThisHostFiles, FoldersAreListedByNameWithTypes) {
  const TempFolder folder;
  folder.Write("b", "");
  folder.Write("a/x", "");
  ASSERT_EQ(symlink("b", (folder / "c").c_str()), 0);
  ASSERT_EQ(mkfifo((folder / "d").c_str(), 0600), 0);
  EXPECT_EQ(MakeThisHost()->ListDir(folder.path()).value(),
            (std::vector<DirEntry>{{"a", FileType::kDirectory},
                                   {"b", FileType::kFile},
                                   {"c", FileType::kSymlink},
                                   {"d", FileType::kOther}}));
}

TEST(ThisHostFiles, StatFollowsLinksAndReadLinkDoesNot) {
  const TempFolder folder;
  folder.Write("file", "12345");
  ASSERT_EQ(chmod((folder / "file").c_str(), 0640), 0);
  ASSERT_EQ(symlink("file", (folder / "link").c_str()), 0);
  const auto host = MakeThisHost();
  const FileStat stat = host->Stat(folder / "link").value();
  EXPECT_EQ(stat.type, FileType::kFile);
  EXPECT_EQ(stat.size, 5);
  EXPECT_EQ(stat.mode, 0640u);
  EXPECT_EQ(stat.uid, static_cast<int64_t>(getuid()));
  EXPECT_NEAR(static_cast<double>(stat.modified_s), static_cast<double>(time(nullptr)), 5);
  EXPECT_EQ(host->ReadLink(folder / "link").value(), "file");
  EXPECT_EQ(host->ReadLink(folder / "file").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host->RealPath(folder / "link").value(), folder / "file");
}

TEST(ThisHostFiles, AFileSystemTellsWhatItHolds) {
  const auto host = MakeThisHost();
  const auto use = host->StatFileSystem("/");
  ASSERT_TRUE(use) << use.error().message;
  EXPECT_GT(use->block_size, 0);
  EXPECT_GT(use->blocks, 0);
  EXPECT_LE(use->blocks_available, use->blocks_free);
  EXPECT_LE(use->blocks_free, use->blocks);
  EXPECT_EQ(host->StatFileSystem("/no/such/path").error().code, Code::kNotFound);
  EXPECT_EQ(host->StatFileSystem("no/slash").error().code, Code::kInvalidArgument);
}

TEST(ThisHostRun, OutputErrorsAndExitCodeAreAnswers) {
  const auto host = MakeThisHost({kShell});
  EXPECT_EQ(host->Run(Shell("echo out; echo err >&2; exit 3")).value(),
            (CommandOutput{3, "out\n", "err\n"}));
  EXPECT_EQ(host->Run(Shell("kill -TERM $$")).value().exit_code, 128 + SIGTERM);
}

TEST(ThisHostRun, OnlyTheAllowListIsRunAndOnlyByItsFullPath) {
  const auto host = MakeThisHost({"/bin/echo"});
  EXPECT_EQ(host->Run({{"/bin/echo"}}).value().exit_code, 0);
  EXPECT_EQ(host->Run({{"/bin/cat"}}).error().code, Code::kDenied);
  EXPECT_EQ(host->Run({{"echo"}}).error().code, Code::kDenied);
  EXPECT_EQ(host->Run({{"/bin/../bin/echo"}}).error().code, Code::kDenied);
  EXPECT_EQ(host->Run({{}}).error().code, Code::kInvalidArgument);
}

TEST(ThisHostRun, ACommandThatIsNotInstalledIsNotFound) {
  const auto host = MakeThisHost({"/usr/sbin/no-such-program"});
  EXPECT_EQ(host->Run({{"/usr/sbin/no-such-program"}}).error(),
            (Error{Code::kNotFound, "/usr/sbin/no-such-program: No such file or directory"}));
}

TEST(ThisHostRun, ACommandThatPrintsWithoutEndIsKilledAtTheBound) {
  const auto host = MakeThisHost({kShell});
  EXPECT_EQ(host->Run(Shell("yes", milliseconds(60'000), 1000)).error().code, Code::kTooLarge);
  EXPECT_EQ(host->Run(Shell("yes >&2", milliseconds(60'000), 1000)).error().code, Code::kTooLarge);
  EXPECT_EQ(host->Run(Shell("printf 12345", milliseconds(60'000), 5)).value().out, "12345");
}

}  // namespace
}  // namespace sallyport
