// SPDX-License-Identifier: Apache-2.0
// What `sallyportctl policy lint` prints, for people and for programs; python3-jsonschema judges.
#include "service/ctl/lint_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

class LintView : public testing::Test {
 protected:
  std::string Put(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() + "/" + name) << text;
    return folder_.path() + "/" + name;
  }
  LintReport Lint(std::vector<std::string> files) { return LintPolicyFiles(files).value(); }
  // The folder's name is another each time.
  std::string Text(const LintReport& report) {
    std::string text = LintText(report);
    const std::string folder = folder_.path() + "/";
    for (size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
      text.erase(at, folder.size());
    }
    return text;
  }

  TempFolder folder_;
};

constexpr char kMixed[] = R"(- name: good
  query: SELECT 1 FROM os_version WHERE version >= '14.1'
- name: typo
  query: SELECT 1 FROM os_versions
- name: odd
  query: SELECT 1
  colour: red
- name: careless
  query: SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM apps)
)";

TEST_F(LintView, EachFindingIsALineAndTheSumComesLast) {
  const std::string file = Put("p.yml", kMixed);
  EXPECT_EQ(Text(Lint({file})),
            "p.yml:7: odd: colour: unknown key, read past [unknown-key]\n"
            "p.yml:3: typo: query: no such table: os_versions [unknown-table]\n"
            "p.yml:5: odd: passes without reading any table [reads-nothing]\n"
            "p.yml:8: careless: passes when every table is empty [passes-on-empty]\n"
            "4 policies, 1 does not prepare, 4 findings\n");
}

TEST_F(LintView, AFileThatIsNotThereOrBrokenHidesNoOther) {
  const std::string broken = Put("broken.yml", "- name: [");
  const std::string good = Put("good.yml", "- {name: a, query: SELECT 1 FROM mounts}\n");
  const std::string again = Put("again.yml", "- {name: a, query: SELECT 1 FROM mounts}\n");
  const LintReport report = Lint({folder_.path() + "/none.yml", broken, good, again});
  EXPECT_EQ(report.policies, 2U);
  ASSERT_EQ(report.findings.size(), 3U);
  EXPECT_EQ(report.findings[0].text, "cannot be read");
  EXPECT_EQ(report.findings[1].file, broken);
  EXPECT_EQ(report.findings[2].text, "name: a policy of " + good + " has it too");
}

// What python3-jsonschema says; empty when the document fits.
std::string Validate(const std::string& file) {
  const std::string command =
      "python3 -c 'import json, sys, jsonschema;"
      " jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[2])));"
      " jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),"
      " cls=jsonschema.Draft202012Validator)' " +
      file + " " SALLYPORT_SOURCE_DIR "/service/ctl/schema/sallyport.policy-lint.v1.json 2>&1";
  FILE* process = popen(command.c_str(), "r");
  std::string output;
  for (int c = fgetc(process); c != EOF; c = fgetc(process)) output += static_cast<char>(c);
  return pclose(process) == 0 ? output : "failed: " + output;
}

TEST_F(LintView, TheJsonFitsItsSchemaWithAndWithoutFindings) {
  const nlohmann::json mixed = LintJson(Lint({Put("p.yml", kMixed)}));
  EXPECT_EQ(Validate(Put("mixed.json", mixed.dump())), "");
  EXPECT_EQ(mixed["policies"], 4);
  EXPECT_EQ(mixed["unprepared"], 1);
  EXPECT_EQ(mixed["findings"][1]["rule"], "unknown-table");
  const std::string good = Put("good.yml", "- {name: a, query: SELECT 1 FROM mounts}\n");
  EXPECT_EQ(Validate(Put("good.json", LintJson(Lint({good})).dump())), "");
}

TEST_F(LintView, TheSchemaKnowsEveryRule) {
  LintReport report;
  for (const LintRule& rule : kLintRules) {
    report.findings.push_back({std::string(rule.id), "p", "f.yml", 1, std::string(rule.about)});
  }
  EXPECT_EQ(Validate(Put("all.json", LintJson(report).dump())), "");
  report.findings.push_back({"unheard-of", "p", "f.yml", 1, "x"});
  EXPECT_NE(Validate(Put("other.json", LintJson(report).dump())), "");
}

}  // namespace
}  // namespace sallyport
