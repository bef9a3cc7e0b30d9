// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "policy/yaml_tree.h"

namespace sallyport {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& yaml) {
  const auto set = ParsePolicies(yaml, "p.yml");
  return set ? "parsed" : set.error().message;
}

constexpr const char* kGitOps = R"(- name: disk-encryption
  platform: linux,darwin, windows
  query: SELECT 1 FROM disk_volumes;
  description: d
  resolution: r
  critical: false
  calendar_events_enabled: true
  sallyport:
    mode: block
    grace: 72h
    tier: limited
    unknown: {after: 5m, tier: quarantine}
    max_age: 90s
    observe: SELECT 2
    expected: all on
- name: fleet-only
  query: SELECT 1
  critical: true
  labels_include_any: [a, "b c"]
)";

TEST(Policies, TheGitOpsListIsRead) {
  const PolicySet set = ParsePolicies(kGitOps, "p.yml").value();
  ASSERT_EQ(set.policies.size(), 2U);
  const Policy& disk = set.policies[0];
  EXPECT_EQ(disk.name, "disk-encryption");
  EXPECT_EQ(disk.query, "SELECT 1 FROM disk_volumes;");
  EXPECT_EQ(disk.description, "d");
  EXPECT_EQ(disk.resolution, "r");
  EXPECT_EQ(disk.platforms, (std::vector<Os>{Os::kLinux, Os::kMacos, Os::kWindows}));
  EXPECT_FALSE(disk.critical);
  EXPECT_EQ(disk.mode, Mode::kBlock);
  EXPECT_EQ(disk.grace, std::chrono::hours(72));
  EXPECT_EQ(disk.tier, Tier::kLimited);
  EXPECT_EQ(disk.unknown_after, std::chrono::minutes(5));
  EXPECT_EQ(disk.unknown_tier, Tier::kQuarantine);
  EXPECT_EQ(disk.max_age, std::chrono::seconds(90));
  EXPECT_EQ(disk.observe, "SELECT 2");
  EXPECT_EQ(disk.expected, "all on");
  EXPECT_EQ(disk.line, 1);

  const Policy& fleet = set.policies[1];
  EXPECT_TRUE(fleet.critical);
  EXPECT_EQ(fleet.mode, Mode::kReport) << "without our key";
  EXPECT_TRUE(fleet.platforms.empty());
  EXPECT_TRUE(fleet.AppliesTo(Os::kWindows));
  EXPECT_EQ(fleet.line, 16);
  EXPECT_EQ(fleet.labels_include_any, (std::vector<std::string>{"a", "b c"}));
  EXPECT_TRUE(fleet.HasLabels());
  EXPECT_FALSE(disk.HasLabels());
}

TEST(Policies, OneBadPolicyDoesNotHideTheOthers) {
  const PolicyFileContent content = ReadPolicies(R"(- name: good
  query: SELECT 1
- name: odd
  query: SELECT 1
  platfrom: red
- query: SELECT 1
- name: good
  query: SELECT 2
- name: last
  query: SELECT 3
)",
                                                 "p.yml");
  ASSERT_EQ(content.policies.size(), 2U);
  EXPECT_EQ(content.policies[0].name, "good");
  EXPECT_EQ(content.policies[1].name, "last");
  ASSERT_EQ(content.problems.size(), 3U);
  EXPECT_EQ(content.problems[0].policy, "odd");
  EXPECT_EQ(content.problems[0].line, 5);
  EXPECT_EQ(content.problems[0].text, "platfrom: unknown key; platform?");
  EXPECT_EQ(content.problems[1].policy, "");
  EXPECT_EQ(content.problems[1].text, "name: missing");
  EXPECT_EQ(content.problems[2].text, "name: good stands here a second time");
  const PolicyFileContent broken = ReadPolicies("- name: [", "p.yml");
  EXPECT_TRUE(broken.policies.empty());
  ASSERT_EQ(broken.problems.size(), 1U);
  EXPECT_THAT(broken.problems[0].text, testing::StartsWith("p.yml:"));
}

