// SPDX-License-Identifier: Apache-2.0
// Rows that were collected for keys, against what statements ask for.
#include <gtest/gtest.h>

#include "policy/engine.h"
#include "policy/judge.h"

namespace sallyport {
namespace {

constexpr Column kFile[] = {{"path", Type::kText, "", "", Role::kRequired},
                            {"directory", Type::kText, "", "", Role::kRequired},
                            {"mode", Type::kText, ""}};
constexpr Column kRegistry[] = {{"key", Type::kText, "", "nocase", Role::kAdditional},
                                {"path", Type::kText, "", "nocase", Role::kIndex},
                                {"data", Type::kText, ""}};
constexpr Column kUsers[] = {{"uid", Type::kBigint, "", "", Role::kIndex},
                             {"username", Type::kText, "", "", Role::kAdditional},
                             {"directory", Type::kText, ""}};
constexpr Column kControls[] = {{"name", Type::kText, "", "", Role::kIndex},
                                {"current_value", Type::kText, ""}};
constexpr Schema kSchemas[] = {
    {"file", kFile}, {"registry", kRegistry}, {"users", kUsers}, {"system_controls", kControls}};

TableResult With(const std::string& table, Keys keys, Rows rows) {
  TableResult result;
  result.table = table;
  result.keys = std::move(keys);
  result.rows = std::move(rows);
  for (const Schema& schema : kSchemas) {
    if (schema.name != table) continue;
    for (const Column& column : schema.columns) result.columns.emplace_back(column.name);
  }
  return result;
}
TableResult Refused(const std::string& table, Keys keys, State state, const std::string& error) {
  TableResult result = With(table, std::move(keys), {});
  result.state = state;
  result.error = error;
  return result;
}

RawOutcome RunOver(const std::string& query, const std::vector<TableResult>& evidence) {
  Policy policy;
  policy.name = "p";
  policy.query = query;
  auto engine = Engine::Compile(PolicySet{{policy}, "test"}, kSchemas);
  RawOutcome refused;
  refused.reason = engine ? "" : engine.error().message;
  return engine ? *(*engine)->Evaluate(Os::kLinux, evidence)[0] : refused;
}
// "pass", or "unknown: why".
std::string Told(const std::string& query, const std::vector<TableResult>& evidence) {
  const RawOutcome outcome = RunOver(query, evidence);
  const std::string verdict = VerdictName(outcome.verdict);
  return outcome.reason.empty() ? verdict : verdict + ": " + outcome.reason;
}

TEST(Keys, OneRefusedPathIsUnknownAndTheNineBesideItAreNot) {
  std::vector<TableResult> evidence;
  for (int i = 0; i < 9; ++i) {
    const std::string path = "/etc/" + std::to_string(i);
    evidence.push_back(With("file", {{"path", path}}, {{Cell(path), Cell("/etc"), Cell("0644")}}));
  }
  evidence.push_back(Refused("file", {{"path", "/etc/shadow"}}, State::kDenied, "local limit"));
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE path = '/etc/7' AND mode = '0644'", evidence), "pass");
  const std::string all_nine =
      "SELECT 1 WHERE (SELECT COUNT(*) FROM file WHERE path IN ('/etc/0', '/etc/1', '/etc/2', "
      "'/etc/3', '/etc/4', '/etc/5', '/etc/6', '/etc/7', '/etc/8')) = 9";
  EXPECT_EQ(Told(all_nine, evidence), "pass");
  for (const char* query :
       {"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM file WHERE path = '/etc/shadow')",
        "SELECT 1 WHERE (SELECT COUNT(*) FROM file WHERE path IN ('/etc/0', '/etc/shadow')) = 1"}) {
    EXPECT_EQ(Told(query, evidence), "unknown: file: path=/etc/shadow: denied: local limit");
  }
}

TEST(Keys, APatternIsAnsweredByRowsOfThatPatternAlone) {
  const std::vector<TableResult> evidence = {
      With("file", {{"path", "/etc/%.conf", true}},
           {{Cell("/etc/a.conf"), Cell("/etc"), Cell("0644")},
            {Cell("/etc/b.conf"), Cell("/etc"), Cell("0600")}}),
      With("file", {{"path", "/opt/a_b"}}, {{Cell("/opt/a_b"), Cell("/opt"), Cell("0755")}})};
  EXPECT_EQ(Told("SELECT 1 WHERE (SELECT COUNT(*) FROM file WHERE path LIKE '/etc/%.conf') = 2",
                 evidence),
            "pass");
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE path LIKE '/etc/%'", evidence),
            "unknown: file: path LIKE /etc/%: not in the evidence");
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE path = '/etc/a.conf'", evidence),
            "unknown: file: path=/etc/a.conf: not in the evidence");
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE path = '/etc/%.conf'", evidence),
            "unknown: file: path=/etc/%.conf: not in the evidence")
      << "a file of that name";
  // Without % it is a path: _ is a character like others, as in osquery.
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE path LIKE '/opt/a_b' AND mode = '0755'", evidence),
            "pass");
}

