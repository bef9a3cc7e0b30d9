// SPDX-License-Identifier: Apache-2.0
#include "policy/engine.h"

#include <gtest/gtest.h>

#include "tests/policy/evidence.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};

TEST(Engine, OneRowIsAPassAndNoRowIsAFail) {
  const std::vector<TableResult> evidence = {
      Table("disk_volumes", {{Cell("/"), Cell("on"), Cell(0)}})};
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE protection = 'on'", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE protection = 'off'", evidence), "fail");
  EXPECT_EQ(Brief("SELECT mount_point FROM disk_volumes WHERE exempt = 0;", evidence), "pass");
}

TEST(Engine, EveryCellTypeReachesSqlAsItself) {
  const std::vector<TableResult> evidence = {
      Table("edr_products", {{Cell("clamav"), Cell(7), Cell(0.5)}, {kNone, kNone, kNone}})};
  EXPECT_EQ(Brief("SELECT 1 FROM edr_products WHERE typeof(name) = 'text' AND "
                  "typeof(running) = 'integer' AND typeof(load) = 'real' AND load = 0.5",
                  evidence),
            "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM edr_products WHERE name IS NULL AND running IS NULL", evidence),
            "pass");
}

TEST(Engine, ATableThatIsNotInTheEvidenceIsUnknownEvenWhenNothingWasWanted) {
  EXPECT_EQ(Brief("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM edr_products)", {}),
            "unknown: edr_products: not in the evidence");
  EXPECT_EQ(Brief("SELECT 1 WHERE (SELECT COUNT(*) FROM edr_products) = 0", {}),
            "unknown: edr_products: not in the evidence");
  EXPECT_EQ(Brief("SELECT COUNT(*) FROM edr_products", {}),
            "unknown: edr_products: not in the evidence");
}

TEST(Engine, EveryStateButValueIsUnknownAndNamesStateAndError) {
  const std::string query = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM edr_products)";
  EXPECT_EQ(Brief(query, {Failed("edr_products", State::kDenied, "/proc: not permitted")}),
            "unknown: edr_products: denied: /proc: not permitted");
  EXPECT_EQ(Brief(query, {Failed("edr_products", State::kAbsent, "")}),
            "unknown: edr_products: absent");
  EXPECT_EQ(Brief(query, {Failed("edr_products", State::kUnsupported, "")}),
            "unknown: edr_products: unsupported");
  EXPECT_EQ(Brief(query, {Failed("edr_products", State::kTimeout, "2s")}),
            "unknown: edr_products: timeout: 2s");
  EXPECT_EQ(Brief(query, {Failed("edr_products", State::kError, "x")}),
            "unknown: edr_products: error: x");
  EXPECT_EQ(Brief(query, {Failed("edr_products", State::kSuppressed, "")}),
            "unknown: edr_products: suppressed");
  EXPECT_EQ(Brief(query, {Table("edr_products", {})}), "pass");
}