TEST(Policies, APatchPolicyWithoutAQueryIsPassedOverAndHidesNoOther) {
  const std::string patch = "- name: a\n  type: patch\n  fleet_maintained_app_slug: slack/darwin\n";
  const PolicyFileContent content = ReadPolicies(patch + "- name: b\n  query: SELECT 1\n", "p.yml");
  EXPECT_TRUE(content.problems.empty());
  ASSERT_EQ(content.policies.size(), 1U);
  EXPECT_EQ(content.policies[0].name, "b");
  ASSERT_EQ(content.passed_over.size(), 1U);
  EXPECT_EQ(content.passed_over[0].policy, "a");
  EXPECT_EQ(content.passed_over[0].text, "not judged: Fleet makes the query of a patch policy");
  EXPECT_EQ(ErrorOf("- name: a\n  type: dynamic\n"), "p.yml:1: query: missing in policy a");
  EXPECT_EQ(ParsePolicies(patch + "  query: SELECT 1\n", "p.yml")->policies.size(), 1U);
}

// Fleet's files get new keys: one that means nothing here keeps no policy from being judged.
TEST(Policies, AKeyThatNobodyKnowsIsReadPastAndNamed) {
  const PolicyFileContent content = ReadPolicies(
      "default: {a: 1}\n"
      "policies:\n"
      "  - name: a\n    query: SELECT 1\n    continuous_automations_enabled: true\n"
      "  - name: b\n    remediation_ticket: {x: [1]}\n    query: SELECT 1\n",
      "team.yml");
  EXPECT_TRUE(content.problems.empty());
  EXPECT_EQ(content.policies.size(), 2U);
  ASSERT_EQ(content.unknown_keys.size(), 3U);
  EXPECT_EQ(content.unknown_keys[0].text, "default: unknown key, read past");
  EXPECT_EQ(content.unknown_keys[1].policy, "a");
  EXPECT_EQ(content.unknown_keys[1].line, 5);
  EXPECT_EQ(content.unknown_keys[1].text, "continuous_automations_enabled: unknown key, read past");
  EXPECT_EQ(content.unknown_keys[2].policy, "b");
  EXPECT_EQ(ReadPolicies("apiVersion: v1\nkind: policy\nmetadata: {}\n"
                         "spec: {name: a, query: SELECT 1}\n",
                         "p.yml")
                .unknown_keys.size(),
            1U);
}

TEST(Policies, AReportOrALabelInAListIsPassedOver) {
  const PolicyFileContent content = ReadPolicies(
      "- name: disk report\n  query: SELECT * FROM mounts\n  interval: 300\n"
      "  automations_enabled: true\n"
      "- name: arm\n  query: SELECT 1\n  label_membership_type: dynamic\n"
      "- name: a\n  query: SELECT 1\n",
      "lib.yml");
  EXPECT_TRUE(content.problems.empty());
  ASSERT_EQ(content.policies.size(), 1U);
  EXPECT_EQ(content.policies[0].name, "a");
  ASSERT_EQ(content.passed_over.size(), 2U);
  EXPECT_EQ(content.passed_over[0].policy, "disk report");
  EXPECT_EQ(content.passed_over[0].text,
            "not judged: with interval it is a report or a label of Fleet, not a policy");
  EXPECT_EQ(content.passed_over[1].policy, "arm");
}

TEST(Policies, TheSameListUnderItsGitOpsKey) {
  const PolicySet set =
      ParsePolicies(
          "name: Workstations\nqueries:\n  - name: x\nagent_options:\n  a: {b: 1}\n"
          "policies:\n  - name: a\n    query: SELECT 1\n",
          "team.yml")
          .value();
  ASSERT_EQ(set.policies.size(), 1U);
  EXPECT_EQ(set.policies[0].line, 7);
}

TEST(Policies, DocumentsOfKindPolicyAreReadAndOthersPassedOver) {
  const PolicySet set = ParsePolicies(R"(---
apiVersion: v1
kind: policy
spec:
  name: Gatekeeper enabled (macOS)
  query: SELECT 1 FROM gatekeeper WHERE assessments_enabled = 1;
  description: Checks it.
  resolution: "To enable it: /usr/sbin/spctl --master-enable"
  tags: compliance, hardening
  platforms: macOS
  platform: darwin
  contributors: groob
  sallyport: {mode: warn}
---
apiVersion: v1
kind: query
spec: {name: q, query: SELECT 1}
---
apiVersion: v1
kind: policy
spec:
  name: second
  query: |
    SELECT 1
      FROM x;
---
)",
                                      "std.yml")
                            .value();
  ASSERT_EQ(set.policies.size(), 2U);
  EXPECT_EQ(set.policies[0].name, "Gatekeeper enabled (macOS)");
  EXPECT_EQ(set.policies[0].platforms, std::vector<Os>{Os::kMacos});
  EXPECT_EQ(set.policies[0].mode, Mode::kWarn);
  EXPECT_EQ(set.policies[1].query, "SELECT 1\n  FROM x;\n");
}

