// SPDX-License-Identifier: Apache-2.0
// What lint says of one policy, over the real declarations.
#include "policy/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collectors/tables.h"
#include "policy/statement_shape.h"

namespace sallyport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Lint : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    schemas_ = new std::vector<Schema>(AllSchemas());
    linter_ = Linter::Make(*schemas_)->release();
  }
  static void TearDownTestSuite() {
    delete linter_;
    delete schemas_;
  }

  static LintReport Report(const std::string& query) {
    Policy policy;
    policy.name = "p";
    policy.query = query;
    policy.line = 7;
    LintReport report;
    linter_->Lint(policy, "f.yml", &report);
    return report;
  }
  static std::vector<std::string> Rules(const std::string& query) {
    std::vector<std::string> out;
    for (const Finding& finding : Report(query).findings) out.push_back(finding.rule);
    return out;
  }

  static std::string FirstText(const std::string& query) {
    const LintReport report = Report(query);
    return report.findings.empty() ? "nothing was found" : report.findings[0].text;
  }

  static std::vector<Schema>* schemas_;
  static Linter* linter_;
};
std::vector<Schema>* Lint::schemas_ = nullptr;
Linter* Lint::linter_ = nullptr;

TEST_F(Lint, AFindingHasRulePolicyFileLineAndText) {
  const LintReport report = Report("SELECT 1 FROM disks");
  EXPECT_EQ(report.policies, 1u);
  EXPECT_EQ(report.unprepared, 1u);
  EXPECT_THAT(report.findings, ElementsAre(Finding{"unknown-table", "p", "f.yml", 7,
                                                   "query: no such table: disks"}));
}

TEST_F(Lint, WhatDoesNotPrepareIsNamed) {
  EXPECT_THAT(Rules("SELECT 1 FROM disks"), ElementsAre("unknown-table"));
  EXPECT_THAT(Rules("SELECT 1 FROM mounts WHERE encrypted = 1"), ElementsAre("unknown-column"));
  EXPECT_THAT(Rules("SELECT 1; SELECT 2"), ElementsAre("many-statements"));
  EXPECT_THAT(Rules("SELEC 1"), ElementsAre("not-compiled"));
  EXPECT_THAT(Rules("DELETE FROM mounts"), ElementsAre("not-compiled"));
  EXPECT_THAT(Rules("SELECT load_extension('x')"), ElementsAre("not-compiled"));
}

TEST_F(Lint, AStrongPolicyHasNoFinding) {
  for (const char* query : {
           "SELECT 1 FROM os_version WHERE version >= '14.1.1'",
           "SELECT 1 FROM disk_encryption WHERE encrypted = 1",
           "SELECT 1 FROM registry WHERE key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\X' AND data = 1",
           "SELECT 1 FROM file WHERE path = '/etc/ssh/sshd_config' AND mode = '0600'; -- CIS 5.2",
           "SELECT 1 FROM apps WHERE bundle_identifier = 'com.example.x' AND "
           "version_compare(bundle_short_version, '2.10') >= 0",
           "SELECT 1 FROM programs_and_features WHERE name = \"Agent\"",
           "SELECT 1 FROM file_lines WHERE path = '/etc/ssh/sshd_config' AND "
           "regex_match(line, '^PermitRootLogin\\s+no', 0) IS NOT NULL",
       }) {
    EXPECT_THAT(Rules(query), IsEmpty()) << query;
  }
}

TEST_F(Lint, PassingOnNothingIsFoundByRunningIt) {
  EXPECT_THAT(Rules("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM apps WHERE name = 'Bad.app')"),
              ElementsAre("passes-on-empty", "passes-on-null"));
  EXPECT_THAT(Rules("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM registry WHERE key = 'HKLM\\X' AND "
                    "data = '1')"),
              ElementsAre("passes-on-empty", "passes-on-null"));
  EXPECT_THAT(Rules("SELECT 1"), ElementsAre("reads-nothing"));
  EXPECT_THAT(Rules("SELECT 1 WHERE EXISTS (SELECT 1 FROM disk_volumes) AND NOT EXISTS "
                    "(SELECT 1 FROM disk_volumes WHERE protection <> 'on')"),
              ElementsAre("passes-on-null"));
  EXPECT_THAT(Rules("SELECT 1 WHERE EXISTS (SELECT 1 FROM disk_volumes) AND NOT EXISTS "
                    "(SELECT 1 FROM disk_volumes WHERE protection IS NOT 'on')"),
              IsEmpty());
}

