// SPDX-License-Identifier: Apache-2.0
// What the running system says of files, against the files that the test makes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "platform/host_linux.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using Kind = FileDetails::Kind;

TEST(LinuxHostInspect, TellsEverythingThatStatTells) {
  const TempFolder folder;
  folder.Write("a", "hello");
  std::filesystem::create_hard_link(folder / "a", folder / "b");
  ASSERT_EQ(chmod((folder / "a").c_str(), 04750), 0);
  struct stat status {};
  ASSERT_EQ(stat((folder / "a").c_str(), &status), 0);
  const FileDetails details = LinuxHost().Inspect(folder / "a").value();
  EXPECT_EQ(details, (FileDetails{.kind = Kind::kRegular,
                                  .size = 5,
                                  .modified_s = status.st_mtime,
                                  .accessed_s = status.st_atime,
                                  .changed_s = status.st_ctime,
                                  .born_s = details.born_s,
                                  .uid = status.st_uid,
                                  .gid = status.st_gid,
                                  .mode = 04750,
                                  .device = 0,
                                  .inode = static_cast<int64_t>(status.st_ino),
                                  .hard_links = 2,
                                  .block_size = status.st_blksize}));
  if (details.born_s) {
    EXPECT_LE(*details.born_s, std::time(nullptr));
    EXPECT_GT(*details.born_s, std::time(nullptr) - 60);
  }
}

TEST(LinuxHostInspect, ALinkIsToldApartFromWhereItLeadsAndOneToNothingIsUnknown) {
  const TempFolder folder;
  folder.Write("a", "hello");
  std::filesystem::create_symlink("a", folder / "link");
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  std::filesystem::create_symlink("loop", folder / "loop");
  const LinuxHost host;
  EXPECT_EQ(host.Inspect(folder / "a").value().link_target, std::nullopt);
  const FileDetails link = host.Inspect(folder / "link").value();
  EXPECT_EQ(link.link_target, "a");
  EXPECT_EQ(link.kind, Kind::kRegular);
  EXPECT_EQ(link.size, 5);
  const FileDetails dangling = host.Inspect(folder / "dangling").value();
  EXPECT_EQ(dangling.link_target, "nowhere");
  EXPECT_EQ(dangling.kind, Kind::kUnknown);
  EXPECT_EQ(dangling.size, 7);  // of the link's own text
  EXPECT_EQ(host.Inspect(folder / "loop").value().kind, Kind::kUnknown);
  EXPECT_EQ(host.Inspect(folder / "nowhere").error().code, Code::kNotFound);
  EXPECT_EQ(host.Inspect(folder / "a/b").error().code, Code::kNotFound);
  EXPECT_EQ(host.Inspect("a").error().code, Code::kInvalidArgument);
}

TEST(LinuxHostInspect, FifosDevicesAndFoldersAreToldByTheirKind) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  const LinuxHost host;
  EXPECT_EQ(host.Inspect(folder / "fifo").value().kind, Kind::kFifo);
  EXPECT_EQ(host.Inspect(folder.path()).value().kind, Kind::kDirectory);
  const FileDetails null = host.Inspect("/dev/null").value();
  EXPECT_EQ(null.kind, Kind::kCharacter);
  EXPECT_EQ(null.device, static_cast<int64_t>(makedev(1, 3)));
  EXPECT_EQ(host.Inspect("/proc/self/status").value().kind, Kind::kRegular);
}

}  // namespace
}  // namespace sallyport