// Each of these would pass, or fail, on the NULL that SQL sees.
TEST(Engine, AnUnknownCellThatIsReadAnywhereMakesTheRunUnknown) {
  const std::vector<TableResult> evidence = {
      Table("disk_volumes", {{Cell("/home"), Unknown{}, Cell(0)}}),
      Table("edr_products", {{Cell("clamav"), Cell(1), Cell(0.0)}})};
  const std::string because = "unknown: disk_volumes.protection: unknown in row 1";
  for (const char* query : {
           "SELECT 1 FROM disk_volumes WHERE protection = 'on'",
           "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE protection <> 'on')",
           "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE protection = 'off')",
           "SELECT 1 FROM disk_volumes WHERE protection IS NULL",
           "SELECT 1 FROM disk_volumes WHERE protection IS NOT 'off'",
           "SELECT 1 FROM disk_volumes WHERE coalesce(protection, 'on') = 'on'",
           "SELECT 1 FROM disk_volumes WHERE protection IN ('on', 'off')",
           "SELECT 1 FROM disk_volumes ORDER BY protection",
           "SELECT 1 FROM disk_volumes GROUP BY protection",
           "SELECT COUNT(*) FROM disk_volumes GROUP BY protection HAVING COUNT(*) < 2",
           "SELECT DISTINCT protection FROM disk_volumes",
           "SELECT 1 FROM edr_products e JOIN disk_volumes d ON d.protection = e.name",
           "SELECT 1 FROM edr_products e LEFT JOIN disk_volumes d ON d.protection = e.name",
           "SELECT 1 FROM edr_products WHERE name NOT IN (SELECT protection FROM disk_volumes)",
           "SELECT 1 WHERE (SELECT protection FROM disk_volumes) IS NULL",
           "WITH v AS (SELECT protection AS p FROM disk_volumes) SELECT 1 FROM v WHERE p IS NULL",
           "SELECT 'a' FROM edr_products UNION SELECT protection FROM disk_volumes",
           "SELECT 1 FROM edr_products WHERE (SELECT max(protection) FROM disk_volumes) IS NULL",
           "SELECT group_concat(protection) FROM disk_volumes",
           "SELECT row_number() OVER (ORDER BY protection) FROM disk_volumes",
           "SELECT 1 FROM disk_volumes WHERE iif(protection = 'on', 1, 1)",
       }) {
    EXPECT_EQ(Brief(query, evidence), because) << query;
  }
}

TEST(Engine, AnUnknownCellThatIsNotReadChangesNothing) {
  const std::vector<TableResult> evidence = {Table(
      "disk_volumes", {{Cell("/"), Cell("on"), Cell(0)}, {Cell("/home"), Unknown{}, Cell(0)}})};
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE exempt = 0", evidence), "pass");
  EXPECT_EQ(
      Brief("SELECT 1 FROM disk_volumes WHERE mount_point = '/' AND protection = 'on'", evidence),
      "pass");
  // The first row is enough, the second is not looked at.
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE protection = 'on'", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE protection = 'on' LIMIT 1", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 WHERE (SELECT COUNT(*) FROM disk_volumes) = 2", evidence), "pass");
}

TEST(Engine, ATermThatPicksRowsReadsTheCellsItCompares) {
  const std::vector<TableResult> evidence = {
      Table("edr_products", {{Unknown{}, Cell(0), Cell(0.0)}, {Cell("clamav"), Cell(1), kNone}})};
  EXPECT_EQ(Brief("SELECT 1 FROM edr_products WHERE name = 'clamav' AND running = 1", evidence),
            "unknown: edr_products.name: unknown in row 1");
}

TEST(Engine, WhatSqliteNeverAsksForCannotMakeItUnknown) {
  const std::vector<TableResult> evidence = {
      Table("edr_products", {{Cell("clamav"), Cell(1), kNone}})};
  const RawOutcome outcome = RunPolicy(
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM edr_products) OR EXISTS (SELECT 1 FROM disk_volumes)",
      evidence);
  EXPECT_EQ(Brief(outcome), "pass");
  EXPECT_EQ(outcome.tables, std::vector<std::string>{"edr_products"});
}

TEST(Engine, CollectorStatusMayAlwaysBeReadWhateverItSays) {
  const std::vector<TableResult> evidence = {
      Failed("disk_volumes", State::kDenied, "no"),
      Table("collector_status", {{Cell("disk_volumes"), Cell("denied"), Unknown{}}})};
  EXPECT_EQ(Brief("SELECT 1 FROM collector_status WHERE table_name = 'disk_volumes' AND "
                  "state = 'denied' AND error IS NULL",
                  evidence),
            "pass");
}