TEST_F(Lint, WhatCanNeverFailIsProvenFromTheProgram) {
  EXPECT_THAT(Rules("SELECT COUNT(*) FROM apps WHERE name = 'Bad.app'"),
              testing::Contains("never-fails"));
  EXPECT_THAT(Rules("SELECT COUNT(*) AS n FROM apps WHERE name = 'Bad.app' HAVING n > 0"),
              IsEmpty());
  EXPECT_THAT(Rules("SELECT 1 FROM (SELECT COUNT(*) AS n FROM mounts) WHERE n > 0"), IsEmpty());
  EXPECT_THAT(Rules("SELECT MAX(days) FROM uptime"), testing::Contains("never-fails"));
}

TEST_F(Lint, TextInOrderWithANumberIsFoundAndOtherComparisonsAreNot) {
  const std::string found = "text-as-number";
  for (const char* query : {
           "SELECT 1 FROM registry WHERE key = 'HKLM\\X' AND data >= 5",
           "SELECT 1 FROM registry WHERE key = 'HKLM\\X' AND data <= '15'",
           "SELECT 1 FROM plist WHERE path = '/x.plist' AND value BETWEEN 1 AND 20",
           "SELECT 1 FROM os_version WHERE build > 19045",
           "SELECT 1 FROM mounts m, system_controls s WHERE s.name = 'x' AND 3 < s.current_value",
       }) {
    EXPECT_THAT(Rules(query), testing::Contains(found)) << query;
  }
  for (const char* query : {
           "SELECT 1 FROM registry WHERE key = 'HKLM\\X' AND CAST(data AS INTEGER) >= 5",
           "SELECT 1 FROM registry WHERE key = 'HKLM\\X' AND data = 5",
           "SELECT 1 FROM os_version WHERE version >= '14.1'",
           "SELECT 1 FROM os_version WHERE major >= 14",
           "SELECT 1 FROM os_version WHERE build COLLATE version > '19045'",
           "SELECT 1 FROM patches WHERE installed_on > 'M'",
           "SELECT 1 FROM plist WHERE path = '/x.plist' AND value + 0 > 5",
       }) {
    EXPECT_THAT(Rules(query), testing::Not(testing::Contains(found))) << query;
  }
  EXPECT_EQ(FirstText("SELECT 1 FROM os_version WHERE build > 19045"),
            "os_version.build is text and put in order with 19045: '10' comes before '5'; CAST it, "
            "or COLLATE version");
}

TEST_F(Lint, ARegexThatRe2LacksIsNamedBeforeAnythingRuns) {
  EXPECT_THAT(Rules("SELECT 1 FROM apps WHERE regex_match(name, '(?!Bad)', 0) IS NOT NULL"),
              ElementsAre("regex"));
  EXPECT_EQ(FirstText("SELECT 1 FROM apps WHERE regex_split(name, '(a)\\1', 0) = 'x'"),
            "regular expression \"(a)\\1\": back-references (\\1) are not supported");
}

TEST_F(Lint, KeysThatAreMissingOrUnusedAreNamed) {
  EXPECT_THAT(Rules("SELECT 1 FROM file WHERE filename = 'hosts'"),
              testing::Contains("missing-key"));
  EXPECT_THAT(Rules("SELECT 1 FROM users WHERE lower(uuid) = 'x'"), ElementsAre("whole-table"));
  EXPECT_THAT(Rules("SELECT 1 FROM users WHERE uuid = 'x'"), IsEmpty());
}

TEST_F(Lint, LabelsAreSaidToBeUnknown) {
  Policy policy;
  policy.name = "p";
  policy.query = "SELECT 1 FROM apps WHERE name = 'Good.app'";
  policy.labels_include_any = {"engineering"};
  LintReport report;
  linter_->Lint(policy, "f.yml", &report);
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].rule, "labels");
}

}  // namespace
}  // namespace sallyport