TEST(Policies, AnchorsAndAliasesWork) {
  const PolicySet set =
      ParsePolicies(
          "- name: a\n  query: SELECT 1\n  sallyport: &ours {mode: block, tier: none}\n"
          "- name: b\n  query: SELECT 2\n  sallyport: *ours\n",
          "p.yml")
          .value();
  EXPECT_EQ(set.policies[1].tier, Tier::kNone);
  EXPECT_EQ(set.policies[1].mode, Mode::kBlock);
}

TEST(Policies, ThePlatformOfAChromebookJudgesNoneOfOurs) {
  const PolicySet set = ParsePolicies(
                            "- {name: a, query: SELECT 1, platform: chrome}\n"
                            "- {name: b, query: SELECT 1, platform: 'chrome,darwin'}\n",
                            "p.yml")
                            .value();
  ASSERT_EQ(set.policies.size(), 1U);
  EXPECT_EQ(set.policies[0].name, "b");
  EXPECT_FALSE(set.policies[0].AppliesTo(Os::kLinux));
}

TEST(Policies, TheIdIsTheStartOfTheHashOfTheBytes) {
  // printf -- '- {name: a, query: SELECT 1}\n' | sha256sum
  EXPECT_EQ(ParsePolicies("- {name: a, query: SELECT 1}\n", "p.yml")->id, "b630dcec8503");
  EXPECT_NE(ParsePolicies("- {name: a, query: SELECT 1} \n", "p.yml")->id, "b630dcec8503");
}

TEST(Policies, EveryErrorNamesFileLineAndKey) {
  const std::string head = "- name: a\n  query: SELECT 1\n";
  const std::string ours = head + "  sallyport:\n";
  EXPECT_EQ(ErrorOf(head + "  qury: SELECT 1\n"), "p.yml:3: qury: unknown key; query?");
  EXPECT_EQ(ErrorOf(head + "  Critcal: true\n"), "p.yml:3: Critcal: unknown key; critical?");
  EXPECT_EQ(ErrorOf(head + "  mode: block\n"), "p.yml:3: mode: stands under \"sallyport\"");
  EXPECT_EQ(ErrorOf(ours + "    mod: block\n"), "p.yml:4: sallyport.mod: unknown key");
  EXPECT_EQ(ErrorOf(ours + "    unknown: {afer: 5m}\n"),
            "p.yml:4: sallyport.unknown.afer: unknown key");
  EXPECT_EQ(ErrorOf(ours + "    unknown: 5m\n"),
            "p.yml:4: sallyport.unknown: write {after: 15m, tier: limited}");
  EXPECT_EQ(ErrorOf(ours + "    mode: blocking\n"),
            "p.yml:4: sallyport.mode: blocking is none of report, notify, warn, block");
  EXPECT_EQ(ErrorOf(ours + "    tier: low\n"),
            "p.yml:4: sallyport.tier: low is none of none, quarantine, limited, full");
  EXPECT_EQ(ErrorOf(ours + "    grace: 72\n"),
            "p.yml:4: sallyport.grace: duration 72: write a whole number and a unit: 72h, 15m, "
            "90s, 250ms or 2d");
  EXPECT_EQ(ErrorOf(ours + "    max_age: 0s\n"),
            "p.yml:4: sallyport.max_age: nothing is that fresh");
  EXPECT_EQ(ErrorOf(ours + "    observe: [SELECT 1]\n"), "p.yml:4: sallyport.observe: not a text");
  EXPECT_EQ(ErrorOf(head + "  sallyport: block\n"), "p.yml:3: sallyport: not a map of keys");
  EXPECT_EQ(ErrorOf(head + "  platform: linux,macos\n"),
            "p.yml:3: platform: macos is none of linux, darwin, windows, chrome");
  EXPECT_EQ(ErrorOf(head + "  critical: maybe\n"),
            "p.yml:3: critical: maybe is neither true nor false");
  EXPECT_EQ(ErrorOf(head + "  critical: true\n  sallyport: {grace: 1h}\n"),
            "p.yml:1: grace: policy a is critical, which means no grace; leave one of them out");
  EXPECT_EQ(ErrorOf(head + head), "p.yml:3: name: a stands here a second time");
  EXPECT_EQ(ErrorOf(head + "  query: SELECT 2\n"),
            "p.yml:3: query: stands here again, first in line 2");
  EXPECT_EQ(ErrorOf("- query: SELECT 1\n"), "p.yml:1: name: missing");
  EXPECT_EQ(ErrorOf("- name: a\n"), "p.yml:1: query: missing in policy a");
  EXPECT_EQ(ErrorOf("- name: a\n  query: '  '\n"), "p.yml:1: query: missing in policy a");
  EXPECT_EQ(ErrorOf("- path: ../lib/a.yml\n"),
            "p.yml:1: path: other files are not read; put the policy here");
  EXPECT_EQ(ErrorOf(head + "  labels_include_any: [a]\n  labels_exclude_any: [b]\n"),
            "p.yml:1: labels_exclude_any: stands beside labels_include_any");
  EXPECT_EQ(ErrorOf(head + "  labels_include_any: [a]\n  labels_include_all: [b]\n"),
            "p.yml:1: labels_include_all: stands beside labels_include_any");
  EXPECT_EQ(ErrorOf(head + "  labels_include_any: a\n"), "p.yml:3: labels_include_any: not a list");
  EXPECT_EQ(ErrorOf(head + "  labels_include_any: [[a]]\n"),
            "p.yml:3: labels_include_any: not a list of names");
  EXPECT_EQ(
      ErrorOf(head + "  labels_exclude_any: [a]\n  sallyport: {mode: warn}\n"),
      "p.yml:1: labels: policy a is of mode warn, but labels are not known here: it would hit "
      "every device");
  EXPECT_EQ(ErrorOf("apiVersion: v1\nkind: polcy\nspec: {}\n"),
            "p.yml:1: kind: polcy is not \"policy\"");
  EXPECT_EQ(ErrorOf("apiVersion: v2\nkind: policy\n"), "p.yml:1: apiVersion: only v1 is known");
  EXPECT_EQ(ErrorOf("apiVersion: v1\nkind: policy\n"), "p.yml:1: spec: missing");
  EXPECT_EQ(ErrorOf("polices: []\n"), "p.yml:1: polices: unknown key; policies?");
  EXPECT_EQ(ErrorOf("policies: {}\n"), "p.yml:1: policies: not a list");
  EXPECT_EQ(ErrorOf("just text\n"), "p.yml:1: neither a policy nor a list");
  EXPECT_EQ(ErrorOf("- just text\n"), "p.yml:1: a policy is a map of keys");
  EXPECT_EQ(ErrorOf("- {name: \"a\\0b\", query: SELECT 1}\n"),
            "p.yml:1: text is not UTF-8 or has a NUL");
  EXPECT_EQ(ErrorOf("- {name: a\xff, query: SELECT 1}\n"),
            "p.yml:1: text is not UTF-8 or has a NUL");
  EXPECT_EQ(ErrorOf("- ? [a]\n  : b\n"), "p.yml:1: a key that is not plain text");
}