TEST(Engine, RowsOfKeysAnswerOnlyTheseKeys) {
  TableResult hosts = Table("file_lines", {{Cell("/etc/hosts"), Cell("127.0.0.1 localhost")}});
  hosts.keys = {{"path", "/etc/hosts"}};
  TableResult none = Table("file_lines", {});
  none.keys = {{"path", "/etc/none"}};
  TableResult shadow = Failed("file_lines", State::kDenied, "/etc/shadow");
  shadow.keys = {{"path", "/etc/shadow"}};
  const std::vector<TableResult> evidence = {hosts, none, shadow};

  EXPECT_EQ(Brief("SELECT 1 FROM file_lines WHERE path = '/etc/hosts'", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM file_lines WHERE path = '/etc/none'", evidence), "fail");
  EXPECT_EQ(Brief("SELECT 1 FROM file_lines WHERE path IN ('/etc/hosts', '/etc/none') AND "
                  "line LIKE '%nobody%'",
                  evidence),
            "fail");
  EXPECT_EQ(Brief("SELECT 1 FROM file_lines WHERE path = '/etc/shadow'", evidence),
            "unknown: file_lines: path=/etc/shadow: denied: /etc/shadow");
  const std::pair<const char*, const char*> uncovered[] = {
      {"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM file_lines WHERE path = '/etc/other')",
       "unknown: file_lines: path=/etc/other: not in the evidence"},
      {"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM file_lines WHERE path = '/ETC/HOSTS')",
       "unknown: file_lines: path=/ETC/HOSTS: not in the evidence"},
      {"SELECT 1 FROM file_lines", "unknown: file_lines: no path is fixed"},
      {"SELECT 1 FROM file_lines WHERE path LIKE '/etc/%'",
       "unknown: file_lines: path LIKE /etc/%: not in the evidence"},
      {"SELECT 1 FROM file_lines WHERE path > '/etc/hosts'",
       "unknown: file_lines: no path is fixed"},
      {"SELECT 1 FROM file_lines WHERE line = '127.0.0.1 localhost'",
       "unknown: file_lines: no path is fixed"},
      {"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM file_lines WHERE path IN ('/b', '/a'))",
       "unknown: file_lines: path=/a: not in the evidence"},
  };
  for (const auto& [query, why] : uncovered) EXPECT_EQ(Brief(query, evidence), why) << query;
}

TEST(Engine, AJoinAsksForTheKeysThatTheOtherTableHolds) {
  TableResult hosts = Table("file_lines", {{Cell("/etc/hosts"), Cell("x")}});
  hosts.keys = {{"path", "/etc/hosts"}};
  const auto volumes = [](const char* path) {
    return Table("disk_volumes", {{Cell(path), Cell("on"), Cell(0)}});
  };
  const std::string query =
      "SELECT 1 FROM disk_volumes d JOIN file_lines f ON f.path = d.mount_point";
  EXPECT_EQ(Brief(query, {hosts, volumes("/etc/hosts")}), "pass");
  EXPECT_EQ(Brief(query, {hosts, volumes("/etc/other")}),
            "unknown: file_lines: path=/etc/other: not in the evidence");
}

TEST(Engine, EqualityPicksRowsAsSqliteItselfWould) {
  const std::vector<TableResult> evidence = {
      Table("edr_products", {{Cell("ClamAV"), Cell(1), Cell(2.0)}}),
      Table("os_version", {{Cell("14.0"), Cell("5")}}),
      Table("disk_volumes", {{Cell("/"), Cell("on"), Cell(3)}})};
  const auto is = [&](const char* query) { return Brief(query, evidence); };
  EXPECT_EQ(is("SELECT 1 FROM edr_products WHERE name = 'clamav'"), "pass") << "column is nocase";
  EXPECT_EQ(is("SELECT 1 FROM edr_products WHERE name = 'clamav' COLLATE binary"), "fail");
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE protection = 'ON'"), "fail");
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE protection = 'ON' COLLATE nocase"), "pass");
  EXPECT_EQ(is("SELECT 1 FROM os_version WHERE version = '14'"), "pass") << "column is version";
  EXPECT_EQ(is("SELECT 1 FROM os_version WHERE arch = 5"), "pass") << "TEXT affinity";
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE exempt = '3'"), "pass") << "INTEGER affinity";
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE exempt = 3.0"), "pass");
  EXPECT_EQ(is("SELECT 1 FROM edr_products WHERE load = 2"), "pass");
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE protection = NULL"), "fail");
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE exempt IN (1, 3)"), "pass");
  EXPECT_EQ(is("SELECT 1 FROM disk_volumes WHERE protection = \"on\""), "pass")
      << "double-quoted text, as 199 public policies have it";
}

TEST(Engine, VersionsCompareAsVersions) {
  const std::vector<TableResult> evidence = {Table("os_version", {{Cell("14.10"), Cell("x")}})};
  EXPECT_EQ(Brief("SELECT 1 FROM os_version WHERE version >= '14.9'", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM os_version WHERE version < '14.9'", evidence), "fail");
  EXPECT_EQ(Brief("SELECT 1 FROM os_version WHERE version >= '15'", evidence), "fail");
}

TEST(Engine, ColumnsAreFoundByNameAndAMissingOneIsUnknown) {
  TableResult older;
  older.table = "disk_volumes";
  older.columns = {"extra", "protection", "mount_point"};
  older.rows = {{Cell("?"), Cell("on"), Cell("/")}};
  EXPECT_EQ(
      Brief("SELECT 1 FROM disk_volumes WHERE mount_point = '/' AND protection = 'on'", {older}),
      "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE exempt IS NOT 1", {older}),
            "unknown: disk_volumes.exempt: the evidence has no such column");
}

TEST(Engine, AShortRowOrACellOfAForeignTypeIsUnknown) {
  TableResult volumes = Table("disk_volumes", {{Cell("/")}});
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE exempt IS NULL", {volumes}),
            "unknown: disk_volumes.exempt: the evidence has no such column");
  volumes.rows = {{Cell(1), Cell("on"), Cell("yes")}};
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE exempt = 'yes'", {volumes}),
            "unknown: disk_volumes.exempt: not of type INTEGER in row 1");
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE mount_point = 1", {volumes}),
            "unknown: disk_volumes.mount_point: not of type TEXT in row 1");
}

