// SPDX-License-Identifier: Apache-2.0
// What hostile SQL gets: a refusal that names it while compiling, or `unknown` with the limit
// named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "policy/engine.h"
#include "policy/sql_collations.h"
#include "policy/sql_functions.h"
#include "tests/policy/evidence.h"

namespace sallyport {
namespace {

using testing::HasSubstr;

std::string Refusal(const std::string& query) {
  const auto engine = CompileSql(query);
  if (engine) return "compiled";
  EXPECT_EQ(engine.error().code, Code::kInvalidArgument) << query;
  return engine.error().message;
}

TEST(EngineGuard, OnlyASingleSelectCompiles) {
  const std::string refused = "policy p: query: only one SELECT is allowed";
  for (const char* query : {
           "INSERT INTO disk_volumes VALUES ('/', 'on', 0)",
           "CREATE TABLE t(x)",
           "CREATE TEMP TABLE t AS SELECT 1",
           "CREATE VIRTUAL TABLE t USING fts5(x)",
           "DROP TABLE disk_volumes",
           "PRAGMA hard_heap_limit = 0",
           "ATTACH 'x.db' AS x",
           "VACUUM INTO 'x.db'",
           "BEGIN",
           "ANALYZE",
           "EXPLAIN SELECT 1",
           "EXPLAIN QUERY PLAN SELECT 1",
       }) {
    EXPECT_EQ(Refusal(query), refused) << query;
  }
  EXPECT_EQ(Refusal("DELETE FROM disk_volumes"),
            "policy p: query: table disk_volumes may not be modified");
  EXPECT_EQ(Refusal("UPDATE disk_volumes SET protection = 'on'"),
            "policy p: query: table disk_volumes may not be modified");
  EXPECT_EQ(Refusal(""), "policy p: query: no statement");
  EXPECT_EQ(Refusal(" -- nothing\n/* at all */"), "policy p: query: no statement");
}

TEST(EngineGuard, OnlyCommentsMayFollowTheSelect) {
  for (const char* query : {
           "SELECT 1;",
           "SELECT 1 -- why\n",
           "SELECT 1; -- why",
           "SELECT 1;;\n/* see the\nbenchmark */ ; -- 1.2.3\n",
           "SELECT 1; /* never closed",
       }) {
    EXPECT_EQ(Brief(query, {}), "pass") << query;
  }
  EXPECT_EQ(Refusal("SELECT 1; SELECT 2"),
            "policy p: query: something follows the SELECT: SELECT 2");
  EXPECT_EQ(Refusal("SELECT 1; -- x\nDROP TABLE y"),
            "policy p: query: something follows the SELECT: -- x\\x0aDROP TABLE y");
  EXPECT_EQ(Refusal(std::string("SELECT 1\0; DROP TABLE y", 23)), "policy p: query: a NUL byte");
}

TEST(EngineGuard, ErrorsNameThePolicyItsLineAndTheThing) {
  Policy policy = Sql("SELECT 1 FROM disk_volumes WHERE encrypted = 1");
  policy.name = "disk";
  policy.line = 12;
  const auto engine = Engine::Compile(PolicySet{{Sql("SELECT 1"), policy}, "x"}, kTestSchemas);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().message, "policy disk (line 12): query: no such column: encrypted");

  EXPECT_EQ(Refusal("SELECT 1 FROM disks"), "policy p: query: no such table: disks");
  EXPECT_EQ(Refusal("SELEC 1"), "policy p: query: near \"SELEC\": syntax error");
  EXPECT_EQ(Refusal("SELECT regexp_like(1)"), "policy p: query: no such function: regexp_like");
  const auto observe =
      Engine::Compile(PolicySet{{Sql("SELECT 1", "SELECT 1 FROM disks")}, "x"}, kTestSchemas);
  ASSERT_FALSE(observe);
  EXPECT_EQ(observe.error().message, "policy p: observe: no such table: disks");
}

TEST(EngineGuard, NothingButEvidenceCanBeRead) {
  EXPECT_EQ(Refusal("SELECT 1 FROM sqlite_master"),
            "policy p: query: table sqlite_master is not evidence");
  EXPECT_EQ(Refusal("SELECT * FROM sqlite_temp_schema"),
            "policy p: query: table sqlite_temp_master is not evidence");
  EXPECT_THAT(Refusal("SELECT * FROM pragma_database_list"), HasSubstr("only one SELECT"));
  EXPECT_THAT(Refusal("SELECT * FROM dbstat"), testing::Ne("compiled"));
  EXPECT_EQ(Brief("SELECT 1 FROM json_each('[1,2]') WHERE value = 2", {}), "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM json_tree('{\"a\":{\"b\":2}}') WHERE key = 'b'", {}), "pass");
}

