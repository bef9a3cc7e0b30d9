// SPDX-License-Identifier: Apache-2.0
// The path-addressed tables over Wine's files and registry.
#include <gtest/gtest.h>

#include "collectors/paths/tables.h"
#include "platform/host_windows.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

TEST(PathTablesWindows, FilesAreFoundByPathAndByPatternAndHashed) {
  const TempFolder folder;
  folder.Write("a.json", R"({"a": 1})");
  folder.Write("b.json", "{}");
  const WindowsHost host;
  const Rows one = FileTable(host, {{"path", folder / "a.json"}}).value();
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].at(static_cast<size_t>(kFileTable.IndexOf("size"))), Cell(8));
  EXPECT_EQ(FileTable(host, {{"path", folder / "%.json", true}}).value().size(), 2u);
  EXPECT_EQ(FileTable(host, {{"path", folder / "none"}}).value(), Rows{});
  EXPECT_EQ(HashTable(host, {{"directory", folder.path()}}).value().size(), 2u);
  EXPECT_EQ(ParseJsonTable(host, {{"path", folder / "%.JSON", true}}).value().size(), 1u);
}

TEST(PathTablesWindows, TheRegistryIsReadByKeyPathAndPattern) {
  const WindowsHost host;
  const std::string key = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion)";
  const Rows value = RegistryTable(host, {{"path", key + "\\currentbuildnumber"}}).value();
  ASSERT_EQ(value.size(), 1u);
  EXPECT_EQ(value[0][2], Cell("CurrentBuildNumber"));
  EXPECT_EQ(value[0][3], Cell("REG_SZ"));
  EXPECT_GT(RegistryTable(host, {{"key", key}}).value().size(), 5u);
  EXPECT_EQ(RegistryTable(host, {{"path", key + "\\NoSuchValue"}}).value(), Rows{});
  EXPECT_EQ(
      RegistryTable(host, {{"path", R"(HKEY_USERS\%\Environment\TEMP)", true}}).value().at(0).at(2),
      Cell("TEMP"));
}

}  // namespace
}  // namespace sallyport
