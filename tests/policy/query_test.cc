// SPDX-License-Identifier: Apache-2.0
#include "policy/query.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace sallyport {
namespace {

constexpr Column kUsersColumns[] = {
    {"username", Type::kText, ""},
    {"directory", Type::kText, ""},
    {"uid", Type::kBigint, ""},
};
constexpr Schema kUsers{"users", kUsersColumns};
constexpr Column kFileColumns[] = {
    {"path", Type::kText, "", "", Role::kRequired},
    {"size", Type::kBigint, ""},
};
constexpr Schema kFile{"file", kFileColumns};
const Schema kSchemas[] = {kUsers, kFile};

// Two users, and a file for each but one that may not be looked at.
class Machine {
 public:
  TableResult operator()(const std::string& table, const Keys& keys) {
    TableResult result;
    result.table = table;
    result.keys = keys;
    asked.push_back(table + (keys.empty() ? "" : " " + ToText(keys[0])));
    if (table == "users") {
      result.columns = {"username", "directory", "uid"};
      result.rows = {{Cell("anna"), Cell("/home/anna"), Cell(1000)},
                     {Cell("ben"), Cell("/home/ben"), Cell(Unknown{})}};
      return result;
    }
    result.columns = {"path", "size"};
    if (keys.empty() || keys[0].value == "/home/ben/.netrc") {
      result.state = State::kDenied;
      result.error = keys.empty() ? "no path" : "the limit refuses " + keys[0].value;
      return result;
    }
    result.rows = {{Cell(keys[0].value), Cell(42)}};
    return result;
  }

  std::vector<std::string> asked;
};

Result<QueryAnswer> Ask(Machine& machine, const std::string& sql,
                        const EngineLimits& limits = kQueryLimits) {
  return RunQuery(
      sql, kSchemas,
      [&machine](const std::string& table, const Keys& keys) { return machine(table, keys); },
      limits);
}

TEST(Query, OnlyWhatIsAskedForIsRead) {
  Machine machine;
  const auto answer = Ask(machine, "SELECT username AS who FROM users WHERE uid = 1000");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->columns, (std::vector<std::string>{"who"}));
  EXPECT_EQ(answer->rows, (Rows{{Cell("anna")}}));
  EXPECT_EQ(machine.asked, (std::vector<std::string>{"users"}));
}

TEST(Query, KeysThatComeFromAnotherTableAreFetched) {
  Machine machine;
  const auto answer = Ask(machine,
                          "SELECT username, size FROM users JOIN file ON path = directory || "
                          "'/.profile' ORDER BY username");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows, (Rows{{Cell("anna"), Cell(42)}, {Cell("ben"), Cell(42)}}));
  EXPECT_TRUE(answer->doubts.empty());
  EXPECT_EQ(machine.asked, (std::vector<std::string>{"users", "file path=/home/anna/.profile",
                                                     "file path=/home/ben/.profile"}));
}

TEST(Query, WhatIsAskedForTwiceIsReadOnce) {
  Machine machine;
  const auto answer = Ask(machine, "SELECT uid FROM users UNION ALL SELECT uid FROM users");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows.size(), 4u);
  EXPECT_EQ(machine.asked, (std::vector<std::string>{"users"}));
}

TEST(Query, OneDeniedKeyIsNamedAndTheOthersAnswer) {
  Machine machine;
  const auto answer =
      Ask(machine, "SELECT path, size FROM users JOIN file ON path = directory || '/.netrc'");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows, (Rows{{Cell("/home/anna/.netrc"), Cell(42)}}));
  ASSERT_EQ(answer->doubts.size(), 1u);
  EXPECT_NE(answer->doubts[0].find("denied: the limit refuses /home/ben/.netrc"), std::string::npos)
      << answer->doubts[0];
}

TEST(Query, AnUnknownCellReadsAsUnknownAndIsNamed) {
  Machine machine;
  const auto answer = Ask(machine, "SELECT uid FROM users");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->rows, (Rows{{Cell(1000)}, {Cell("unknown")}}));
  EXPECT_EQ(answer->doubts, (std::vector<std::string>{"users.uid: unknown in row 2"}));
}

TEST(Query, ATableThatNeedsAKeyAndGetsNoneSaysSoAndEnds) {
  Machine machine;
  const auto answer = Ask(machine, "SELECT * FROM file");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->rows.empty());
  EXPECT_FALSE(answer->doubts.empty());
}

TEST(Query, WhatIsNotOneSelectIsRefusedWithItsReason) {
  for (const char* sql :
       {"", "SELECT 1; SELECT 2", "DELETE FROM users", "EXPLAIN SELECT 1", "SELECT * FROM nowhere",
        "SELECT nothing FROM users", "SELEC 1", "PRAGMA compile_options", "ATTACH 'x' AS y"}) {
    Machine machine;
    const auto answer = Ask(machine, sql);
    ASSERT_FALSE(answer) << sql;
    EXPECT_EQ(answer.error().code, Code::kInvalidArgument) << sql << ": " << answer.error().message;
    EXPECT_FALSE(answer.error().message.empty()) << sql;
    EXPECT_TRUE(machine.asked.empty()) << sql;
  }
}

TEST(Query, WorkAndRowsAreBounded) {
  Machine machine;
  const std::string forever =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT ";
  const auto rows = Ask(machine, forever + "i FROM n");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::kTooLarge) << rows.error().message;
  EngineLimits few = kQueryLimits;
  few.max_vm_ops = 100'000;
  const auto work = Ask(machine, forever + "count(*) FROM n", few);
  ASSERT_FALSE(work);
  EXPECT_EQ(work.error().code, Code::kExhausted) << work.error().message;
}

TEST(Query, KeysWithoutEndAreBounded) {
  Machine machine;
  const auto answer = Ask(machine,
                          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
                          "2000) SELECT size FROM n JOIN file ON path = '/tmp/' || i");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kTooLarge) << answer.error().message;
  EXPECT_LE(machine.asked.size(), 512u);
}

}  // namespace
}  // namespace sallyport
