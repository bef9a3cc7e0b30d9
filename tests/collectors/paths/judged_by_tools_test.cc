// SPDX-License-Identifier: Apache-2.0
// The path-addressed tables beside what sha256sum, stat and openssl say of the same files.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/text.h"
#include "collectors/paths/tables.h"
#include "platform/host_linux.h"

namespace sallyport {
namespace {

const char* const kTools[] = {"/usr/bin/md5sum", "/usr/bin/sha1sum", "/usr/bin/sha256sum",
                              "/usr/bin/stat", "/usr/bin/openssl"};

class Judged : public testing::Test {
 protected:
  std::string Say(std::vector<std::string> argv) const {
    const auto output = host_.Run({.argv = std::move(argv)});
    if (!output || output->exit_code != 0) return "failed";
    return std::string(Trim(output->out));
  }
  static Value CellOf(const Schema& schema, const Row& row, std::string_view column) {
    return row.at(static_cast<size_t>(schema.IndexOf(column)));
  }

  LinuxHost host_{{std::begin(kTools), std::end(kTools)}};
};

TEST_F(Judged, DigestsAreThoseOfTheSumTools) {
  const Rows rows = HashTable(host_, {{"directory", "/etc"}}).value();
  ASSERT_GT(rows.size(), 10u);
  for (size_t column = 2; column < 5; ++column) {
    std::vector<std::string> argv{kTools[column - 2]};
    for (const Row& row : rows) argv.push_back(std::get<std::string>(row[0]));
    const std::string text = Say(argv);
    const auto lines = Lines(text);
    ASSERT_EQ(lines.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(lines[i], ToText(rows[i][column]) + "  " + ToText(rows[i][0]));
    }
  }
}

TEST_F(Judged, FilesAreWhatStatSaysOfThem) {
  constexpr const char* kColumns[] = {"inode",      "uid",   "gid",   "hard_links", "size",
                                      "block_size", "mtime", "ctime", "btime"};
  Rows rows = FileTable(host_, {{"directory", "/etc"}}).value();
  for (const char* folder : {"/usr/bin", "/usr/lib"}) {
    const Rows more = FileTable(host_, {{"directory", folder}}).value();
    for (size_t i = 0; i < more.size() && i < 60; ++i) rows.push_back(more[i]);
  }
  ASSERT_GT(rows.size(), 100u);
  int links = 0;
  for (const Row& row : rows) {
    const std::string path = std::get<std::string>(row[0]);
    if (!std::filesystem::exists(path)) continue;  // a link to nothing, or gone meanwhile
    // Of /proc each process sees its own.
    if (std::filesystem::canonical(path).string().starts_with("/proc/")) continue;
    std::string ours;
    for (const char* column : kColumns) ours += ToText(CellOf(kFileTable, row, column)) + " ";
    std::string theirs = Say({"/usr/bin/stat", "-L", "-c", "%i %u %g %h %s %o %Y %Z %W ", path});
    if (theirs.ends_with(" 0") || theirs.ends_with(" -")) {  // no time of birth is kept
      theirs = theirs.substr(0, theirs.rfind(' ')) + " unknown";
    }
    EXPECT_EQ(std::string(Trim(ours)), theirs) << path;
    const std::string mode = ToText(CellOf(kFileTable, row, "mode"));
    EXPECT_EQ(ParseInt(mode), ParseInt(Say({"/usr/bin/stat", "-L", "-c", "%a", path}))) << path;
    if (CellOf(kFileTable, row, "symlink") != Cell(1)) continue;
    ++links;
    EXPECT_EQ(Say({"/usr/bin/stat", "-c", "%F", path}), "symbolic link");
    EXPECT_EQ(ToText(CellOf(kFileTable, row, "symlink_target_path")),
              std::filesystem::canonical(path).string());
  }
  EXPECT_GT(links, 0);
}

TEST_F(Judged, CertificatesAreWhatOpensslSaysOfThem) {
  constexpr char kFolder[] = "/usr/share/ca-certificates/mozilla";
  ASSERT_TRUE(std::filesystem::is_directory(kFolder)) << "ca-certificates is not installed";
  const Rows rows =
      CertificatesTable(host_, {{"path", std::string(kFolder) + "/%.crt", true}}).value();
  ASSERT_GT(rows.size(), 50u);
  int number = 0;
  for (const Row& row : rows) {
    const auto cell = [&row](const char* column) {
      return ToText(CellOf(kCertificates, row, column));
    };
    const std::string text =
        Say({"/usr/bin/openssl", "x509", "-in", cell("path"), "-noout", "-serial", "-fingerprint",
             "-sha1", "-subject", "-issuer", "-nameopt", "oneline"});
    const auto lines = Lines(text);
    ASSERT_GE(lines.size(), 4u) << cell("path");
    EXPECT_EQ(lines[0], "serial=" + (cell("serial") == "0" ? "00" : cell("serial")));
    std::string print(lines[1].substr(lines[1].find('=') + 1));
    std::erase(print, ':');
    EXPECT_EQ(Lower(print), cell("sha1"));
    EXPECT_EQ(lines[2], "subject=" + cell("subject2"));
    EXPECT_EQ(lines[3], "issuer=" + cell("issuer2"));
    EXPECT_EQ(cell("ca"), "1") << cell("path");
    EXPECT_EQ(cell("self_signed"), "1") << cell("path");
    // The date as openssl reads it is the number that we have: it has not ended a second before.
    const auto end = ParseInt(cell("not_valid_after"));
    ASSERT_TRUE(end);
    if (++number % 12 != 0) continue;  // each takes openssl a while
    EXPECT_EQ(Say({"/usr/bin/openssl", "verify", "-attime", std::to_string(*end - 1), "-CAfile",
                   cell("path"), cell("path")}),
              cell("path") + ": OK");
    EXPECT_EQ(Say({"/usr/bin/openssl", "verify", "-attime", std::to_string(*end + 1), "-CAfile",
                   cell("path"), cell("path")}),
              "failed");
  }
}

}  // namespace
}  // namespace sallyport
