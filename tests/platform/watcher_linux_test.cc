// SPDX-License-Identifier: Apache-2.0
// The watcher against real files, processes, mounts and network namespaces.
#include "platform/watcher.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/platform/qt_loop.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

namespace fs = std::filesystem;

WatchTarget Path(const std::string& path) { return {WatchTarget::Kind::kPath, path, 0}; }
WatchTarget Exit(pid_t pid) { return {WatchTarget::Kind::kProcessExit, "", pid}; }
const WatchTarget kNetwork{WatchTarget::Kind::kNetwork, "", 0};

class WatcherTest : public testing::Test {
 protected:
  // Awaits an event of the target and says what it was about; then forgets all events.
  std::string Await(const WatchTarget& target) {
    const auto of_target = [&](const WatchEvent& event) { return event.target == target; };
    std::string about = "nothing was heard of " + target.what;
    if (RunUntil([&] { return std::ranges::any_of(events_, of_target); })) {
      about = std::ranges::find_if(events_, of_target)->about;
    }
    RunPending();
    events_.clear();
    return about;
  }
  // Nothing but what `proof` brings: the kernel tells in order, so once the proof's event is here,
  // whatever came before would be, too.
  void ExpectOnly(const WatchTarget& target) {
    ASSERT_TRUE(RunUntil([&] {
      return std::ranges::any_of(events_, [&](const auto& e) { return e.target == target; });
    }));
    for (const WatchEvent& event : events_) EXPECT_EQ(event.target, target) << event.about;
    events_.clear();
  }

  TempFolder folder_;
  std::vector<WatchEvent> events_;
  std::unique_ptr<Watcher> watcher_ =
      MakeWatcher([this](const WatchEvent& event) { events_.push_back(event); });
};

TEST_F(WatcherTest, AFileThatIsWrittenTruncatedOrDeletedIsHeardOf) {
  folder_.Write("a.conf", "1");
  const WatchTarget file = Path(folder_ / "a.conf");
  ASSERT_TRUE(watcher_->Watch({file}));
  folder_.Write("a.conf", "2");
  EXPECT_EQ(Await(file), "inotify " + folder_ / "a.conf" + ": written");
  fs::permissions(folder_ / "a.conf", fs::perms::owner_read);
  EXPECT_EQ(Await(file), "inotify " + folder_ / "a.conf" + ": attributes changed");
  fs::remove(folder_ / "a.conf");
  EXPECT_NE(Await(file), "nothing was heard of " + file.what);
}

TEST_F(WatcherTest, AFileThatIsRenamedIntoPlaceIsHeardOfAndFollowed) {
  folder_.Write("a.conf", "1");
  const WatchTarget file = Path(folder_ / "a.conf");
  ASSERT_TRUE(watcher_->Watch({file}));
  for (const char* next : {"2", "3"}) {
    folder_.Write("a.conf.new", next);
    fs::rename(folder_ / "a.conf.new", folder_ / "a.conf");
    EXPECT_EQ(Await(file), "inotify " + folder_.path() + ": moved in a.conf");
  }
  folder_.Write("a.conf", "4");  // the new file is the one that is watched now
  EXPECT_EQ(Await(file), "inotify " + folder_ / "a.conf" + ": written");
}

TEST_F(WatcherTest, WhatHappensBesideAFileWakesNobody) {
  folder_.Write("a.conf", "1");
  folder_.Write("noise", "1");
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "a.conf")}));
  folder_.Write("noise", "2");
  folder_.Write("more-noise", "1");
  fs::remove(folder_ / "more-noise");
  folder_.Write("a.conf", "2");
  ExpectOnly(Path(folder_ / "a.conf"));
}

TEST_F(WatcherTest, AFolderTellsOfWhatIsCreatedWrittenRenamedAndDeletedInIt) {
  folder_.Write("conf.d/old", "1");
  const WatchTarget conf = Path(folder_ / "conf.d");
  ASSERT_TRUE(watcher_->Watch({conf}));
  folder_.Write("conf.d/a.conf", "");
  EXPECT_EQ(Await(conf), "inotify " + conf.what + ": created a.conf");
  folder_.Write("conf.d/old", "2");
  EXPECT_EQ(Await(conf), "inotify " + conf.what + ": written old");
  fs::rename(folder_ / "conf.d/a.conf", folder_ / "conf.d/b.conf");
  EXPECT_EQ(Await(conf), "inotify " + conf.what + ": moved away a.conf");
  fs::remove(folder_ / "conf.d/b.conf");
  EXPECT_EQ(Await(conf), "inotify " + conf.what + ": deleted b.conf");
}

