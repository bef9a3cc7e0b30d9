// SPDX-License-Identifier: Apache-2.0
// The files of tests/policies: every policy prepares and lints as written there, and is judged over
// recorded machines as was worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "collectors/tables.h"
#include "platform/recorded_host.h"
#include "policy/engine.h"
#include "policy/lint.h"
#include "policy/reads.h"
#include "tests/policy/evidence.h"

namespace sallyport {
namespace {

const std::filesystem::path kTests = std::filesystem::path(SALLYPORT_SOURCE_DIR) / "tests";
constexpr const char* kFiles[] = {"linux.yml", "macos.yml", "windows.yml", "weak.yml"};

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(file) << path;
  return text.str();
}

// Lines that are no remarks.
std::vector<std::string> ReadLines(const std::string& name, const std::string& remark) {
  const std::string text = ReadText(kTests / "policies" / name);
  std::vector<std::string> out;
  for (std::string_view line : Lines(text)) {
    if (!line.empty() && !line.starts_with(remark)) out.emplace_back(line);
  }
  return out;
}

PolicyFileContent Content(const std::string& file) {
  return ReadPolicies(ReadText(kTests / "policies" / file), file);
}

// All that compile, by their names.
std::map<std::string, Policy> GoodPolicies(std::span<const Schema> schemas) {
  std::map<std::string, Policy> out;
  for (const char* file : kFiles) {
    for (const Policy& policy : Content(file).policies) {
      if (Engine::Compile(PolicySet{{policy}, "x"}, schemas)) out.emplace(policy.name, policy);
    }
  }
  return out;
}

TEST(PolicyFiles, AreManyAndOfThreeSystemsAndBothDialects) {
  std::map<Os, int> count;
  size_t all = 0;
  for (const char* file : kFiles) {
    for (const Policy& policy : Content(file).policies) {
      ++all;
      for (Os os : policy.platforms) ++count[os];
    }
  }
  EXPECT_GE(all, 60U);
  for (Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) EXPECT_GE(count[os], 20);
  EXPECT_THAT(ReadText(kTests / "policies/macos.yml"), testing::HasSubstr("kind: policy"));
  EXPECT_THAT(ReadText(kTests / "policies/windows.yml"), testing::HasSubstr("\npolicies:\n"));
}

TEST(PolicyFiles, LintSaysWhatIsWrittenBesideThemAndNothingElse) {
  const std::vector<Schema> schemas = AllSchemas();
  const auto linter = Linter::Make(schemas).value();
  LintReport report;
  std::vector<std::string> found;
  for (const char* file : kFiles) {
    const PolicyFileContent content = Content(file);
    for (const PolicyProblem& problem : content.problems) {
      found.push_back(std::string(file) + " " + problem.policy + " file");
    }
    for (const PolicyProblem& other : content.passed_over) {
      found.push_back(std::string(file) + " " + other.policy + " passed-over");
    }
    for (const PolicyProblem& key : content.unknown_keys) {
      found.push_back(std::string(file) + " " + key.policy + " unknown-key");
    }
    report.findings.clear();
    for (const Policy& policy : content.policies) linter->Lint(policy, file, &report);
    for (const Finding& finding : report.findings) {
      found.push_back(finding.file + " " + finding.policy + " " + finding.rule);
      EXPECT_GT(finding.line, 0) << finding.policy;
    }
  }
  EXPECT_EQ(found, ReadLines("findings.txt", "#"));
  EXPECT_EQ(report.unprepared, 4U) << "those that are called bad-";
}

TEST(PolicyFiles, EveryRuleOfLintIsThere) {
  std::set<std::string, std::less<>> rules;
  for (const std::string& line : ReadLines("findings.txt", "#")) {
    rules.insert(line.substr(line.rfind(' ') + 1));
  }
  for (const LintRule& rule : kLintRules) EXPECT_TRUE(rules.contains(rule.id)) << rule.id;
}

// What the machine answers to all that this policy asks.
std::vector<TableResult> Collected(const Host& host, const Reads& reads) {
  std::vector<TableResult> out;
  for (const TableRead& read : reads.tables) {
    const Collector* collector = FindCollector(host.os(), read.table);
    if (collector != nullptr) {
      out.push_back(Collect(*collector, host, read.keys));
      continue;
    }
    TableResult none;
    none.table = read.table;
    none.state = State::kUnsupported;
    out.push_back(std::move(none));
  }
  out.push_back(CollectorStatus(out));
  return out;
}

TEST(PolicyFiles, TheRecordedMachinesAreJudgedAsWasWorkedOutByHand) {
  const std::vector<Schema> schemas = AllSchemas();
  const std::map<std::string, Policy> policies = GoodPolicies(schemas);
  std::set<std::string> judged;
  for (const std::string& line : ReadLines("outcomes.txt", "#")) {
    std::istringstream words(line);
    std::string machine;
    std::string name;
    std::string verdict;
    words >> machine >> name >> verdict;
    const auto host = RecordedHost::Load((kTests / "machines" / machine / "host.json").string());
    ASSERT_TRUE(host) << machine;
    ASSERT_TRUE(policies.contains(name)) << name;
    const PolicySet set{{policies.at(name)}, "x"};
    const auto engine = Engine::Compile(set, schemas).value();
    const std::vector<TableResult> evidence = Collected(*host, LearnReads(set, schemas).value());
    const auto outcome = engine->Evaluate(host->os(), evidence)[0];
    ASSERT_TRUE(outcome) << line << ": of another system";
    EXPECT_EQ(std::string(VerdictName(outcome->verdict)) + ":", verdict)
        << line << "\nobserved " << outcome->observed << "\n"
        << outcome->reason;
    judged.insert(name);
  }
  EXPECT_GE(judged.size(), 60U);
}

// All policies over all machines that are recorded: what is asked for is all that is looked at.
TEST(PolicyFiles, TheColumnsThatAreAskedForSayTheSameAsAllColumns) {
  const std::vector<Schema> schemas = AllSchemas();
  const std::map<std::string, Policy> policies = GoodPolicies(schemas);
  size_t judged = 0;
  size_t left_out = 0;
  for (const auto& folder : std::filesystem::directory_iterator(kTests / "machines")) {
    const auto host = RecordedHost::Load((folder.path() / "host.json").string());
    if (!host) continue;
    for (const auto& [name, policy] : policies) {
      const PolicySet set{{policy}, "x"};
      const auto engine = Engine::Compile(set, schemas).value();
      const Reads reads = LearnReads(set, schemas).value();
      const std::vector<TableResult> whole = Collected(*host, reads);
      std::vector<TableResult> narrow = whole;
      for (size_t i = 0; i < reads.tables.size(); ++i) {
        narrow[i] = Narrowed(whole[i], reads.tables[i].columns);
        left_out += whole[i].columns.size() - narrow[i].columns.size();
      }
      const auto expected = engine->Evaluate(host->os(), whole)[0];
      const auto outcome = engine->Evaluate(host->os(), narrow)[0];
      ASSERT_EQ(expected.has_value(), outcome.has_value());
      if (!outcome) continue;
      EXPECT_EQ(Brief(*outcome) + outcome->observed, Brief(*expected) + expected->observed)
          << name << " on " << folder.path().filename();
      ++judged;
    }
  }
  EXPECT_GE(judged, 100U);
  EXPECT_GE(left_out, 1000U);
}

TEST(PolicyFiles, StatementsInTheMannerOfPublicPacksPrepare) {
  const std::vector<Schema> schemas = AllSchemas();
  const std::vector<std::string> statements = ReadLines("statements.sql", "--");
  EXPECT_GE(statements.size(), 70U);
  for (const std::string& statement : statements) {
    Policy policy;
    policy.name = "p";
    policy.query = statement;
    const auto engine = Engine::Compile(PolicySet{{policy}, "x"}, schemas);
    EXPECT_TRUE(engine) << statement << ": " << (engine ? "" : engine.error().message);
  }
}

}  // namespace
}  // namespace sallyport
