// SPDX-License-Identifier: Apache-2.0
// Tables file, hash and file_lines.
#include <gtest/gtest.h>

#include "collectors/osquery/extension.h"
#include "collectors/osquery/paths.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

Value CellOf(const Schema& schema, const Row& row, std::string_view column) {
  return row.at(static_cast<size_t>(schema.IndexOf(column)));
}

std::vector<std::string> PathsOf(const Rows& rows) {
  std::vector<std::string> out;
  for (const Row& row : rows) out.push_back(ToText(row[0]));
  return out;
}

constexpr FileDetails::Kind kRegular = FileDetails::Kind::kRegular;

TEST(FileTable, HasEveryColumnOfAFile) {
  FakeHost host;
  host.Put("/etc/sudoers", "x");
  host.PutDetails("/etc/sudoers", {.kind = kRegular,
                                   .size = 1,
                                   .modified_s = 100,
                                   .accessed_s = 101,
                                   .changed_s = 102,
                                   .born_s = 99,
                                   .uid = 0,
                                   .gid = 7,
                                   .mode = 04640,
                                   .device = 0,
                                   .inode = 42,
                                   .hard_links = 1,
                                   .block_size = 4096});
  RowOf expected(kFileTable);
  expected.Set("path", "/etc/sudoers").Set("directory", "/etc").Set("filename", "sudoers");
  expected.Set("inode", Cell(42)).Set("uid", Cell(0)).Set("gid", Cell(7)).Set("mode", "4640");
  expected.Set("device", Cell(0)).Set("size", Cell(1)).Set("block_size", Cell(4096));
  expected.Set("atime", Cell(101)).Set("mtime", Cell(100)).Set("ctime", Cell(102));
  expected.Set("btime", Cell(99)).Set("hard_links", Cell(1)).Set("symlink", Cell(0));
  expected.Set("type", "regular");  // no link, not Windows, not macOS: NULL
  EXPECT_EQ(FileTable(host, {{"path", "/etc/sudoers"}}).value(), (Rows{expected.Take()}));
}

TEST(FileTable, WhatIsNotThereIsNoRowAndWhatIsDeniedIsAnErrorOfItsKey) {
  FakeHost host;
  host.Put("/etc/a", "");
  host.Fail("/etc/b", Code::kDenied);
  EXPECT_EQ(FileTable(host, {{"path", "/etc/none"}}).value(), Rows{});
  EXPECT_EQ(FileTable(host, {{"path", "/etc/b"}}).error(), (Error{Code::kDenied, "/etc/b"}));
  EXPECT_EQ(FileTable(host, {}).error().code, Code::kInvalidArgument);
}

TEST(FileTable, ALinkHasItsTargetsValuesAndOneToNothingIsUnknown) {
  FakeHost host;
  host.Put("/usr/share/zoneinfo/UTC", "abc", {.mode = 0644});
  host.PutLink("/etc/localtime", "../usr/share/zoneinfo/UTC");
  host.PutLink("/etc/gone", "/nowhere");
  const Rows link = FileTable(host, {{"path", "/etc/localtime"}}).value();
  EXPECT_EQ(CellOf(kFileTable, link.at(0), "symlink"), Cell(1));
  EXPECT_EQ(CellOf(kFileTable, link.at(0), "type"), Cell("regular"));
  EXPECT_EQ(CellOf(kFileTable, link.at(0), "size"), Cell(3));
  EXPECT_EQ(CellOf(kFileTable, link.at(0), "symlink_target_path"), Cell("/usr/share/zoneinfo/UTC"));
  const Rows gone = FileTable(host, {{"path", "/etc/gone"}}).value();
  EXPECT_EQ(CellOf(kFileTable, gone.at(0), "type"), Cell("unknown"));
  EXPECT_EQ(CellOf(kFileTable, gone.at(0), "mode"), Cell(Unknown{}));
  EXPECT_EQ(CellOf(kFileTable, gone.at(0), "symlink_target_path"), Cell("/nowhere"));
}

TEST(FileTable, AFolderFoundByAPatternIsNamedAsOsqueryNamesIt) {
  FakeHost host;
  host.Put("/etc/apt/sources.list", "");
  const Rows rows = FileTable(host, {{"path", "/etc/%", true}}).value();
  ASSERT_EQ(PathsOf(rows), std::vector<std::string>{"/etc/apt/"});
  EXPECT_EQ(CellOf(kFileTable, rows[0], "filename"), Cell("."));
  EXPECT_EQ(CellOf(kFileTable, rows[0], "directory"), Cell("/etc/apt"));
  EXPECT_EQ(CellOf(kFileTable, rows[0], "type"), Cell("directory"));
  const Rows all = FileTable(host, {{"directory", "/etc"}}).value();
  ASSERT_EQ(PathsOf(all), std::vector<std::string>{"/etc/apt"});
  EXPECT_EQ(CellOf(kFileTable, all[0], "filename"), Cell("apt"));
  EXPECT_EQ(CellOf(kFileTable, all[0], "directory"), Cell("/etc"));
}