TEST_F(WatcherTest, AFileThatDoesNotExistYetIsHeardOfWhenItComes) {
  const WatchTarget file = Path(folder_ / "a.conf");
  ASSERT_TRUE(watcher_->Watch({file}));
  folder_.Write("a.conf", "1");
  EXPECT_EQ(Await(file), "inotify " + folder_.path() + ": created a.conf");
}

TEST_F(WatcherTest, AFileWhoseFoldersDoNotExistYetIsHeardOfWhenItComesAtLast) {
  const WatchTarget file = Path(folder_ / "x/y/a.conf");
  ASSERT_TRUE(watcher_->Watch({file, Path(folder_ / "proof")}));
  fs::create_directory(folder_ / "x");
  folder_.Write("proof", "1");
  ExpectOnly(Path(folder_ / "proof"));  // a folder on the way is not the file
  fs::create_directory(folder_ / "x/y");
  folder_.Write("x/y/a.conf", "1");
  EXPECT_NE(Await(file), "nothing was heard of " + file.what);
  folder_.Write("x/y/a.conf", "2");
  EXPECT_EQ(Await(file), "inotify " + file.what + ": written");
}

TEST_F(WatcherTest, AFolderThatIsExchangedIsHeardOfAndFollowed) {
  folder_.Write("swanctl/conf.d/a.conf", "1");
  folder_.Write("other/conf.d/b.conf", "1");
  const WatchTarget conf = Path(folder_ / "swanctl/conf.d");
  ASSERT_TRUE(watcher_->Watch({conf}));
  fs::rename(folder_ / "swanctl", folder_ / "old");
  EXPECT_EQ(Await(conf), "inotify " + folder_.path() + ": moved away swanctl");
  fs::rename(folder_ / "other", folder_ / "swanctl");
  EXPECT_EQ(Await(conf), "inotify " + folder_.path() + ": moved in swanctl");
  folder_.Write("swanctl/conf.d/c.conf", "");
  EXPECT_EQ(Await(conf), "inotify " + conf.what + ": created c.conf");
}

TEST_F(WatcherTest, ALinkIsFollowedAndANewTargetOfItIsNoticed) {
  folder_.Write("usr/os-release", "1");
  folder_.Write("usr/os-release-2", "1");
  fs::create_symlink("usr/os-release", folder_ / "os-release");
  const WatchTarget link = Path(folder_ / "os-release");
  ASSERT_TRUE(watcher_->Watch({link}));
  folder_.Write("usr/os-release", "2");
  EXPECT_EQ(Await(link), "inotify " + folder_ / "usr/os-release" + ": written");
  fs::create_symlink("usr/os-release-2", folder_ / "new");
  fs::rename(folder_ / "new", folder_ / "os-release");
  EXPECT_EQ(Await(link), "inotify " + folder_.path() + ": moved in os-release");
  folder_.Write("usr/os-release-2", "2");
  EXPECT_EQ(Await(link), "inotify " + folder_ / "usr/os-release-2" + ": written");
}

TEST_F(WatcherTest, AReplacedSetHearsOfItsOwnTargetsOnly) {
  folder_.Write("a", "1");
  folder_.Write("b", "1");
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "a"), Path(folder_ / "b")}));
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "b")}));
  folder_.Write("a", "2");
  folder_.Write("b", "2");
  ExpectOnly(Path(folder_ / "b"));
}

TEST_F(WatcherTest, WhenTheQueueRanOverEveryPathHasAnEvent) {
  folder_.Write("a", "1");
  fs::create_directory(folder_ / "busy");
  const WatchTarget quiet = Path(folder_ / "a");
  ASSERT_TRUE(watcher_->Watch({quiet, Path(folder_ / "busy")}));
  std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
  int most = 0;
  limit >> most;
  ASSERT_GT(most, 0);
  std::ofstream one(folder_ / "busy/one");
  std::ofstream other(folder_ / "busy/other");
  for (int i = 0; i <= most / 2; ++i) {  // in turn: equal events in a row would be merged
    one << 'x' << std::flush;
    other << 'x' << std::flush;
  }
  EXPECT_EQ(Await(quiet), "inotify: events were lost");
}

TEST_F(WatcherTest, APathThatCannotBeWatchedIsNamedAndTheOthersAreWatched) {
  folder_.Write("a", "1");
  fs::create_symlink("loop", folder_ / "loop");
  const WatchTarget good = Path(folder_ / "a");
  EXPECT_EQ(watcher_->Watch({Path(folder_ / "loop"), good}).error(),
            (Error{Code::kMalformed, folder_ / "loop" + ": too many links"}));
  folder_.Write("a", "2");
  EXPECT_EQ(Await(good), "inotify " + good.what + ": written");
}

