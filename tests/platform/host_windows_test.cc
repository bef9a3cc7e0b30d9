// SPDX-License-Identifier: Apache-2.0
// Run by ctest under Wine, which has no links of NTFS, no access lists beyond POSIX modes and no
// security namespaces of WMI: what it lacks is tested as lacking.
#include "platform/host_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "platform/handle_windows.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;

TEST(WindowsHostFiles, ReadsBytesAsTheyAreUpToTheBound) {
  const TempFolder folder;
  folder.Write("f", std::string("a\r\n\0\x1a\xff", 6));
  folder.Write("empty", "");
  const WindowsHost host;
  EXPECT_EQ(host.ReadFile(folder / "f", 6).value(), std::string("a\r\n\0\x1a\xff", 6));
  EXPECT_EQ(host.ReadFile(folder / "empty").value(), "");
  EXPECT_EQ(host.ReadFile(folder / "f", 5).error(),
            (Error{Code::kTooLarge, folder / "f" + ": over 5 bytes"}));
  EXPECT_EQ(host.ReadHead(folder / "f", 3).value(), "a\r\n");
}

TEST(WindowsHostFiles, WhatIsNotThereOrNotAFileHasItsOwnError) {
  const TempFolder folder;
  folder.Write("f", "x");
  const WindowsHost host;
  EXPECT_EQ(host.ReadFile(folder / "missing").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadFile(folder / "missing/f").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadFile(folder.path()).error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ListDir(folder / "f").error().code, Code::kNotFound);
  EXPECT_EQ(host.ListDir(folder / "missing").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadLink(folder / "f").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile("/etc/passwd").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile(R"(\\server\share\x)").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile("C:/a\xff").error().code, Code::kInvalidArgument);
}

TEST(WindowsHostFiles, NamesAreUtf8AndPathsMayBeLong) {
  const TempFolder folder;
  // Over MAX_PATH, and no longer: Wine's GetFinalPathNameByHandle ends at 265.
  std::string path = R"(\\?\)" + folder.path();
  while (path.size() < 4 + 262) {
    path += "\\" + std::string(std::min<size_t>(100, 4 + 262 - path.size() - 1), 'x');
    ASSERT_TRUE(CreateDirectoryW(Wide(path)->c_str(), nullptr)) << path;
  }
  const std::string file = path + "\\gr\xc3\xbc\xc3\x9f\xf0\x9f\x94\x92";
  Handle made = Owned(CreateFileW(Wide(file)->c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW,
                                  FILE_ATTRIBUTE_NORMAL, nullptr));
  ASSERT_TRUE(made);
  const WindowsHost host;
  const auto entries = host.ListDir(path.substr(4));
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ(*entries,
            (std::vector<DirEntry>{{"gr\xc3\xbc\xc3\x9f\xf0\x9f\x94\x92", FileType::kFile}}));
  EXPECT_EQ(host.Stat(file.substr(4))->size, 0);
  made.reset();  // what std::filesystem would not reach
  EXPECT_TRUE(DeleteFileW(Wide(file)->c_str()));
  EXPECT_TRUE(RemoveDirectoryW(Wide(path)->c_str()));
}

TEST(WindowsHostFiles, FoldersAreListedByNameWithTypes) {
  const TempFolder folder;
  folder.Write("b", "");
  folder.Write("a/x", "");
  folder.Write("C", "");
  EXPECT_EQ(WindowsHost().ListDir(folder.path()).value(),
            (std::vector<DirEntry>{
                {"C", FileType::kFile}, {"a", FileType::kDirectory}, {"b", FileType::kFile}}));
}

TEST(WindowsHostFiles, AFolderWithMoreThanOneAnswersWorthIsListedWhole) {
  const TempFolder folder;
  for (int i = 0; i < 600; ++i) folder.Write(std::to_string(i) + std::string(60, 'n'), "");
  EXPECT_EQ(WindowsHost().ListDir(folder.path())->size(), 600u);
}

