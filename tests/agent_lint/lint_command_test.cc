// SPDX-License-Identifier: Apache-2.0
// The commands on real files.
#include "agent/cli/lint_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Millis kNow{1'795'000'000'000};  // 2026-11-18
constexpr char kAggressive[] =
    "connections {\n  a {\n    version = 2\n    aggressive = yes\n    remote_addrs = x.example\n"
    "    vips = 0.0.0.0\n    remote {\n      id = x.example\n    }\n  }\n}\n";

class LintCommand : public testing::Test {
 protected:
  Result<CommandAnswer> Lint(LintArguments arguments) {
    if (arguments.paths.empty()) arguments.paths = {folder_ / "repo"};
    return RunLint(arguments, Style(false), kNow);
  }
  int Code(LintArguments arguments) { return Lint(std::move(arguments))->exit_code; }

  TempFolder folder_;
};

TEST_F(LintCommand, ExitCodeFollowsTheLeastSeverityThatCounts) {
  folder_.Write("repo/swanctl.conf", kAggressive);
  EXPECT_EQ(Code({.fail_on = "error"}), 1);
  EXPECT_EQ(Code({.fail_on = "never"}), 0);
  folder_.Write("repo/swanctl.conf", "# nothing\n");
  EXPECT_EQ(Code({.fail_on = "note"}), 0);
  folder_.Write("repo/rasphone.pbk", "[corp]\n");
  EXPECT_EQ(Code({.fail_on = "error"}), 5);
}

TEST_F(LintCommand, BaselineThatWasWrittenBearsWhatWasThereAndNothingElse) {
  folder_.Write("repo/swanctl.conf", kAggressive);
  folder_.Write("repo/rasphone.pbk", "[corp]\n");
  const std::string baseline = folder_ / "baseline.json";
  EXPECT_EQ(Code({.write_baseline = baseline}), 0);
  EXPECT_EQ(Code({.baseline = baseline}), 0);
  folder_.Write("repo/swanctl.conf", std::string("# moved\n\n") + kAggressive);
  EXPECT_EQ(Code({.baseline = baseline}), 0);
  folder_.Write("repo/other/swanctl.conf", kAggressive);
  EXPECT_EQ(Code({.baseline = baseline}), 1);
}

TEST_F(LintCommand, WhatCannotBeUsedIsRefusedByName) {
  folder_.Write("repo/x", "");
  folder_.Write("bad", "no json");
  EXPECT_EQ(Lint({.paths = {folder_ / "none"}}).error(),
            (Error{Code::kNotFound, folder_ / "none" + ": is not there"}));
  EXPECT_THAT(Lint({.baseline = folder_ / "bad"}).error().message, HasSubstr("bad: no baseline"));
  EXPECT_THAT(Lint({.pack = folder_ / "bad"}).error().message, HasSubstr("bad"));
  EXPECT_EQ(Lint({.explain = "no-such"}).error().code, Code::kNotFound);
}

TEST_F(LintCommand, RuleOfThePackIsExplained) {
  EXPECT_THAT(Lint({.explain = "vpn-aggressive"})->out, HasSubstr("vpn-aggressive (error)\n"));
}

TEST_F(LintCommand, RealLinksOutOfTheTreeAreNotFollowed) {
  folder_.Write("outside/swanctl.conf", kAggressive);
  std::filesystem::create_directory(folder_ / "repo");
  std::filesystem::create_symlink(folder_ / "outside", folder_ / "repo/in");
  std::filesystem::create_symlink("../outside/swanctl.conf", folder_ / "repo/swanctl.conf");
  const auto answer = Lint({.format = "json"});
  EXPECT_EQ(answer->exit_code, 5);
  EXPECT_THAT(answer->out, HasSubstr("\"findings\": []"));
  EXPECT_THAT(answer->out, HasSubstr("leads out of what is linted"));
}

TEST_F(LintCommand, FifoIsNeverOpened) {
  std::filesystem::create_directory(folder_ / "repo");
  ASSERT_EQ(std::system(("mkfifo " + folder_ / "repo/swanctl.conf").c_str()), 0);
  EXPECT_EQ(Code({}), 0);
}

TEST_F(LintCommand, PolicyFileOfOnesOwnTakesThePlaceOfThePack) {
  folder_.Write("repo/swanctl.conf", kAggressive);
  folder_.Write("own.yml",
                "- name: own\n  description: No connection.\n"
                "  query: SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM vpn_connections);\n"
                "  sallyport:\n    mode: block\n"
                "    observe: SELECT name, source FROM vpn_connections;\n");
  const auto answer = Lint({.pack = folder_ / "own.yml"});
  EXPECT_EQ(answer->exit_code, 1);
  EXPECT_THAT(answer->out, HasSubstr("repo/swanctl.conf:2: error: own\n"));
  EXPECT_THAT(answer->out, Not(HasSubstr("vpn-aggressive")));
}

TEST(VpnListCommand, MachineThatWasRecordedIsListed) {
  const auto answer = RunVpnList(
      {.machine = SALLYPORT_SOURCE_DIR "/tests/machines/debian12-luks-laptop"}, Style(false), kNow);
  if (!answer) FAIL() << answer.error().message;
  EXPECT_THAT(answer->out, HasSubstr(" findings\n"));
}

}  // namespace
}  // namespace sallyport
