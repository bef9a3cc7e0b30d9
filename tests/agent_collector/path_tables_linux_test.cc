// SPDX-License-Identifier: Apache-2.0
// The path-addressed tables over the running Linux, behind the laptop's own limit, as the collector
// process has them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "agent/collector/limited_host.h"
#include "agent/collector/path_witness.h"
#include "collectors/paths/tables.h"
#include "collectors/tables.h"
#include "platform/host_linux.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

// As main.cc makes it: the limit looks at the name and the real path, the guard at what was opened.
class LimitedMachine : public testing::Test {
 protected:
  TableResult Ask(const std::string& table, const Key& key) const {
    return Collect(*FindCollector(Os::kLinux, table), host_, {key});
  }
  TableResult Ask(const std::string& table, const std::string& path) const {
    return Ask(table, Key{"path", path});
  }

  TempFolder folder_;
  PathLimit limit_ = PathLimit::Parse(Os::kLinux, folder_ / "secret\n").value();
  LinuxHost real_{DefaultCommands(), [this](const std::string& p) { return limit_.Check(p); }};
  LimitedHost host_{real_, limit_};
};

constexpr const char* kReaders[] = {"hash",        "file_lines", "parse_json",
                                    "parse_jsonl", "parse_ini",  "certificates"};

TEST_F(LimitedMachine, WhatTheLimitNamesIsDeniedToEveryTableThatReads) {
  folder_.Write("secret/a.json", "{}");
  for (const char* table : kReaders) {
    for (const std::string& path : {std::string("/etc/shadow"), folder_ / "secret/a.json"}) {
      const TableResult result = Ask(table, path);
      EXPECT_EQ(result.state, State::kDenied) << table << " " << path;
      EXPECT_TRUE(result.rows.empty());
      EXPECT_NE(result.error.find(path), std::string::npos) << result.error;
    }
  }
  // That it is there, and how it is kept, is told.
  EXPECT_EQ(Ask("file", "/etc/shadow").state, State::kValue);
  EXPECT_EQ(Ask("file", "/etc/shadow").rows.size(), 1u);
}

TEST_F(LimitedMachine, ALinkOutOfAnAllowedPathIsDenied) {
  folder_.Write("secret/key", "hunter2");
  std::filesystem::create_symlink("secret/key", folder_ / "innocent.txt");
  std::filesystem::create_directory_symlink("secret", folder_ / "open");
  std::filesystem::create_symlink("/etc/shadow", folder_ / "hosts");
  for (const char* table : kReaders) {
    for (const char* name : {"innocent.txt", "open/key", "hosts"}) {
      EXPECT_EQ(Ask(table, folder_ / name).state, State::kDenied) << table << " " << name;
    }
    EXPECT_EQ(Ask(table, {"path", folder_ / "%.txt", true}).state, State::kDenied) << table;
  }
  EXPECT_EQ(Ask("file", {"path", folder_ / "open/%", true}).state, State::kDenied);
  EXPECT_EQ(Ask("file", {"directory", folder_ / "open"}).state, State::kDenied);
}

TEST_F(LimitedMachine, OneDeniedFileAmongNineReadOnesDeniesThePatternAndNoOtherKey) {
  for (int i = 0; i < 9; ++i) folder_.Write("d/" + std::to_string(i) + ".conf", "a = 1\n");
  EXPECT_EQ(Ask("parse_ini", {"path", folder_ / "d/%.conf", true}).rows.size(), 9u);
  folder_.Write("secret/k", "b = 2\n");
  std::filesystem::create_symlink(folder_ / "secret/k", folder_ / "d/9.conf");
  const TableResult all = Ask("parse_ini", {"path", folder_ / "d/%.conf", true});
  EXPECT_EQ(all.state, State::kDenied);
  EXPECT_NE(all.error.find("secret/k"), std::string::npos) << all.error;
  EXPECT_EQ(Ask("parse_ini", folder_ / "d/3.conf").rows.size(), 1u);
}

TEST_F(LimitedMachine, FifosAndDevicesAreNeverOpened) {
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  for (const std::string& path : {folder_ / "fifo", std::string("/dev/zero")}) {
    EXPECT_EQ(Ask("hash", path).state, State::kValue) << path;
    EXPECT_TRUE(Ask("hash", path).rows.empty()) << path;
    for (const char* table : {"file_lines", "parse_json", "parse_ini", "certificates"}) {
      EXPECT_EQ(Ask(table, path).state, State::kError) << table << " " << path;
    }
  }
  const TableResult fifo = Ask("file", folder_ / "fifo");
  EXPECT_EQ(fifo.rows.at(0).at(static_cast<size_t>(kFileTable.IndexOf("type"))), Cell("fifo"));
}

TEST_F(LimitedMachine, FilesOfProcAreReadThoughTheyClaimToBeEmpty) {
  const TableResult lines = Ask("file_lines", "/proc/self/status");
  ASSERT_EQ(lines.state, State::kValue) << lines.error;
  ASSERT_FALSE(lines.rows.empty());
  EXPECT_EQ(std::get<std::string>(lines.rows[0][1]).substr(0, 5), "Name:");
  EXPECT_EQ(Ask("hash", "/proc/self/environ").state, State::kDenied);
}

TEST_F(LimitedMachine, WhatTheSystemRefusesIsDeniedAndWhatIsNotThereIsNoRow) {
  EXPECT_EQ(Ask("hash", folder_ / "none").state, State::kValue);
  EXPECT_EQ(Ask("file", folder_ / "none/deeper").state, State::kValue);
  folder_.Write("mine/a.json", "{\"a\": 1}");
  ASSERT_EQ(chmod((folder_ / "mine").c_str(), 0), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(seteuid(65534), 0);  // root is refused nothing
  }
  const State read = Ask("parse_json", folder_ / "mine/a.json").state;
  const State found = Ask("file", {"path", folder_ / "mine/%", true}).state;
  if (getuid() == 0) {
    ASSERT_EQ(seteuid(0), 0);
  }
  EXPECT_EQ(read, State::kDenied);
  EXPECT_EQ(found, State::kDenied);
  ASSERT_EQ(chmod((folder_ / "mine").c_str(), 0755), 0);
}

TEST_F(LimitedMachine, PrivateSshKeysAreDeniedByTheDefaultLimit) {
  folder_.Write("home/.ssh/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\n");
  EXPECT_EQ(Ask("file_lines", folder_ / "home/.ssh/id_rsa").state, State::kDenied);
  EXPECT_EQ(Ask("file", {"path", folder_ / "home/.ssh/%", true}).state, State::kDenied);
}

TEST_F(LimitedMachine, WhatATableLookedAtIsKnownToBeWatched) {
  folder_.Write("d/a.json", "{}");
  const PathWitness witness(host_);
  static_cast<void>(ParseJsonTable(witness, {{"path", folder_ / "d/%.json", true}}));
  static_cast<void>(FileTable(witness, {{"path", folder_ / "none"}}));
  EXPECT_EQ(witness.paths(),
            (std::set<std::string>{folder_ / "d", folder_ / "d/a.json", folder_ / "none"}));
}

}  // namespace
}  // namespace sallyport