TEST(Engine, OldFactsAreStaleAndSayHowOld) {
  Policy policy = Sql("SELECT 1 FROM disk_volumes, edr_products");
  policy.max_age = std::chrono::minutes(15);
  const auto at = [&](std::chrono::milliseconds age) {
    return RunPolicy(policy, {Aged(Table("disk_volumes", {{Cell("/"), Cell("on"), Cell(0)}}), age),
                              Aged(Table("edr_products", {{Cell("x"), Cell(1), kNone}}),
                                   std::chrono::minutes(5))});
  };
  EXPECT_EQ(Brief(at(std::chrono::minutes(20))),
            "stale: disk_volumes: 20m old, at most 15m is good");
  EXPECT_EQ(at(std::chrono::minutes(20)).facts_left, Millis(0));
  EXPECT_EQ(Brief(at(std::chrono::minutes(15))), "pass");
  EXPECT_EQ(at(std::chrono::minutes(14)).facts_left, std::chrono::minutes(1));
  EXPECT_EQ(at(std::chrono::minutes(1)).facts_left, std::chrono::minutes(10));
}

TEST(Engine, UnknownOutweighsStale) {
  Policy policy = Sql("SELECT 1 FROM disk_volumes WHERE protection = 'on'");
  EXPECT_EQ(RunPolicy(policy, {Aged(Table("disk_volumes", {{Cell("/"), Unknown{}, Cell(0)}}),
                                    std::chrono::hours(9))})
                .verdict,
            Verdict::kUnknown);
}