TEST(WindowsHostFiles, StatTellsSizeTypeAndTime) {
  const TempFolder folder;
  folder.Write("f", "12345");
  const WindowsHost host;
  const FileStat stat = host.Stat(folder / "f").value();
  EXPECT_EQ(stat.type, FileType::kFile);
  EXPECT_EQ(stat.size, 5);
  EXPECT_EQ(stat.mode, 0u);
  EXPECT_NEAR(static_cast<double>(stat.modified_s), static_cast<double>(time(nullptr)), 5);
  EXPECT_EQ(host.Stat(folder.path())->type, FileType::kDirectory);
}

TEST(WindowsHostFiles, InspectTellsTimesNamesAndAttributesAndNoOwner) {
  const TempFolder folder;
  folder.Write("f", "12345");
  const WindowsHost host;
  const FileDetails details = host.Inspect(folder / "f").value();
  EXPECT_EQ(details.kind, FileDetails::Kind::kRegular);
  EXPECT_EQ(details.size, 5);
  EXPECT_EQ(details.link_target, std::nullopt);
  EXPECT_EQ(details.hard_links, 1);
  EXPECT_NEAR(static_cast<double>(details.modified_s), static_cast<double>(time(nullptr)), 5);
  EXPECT_NE(details.attributes.value() & FILE_ATTRIBUTE_ARCHIVE, 0u);
  EXPECT_EQ(details.uid, std::nullopt);
  EXPECT_EQ(details.mode, std::nullopt);
  EXPECT_EQ(host.Inspect(folder.path())->kind, FileDetails::Kind::kDirectory);
  EXPECT_EQ(host.Inspect(folder / "none").error().code, Code::kNotFound);
}

TEST(WindowsHostFiles, AFileThatAnotherWritesIsReadAndMayBeDeletedMeanwhile) {
  const TempFolder folder;
  folder.Write("log", "x");
  const Handle writer = Owned(CreateFileW(Wide(folder / "log")->c_str(), GENERIC_WRITE | DELETE,
                                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                          nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  ASSERT_TRUE(writer);
  EXPECT_EQ(WindowsHost().ReadFile(folder / "log").value(), "x");
}

TEST(WindowsHostFiles, AFileThatIsLockedAwayIsDenied) {
  const TempFolder folder;
  folder.Write("f", "x");
  const Handle alone = Owned(CreateFileW(Wide(folder / "f")->c_str(), GENERIC_READ, 0, nullptr,
                                         OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  ASSERT_TRUE(alone);
  EXPECT_EQ(WindowsHost().ReadFile(folder / "f").error(),
            (Error{Code::kDenied, folder / "f" + ": Windows error 32"}));
}

TEST(WindowsHostFiles, TheGuardHearsTheRealPathOfWhatWasOpened) {
  const TempFolder folder;
  folder.Write("Secret/key", "x");
  std::vector<std::string> heard;
  const WindowsHost host({}, [&](const std::string& real) -> Status {
    heard.push_back(real);
    return Fail(Code::kDenied, "no");
  });
  EXPECT_EQ(host.ReadFile(folder / "SECRET/KEY").error(), (Error{Code::kDenied, "no"}));
  EXPECT_EQ(host.ListDir(folder / "secret").error(), (Error{Code::kDenied, "no"}));
  EXPECT_EQ(heard, (std::vector<std::string>{folder.path() + "\\Secret\\key",
                                             folder.path() + "\\Secret"}));
  EXPECT_EQ(host.RealPath(folder / "secret/key").value(), folder.path() + "\\Secret\\key");
}

TEST(WindowsHostTime, BothClocksAreThoseOfTheSystem) {
  const Now now = WindowsHost().Time();
  EXPECT_NEAR(static_cast<double>(now.boot.count()), static_cast<double>(GetTickCount64()), 1000);
  EXPECT_NEAR(static_cast<double>(now.wall.count()), static_cast<double>(time(nullptr)) * 1000,
              2000);
}

TEST(WindowsHost, WhatWindowsHasNotIsUnsupported) {
  EXPECT_EQ(WindowsHost().ReadDbusProperty({"org.x", "/", "i", "p"}).error(),
            (Error{Code::kUnsupported, "D-Bus org.x: not on windows"}));
}

}  // namespace
}  // namespace sallyport
