// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/report_view.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "agent/lint/baseline.h"
#include "tests/agent_lint/toy_kind.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

// A finding of each kind, one that a comment allows, one in the baseline, and files not read.
ConfigReport Sample() {
  FakeHost host;
  host.Put("/home/repo/toy.conf",
           "conn corp psk\n"
           "conn odd ?\n"
           "conn old psk  # sallyport: allow no-psk reason=\"until the move\" until=2027-01-31\n"
           "conn gone psk  # sallyport: allow no-psk\n"
           "conn borne psk\n");
  host.Put("/home/repo/site b/toy.conf.j2", "conn {{ name }} psk\n");
  host.Put("/home/repo/later.conf", "secret=canary\n");
  ConfigReport report = LintToy(host);
  for (ConfigFinding& finding : report.findings) {
    if (finding.observed == "borne: psk=1") finding.in_baseline = true;
  }
  return report;
}

// The golden file; SALLYPORT_WRITE_GOLDEN=1 writes it anew from what is there now.
std::string Golden(const std::string& name, const std::string& now) {
  const std::string path = SALLYPORT_SOURCE_DIR "/tests/agent_lint/golden/" + name;
  if (std::getenv("SALLYPORT_WRITE_GOLDEN")) std::ofstream(path, std::ios::binary) << now;
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

// What python3-jsonschema says of the document; empty when it fits.
std::string Validate(const std::string& schema, const std::string& document) {
  TempFolder folder;
  folder.Write("document.json", document);
  const std::string command =
      "python3 -c 'import json, sys, jsonschema;"
      " jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[2])));"
      " jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])),"
      " cls=jsonschema.Draft202012Validator)' " +
      folder / "document.json" + " " SALLYPORT_SOURCE_DIR "/agent/cli/schema/sallyport." + schema +
      ".v1.json 2>&1";
  FILE* process = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer{};
  while (fgets(buffer.data(), buffer.size(), process) != nullptr) output += buffer.data();
  return pclose(process) == 0 ? output : "failed: " + output;
}

TEST(LintReport, TextIsAsInTheGoldenFile) {
  const std::string text = LintText(Sample(), Style(false));
  EXPECT_EQ(text, Golden("report.txt", text));
}

TEST(LintReport, JsonIsAsInTheGoldenFileAndFitsItsSchema) {
  const std::string json = LintJson(Sample(), kToyNow);
  EXPECT_EQ(json, Golden("report.json", json));
  EXPECT_EQ(Validate("lint", json), "");
  EXPECT_EQ(Validate("lint", LintJson(ConfigReport(), kToyNow)), "");
}

TEST(LintReport, SarifIsAsInTheGoldenFile) {
  const std::string sarif = LintSarif(Sample());
  EXPECT_EQ(sarif, Golden("report.sarif", sarif));
}

TEST(LintReport, BaselineFitsItsSchema) {
  EXPECT_EQ(Validate("lint-baseline", BaselineJson(Sample())), "");
}

TEST(LintReport, SchemaRefusesAReportWithoutFilesUnread) {
  std::string json = LintJson(Sample(), kToyNow);
  json.replace(json.find("files_unread"), 12, "files_unseen");
  EXPECT_NE(Validate("lint", json), "");
}

TEST(LintReport, ExplainShowsTheRuleAndNamesThoseThereAre) {
  const ConfigReport report = Sample();
  EXPECT_EQ(ExplainRule(report, "no-psk").value(),
            "no-psk (warning)\n"
            "  why       No connection relies on a pre-shared key.\n"
            "  expected  psk=0\n"
            "  fix       Use a certificate.\n");
  EXPECT_EQ(ExplainRule(report, "psk").error(),
            (Error{Code::kNotFound, "no rule psk; there are: no-psk, suppression"}));
}

TEST(LintReport, ControlCharactersOfAFileDoNotReachTheTerminal) {
  ConfigFinding finding;
  finding.rule = "no-psk";
  finding.path = "a\x1b[2Jb";
  finding.observed = "x\x1b]0;y";
  EXPECT_EQ(FindingText(finding, Style(false)).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace sallyport
