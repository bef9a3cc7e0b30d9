// SPDX-License-Identifier: Apache-2.0
// Which tables and keys are learnt from SQL.
#include "policy/reads.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr Column kFile[] = {{"path", Type::kText, "", "", Role::kRequired},
                            {"directory", Type::kText, "", "", Role::kRequired},
                            {"mode", Type::kText, ""},
                            {"size", Type::kBigint, ""}};
constexpr Column kRegistry[] = {{"key", Type::kText, "", "nocase", Role::kAdditional},
                                {"path", Type::kText, "", "nocase", Role::kIndex},
                                {"data", Type::kText, ""}};
constexpr Column kUsers[] = {{"uid", Type::kBigint, "", "", Role::kIndex},
                             {"username", Type::kText, "", "", Role::kAdditional},
                             {"directory", Type::kText, ""}};
constexpr Column kControls[] = {{"name", Type::kText, "", "", Role::kIndex},
                                {"current_value", Type::kText, ""}};
constexpr Column kMounts[] = {{"path", Type::kText, ""}, {"type", Type::kText, ""}};
constexpr Column kStatus[] = {{"table_name", Type::kText, ""}, {"state", Type::kText, ""}};
constexpr Schema kSchemas[] = {
    {"file", kFile},     {"registry", kRegistry},        {"users", kUsers},
    {"mounts", kMounts}, {"system_controls", kControls}, {"collector_status", kStatus}};

Policy Named(const std::string& name, const std::string& query) {
  Policy policy;
  policy.name = name;
  policy.query = query;
  return policy;
}

std::string Shown(const TableRead& read) {
  std::vector<std::string> keys;
  for (const Key& key : read.keys) keys.push_back(ToText(key));
  return read.table + (keys.empty() ? "" : " " + Join(keys, ", "));
}

// "file path=/a; mounts", and what was not learnt: "? file: why".
std::string Learnt(const std::vector<Policy>& policies) {
  const auto reads = LearnReads(PolicySet{policies, "x"}, kSchemas);
  if (!reads) return reads.error().message;
  std::vector<std::string> out;
  for (const TableRead& read : reads->tables) out.push_back(Shown(read));
  for (const UnlearntRead& read : reads->unlearnt) {
    out.push_back("? " + read.table + ": " + read.why);
  }
  return Join(out, "; ");
}
std::string Learnt(const std::string& query) { return Learnt({Named("p", query)}); }

TEST(Reads, AConstantKeyIsAskedForAndNothingElseOfTheTable) {
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path = '/etc/passwd' AND mode = '0644'"),
            "file path=/etc/passwd");
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path = \"/etc/passwd\""), "file path=/etc/passwd");
  EXPECT_EQ(Learnt("SELECT 1 FROM file f WHERE '/etc/passwd' = f.path"), "file path=/etc/passwd");
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path = '/a' AND directory = '/'"),
            "file directory=/, path=/a");
  EXPECT_EQ(Learnt("SELECT 1 FROM users WHERE uid = 0"), "users uid=0");
  EXPECT_EQ(Learnt("SELECT 1 FROM system_controls WHERE name = 'kernel.a'"),
            "system_controls name=kernel.a");
}

TEST(Reads, APatternIsAKeyWhereATableIsAskedForByPath) {
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path LIKE '/etc/%.conf'"),
            "file path LIKE /etc/%.conf");
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path LIKE '/etc/passwd'"), "file path=/etc/passwd");
  EXPECT_EQ(Learnt("SELECT 1 FROM registry WHERE path LIKE 'HKEY_USERS\\%\\A\\x'"),
            "registry path LIKE HKEY_USERS\\%\\A\\x");
  EXPECT_EQ(Learnt("SELECT 1 FROM system_controls WHERE name LIKE 'net.%'"), "system_controls");
  EXPECT_EQ(Learnt("SELECT 1 FROM mounts WHERE path LIKE '/home/%'"), "mounts");
}

TEST(Reads, EachElementOfAListIsAKeyAlsoBehindAnExistsThatIsFalseOnNothing) {
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path IN ('/a', '/b')"), "file path=/a; file path=/b");
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path = '/a' OR path = '/b'"),
            "file path=/a; file path=/b");
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path = '/a' OR directory = '/b'"),
            "file directory=/b; file path=/a");
  EXPECT_EQ(Learnt("SELECT 1 WHERE EXISTS (SELECT 1 FROM mounts WHERE type = 'ext4') AND EXISTS "
                   "(SELECT 1 FROM file WHERE path IN ('/a', '/b'))"),
            "file path=/a; file path=/b; mounts");
  EXPECT_EQ(Learnt("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM mounts) AND NOT EXISTS (SELECT 1 FROM "
                   "file WHERE path IN ('/a', '/b'))"),
            "file path=/a; file path=/b; mounts");
  EXPECT_EQ(
      Learnt("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM mounts) AND EXISTS (SELECT 1 FROM file "
             "WHERE path IN ('/a', '/b')) AND NOT EXISTS (SELECT 1 FROM file WHERE path IN "
             "('/c', '/d'))"),
      "file path=/a; file path=/b; file path=/c; file path=/d; mounts");
}

TEST(Reads, AKeyThatIsComputedFromConstantsIsFound) {
  EXPECT_EQ(Learnt("SELECT 1 FROM file WHERE path = '/etc/' || lower('PASSWD')"),
            "file path=/etc/passwd");
  EXPECT_EQ(Learnt("WITH p(x) AS (VALUES ('/a'), ('/b')) SELECT 1 FROM p JOIN file ON path = x"),
            "file path=/a; file path=/b");
}

