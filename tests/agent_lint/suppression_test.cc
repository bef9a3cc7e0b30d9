// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/suppression.h"

#include <gtest/gtest.h>

#include "agent/lint/baseline.h"
#include "tests/agent_lint/toy_kind.h"

namespace sallyport {
namespace {

ConfigReport LintText(const std::string& text) {
  FakeHost host;
  host.Put("/home/repo/toy.conf", text);
  return LintToy(host);
}

// Reasons of what is allowed; "-" for a finding that counts.
std::vector<std::string> Reasons(const ConfigReport& report) {
  std::vector<std::string> out;
  for (const ConfigFinding& finding : report.findings) {
    out.push_back(finding.rule + ": " + finding.allowed.value_or("-"));
  }
  return out;
}

TEST(Suppression, CommentAllowsItsOwnLineOrTheNextThatIsNoComment) {
  EXPECT_EQ(
      Reasons(LintText("conn a psk  # sallyport: allow no-psk reason=\"old router\"\n"
                       "# sallyport: allow no-psk reason=\"until the move\"\n"
                       "\n"
                       "# of the branch\n"
                       "conn b psk\n"
                       "conn c psk\n")),
      (std::vector<std::string>{"no-psk: old router", "no-psk: until the move", "no-psk: -"}));
}

TEST(Suppression, CommentOfAnyFormatIsRead) {
  const auto found = FindSuppressions(
      "; sallyport: allow a reason=\"1\"\n"
      "<!-- sallyport: allow b reason=\"2 -\" until=2027-01-31 -->\n"
      "  // sallyport: allow c reason=3\n"
      "x\n"
      "y = not#sallyport: allow d reason=\"4\"\n");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].rule + found[1].rule + found[2].rule, "abc");
  EXPECT_EQ(found[1].reason, "2 -");
  EXPECT_EQ(found[1].until, "2027-01-31");
  EXPECT_EQ(found[2].reason, "3");
  EXPECT_EQ(found[0].covers, 4);
}

TEST(Suppression, LastDayCountsAndTheDayAfterIsAFinding) {
  EXPECT_EQ(
      Reasons(LintText("conn a psk # sallyport: allow no-psk reason=\"r\" until=2026-11-18\n")),
      (std::vector<std::string>{"no-psk: r"}));
  const ConfigReport report =
      LintText("conn a psk # sallyport: allow no-psk reason=\"r\" until=2026-11-17\n");
  EXPECT_EQ(Reasons(report), (std::vector<std::string>{"no-psk: -", "suppression: -"}));
  EXPECT_EQ(report.findings[1].message,
            "This comment allows nothing: the exception for no-psk ended with 2026-11-17.");
  EXPECT_EQ(report.findings[1].line, 1);
}

TEST(Suppression, WithoutReasonOrRuleOrWithAWrongDateItAllowsNothingAndIsAFinding) {
  for (const char* comment :
       {"allow no-psk", "allow no-psk reason=\"\"", "allow no-psk reason=\"r\" until=soon",
        "allow no-psk reason=\"r\" until=2026-13-01", "allow no-such reason=\"r\"",
        "allow no-psk reason=\"r\" and more", "ignore no-psk", "allow"}) {
    const ConfigReport report = LintText(std::string("conn a psk # sallyport: ") + comment + "\n");
    EXPECT_EQ(Reasons(report), (std::vector<std::string>{"no-psk: -", "suppression: -"}))
        << comment;
  }
}

TEST(Suppression, FileOfCommentsEndsAtTheBoundWhichIsAFinding) {
  std::string text = "conn a psk\n";
  while (text.size() < (1 << 20)) text += "#sallyport:\n";
  const auto found = FindSuppressions(text);
  ASSERT_EQ(found.size(), kMaxSuppressions + 1);
  EXPECT_EQ(found.back().line, static_cast<int>(kMaxSuppressions) + 2);
  EXPECT_EQ(found.back().covers, 0);
  const ConfigReport report = LintText(text);
  ASSERT_EQ(report.findings.size(), kMaxSuppressions + 2);
  EXPECT_EQ(report.findings.back().message,
            "This comment allows nothing: one file may have 1000; those from here on are not "
            "read.");
  EXPECT_EQ(LintExitCode(report, Severity::kWarning), 1);
}

TEST(Baseline, WhatWasThereStaysBorneWhenLinesMoveAndWhatIsNewCounts) {
  const ConfigReport before = LintText("conn a psk\nconn b psk\n");
  const auto baseline = ParseBaseline(BaselineJson(before));
  ASSERT_TRUE(baseline) << baseline.error().message;
  ConfigReport after = LintText("# moved\n\nconn b psk\nconn c psk\nconn a psk\n");
  ApplyBaseline(*baseline, &after);
  std::vector<std::string> fresh;
  for (const ConfigFinding& finding : after.findings) {
    if (finding.IsNew()) fresh.push_back(finding.observed);
  }
  EXPECT_EQ(fresh, std::vector<std::string>{"c: psk=1"});
  EXPECT_EQ(LintExitCode(after, Severity::kWarning), 1);
  ApplyBaseline(*ParseBaseline(BaselineJson(after)), &after);
  EXPECT_EQ(LintExitCode(after, Severity::kWarning), 0);
}

TEST(Baseline, SecondOfTheSameIsNotCoveredByTheFirst) {
  const auto baseline = ParseBaseline(BaselineJson(LintText("conn a psk\n")));
  ConfigReport after = LintText("conn a psk\nconn a psk\n");
  ApplyBaseline(*baseline, &after);
  EXPECT_EQ(LintExitCode(after, Severity::kWarning), 1);
}

TEST(Baseline, FileThatIsNoneIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"schema":"sallyport.lint/v1","borne":[]})",
        R"({"schema":"sallyport.lint-baseline/v1","borne":[{}]})",
        R"({"schema":"sallyport.lint-baseline/v1","borne":[{"fingerprint":"xyz"}]})"}) {
    const auto baseline = ParseBaseline(text);
    ASSERT_FALSE(baseline) << text;
    EXPECT_EQ(baseline.error().code, Code::kMalformed);
  }
}

}  // namespace
}  // namespace sallyport