TEST(EngineGuard, FunctionsThatDoMoreThanComputeAreRefused) {
  for (const char* call : {"load_extension('x')", "random()", "randomblob(9)", "changes()",
                           "sqlite_version()", "fts5(1)", "last_insert_rowid()"}) {
    const std::string query = std::string("SELECT ") + call;
    EXPECT_NE(Refusal(query), "compiled") << query;
  }
  EXPECT_EQ(Refusal("SELECT randomblob(9)"),
            "policy p: query: function randomblob() is not allowed");
  EXPECT_EQ(Refusal("SELECT writefile('x', 'y')"), "policy p: query: no such function: writefile");
  EXPECT_THAT(Refusal("SELECT ?"), HasSubstr("too many SQL variables"));
  EXPECT_THAT(Refusal("SELECT :name"), HasSubstr("too many SQL variables"));
}

// Public detections are chains of some hundred exceptions, or lists of a thousand packages.
TEST(EngineGuard, LongChainsAndListsPrepare) {
  std::string chain = "SELECT 1 FROM os_version WHERE version = '0'";
  for (int i = 1; i < 700; ++i) chain += " OR version = '" + std::to_string(i) + "'";
  EXPECT_EQ(Refusal(chain), "compiled");
  std::string list = "SELECT 1 FROM os_version WHERE version NOT IN ('0'";
  for (int i = 1; i < 2000; ++i) list += ", 'package@1." + std::to_string(i) + "'";
  EXPECT_EQ(Refusal(list + ")"), "compiled");
}

TEST(EngineGuard, WhatPublicPoliciesUseIsAllowed) {
  const std::vector<TableResult> evidence = {
      Table("os_version", {{Cell("14.1"), Cell("{\"a\":[1,2]}")}})};
  for (const char* query : {
           "SELECT 1 FROM os_version WHERE json_extract(arch, '$.a[1]') = 2",
           "SELECT 1 FROM os_version WHERE arch->>'$.a[0]' = 1",
           "SELECT 1 FROM os_version WHERE arch LIKE '%a%' AND arch GLOB '*a*'",
           "SELECT 1 FROM os_version WHERE CAST(substr(version, 1, 2) AS INTEGER) >= 14",
           "SELECT 1 FROM os_version WHERE instr(version, '.') = 3 AND length(trim(version)) = 4",
           "SELECT 1 WHERE strftime('%s', 'now') > '1' AND unixepoch() > 1",
           "SELECT 1 WHERE trim('xxaxx', 'x') = 'a' AND ltrim('xxa', 'x') = 'a' AND "
           "rtrim('a\xc3\xbc', '\xc3\xbc') = 'a' AND trim(NULL, 'x') IS NULL",
           "SELECT 1 WHERE ltrim('xax', 'x') = 'ax' AND rtrim('xax', 'x') = 'xa'",
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
           "SELECT 1 FROM n WHERE i = 9",
           "WITH v AS (SELECT version FROM os_version) SELECT 1 WHERE (SELECT COUNT(*) FROM v) = 1",
       }) {
    EXPECT_EQ(Brief(query, evidence), "pass") << query;
  }
}

