// SPDX-License-Identifier: Apache-2.0
// Which tables, keys and columns are learnt from SQL.
#include "policy/reads.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(Reads, AReadHasTheStrictestAgeOfItsPoliciesTheirNamesAndColumns) {
  Policy first = Named("first", "SELECT 1 FROM file WHERE path = '/a' AND mode = '0644'");
  first.observe = "SELECT size FROM file WHERE path = '/a'";
  first.max_age = std::chrono::minutes(15);
  Policy second = Named("second",
                        "SELECT 1 FROM file WHERE path = '/a' AND size > 0 AND EXISTS "
                        "(SELECT 1 FROM collector_status)");
  second.max_age = std::chrono::minutes(5);
  const Reads reads = LearnReads(PolicySet{{first, second}, "x"}, kSchemas).value();
  ASSERT_EQ(reads.tables.size(), 1u);
  EXPECT_EQ(reads.tables[0].columns, (std::vector<std::string>{"mode", "path", "size"}));
  EXPECT_EQ(reads.tables[0].max_age, std::chrono::minutes(5));
  EXPECT_EQ(reads.tables[0].policies, (std::vector<std::string>{"first", "second"}));
}

// "file path=/a: mode, path; mounts: ", each ask with its columns.
std::string ColumnsOf(const std::vector<Policy>& policies, std::span<const Schema> schemas) {
  const auto reads = LearnReads(PolicySet{policies, "x"}, schemas);
  if (!reads) return reads.error().message;
  std::vector<std::string> out;
  for (const TableRead& read : reads->tables) {
    out.push_back(Shown(read) + ": " + Join(read.columns, ", "));
  }
  return Join(out, "; ");
}
std::string ColumnsOf(const std::string& query) { return ColumnsOf({Named("p", query)}, kSchemas); }

TEST(Reads, OnlyTheColumnsThatAStatementNamesAreAskedFor) {
  EXPECT_EQ(ColumnsOf("SELECT path FROM mounts"), "mounts: path");
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM mounts WHERE type = 'ext4'"), "mounts: type");
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM mounts WHERE upper(type) <> 'X' ORDER BY path"),
            "mounts: path, type");
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM mounts GROUP BY type HAVING max(path) > 'a'"),
            "mounts: path, type");
  EXPECT_EQ(ColumnsOf("SELECT * FROM mounts"), "mounts: path, type");
  EXPECT_EQ(ColumnsOf("SELECT \"type\" FROM mounts AS m"), "mounts: type");
  EXPECT_EQ(ColumnsOf("SELECT sum(length(path)) OVER (PARTITION BY type) FROM mounts"),
            "mounts: path, type");
}

TEST(Reads, WhereOnlyRowsCountNoColumnIsAskedFor) {
  EXPECT_EQ(ColumnsOf("SELECT count(*) FROM mounts"), "mounts: ");
  EXPECT_EQ(ColumnsOf("SELECT 1 WHERE EXISTS (SELECT 1 FROM mounts)"), "mounts: ");
  EXPECT_EQ(ColumnsOf("SELECT 1 WHERE EXISTS (SELECT * FROM mounts)"), "mounts: path, type")
      << "named by the star";
}

TEST(Reads, TheColumnsOfItsKeysAreAmongThem) {
  EXPECT_EQ(ColumnsOf("SELECT count(*) FROM file WHERE path = '/a'"), "file path=/a: path");
  EXPECT_EQ(ColumnsOf("SELECT size FROM file WHERE path LIKE '/a/%'"),
            "file path LIKE /a/%: path, size");
}

TEST(Reads, ColumnsAreFoundBehindASubqueryAWithAndAJoin) {
  EXPECT_EQ(ColumnsOf("SELECT t FROM (SELECT type AS t FROM mounts)"), "mounts: type");
  EXPECT_EQ(ColumnsOf("SELECT type FROM (SELECT * FROM mounts)"), "mounts: type");
  EXPECT_EQ(ColumnsOf("SELECT type FROM (SELECT DISTINCT * FROM mounts)"), "mounts: path, type")
      << "made as a whole before it is read";
  EXPECT_EQ(
      ColumnsOf("WITH m AS (SELECT path p FROM mounts) SELECT 1 FROM m JOIN m n ON m.p < n.p"),
      "mounts: path");
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM mounts WHERE path = "
                      "users.directory)"),
            "mounts: path; users: directory");
  EXPECT_EQ(ColumnsOf("SELECT v.directory FROM users u JOIN (SELECT * FROM users) v USING (uid)"),
            "users: directory, uid");
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM mounts a NATURAL JOIN mounts b"), "mounts: path, type");
  EXPECT_EQ(ColumnsOf("SELECT path FROM mounts UNION SELECT directory FROM users"),
            "mounts: path; users: directory");
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM mounts WHERE (path, type) IN (SELECT uid, directory FROM "
                      "users)"),
            "mounts: path, type; users: directory, uid");
}

