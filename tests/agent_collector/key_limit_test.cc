// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/key_limit.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

constexpr Column kFileColumns[] = {{"path", Type::kText, "", "", Role::kRequired},
                                   {"directory", Type::kText, "", "", Role::kRequired},
                                   {"size", Type::kBigint, ""}};
constexpr Schema kFile{"file", kFileColumns};
constexpr Column kProcessColumns[] = {{"pid", Type::kBigint, "", "", Role::kIndex},
                                      {"name", Type::kText, ""}};
constexpr Schema kProcesses{"processes", kProcessColumns};

std::string Why(const Schema& schema, const Keys& keys) {
  const Status status = CheckKeys(schema, keys);
  if (status) return "";
  return std::string(status.error().code == Code::kDenied ? "denied: " : "malformed: ") +
         status.error().message;
}
std::string Pattern(const std::string& pattern) { return Why(kFile, {{"path", pattern, true}}); }

TEST(KeyLimit, WhatATableDeclaresAsAKeyIsCollected) {
  EXPECT_EQ(Why(kFile, {{"path", "/etc/hosts"}}), "");
  EXPECT_EQ(Why(kFile, {{"directory", "/etc"}, {"path", "/etc/%.conf", true}}), "");
  EXPECT_EQ(Why(kProcesses, {}), "");
  EXPECT_EQ(Why(kProcesses, {{"pid", "1"}}), "");
}

TEST(KeyLimit, AKeyOfNoKeyColumnIsNamedAndRefused) {
  EXPECT_EQ(Why(kFile, {{"size", "5"}}), "malformed: file: size=5: not a key column");
  EXPECT_EQ(Why(kFile, {{"inode", "5"}}), "malformed: file: inode=5: no such column");
  EXPECT_EQ(Why(kProcesses, {{"pid", "1%", true}}), "malformed: processes: pid LIKE 1%: not text");
  EXPECT_EQ(Why(kFile, {}), "malformed: file: no path or directory is asked for");
  EXPECT_EQ(Why(kProcesses, {{"pid", "1"}, {"pid", "2"}, {"pid", "3"}}),
            "malformed: processes: 3 keys for 2 columns");
}

TEST(KeyLimit, APatternThatListsMostOfTheMachineIsDenied) {
  for (const char* pattern :
       {"/%%", "%%", "/%/%", "%/%", "/home/%%", "/home/ann/%%", "/home/%/%%", "/Users/%%",
        "/usr/%%", "/proc/%%", "C:\\%%", "C:\\Users\\%%", "c:\\windows\\%%",
        "HKEY_LOCAL_MACHINE\\%%", "HKEY_LOCAL_MACHINE\\SOFTWARE\\%%", "HKEY_USERS\\%\\%%"}) {
    EXPECT_EQ(Pattern(pattern), "denied: file: path LIKE " + std::string(pattern) +
                                    ": never listed here, the pattern is too broad");
  }
}

TEST(KeyLimit, PatternsOfPoliciesAreNotTooBroad) {
  for (const char* pattern :
       {"/%", "/etc/%", "/etc/%%", "/home/%/.ssh/%", "/Users/%/Library/Preferences/a.plist",
        "/Applications/%%", "/usr/lib/%%", "/var/lib/a/%%", "/home/ann/.config/a/%%",
        "C:\\Users\\%\\AppData\\Local\\a", "C:\\Program Files\\%",
        "HKEY_USERS\\%\\SOFTWARE\\Policies\\A\\x", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\%%"}) {
    EXPECT_EQ(Pattern(pattern), "");
  }
}

TEST(KeyLimit, AnythingBelowStandsAtTheEndAlone) {
  EXPECT_EQ(Pattern("/etc/%%/a"),
            "malformed: file: path LIKE /etc/%%/a: %% may stand at the end alone");
}

}  // namespace
}  // namespace sallyport