TEST(Keys, RowsOfAPatternBelowArePassedByLike) {
  const std::vector<TableResult> evidence = {
      With("file", {{"path", "/srv/%%", true}},
           {{Cell("/srv/a"), Cell("/srv"), Cell("0755")},
            {Cell("/srv/a/b/C.txt"), Cell("/srv/a/b"), Cell("0644")}})};
  EXPECT_EQ(
      Told("SELECT 1 WHERE (SELECT COUNT(*) FROM file WHERE path LIKE '/srv/%%') = 2", evidence),
      "pass");
}

TEST(Keys, TwoTermsOfAnOrFindTheRowsOfBothResults) {
  const std::vector<TableResult> evidence = {
      With("file", {{"path", "/a"}}, {{Cell("/a"), Cell("/"), Cell("0644")}}),
      With("file", {{"directory", "/b"}}, {{Cell("/b/c"), Cell("/b"), Cell("0600")}})};
  EXPECT_EQ(Told("SELECT 1 WHERE (SELECT COUNT(*) FROM file WHERE path = '/a' OR directory = "
                 "'/b') = 2",
                 evidence),
            "pass");
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE (path = '/a' OR directory = '/b') AND mode = '0600'",
                 evidence),
            "pass");
}

TEST(Keys, TheRegistryIsAskedForWithoutRegardToCase) {
  const std::vector<TableResult> evidence = {
      With("registry", {{"path", "HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\x"}},
           {{Cell("HKEY_LOCAL_MACHINE\\SOFTWARE\\A"), Cell("HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\x"),
             Cell("1")}})};
  EXPECT_EQ(Told("SELECT 1 FROM registry WHERE path = 'HKEY_LOCAL_MACHINE\\Software\\a\\X' AND "
                 "data = '1'",
                 evidence),
            "pass");
  EXPECT_EQ(Told("SELECT 1 FROM registry WHERE path LIKE 'HKEY_LOCAL_MACHINE\\Software\\a\\X' AND "
                 "data = '1'",
                 evidence),
            "pass");
  EXPECT_EQ(Told("SELECT 1 FROM registry WHERE data = '1'", evidence),
            "unknown: registry: no key or path is fixed");
}

TEST(Keys, AWholeTableAnswersWhatFixesAnIndexAndNotWhatFixesAnAdditionalColumn) {
  const std::vector<TableResult> whole = {
      With("users", {}, {{Cell(0), Cell("root"), Cell("/root")}})};
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE uid = 0", whole), "pass");
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE uid = '0'", whole), "pass");
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE uid = 7", whole), "fail");
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE username = 'root'", whole),
            "unknown: users: username=root: not in the evidence");
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE username LIKE 'ro%'", whole), "pass")
      << "filters the whole table";
}