TEST(Reads, EachAskOfOneTableHasItsOwnColumnsAndPoliciesOfOneAskShareThem) {
  EXPECT_EQ(ColumnsOf("SELECT 1 FROM file a, file b WHERE a.path = '/a' AND a.mode = '1' AND "
                      "b.path = '/b' AND b.size = 1"),
            "file path=/a: mode, path; file path=/b: path, size");
  EXPECT_EQ(ColumnsOf({Named("a", "SELECT mode FROM file WHERE path = '/a'"),
                       Named("b", "SELECT size FROM file WHERE path = '/a'")},
                      kSchemas),
            "file path=/a: mode, path, size");
}

TEST(Reads, TheReadThatCoversAnotherHasItsColumns) {
  EXPECT_EQ(ColumnsOf({Named("a", "SELECT count(*) FROM users"),
                       Named("b", "SELECT directory FROM users WHERE uid = 0")},
                      kSchemas),
            "users: directory, uid");
  EXPECT_EQ(ColumnsOf({Named("a", "SELECT mode FROM file WHERE path = '/a'"),
                       Named("b", "SELECT 1 FROM file WHERE directory = '/'"),
                       Named("c", "SELECT size FROM file WHERE path = '/a' AND directory = '/'")},
                      kSchemas),
            "file directory=/: directory, path, size; file path=/a: directory, mode, path, size")
      << "either may be taken for the answer to c";
}

TEST(Reads, NoSystemIsAskedForWhatOnlyAnotherOnesPoliciesRead) {
  Policy linux_one = Named("linux", "SELECT directory FROM users");
  linux_one.platforms = {Os::kLinux};
  Policy others = Named("others", "SELECT uid FROM users");
  others.platforms = {Os::kMacos, Os::kWindows};
  others.max_age = std::chrono::minutes(2);
  const Reads reads = LearnReads(PolicySet{{linux_one, others}, "x"}, kSchemas).value();
  ASSERT_EQ(reads.tables.size(), 2u);
  EXPECT_EQ(reads.tables[0].columns, std::vector<std::string>{"directory"});
  EXPECT_TRUE(reads.tables[0].systems.contains(Os::kLinux));
  EXPECT_FALSE(reads.tables[0].systems.contains(Os::kMacos));
  EXPECT_EQ(reads.tables[0].policies, std::vector<std::string>{"linux"});
  EXPECT_EQ(reads.tables[1].columns, std::vector<std::string>{"uid"});
  EXPECT_EQ(reads.tables[1].max_age, std::chrono::minutes(2));
  EXPECT_TRUE(reads.tables[1].systems.contains(OsSet{Os::kMacos, Os::kWindows}));
}

// The last bit of SQLite's mask stands for all columns from the 64th on.
TEST(Reads, TheLastColumnOfTheWidestTableIsToldFromTheOneBefore) {
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back("c" + std::to_string(i));
  std::vector<Column> columns;
  for (const std::string& name : names) columns.emplace_back(name, Type::kText, "");
  const Schema wide[] = {{"wide", columns}};
  const auto asked = [&](const std::string& sql) { return ColumnsOf({Named("p", sql)}, wide); };
  EXPECT_EQ(asked("SELECT c63 FROM wide"), "wide: c63");
  EXPECT_EQ(asked("SELECT c62 FROM wide"), "wide: c62");
  EXPECT_EQ(asked("SELECT 1 FROM wide WHERE c63 = 'x' AND c0 = 'y'"), "wide: c0, c63");
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
           "SELECT * FROM users NATURAL JOIN (SELECT uid FROM users WHERE directory <> '/')",
           "SELECT 1 FROM mounts a LEFT JOIN mounts b USING (path) WHERE b.type IS NOT NULL",
           "WITH m(p) AS (SELECT path FROM mounts) SELECT 1 FROM m, m n WHERE m.p >= n.p",
           "SELECT count(*) FROM mounts, users WHERE length(type) > 0 OR uid IN (1, 2)",
           "SELECT 1 FROM users WHERE (uid, directory) IN (SELECT 1, type FROM mounts) OR uid = 1",
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
          if (std::ranges::find(read.columns, column.name) == read.columns.end()) continue;
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
