// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kHead[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n";

Result<Rows> PlistRows(const std::string& inside, Os os = Os::kMacos) {
  FakeHost host(os);
  host.Put("/p.plist", kHead + inside + "</plist>\n");
  return PlistTable(host, {{"path", "/p.plist"}});
}

Row Line(const char* key, const char* subkey, const char* value) {
  return {Cell(key), Cell(subkey), Cell(value), Cell("/p.plist")};
}

TEST(PlistTable, HasARowForEachScalarAsOsqueryWritesIt) {
  EXPECT_EQ(PlistRows("<dict><key>on</key><true/><key>n</key><integer>-5</integer>"
                      "<key>r</key><real>1.5</real><key>s</key><string>a &amp; b</string>"
                      "<key>d</key><date>1970-01-02T00:00:01Z</date><key>b</key><data>AAEC</data>"
                      "</dict>")
                .value(),
            (Rows{Line("on", "", "1"), Line("n", "", "-5"), Line("r", "", "1.5"),
                  Line("s", "", "a & b"), Line("d", "", "86401"), Line("b", "", "AAEC")}));
}

TEST(PlistTable, NamesNestedValuesBySlashesAndItemsOfListsBelowTheFirstLevelByNumber) {
  EXPECT_EQ(PlistRows("<dict><key>top</key><dict><key>a</key><dict><key>b</key><string>x</string>"
                      "</dict><key>list</key><array><string>p</string><string>q</string></array>"
                      "</dict><key>bare</key><array><string>y</string><dict><key>k</key>"
                      "<string>z</string></dict></array><key>none</key><dict/></dict>")
                .value(),
            (Rows{Line("top", "a/b", "x"), Line("top", "list/0", "p"), Line("top", "list/1", "q"),
                  Line("bare", "", "y"), Line("bare", "k", "z"), Line("none", "", "")}));
  EXPECT_EQ(PlistRows("<array><string>x</string></array>").value(), (Rows{Line("root", "", "x")}));
}

TEST(PlistTable, ABinaryListReadsTheSameAndADamagedOneIsAnError) {
  // {"a": true}: marker d1, key 5161, value 09, offsets 8 10 12, trailer.
  const std::string binary(
      "bplist00\xd1\x01\x02\x51\x61\x09\x08\x0b\x0d"
      "\0\0\0\0\0\0\x01\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0e",
      49);
  FakeHost host(Os::kMacos);
  host.Put("/p.plist", binary);
  EXPECT_EQ(PlistTable(host, {{"path", "/p.plist"}}).value(), (Rows{Line("a", "", "1")}));
  host.Put("/p.plist", binary.substr(0, 30));
  EXPECT_EQ(PlistTable(host, {{"path", "/p.plist"}}).error().code, Code::kMalformed);
  EXPECT_TRUE(PlistTable(host, {{"path", "/p.plist"}}).error().message.starts_with("/p.plist"));
}

TEST(PlistTable, WhatIsNoListAtAllAndWhatIsNotThereDiffer) {
  EXPECT_EQ(PlistRows("<string>x</string>").error(),
            (Error{Code::kMalformed, "/p.plist: neither a dictionary nor a list"}));
  EXPECT_EQ(PlistTable(FakeHost(Os::kMacos), {{"path", "/none.plist"}}).value(), Rows{});
}

}  // namespace
}  // namespace sallyport
