// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/config_lint.h"

#include <gtest/gtest.h>

#include "tests/agent_lint/toy_kind.h"

namespace sallyport {
namespace {

using Texts = std::vector<std::string>;

TEST(ConfigLint, FailingRowsAreFindingsAtTheirLines) {
  FakeHost host;
  host.Put("/home/repo/toy.conf", "conn a cert\nconn b psk\n\nconn c psk\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), (Texts{"repo/toy.conf:2 fail no-psk b: psk=1",
                                 "repo/toy.conf:4 fail no-psk c: psk=1"}));
  EXPECT_EQ(report.findings[0].severity, Severity::kWarning);
  EXPECT_EQ(report.findings[0].expected, "psk=0");
  EXPECT_EQ(report.findings[0].remedy, "Use a certificate.");
  EXPECT_EQ(LintExitCode(report, Severity::kWarning), 1);
  EXPECT_EQ(LintExitCode(report, Severity::kError), 0);
  EXPECT_EQ(LintExitCode(report, std::nullopt), 0);
}

TEST(ConfigLint, CleanFileHasNoFindingAndIsRead) {
  FakeHost host;
  host.Put("/home/repo/toy.conf", "conn a cert\n");
  host.Put("/home/repo/README.md", "conn\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), Texts{});
  EXPECT_EQ(ToldRead(report), Texts{"repo/toy.conf"});
  EXPECT_EQ(report.files_other, 1u);
  EXPECT_EQ(LintExitCode(report, Severity::kNote), 0);
}

TEST(ConfigLint, CellThatCouldNotBeToldIsAFindingOfItsOwnKind) {
  FakeHost host;
  host.Put("/home/repo/toy.conf", "conn a ?\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), Texts{"repo/toy.conf:1 unknown no-psk a: psk=unknown"});
  EXPECT_EQ(LintExitCode(report, Severity::kWarning), 5);
  host.Put("/home/repo/toy.conf", "conn a ?\nconn b psk\n");
  EXPECT_EQ(Told(LintToy(host)), (Texts{"repo/toy.conf:1 unknown no-psk a: psk=unknown",
                                        "repo/toy.conf:2 fail no-psk b: psk=1"}));
}

TEST(ConfigLint, PolicyWithoutObserveIsOneFindingOfTheFile) {
  auto judge =
      PackJudge::Make("- name: some\n  description: There is one.\n  query: SELECT 1 FROM toy;\n",
                      "p.yml", kToySchemas);
  ASSERT_TRUE(judge) << judge.error().message;
  const auto findings = judge->Judge(Os::kLinux, std::vector<TableResult>{EmptyToy()}, "x");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].path, "x");
  EXPECT_EQ(findings[0].line, 0);
  EXPECT_EQ(findings[0].severity, Severity::kNote);
  EXPECT_EQ(findings[0].observed, "toy: 0 rows");
}

TEST(ConfigLint, TableThatCouldNotBeReadIsUnknownAndNotAPass) {
  auto judge = PackJudge::Make(kToyPack, "toy.yml", kToySchemas);
  TableResult denied = EmptyToy();
  denied.state = State::kDenied;
  denied.error = "not for you";
  const auto findings = judge->Judge(Os::kLinux, std::vector<TableResult>{denied}, "x");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, FindingKind::kUnknown);
  EXPECT_EQ(findings[0].observed, "toy: denied: not for you");
}

TEST(ConfigLint, PolicyOfOtherTablesIsPassedOver) {
  constexpr Schema kTwo[] = {{"toy", kToyColumns}, {"disks", kToyColumns}};
  auto judge = PackJudge::Make("- name: disks\n  query: SELECT 1 FROM disks;\n", "p.yml", kTwo);
  ASSERT_TRUE(judge) << judge.error().message;
  EXPECT_TRUE(judge->Judge(Os::kLinux, std::vector<TableResult>{EmptyToy()}, "x").empty());
}

TEST(ConfigLint, IncludedFileBelongsToTheOneThatIncludesItAndIsJudgedOnce) {
  FakeHost host;
  host.Put("/home/repo/a.conf", "conn early psk\n");
  host.Put("/home/repo/toy.conf", "include a.conf\nconn late cert\n");
  host.Put("/home/repo/z.conf", "conn alone psk\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), (Texts{"repo/a.conf:1 fail no-psk early: psk=1",
                                 "repo/z.conf:1 fail no-psk alone: psk=1"}));
  EXPECT_EQ(ToldRead(report),
            (Texts{"repo/a.conf < repo/toy.conf", "repo/toy.conf", "repo/z.conf"}));
}

TEST(ConfigLint, MissingIncludeAndParseErrorAreToldWithTheirLineAndNotClean) {
  FakeHost host;
  host.Put("/home/repo/a/toy.conf", "conn a cert\ninclude gone\n");
  host.Put("/home/repo/b/toy.conf", "conn a cert\n\nconn\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(ToldUnread(report),
            (Texts{"repo/a/toy.conf | repo/a/toy.conf:2: repo/a/gone: no such file",
                   "repo/b/toy.conf | repo/b/toy.conf:3: no statement"}));
  EXPECT_EQ(report.files_unread[1].line, 3);
  EXPECT_TRUE(report.files_read.empty());
  EXPECT_EQ(LintExitCode(report, Severity::kError), 5);
}

TEST(ConfigLint, TemplateIsNotJudgedAndNeitherIsWhatIncludesIt) {
  FakeHost host;
  host.Put("/home/repo/a/toy.conf.j2", "conn a cert\nconn {{ name }} psk\n");
  host.Put("/home/repo/b/toy.conf", "include part\n");
  host.Put("/home/repo/b/part", "conn ${name} psk\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), Texts{});
  EXPECT_EQ(
      ToldUnread(report),
      (Texts{"repo/a/toy.conf.j2 | repo/a/toy.conf.j2:2: a template ({{): what a program will "
             "read is not known here",
             "repo/b/part | repo/b/part:1: a template (${): what a program will read is not "
             "known here",
             "repo/b/toy.conf | repo/b/toy.conf:1: repo/b/part:1: a template (${): what a "
             "program will read is not known here"}));
}

TEST(ConfigLint, KindThatNothingReadsIsNeverClean) {
  FakeHost host;
  host.Put("/home/repo/later.conf", "anything\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(ToldUnread(report),
            Texts{"repo/later.conf | repo/later.conf: nothing here reads later.conf"});
  EXPECT_EQ(LintExitCode(report, Severity::kError), 5);
}

TEST(ConfigLint, DocumentOrProgramThatShowsAConfigurationIsNone) {
  FakeHost host;
  host.Put("/home/repo/guide.md", "conn a psk\n");
  host.Put("/home/repo/test.py", "conn a psk\n");
  host.Put("/home/repo/snippet", "conn a psk\n");
  EXPECT_EQ(Told(LintToy(host)), Texts{"repo/snippet:1 fail no-psk a: psk=1"});
}

TEST(ConfigLint, FileThatIsNamedAndOfNoKnownKindIsNotRead) {
  FakeHost host;
  host.Put("/home/repo/README.md", "text\n");
  EXPECT_EQ(ToldUnread(LintToy(host, {"repo/README.md"})),
            Texts{"repo/README.md | repo/README.md: of no kind that is known here"});
}

}  // namespace
}  // namespace sallyport
