// SPDX-License-Identifier: Apache-2.0
// What lies where the progress file is to be, and what comes of it.
#include "agent/collector/progress_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/fd_posix.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

TEST(ProgressFile, OnlyARegularFileOfOursIsRead) {
  const TempFolder folder;
  folder.Write("own", "work\n");
  EXPECT_EQ(ReadOwnFile(folder / "own"), "work\n");
  EXPECT_EQ(ReadOwnFile(folder / "none"), "");
  ASSERT_EQ(symlink("own", (folder / "link").c_str()), 0);
  EXPECT_EQ(ReadOwnFile(folder / "link"), "");
}

// Nobody writes to the first, so that opening it would wait for ever; in the second there is text.
TEST(ProgressFile, APipeIsNeitherWaitedForNorRead) {
  const TempFolder folder;
  for (const char* name : {"empty", "full"}) ASSERT_EQ(mkfifo((folder / name).c_str(), 0600), 0);
  EXPECT_EQ(ReadOwnFile(folder / "empty"), "");
  const Fd full(open((folder / "full").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(write(full.get(), "work\n", 5), 5);
  EXPECT_EQ(ReadOwnFile(folder / "full"), "");
}

TEST(ProgressFile, ItIsMadeAnewForItsOwnerAlone) {
  const TempFolder folder;
  folder.Write("somebody's", "theirs");
  ASSERT_EQ(symlink("somebody's", (folder / "progress").c_str()), 0);
  const mode_t mask = umask(0);
  {
    ProgressFile file = ProgressFile::MakeAnew(folder / "progress").value();
    EXPECT_TRUE(file.Write("ours"));
  }
  umask(mask);
  struct stat status {};
  ASSERT_EQ(lstat((folder / "progress").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode, S_IFREG | 0600U);
  EXPECT_EQ(folder.Read("progress"), "ours");
  EXPECT_EQ(folder.Read("somebody's"), "theirs");
  EXPECT_EQ(ProgressFile::MakeAnew(folder / "none/progress").error().code, Code::kNotFound);
}

TEST(ProgressFile, AWriteThatFailsIsToldWithItsPath) {
  const TempFolder folder;
  ProgressFile file = ProgressFile::MakeAnew(folder / "progress").value();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit none{0, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
  const Status wrote = file.Write("ours");
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(wrote);
  EXPECT_NE(wrote.error().message.find(folder / "progress"), std::string::npos);
}

}  // namespace
}  // namespace sallyport