TEST(Engine, NothingOfOneEvidenceReachesTheNext) {
  auto engine = CompileSql("SELECT 1 FROM disk_volumes WHERE protection = 'on'").value();
  const std::vector<TableResult> unknown = {
      Table("disk_volumes", {{Cell("/"), Unknown{}, Cell(0)}})};
  const std::vector<TableResult> good = {Table("disk_volumes", {{Cell("/"), Cell("on"), Cell(0)}})};
  const std::vector<TableResult> old = {Aged(good[0], std::chrono::hours(1))};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(engine->Evaluate(Os::kLinux, unknown)[0]->verdict, Verdict::kUnknown);
    EXPECT_EQ(engine->Evaluate(Os::kLinux, good)[0]->verdict, Verdict::kPass);
    EXPECT_EQ(engine->Evaluate(Os::kLinux, old)[0]->verdict, Verdict::kStale);
    EXPECT_EQ(engine->Evaluate(Os::kLinux, {})[0]->verdict, Verdict::kUnknown);
    EXPECT_EQ(engine->Evaluate(Os::kLinux, good)[0]->facts_left, std::chrono::minutes(15));
  }
}

TEST(Engine, PoliciesOfOtherSystemsHaveNoOutcome) {
  Policy mac = Sql("SELECT 1");
  mac.platforms = {Os::kMacos};
  Policy any = Sql("SELECT 1");
  any.name = "any";
  auto engine = Engine::Compile(PolicySet{{mac, any}, "x"}, kTestSchemas).value();
  const auto outcomes = engine->Evaluate(Os::kLinux, {});
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_FALSE(outcomes[0].has_value());
  EXPECT_EQ(outcomes[1]->verdict, Verdict::kPass);
  EXPECT_TRUE(engine->Evaluate(Os::kMacos, {})[0].has_value());
}

TEST(Engine, ObservedShowsTheRowsOfObserve) {
  const std::vector<TableResult> evidence = {
      Table("disk_volumes", {{Cell("/"), Cell("on"), Cell(0)},
                             {Cell("/home"), Cell("off"), Cell(0)},
                             {Cell("swap"), Unknown{}, Cell(0)}})};
  const RawOutcome outcome = RunPolicy(
      Sql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE protection IS NOT 'on')",
          "SELECT mount_point, protection FROM disk_volumes WHERE protection IS NOT 'on'"),
      evidence);
  EXPECT_EQ(outcome.verdict, Verdict::kFail) << "the second row decides";
  EXPECT_EQ(outcome.observed, "/home: protection=off; swap: protection=unknown");
}

TEST(Engine, ObservedWithoutObserveSaysWhatWasRead) {
  const RawOutcome outcome = RunPolicy("SELECT 1 WHERE (SELECT min(running) FROM edr_products) = 1",
                                       {Table("edr_products", {{Cell("clamav"), Cell(0), kNone},
                                                               {Cell("auditd"), Cell(1), kNone}})});
  EXPECT_EQ(outcome.observed, "edr_products: 2 rows, running=0,1");
  EXPECT_EQ(RunPolicy("SELECT 1 FROM edr_products", {Table("edr_products", {})}).observed,
            "edr_products: 0 rows");
  EXPECT_EQ(RunPolicy("SELECT 1 WHERE 1 = 0", {}).observed, "no table was read");
}

TEST(Engine, ObservedIsBoundedAndPrintable) {
  Rows rows;
  for (int i = 0; i < 5000; ++i) {
    rows.push_back({Cell("/mnt/" + std::string(300, 'x') + std::to_string(i) + "\n\x01"),
                    Cell("off"), Cell(i)});
  }
  const std::vector<TableResult> evidence = {Table("disk_volumes", std::move(rows))};
  const std::string query =
      "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE protection = 'off' AND "
      "mount_point <> '' AND exempt >= 0)";
  for (const std::string& observe : {std::string("SELECT mount_point FROM disk_volumes"),
                                     std::string("SELECT * FROM disk_volumes"), std::string()}) {
    const RawOutcome outcome = RunPolicy(Sql(query, observe), evidence);
    EXPECT_EQ(outcome.verdict, Verdict::kFail);
    EXPECT_LE(outcome.observed.size(), 300U);
    EXPECT_GT(outcome.observed.size(), 20U);
    for (char c : outcome.observed) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
  }
}

}  // namespace
}  // namespace sallyport