TEST(FileTable, WhatWindowsTellsIsShownAndWhatIsNotLookedAtIsUnknown) {
  FakeHost host(Os::kWindows);
  host.Put("C:\\a.lnk", "");
  host.PutDetails("C:\\a.lnk", {.inode = 0x1a, .attributes = 0x23, .volume_serial = 0xbeef0012});
  const Row row = FileTable(host, {{"path", "C:\\a.lnk"}}).value().at(0);
  EXPECT_EQ(CellOf(kFileTable, row, "directory"), Cell("C:\\"));
  EXPECT_EQ(CellOf(kFileTable, row, "filename"), Cell("a.lnk"));
  EXPECT_EQ(CellOf(kFileTable, row, "attributes"), Cell("AHR"));
  EXPECT_EQ(CellOf(kFileTable, row, "volume_serial"), Cell("beef-0012"));
  EXPECT_EQ(CellOf(kFileTable, row, "file_id"), Cell("0x000000000000001a"));
  for (const char* column : {"uid", "mode", "file_version", "shortcut_target_path"}) {
    EXPECT_EQ(CellOf(kFileTable, row, column), Cell(Unknown{})) << column;
  }
  EXPECT_EQ(CellOf(kFileTable, row, "bsd_flags"), Cell(std::nullopt));
}

TEST(HashTable, HasTheThreeDigestsOfRegularFilesOnly) {
  FakeHost host;
  host.Put("/d/a", "abc");
  host.Put("/d/sub/b", "");
  const Rows abc{{Cell("/d/a"), Cell("/d"), Cell("900150983cd24fb0d6963f7d28e17f72"),
                  Cell("a9993e364706816aba3e25717850c26c9cd0d89d"),
                  Cell("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")}};
  EXPECT_EQ(HashTable(host, {{"path", "/d/a"}}).value(), abc);
  EXPECT_EQ(HashTable(host, {{"path", "/d/%", true}}).value(), abc);
  EXPECT_EQ(HashTable(host, {{"directory", "/d"}}).value(), abc);
  EXPECT_EQ(HashTable(host, {{"path", "/d"}}).value(), Rows{});
  EXPECT_EQ(HashTable(host, {{"path", "/none"}}).value(), Rows{});
}

TEST(HashTable, OneRefusedFileAmongOthersRefusesTheKey) {
  FakeHost host;
  for (int i = 0; i < 9; ++i) host.Put("/d/" + std::to_string(i), "x");
  host.Put("/d/secret", "y");
  host.Fail("/d/secret", Code::kDenied);
  EXPECT_EQ(HashTable(host, {{"path", "/d/%", true}}).error(), (Error{Code::kDenied, "/d/secret"}));
  EXPECT_EQ(HashTable(host, {{"directory", "/d"}}).error().code, Code::kDenied);
  EXPECT_EQ(HashTable(host, {{"path", "/d/1"}}).value().size(), 1u);
}

TEST(HashTable, WhatIsNoFileIsNotReadEvenWhereItCould) {
  FakeHost host;
  host.Put("/dev/sda", "abc", {.type = FileType::kOther});
  EXPECT_EQ(HashTable(host, {{"path", "/dev/sda"}}).value(), Rows{});
}

TEST(HashTable, ManyLargeFilesAreRefusedTogether) {
  FakeHost host;
  for (const char* name : {"1", "2", "3", "4", "5", "6"}) {
    host.Put(std::string("/d/") + name, std::string(50 << 20, 'x'));
  }
  EXPECT_EQ(HashTable(host, {{"directory", "/d"}}).error(),
            (Error{Code::kTooLarge, "/d/6: with those before it over 268435456 bytes"}));
}

TEST(HashTable, AFileOverTheBoundIsRefusedByName) {
  FakeHost host;
  host.Put("/big", std::string((50 << 20) + 1, 'x'));
  EXPECT_EQ(HashTable(host, {{"path", "/big"}}).error(), (Error{Code::kTooLarge, "/big"}));
}

TEST(FileLinesTable, IsTheLinesAsTheyStandWithTheEmptyOnes) {
  FakeHost host;
  host.Put("/etc/x.conf", "a = 1\r\n\n  b\nlast");
  host.Put("/etc/y.conf", "");
  EXPECT_EQ(FileLinesTable(host, {{"path", "/etc/%.conf", true}}).value(),
            (Rows{{Cell("/etc/x.conf"), Cell("a = 1")},
                  {Cell("/etc/x.conf"), Cell("")},
                  {Cell("/etc/x.conf"), Cell("  b")},
                  {Cell("/etc/x.conf"), Cell("last")}}));
}

TEST(FileLinesTable, ALineThatIsNoTextIsUnknownAndTheOthersStand) {
  FakeHost host;
  host.Put("/x", std::string("good\nb\0d\n\xff\xfe\nend\n", 16));
  EXPECT_EQ(FileLinesTable(host, {{"path", "/x"}}).value(), (Rows{{Cell("/x"), Cell("good")},
                                                                  {Cell("/x"), Cell(Unknown{})},
                                                                  {Cell("/x"), Cell(Unknown{})},
                                                                  {Cell("/x"), Cell("end")}}));
}

TEST(FileLinesTable, TooManyLinesOrBytesAreRefusedAndNeverCut) {
  FakeHost host;
  host.Put("/lines", std::string(100'001, '\n'));
  host.Put("/d/a", std::string(3 << 20, 'x'));
  host.Put("/d/b", std::string(3 << 20, 'x'));
  EXPECT_EQ(FileLinesTable(host, {{"path", "/lines"}}).error(),
            (Error{Code::kTooLarge, "/lines: over 100000 lines"}));
  EXPECT_EQ(FileLinesTable(host, {{"path", "/d/%", true}}).error(),
            (Error{Code::kTooLarge, "/d/b: with those before it over 4194304 bytes"}));
}

}  // namespace
}  // namespace sallyport