// Told twice: when it was opened, and once the process certainly bears its name.
TEST_F(WatcherTest, AProgramThatStartsIsHeardOfAndOneThatIsReplacedStaysWatched) {
  const std::string program = folder_ / "clamd";
  const WatchTarget target{WatchTarget::Kind::kProgram, program, 0};
  ASSERT_TRUE(watcher_->Watch({target}));
  const auto install = [&] {
    fs::copy_file("/bin/true", folder_ / "new");
    fs::rename(folder_ / "new", program);
  };
  const auto run = [&] {
    const pid_t child = fork();
    if (child == 0) {
      execl(program.c_str(), "clamd", nullptr);
      _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
  };
  const std::string opened = "inotify " + program + ": opened";
  for (int i = 0; i < 2; ++i) {
    install();
    EXPECT_EQ(Await(target), "inotify " + folder_.path() + ": moved in clamd");
    EXPECT_EQ(Await(target), "inotify " + folder_.path() + ": moved in clamd");
    ASSERT_EQ(run(), 0);
    EXPECT_EQ(Await(target), opened);
    EXPECT_EQ(Await(target), opened);
  }
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "proof")}));
  ASSERT_EQ(run(), 0);
  folder_.Write("proof", "");
  ExpectOnly(Path(folder_ / "proof"));
}

TEST_F(WatcherTest, AKeyOfARegistryIsNothingThatCouldChangeHere) {
  const WatchTarget key{WatchTarget::Kind::kRegistry, R"(HKEY_LOCAL_MACHINE\SOFTWARE)", 0};
  ASSERT_TRUE(watcher_->Watch({key, Path(folder_ / "proof")}));
  folder_.Write("proof", "1");
  ExpectOnly(Path(folder_ / "proof"));
}

TEST_F(WatcherTest, AProcessThatEndsIsHeardOf) {
  int hold[2];
  ASSERT_EQ(pipe(hold), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(hold[1]);
    char byte = 0;
    _exit(static_cast<int>(read(hold[0], &byte, 1)));
  }
  close(hold[0]);
  ASSERT_TRUE(watcher_->Watch({Exit(child)}));
  RunPending();
  EXPECT_TRUE(events_.empty());
  close(hold[1]);
  EXPECT_TRUE(Await(Exit(child)).starts_with("exit " + std::to_string(child)));
  waitpid(child, nullptr, 0);
}

TEST_F(WatcherTest, APidThatIsGoneHasItsEventAtOnceButNotInsideWatch) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  ASSERT_TRUE(watcher_->Watch({Exit(child)}));
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(Await(Exit(child)), "exit " + std::to_string(child));
  ASSERT_TRUE(watcher_->Watch({Exit(child), Path(folder_ / "proof")}));
  folder_.Write("proof", "");
  ExpectOnly(Path(folder_ / "proof"));  // once is enough
}

TEST_F(WatcherTest, TheSetMayBeReplacedFromInsideAnEvent) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  bool heard = false;
  std::unique_ptr<Watcher> watcher;
  watcher = MakeWatcher([&](const WatchEvent&) {
    heard = true;
    EXPECT_TRUE(watcher->Watch({}).has_value());
  });
  ASSERT_TRUE(watcher->Watch({Exit(child), Path(folder_ / "a")}));
  EXPECT_TRUE(RunUntil([&] { return heard; }));
  RunPending();
  waitpid(child, nullptr, 0);
}

// In namespaces of its own, so that nothing of this machine is touched. The thread cannot come
// back from them, hence a child: its exit code says whether the event came.
template <typename Do>
int InNamespaces(const WatchTarget& target, const Do& change) {
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) _exit(77);
    bool heard = false;
    const auto watcher = MakeWatcher([&](const WatchEvent& e) { heard |= e.target == target; });
    if (!watcher->Watch({target})) _exit(2);
    RunPending();
    if (heard) _exit(3);
    if (!change()) _exit(4);
    _exit(RunUntil([&] { return heard; }) ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(WatchNetwork, AnAddressThatComesIsHeardOf) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root for a network namespace";
  EXPECT_EQ(InNamespaces(kNetwork,
                         [] {  // lo gets 127.0.0.1 and its routes when it goes up
                           const int fd = socket(AF_INET, SOCK_DGRAM, 0);
                           ifreq request{};
                           std::strcpy(request.ifr_name, "lo");
                           request.ifr_flags = IFF_UP;
                           return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
                         }),
            0);
}

TEST(WatchProc, AMountIsHeardOfThroughMountinfo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root for a mount namespace";
  const TempFolder folder;
  EXPECT_EQ(InNamespaces(Path("/proc/self/mountinfo"),
                         [&] {
                           return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                                  mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "") == 0;
                         }),
            0);
}

}  // namespace
}  // namespace sallyport