TEST(Reads, AKeyThatComesFromARowIsNamedAndNotMadeUp) {
  const std::string unknown = "which of its keys it asks for is known only when it runs";
  EXPECT_EQ(Learnt("SELECT 1 FROM users u JOIN file f ON f.path = u.directory || '/.rhosts'"),
            "users; ? file: " + unknown);
  EXPECT_EQ(Learnt("SELECT 1 FROM users u JOIN file f ON f.path = u.directory AND f.directory = "
                   "'/home'"),
            "file directory=/home; users");
  EXPECT_EQ(Learnt("SELECT 1 FROM mounts m JOIN system_controls c ON c.name = m.path"),
            "mounts; system_controls")
      << "there is such a table whole";
  EXPECT_EQ(Learnt("SELECT 1 FROM file"), "? file: no path or directory is fixed");
  EXPECT_EQ(Learnt("SELECT 1 FROM registry WHERE data = '1'"),
            "? registry: no key or path is fixed");
}

TEST(Reads, WhatOneReadCoversIsAskedForOnce) {
  EXPECT_EQ(Learnt({Named("a", "SELECT 1 FROM users"),
                    Named("b",
                          "SELECT 1 FROM users WHERE uid = "
                          "0"),
                    Named("c", "SELECT 1 FROM users WHERE username = 'root'")}),
            "users; users username=root")
      << "an additional column asks for other rows";
  EXPECT_EQ(Learnt({Named("a", "SELECT 1 FROM registry WHERE path = 'HKEY_USERS\\A'"),
                    Named("b", "SELECT 1 FROM registry WHERE path = 'HKEY_USERS\\a'")}),
            "registry path=HKEY_USERS\\A");
}

TEST(Reads, AReadHasTheStrictestAgeOfItsPoliciesTheirNamesColumnsAndSystems) {
  Policy first = Named("first", "SELECT 1 FROM file WHERE path = '/a' AND mode = '0644'");
  first.observe = "SELECT size FROM file WHERE path = '/a'";
  first.max_age = std::chrono::minutes(15);
  first.platforms = {Os::kLinux};
  Policy second = Named("second",
                        "SELECT 1 FROM file WHERE path = '/a' AND size > 0 AND EXISTS "
                        "(SELECT 1 FROM collector_status)");
  second.max_age = std::chrono::minutes(5);
  second.platforms = {Os::kMacos};
  const Reads reads = LearnReads(PolicySet{{first, second}, "x"}, kSchemas).value();
  ASSERT_EQ(reads.tables.size(), 1u);
  EXPECT_EQ(reads.tables[0].columns, (std::vector<std::string>{"mode", "path", "size"}));
  EXPECT_EQ(reads.tables[0].max_age, std::chrono::minutes(5));
  EXPECT_EQ(reads.tables[0].policies, (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(reads.tables[0].systems.contains(Os::kMacos));
  EXPECT_FALSE(reads.tables[0].systems.contains(Os::kWindows));
}

TEST(Reads, AStatementThatMakesUpKeysWithoutEndIsBounded) {
  EXPECT_EQ(Learnt("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) "
                   "SELECT 1 FROM n JOIN file ON path = '/a' || i"),
            "? file: it asks for more than 512 keys");
  EXPECT_EQ(Learnt("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                   "SELECT 1 FROM n JOIN file ON path = '/a' || i"),
            "? file: which of its keys it asks for is known only when it runs");
}

// Nothing that is learnt is ever all that a policy needs by mistake: what the plan asks for at run
// time is covered by what was learnt, wherever nothing was left unlearnt.
TEST(Reads, WhatIsLearntCoversWhatTheEngineAsksFor) {
  for (const char* query : {
           "SELECT 1 FROM file WHERE path = '/etc/passwd'",
           "SELECT 1 FROM file WHERE path IN ('/a', '/b') AND mode = '0644'",
           "SELECT 1 FROM file WHERE path LIKE '/etc/%' OR directory = '/opt'",
           "SELECT 1 FROM users u, file f WHERE u.uid = 0 AND f.path = '/root' AND f.mode = '0700'",
           "SELECT 1 FROM mounts m LEFT JOIN file f ON f.path = '/x' WHERE m.path = '/'",
           "SELECT 1 FROM (SELECT * FROM file WHERE path = '/a') UNION ALL SELECT 1 FROM registry "
           "WHERE path = 'HKEY_USERS\\a' AND data = '1'",
           "SELECT 1 FROM users JOIN system_controls ON name = 'x' WHERE username = 'root'",
       }) {
    const PolicySet set{{Named("p", query)}, "x"};
    const Reads reads = LearnReads(set, kSchemas).value();
    EXPECT_TRUE(reads.unlearnt.empty()) << query;
    std::vector<TableResult> evidence;
    for (const TableRead& read : reads.tables) {
      for (const Schema& schema : kSchemas) {
        if (schema.name != read.table) continue;
        TableResult& result = evidence.emplace_back();
        result.table = read.table;
        result.keys = read.keys;
        Row row;
        for (const Column& column : schema.columns) {
          result.columns.emplace_back(column.name);
          row.push_back(column.type == Type::kText ? Cell("1") : Cell(1));
          for (const Key& key : read.keys) {
            if (key.column == column.name && column.type == Type::kText)
              row.back() = Cell(key.value);
          }
        }
        result.rows = {row};
      }
    }
    const auto outcome = *Engine::Compile(set, kSchemas).value()->Evaluate(Os::kLinux, evidence)[0];
    EXPECT_NE(outcome.verdict, Verdict::kUnknown) << query << ": " << outcome.reason;
  }
}

}  // namespace
}  // namespace sallyport