TEST(Keys, RowsOfAKeyAnswerNoAskForTheWholeTable) {
  const std::vector<TableResult> one = {
      With("system_controls", {{"name", "kernel.a"}}, {{Cell("kernel.a"), Cell("1")}})};
  EXPECT_EQ(
      Told("SELECT 1 FROM system_controls WHERE name = 'kernel.a' AND current_value = '1'", one),
      "pass");
  EXPECT_EQ(Told("SELECT 1 FROM system_controls WHERE current_value = '1'", one),
            "unknown: system_controls: the whole table is not in the evidence");
  EXPECT_EQ(Told("SELECT 1 FROM system_controls WHERE name = 'KERNEL.A' COLLATE NOCASE", one),
            "unknown: system_controls: the whole table is not in the evidence");
}

TEST(Keys, NumbersAreKeysInDecimal) {
  const std::vector<TableResult> root = {
      With("users", {{"uid", "0"}}, {{Cell(0), Cell("root"), Cell("/root")}})};
  for (const char* query :
       {"SELECT 1 FROM users WHERE uid = 0", "SELECT 1 FROM users WHERE uid = '0'",
        "SELECT 1 FROM users WHERE uid = 0.0", "SELECT 1 FROM users WHERE uid IN (0)"}) {
    EXPECT_EQ(Told(query, root), "pass") << query;
  }
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE uid = 1", root),
            "unknown: users: uid=1: not in the evidence");
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE uid = 'x'", root),
            "unknown: users: the whole table is not in the evidence");
}

TEST(Keys, APathThatIsNullNeedsNoEvidence) {
  const std::vector<TableResult> evidence = {
      With("users", {}, {{Cell(1), Cell("daemon"), Cell(std::nullopt)}})};
  EXPECT_EQ(Told("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users u JOIN file f ON f.path = "
                 "u.directory)",
                 evidence),
            "pass");
}

TEST(Keys, AnUnknownCellNamesTheKeyThatItWasReadFor) {
  const std::vector<TableResult> evidence = {
      With("file", {{"path", "/a"}}, {{Cell("/a"), Cell("/"), Unknown{}}})};
  EXPECT_EQ(Told("SELECT 1 FROM file WHERE path = '/a' AND mode = '0644'", evidence),
            "unknown: file.mode: unknown in row 1 of path=/a");
}

TEST(Keys, FactsAndAgesAreThoseOfTheResultsThatAnswered) {
  std::vector<TableResult> evidence = {
      With("file", {{"path", "/old"}}, {{Cell("/old"), Cell("/"), Cell("0644")}}),
      With("file", {{"path", "/a"}}, {{Cell("/a"), Cell("/"), Cell("0644")}}),
      Refused("file", {{"path", "/shadow"}}, State::kDenied, "limit")};
  evidence[0].age = std::chrono::hours(9);
  evidence[1].age = std::chrono::minutes(5);
  const RawOutcome outcome = RunOver("SELECT 1 FROM file WHERE path = '/a'", evidence);
  EXPECT_EQ(outcome.verdict, Verdict::kPass);
  EXPECT_EQ(outcome.facts, std::vector<uint32_t>{1});
  EXPECT_EQ(outcome.facts_left, std::chrono::minutes(10));

  RawOutcomes outcomes = {outcome};
  Policy policy;
  policy.name = "p";
  const std::vector<Millis> later = {std::chrono::hours(10), std::chrono::minutes(7), Millis(0)};
  EXPECT_TRUE(Redate(PolicySet{{policy}, "test"}, later, &outcomes));
  EXPECT_EQ(outcomes[0]->facts_left, std::chrono::minutes(8));
}