TEST(Policies, AFileWithoutAPolicyIsAnErrorAndNotAnOpenDoor) {
  for (const char* yaml : {"", "---\n", "# all gone\n", "policies:\n", "[]\n"}) {
    EXPECT_EQ(ErrorOf(yaml), "p.yml: no policy in the file") << yaml;
  }
}

TEST(Policies, SyntaxErrorsNameTheLine) {
  EXPECT_THAT(ErrorOf("- name: a\n  query: [1\n"), HasSubstr("p.yml:3: "));
  EXPECT_THAT(ErrorOf("- name: a\n\tquery: 1\n"), HasSubstr("p.yml:2: "));
  EXPECT_THAT(ErrorOf("- name: *nobody\n"), HasSubstr("p.yml:1: "));
}

TEST(Budgets, AnAliasBombIsRefusedQuickly) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  const auto start = std::chrono::steady_clock::now();
  const auto set = ParsePolicies(bomb, "p.yml");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, Code::kTooLarge);
  EXPECT_EQ(set.error().message, "p.yml:5: more than 100000 nodes with aliases expanded");
}

TEST(Budgets, ALargeTextThatIsAliasedOftenIsRefused) {
  std::string bomb = "a: &a " + std::string(100'000, 'x') + "\nb:\n";
  for (int i = 0; i < 50; ++i) bomb += "- *a\n";
  const auto set = ParsePolicies(bomb, "p.yml");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code, Code::kTooLarge);
  EXPECT_EQ(set.error().message, "p.yml:43: more than 4194304 bytes of text with aliases expanded");
}