TEST(EngineGuard, UnknownCollationsAndDoubledTablesAreRefused) {
  static constexpr Column kColumns[] = {{"version", Type::kText, "", "version_gentoo"}};
  const Schema schema{"deb_packages", kColumns};
  const auto engine = Engine::Compile(PolicySet{}, {&schema, 1});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().message,
            "table deb_packages: column version: no such collation: version_gentoo");
  const Schema twice[] = {kTestSchemas[0], kTestSchemas[0]};
  EXPECT_EQ(Engine::Compile(PolicySet{}, twice).error().message,
            "table disk_volumes: declared twice");
}

// Nothing here may compile for long or eat the memory of the process.
TEST(EngineGuard, SqlThatExplodesInTheParserIsRefused) {
  std::string doubling = "WITH c0 AS (SELECT 1 AS x)";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "c" + std::to_string(i - 1);
    doubling +=
        ", c" + std::to_string(i) + " AS (SELECT a.x FROM " + before + " a, " + before + " b)";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(Refusal(doubling + " SELECT 1 FROM c39"), HasSubstr("memory limit"));
  EXPECT_THAT(Refusal("SELECT " + std::string(5000, '(') + "1" + std::string(5000, ')')),
              testing::AnyOf(HasSubstr("depth"), HasSubstr("parser stack overflow")));
  std::string sum = "SELECT 1";
  for (int i = 0; i < 5000; ++i) sum += "+1";
  EXPECT_THAT(Refusal(sum), HasSubstr("Expression tree is too large (maximum depth 1000)"));
  EXPECT_EQ(Refusal("SELECT '" + std::string(70'000, 'x') + "'"),
            "policy p: query: longer than 64 KiB");
  std::string unions = "SELECT 1";
  for (int i = 0; i < 200; ++i) unions += " UNION SELECT 1";
  EXPECT_THAT(Refusal(unions), HasSubstr("too many terms in compound SELECT"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(Brief("SELECT 1", {}), "pass") << "the heap limit is gone again";
}

struct Bomb {
  const char* name;
  const char* query;
  const char* limit;
};

// One policy is the bomb, the next must be judged as ever, twice.
TEST(EngineGuard, ABombIsUnknownWithItsLimitAndTheEngineGoesOn) {
  Rows many(600, Row{Cell("/"), Cell("on"), Cell(1)});
  const std::vector<TableResult> evidence = {Table("disk_volumes", std::move(many))};
  const char* kSteps = "over the limit of 2000000 steps";
  const char* kValue = "over the limit of 65536 bytes for one value";
  const char* kMemory = "over the limit of 33554432 bytes of memory";
  for (const Bomb& bomb : {
           Bomb{"endless recursion",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                "SELECT 1 FROM n WHERE i < 0",
                kSteps},
           Bomb{"cross join",
                "SELECT 1 FROM disk_volumes a, disk_volumes b, disk_volumes c, disk_volumes d "
                "WHERE a.exempt + b.exempt + c.exempt + d.exempt = 0",
                kSteps},
           Bomb{"one huge blob", "SELECT zeroblob(1000000000)", kValue},
           Bomb{"one huge text", "SELECT replace(hex(zeroblob(9999)), '0', 'xxxxxxxx')", kValue},
           Bomb{"doubling text",
                "WITH RECURSIVE t(x) AS (SELECT 'xxxxxxxx' UNION ALL SELECT x || x FROM t) "
                "SELECT 1 FROM t WHERE x = ''",
                kValue},
           Bomb{"aggregate",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 99) "
                "SELECT group_concat(hex(zeroblob(4999))) FROM n",
                kValue},
           Bomb{"many large rows, sorted",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                "SELECT hex(zeroblob(30000)) || i AS x FROM n ORDER BY x",
                kMemory},
           Bomb{"many large rows, all different",
                "WITH RECURSIVE n(i, x) AS (SELECT 1, '' UNION SELECT i + 1, "
                "hex(zeroblob(30000)) || i FROM n) SELECT 1 FROM n WHERE i < 0",
                kMemory},
       }) {
    Policy bad = Sql(bomb.query);
    Policy good = Sql("SELECT 1 FROM disk_volumes WHERE protection = 'on'");
    good.name = "good";
    EngineLimits limits;
    limits.deadline = std::chrono::minutes(1);
    auto engine = Engine::Compile(PolicySet{{bad, good}, "x"}, kTestSchemas, limits);
    ASSERT_TRUE(engine) << bomb.name << ": " << engine.error().message;
    for (int i = 0; i < 2; ++i) {
      const auto outcomes = (*engine)->Evaluate(Os::kLinux, evidence);
      EXPECT_EQ(Brief(*outcomes[0]), std::string("unknown: ") + bomb.limit) << bomb.name;
      EXPECT_FALSE(outcomes[0]->observed.empty());
      EXPECT_EQ(Brief(*outcomes[1]), "pass") << bomb.name;
    }
  }
}

TEST(EngineGuard, TheDeadlineEndsARunThatTheStepsWouldLet) {
  EngineLimits limits;
  limits.deadline = std::chrono::milliseconds(20);
  limits.max_vm_ops = 2'000'000'000;
  auto engine = CompileSql(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                    "SELECT 1 FROM n WHERE i < 0",
                    limits)
                    .value();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Brief(*engine->Evaluate(Os::kLinux, {})[0]), "unknown: over the limit of 20 ms");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

// Work within one step of SQLite that no handler interrupts: bounded by the length of values.
TEST(EngineGuard, TextFunctionsAtTheirLargestEndInTime) {
  const std::string a = "replace(hex(zeroblob(16000)), '0', 'a')";
  for (const std::string& query : {
           "SELECT 1 WHERE instr(" + a + "||" + a + ", " + a + " || 'b')",
           "SELECT replace(" + a + "||" + a + ", " + a + " || 'b', 'c')",
           "SELECT 1 WHERE " + a + " LIKE '" + std::string(100, '%') + "a%a%a%a%a%a%a%a%b'",
           "SELECT 1 WHERE " + a + " GLOB '*a*a*a*a*a*a*a*a*a*a*a*b'",
           "SELECT 1 WHERE " + a + " LIKE '" + std::string(300, '_') + "'",
           "SELECT trim(" + a + ", " + a + ")",
           "SELECT trim(" + a + ", 'bcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPa')",
       }) {
    const auto start = std::chrono::steady_clock::now();
    const auto engine = CompileSql(query);
    if (engine) (*engine)->Evaluate(Os::kLinux, {});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4)) << query;
  }
  EXPECT_EQ(Brief("SELECT trim('x', hex(zeroblob(33)))", {}),
            "unknown: trim(): more than 64 characters to strip");
  EXPECT_EQ(Brief("SELECT 1 WHERE 'a' LIKE hex(zeroblob(129))", {}),
            "unknown: LIKE or GLOB pattern too complex");
}

TEST(EngineGuard, ACellOverTheLimitIsUnknown) {
  EXPECT_EQ(Brief("SELECT 1 FROM file_lines WHERE line LIKE 'x%'",
                  {Table("file_lines", {{Cell("/x"), Cell(std::string(65'537, 'x'))}})}),
            "unknown: over the limit of 65536 bytes for one value");
}

TEST(Versions, CompareByParts) {
  EXPECT_LT(CompareVersions("1.9", "1.10"), 0);
  EXPECT_EQ(CompareVersions("14", "14.0"), 0);
  EXPECT_EQ(CompareVersions("1.02", "1.2"), 0);
  EXPECT_LT(CompareVersions("9.2", "9.2p1"), 0);
  EXPECT_LT(CompareVersions("9.2.0", "9.2p1"), 0);
  EXPECT_LT(CompareVersions("9.2p1", "9.2.1"), 0);
  EXPECT_GT(CompareVersions("9.2.1", "9.2p1"), 0);
  EXPECT_GT(CompareVersions("9.2p1", "9.2"), 0);
  EXPECT_LT(CompareVersions("1.0rc1", "1.0rc2"), 0);
  EXPECT_GT(CompareVersions("10.0.19045.4291", "10.0.19045.999"), 0);
  EXPECT_GT(CompareVersions("99999999999999999999999", "9"), 0);
  EXPECT_EQ(CompareVersions("", ""), 0);
  EXPECT_LT(CompareVersions("", "0.1"), 0);
}

}  // namespace
}  // namespace sallyport
