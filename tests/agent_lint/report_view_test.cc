// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/report_view.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "agent/lint/baseline.h"
#include "tests/agent_lint/schema.h"
#include "tests/agent_lint/toy_kind.h"

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