TEST(Budgets, BytesNodesAndDepthAreBounded) {
  EXPECT_EQ(ErrorOf(std::string((1 << 20) + 1, '#')), "p.yml: more than 1048576 bytes");
  std::string nodes = "[";
  for (int i = 0; i < 100'001; ++i) nodes += "x,";
  EXPECT_EQ(ErrorOf(nodes + "]"), "p.yml:1: more than 100000 nodes with aliases expanded");
  EXPECT_EQ(ErrorOf(std::string(100'000, '[')), "p.yml:1: nested deeper than 32 levels");
  std::string blocks;
  for (int i = 0; i < 40; ++i) blocks += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(ErrorOf(blocks), HasSubstr("nested deeper than 32 levels"));
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 40; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
             "]\n";
  }
  EXPECT_THAT(ErrorOf(chain), HasSubstr("nested deeper than 32 levels"));
}

TEST(Budgets, AnAliasWithinItsOwnAnchorIsRefused) {
  EXPECT_EQ(ErrorOf("- &a [*a]\n"), "p.yml:1: an alias stands inside its own anchor");
}

// Bytes changed, cut out, doubled and swapped: a policy set or an error that names the file.
TEST(Policies, NoMutationOfAFileCrashesTheReader) {
  const std::string seed = std::string(kGitOps) + R"(---
apiVersion: v1
kind: policy
spec: {name: c, query: 'SELECT 1', sallyport: &s {grace: 5m}, tags: [*s, "\x41"]}
)";
  uint32_t state = 7;
  const auto next = [&](size_t below) {
    state = state * 1664525U + 1013904223U;
    return state / 65536U % below;
  };
  using std::string_view_literals::operator""sv;
  constexpr std::string_view kSpice = "[]{}&*!|>'\"%@`,:-?#\n\t \\\0\xff\xc3\xed\xa0<"sv;
  size_t parsed = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = seed;
    for (size_t changes = 1 + next(6); changes > 0; --changes) {
      const size_t at = next(text.size());
      const size_t size = next(20);
      switch (next(4)) {
        case 0:
          text[at] = kSpice[next(kSpice.size())];
          break;
        case 1:
          text.insert(at, 1, kSpice[next(kSpice.size())]);
          break;
        case 2:
          text.erase(at, size);
          break;
        default:
          text.insert(at, text.substr(next(text.size()), size));
      }
      if (text.empty()) text = "-";
    }
    const auto set = ParsePolicies(text, "p.yml");
    if (set) {
      ++parsed;
      EXPECT_FALSE(set->id.empty());
    } else {
      EXPECT_TRUE(set.error().message.starts_with("p.yml:")) << set.error().message;
    }
  }
  EXPECT_GT(parsed, 10U) << "the mutations are too wild to reach the reader";
}

TEST(Durations, HaveAUnit) {
  EXPECT_EQ(ParseDuration("72h").value(), std::chrono::hours(72));
  EXPECT_EQ(ParseDuration("15m").value(), std::chrono::minutes(15));
  EXPECT_EQ(ParseDuration("90s").value(), std::chrono::seconds(90));
  EXPECT_EQ(ParseDuration("250ms").value(), Millis(250));
  EXPECT_EQ(ParseDuration("2d").value(), std::chrono::hours(48));
  EXPECT_EQ(ParseDuration("0s").value(), Millis(0));
  for (const char* bad : {"", "15", "h", "-1h", "+1h", "1.5h", "1h30m", " 1h", "1h ", "1 h", "1w",
                          "1H", "99999999999999999999h", "3651d", "1\xff"}) {
    const auto parsed = ParseDuration(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
  }
}

TEST(Durations, AreShownAsTheyAreWritten) {
  EXPECT_EQ(DurationText(std::chrono::hours(72)), "72h");
  EXPECT_EQ(DurationText(std::chrono::seconds(90)), "1m 30s");
  EXPECT_EQ(DurationText(Millis(1500)), "1s 500ms");
  EXPECT_EQ(DurationText(Millis(0)), "0s");
  EXPECT_EQ(DurationText(-std::chrono::minutes(5)), "-5m");
}

TEST(Names, OfTiersAndModesGoBothWays) {
  for (Tier tier : {Tier::kNone, Tier::kQuarantine, Tier::kLimited, Tier::kFull}) {
    EXPECT_EQ(TierFromName(TierName(tier)), tier);
  }
  EXPECT_EQ(TierFromName("Full"), std::nullopt);
  EXPECT_LT(Tier::kNone, Tier::kQuarantine);
  EXPECT_STREQ(ModeName(Mode::kBlock), "block");
}

}  // namespace
}  // namespace sallyport