TEST(Keys, AmongHundredsOfResultsTheOneIsFoundAlsoWithoutRegardToCase) {
  std::vector<TableResult> evidence;
  for (int i = 0; i < 300; ++i) {
    const std::string path = "HKEY_USERS\\Key-" + std::to_string(i);
    const State state = i == 77 ? State::kDenied : State::kValue;
    evidence.push_back(Refused("registry", {{"path", path}}, state, ""));
    evidence.back().rows = {{Cell("HKEY_USERS"), Cell(path), Cell(std::to_string(i))}};
  }
  evidence.push_back(With("registry", {{"path", "HKEY_USERS\\%", true}}, {}));
  const std::string from = "SELECT 1 FROM registry WHERE ";
  EXPECT_EQ(Told(from + "path = 'hkey_users\\KEY-123' AND data = '123'", evidence), "pass");
  EXPECT_EQ(Told(from + "path LIKE 'HKEY_USERS\\%'", evidence), "fail");
  EXPECT_EQ(Told(from + "path = 'HKEY_USERS\\Key-77'", evidence),
            "unknown: registry: path=HKEY_USERS\\Key-77: denied");
  EXPECT_EQ(Told(from + "path = 'HKEY_USERS\\Key-300'", evidence),
            "unknown: registry: path=HKEY_USERS\\Key-300: not in the evidence");
  evidence.push_back(With("users", {{"uid", "0"}}, {}));
  for (int i = 1; i < 40; ++i) evidence.push_back(With("users", {{"uid", std::to_string(i)}}, {}));
  evidence.push_back(With("users", {}, {{Cell(99), Cell("x"), Cell("/")}}));
  EXPECT_EQ(Told("SELECT 1 FROM users WHERE uid = 99", evidence), "pass") << "by the whole table";
}

TEST(Keys, WhatWasSeenIsOfTheKeysThatWereAskedFor) {
  const std::vector<TableResult> evidence = {
      With("file", {{"path", "/a"}}, {{Cell("/a"), Cell("/"), Cell("0666")}}),
      With("file", {{"path", "/b"}}, {{Cell("/b"), Cell("/"), Cell("0777")}}),
      Refused("file", {{"path", "/shadow"}}, State::kDenied, "limit")};
  EXPECT_EQ(RunOver("SELECT 1 FROM file WHERE path = '/a' AND mode = '0644'", evidence).observed,
            "file: 1 row, path=/a, mode=0666");
}

// What `sallyport explain` prints as seen.
std::string Explained(const std::string& query, const std::vector<TableResult>& evidence) {
  Policy policy;
  policy.name = "p";
  const PolicySet set{{policy}, "test"};
  const RawOutcomes raw = {RunOver(query, evidence)};
  const Now now{std::chrono::hours(1), std::chrono::hours(9)};
  const Judgement judgement = Judge(set, raw, {}, now, std::chrono::hours(1));
  return Explain(set, raw, judgement.memory, now)[0].observed;
}

TEST(Keys, ExplainTellsTableKeyAndCellApart) {
  const std::string query = "SELECT 1 FROM file WHERE path = '/a' AND mode = '0644'";
  const TableResult beside =
      With("file", {{"path", "/b"}}, {{Cell("/b"), Cell("/"), Cell("0644")}});
  EXPECT_EQ(Explained("SELECT 1 FROM users", {}), "users: not in the evidence");
  EXPECT_EQ(Explained("SELECT 1 FROM users", {Refused("users", {}, State::kSuppressed, "since")}),
            "users: suppressed: since; seen: users: suppressed");
  EXPECT_EQ(Explained(query, {beside}), "file: path=/a: not in the evidence");
  EXPECT_EQ(Explained(query, {beside, Refused("file", {{"path", "/a"}}, State::kDenied, "limit")}),
            "file: path=/a: denied: limit; seen: file: denied");
  EXPECT_EQ(Explained(query, {beside, With("file", {{"path", "/a"}},
                                           {{Cell("/a"), Cell("/"), Unknown{}}})}),
            "file.mode: unknown in row 1 of path=/a; seen: file: 1 row, path=/a, mode=unknown");
}

}  // namespace
}  // namespace sallyport
