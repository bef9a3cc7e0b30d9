// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/tree.h"

#include <gtest/gtest.h>

#include "tests/agent_lint/toy_kind.h"

namespace sallyport {
namespace {

using Texts = std::vector<std::string>;

TEST(LintTree, LinkOutOfTheTreeIsToldAndNeverFollowed) {
  FakeHost host;
  host.Put("/etc/toy.conf", "conn a psk\n");
  host.Put("/home/repo/in/toy.conf", "conn b psk\n");
  host.PutLink("/home/repo/out/toy.conf", "/etc/toy.conf");
  host.PutLink("/home/repo/in/other.conf", "toy.conf");
  host.PutLink("/home/repo/swanctl/gone", "nothing");
  host.PutLink("/home/repo/units/ssh.service", "/lib/ssh.service");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), Texts{"repo/in/toy.conf:1 fail no-psk b: psk=1"});
  EXPECT_EQ(ToldUnread(report),
            (Texts{"repo/out/toy.conf | a link that leads out of what is linted; not followed",
                   "repo/swanctl/gone | a link to nothing that can be read"}));
  EXPECT_EQ(report.files_other, 2u);
  EXPECT_EQ(LintExitCode(report, Severity::kError), 5);
}

TEST(LintTree, IncludeOutOfTheTreeIsRefusedWithItsPlace) {
  FakeHost host;
  host.Put("/etc/secret.conf", "conn a psk\n");
  host.Put("/home/repo/toy.conf", "conn b cert\ninclude /etc/secret.conf\n");
  host.Put("/home/repo/sub/toy.conf", "include ../../../etc/secret.conf\n");
  const ConfigReport report = LintToy(host);
  EXPECT_EQ(Told(report), Texts{});
  EXPECT_EQ(
      ToldUnread(report),
      (Texts{"repo/sub/toy.conf | repo/sub/toy.conf:1: repo/sub/../../../etc/secret.conf: lies "
             "outside of what is linted, and is not read",
             "repo/toy.conf | repo/toy.conf:2: /etc/secret.conf: lies outside of what is "
             "linted, and is not read"}));
  EXPECT_EQ(report.files_unread[1].line, 2);
}

TEST(LintTree, FileThatIsNamedMayIncludeWhatLiesBesideIt) {
  FakeHost host;
  host.Put("/home/repo/toy.conf", "include more.d/x\n");
  host.Put("/home/repo/more.d/x", "conn a psk\n");
  const ConfigReport report = LintToy(host, {"repo/toy.conf"});
  EXPECT_EQ(Told(report), Texts{"repo/more.d/x:1 fail no-psk a: psk=1"});
  EXPECT_EQ(ToldRead(report), (Texts{"repo/more.d/x < repo/toy.conf", "repo/toy.conf"}));
}

TEST(LintTree, UnreadableTooLargeBinaryAndUtf16FilesAreNamedWithWhy) {
  FakeHost host;
  host.Put("/home/repo/a/toy.conf", "");
  host.Fail("/home/repo/a/toy.conf", Code::kDenied);
  host.Put("/home/repo/b/toy.conf", "conn a cert\n" + std::string(100, ' '));
  host.Put("/home/repo/c/toy.conf", std::string("conn\0\xff\0", 7));
  host.Put("/home/repo/d/toy.conf", std::string("\xff\xfe"
                                                "c\0o\0n\0n\0",
                                                10));
  host.Put("/home/repo/e.png", std::string("\x89PNG\0\0\0", 8));
  host.Put("/home/repo/f.conf", std::string("\x7f"
                                            "ELF\0\0\0",
                                            7));
  const ConfigReport report = LintToy(host, {"repo"}, {.bytes = 64});
  EXPECT_EQ(ToldUnread(report),
            (Texts{"repo/a/toy.conf | repo/a/toy.conf: cannot be read: denied",
                   "repo/b/toy.conf | repo/b/toy.conf: cannot be read: too large",
                   "repo/c/toy.conf | repo/c/toy.conf: is binary",
                   "repo/d/toy.conf | repo/d/toy.conf: is UTF-16 text",
                   "repo/f.conf | repo/f.conf: is binary"}));
  EXPECT_EQ(report.files_other, 1u);
}

TEST(LintTree, WalkEndsAtItsBounds) {
  FakeHost host;
  host.Put("/home/repo/1/2/3/toy.conf", "conn a psk\n");
  EXPECT_EQ(ToldUnread(LintToy(host, {"repo"}, {.depth = 2})),
            Texts{"repo/1/2/3 | over 2 folders deep"});
  host.Put("/home/repo/x", "");
  const auto tree = WalkTree(host, std::vector<std::string>{"repo"}, "/home", {.files = 1});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, Code::kTooLarge);
}

TEST(LintTree, PathThatIsNotThereIsAnErrorThatNamesIt) {
  const auto tree = WalkTree(FakeHost(), std::vector<std::string>{"no/such"}, "/home", {});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error(), (Error{Code::kNotFound, "no/such: is not there"}));
}

TEST(LintTree, PathsAreShownAsTheyWereNamed) {
  FakeHost host;
  host.Put("/home/repo/toy.conf", "conn a psk\n");
  host.Put("/srv/toy.conf", "conn b psk\n");
  EXPECT_EQ(
      Told(LintToy(host, {"./repo//", "/srv"})),
      (Texts{"/srv/toy.conf:1 fail no-psk b: psk=1", "repo/toy.conf:1 fail no-psk a: psk=1"}));
  EXPECT_EQ(Told(LintToy(host, {"."})), Texts{"repo/toy.conf:1 fail no-psk a: psk=1"});
  EXPECT_EQ(Told(LintToy(host, {".", "repo", "repo/toy.conf"})).size(), 1u);
}

// A file whose path leads somewhere once, and is gone when it is asked for again.
class OnceHost : public FakeHost {
 public:
  Result<std::string> RealPath(const std::string& path) const override {
    if (asked_++ > 0) return sallyport::Fail(Code::kNotFound, path);
    return FakeHost::RealPath(path);
  }

 private:
  mutable int asked_ = 0;
};

TEST(LintTree, FileThatIsMovedWhileItIsReadIsKeptByThePathItHad) {
  OnceHost host;
  host.Put("/home/repo/toy.conf", "conn a psk\n");
  Tree tree;
  tree.roots.push_back({"/home/repo", "/home/repo", "repo", "/home/repo"});
  const TreeHost inside(host, tree, {});
  EXPECT_EQ(inside.ReadFile("/home/repo/toy.conf", 1 << 20), "conn a psk\n");
  EXPECT_EQ(inside.TakeRead().count("/home/repo/toy.conf"), 1u);
}

}  // namespace
}  // namespace sallyport
