// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/path_pattern.h"

#include <gtest/gtest.h>

#include "collectors/osquery/paths.h"
#include "collectors/paths/path_keys.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Paths = std::vector<std::string>;

FakeHost Homes() {
  FakeHost host;
  host.Put("/home/ada/.bashrc", "");
  host.Put("/home/ada/notes.txt", "");
  host.Put("/home/ada/src/a.txt", "");
  host.Put("/home/ada/src/deep/b.txt", "");
  host.Put("/home/ada/src/.git/config", "");
  host.Put("/home/bob/notes.txt", "");
  host.Put("/home/readme.txt", "");
  return host;
}

TEST(PathsLike, APercentSignStaysWithinItsComponent) {
  const FakeHost host = Homes();
  EXPECT_EQ(PathsLike(host, "/home/%/notes.txt").value(),
            (Paths{"/home/ada/notes.txt", "/home/bob/notes.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/%").value(),
            (Paths{"/home/ada/", "/home/bob/", "/home/readme.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/%d%").value(), (Paths{"/home/ada/", "/home/readme.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/a%a/%.txt").value(), (Paths{"/home/ada/notes.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/%/nothing").value(), Paths{});
  EXPECT_EQ(PathsLike(host, "/nowhere/%").value(), Paths{});
}

TEST(PathsLike, TwoAtTheEndTakeEverythingBelowAndInTheMiddleAreOne) {
  const FakeHost host = Homes();
  EXPECT_EQ(PathsLike(host, "/home/ada/%%").value(),
            (Paths{"/home/ada/notes.txt", "/home/ada/src/", "/home/ada/src/a.txt",
                   "/home/ada/src/deep/", "/home/ada/src/deep/b.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/ada/s%%").value(),
            (Paths{"/home/ada/src/", "/home/ada/src/a.txt", "/home/ada/src/deep/",
                   "/home/ada/src/deep/b.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/%%/notes.txt").value(),
            (Paths{"/home/ada/notes.txt", "/home/bob/notes.txt"}));
  EXPECT_EQ(PathsLike(host, "/home/ada/%%/").value(),
            (Paths{"/home/ada/src/", "/home/ada/src/deep/"}));
}

TEST(PathsLike, ALeadingDotMustBeWrittenAndOtherSignsMeanThemselves) {
  FakeHost host = Homes();
  host.Put("/odd/a_b*[c]", "");
  EXPECT_EQ(PathsLike(host, "/home/ada/.%").value(), (Paths{"/home/ada/.bashrc"}));
  EXPECT_EQ(PathsLike(host, "/home/ada/src/.git/%").value(), (Paths{"/home/ada/src/.git/config"}));
  EXPECT_EQ(PathsLike(host, "/odd/a_b*[c]").value(), (Paths{"/odd/a_b*[c]"}));
  EXPECT_EQ(PathsLike(host, "/odd/a*").value(), Paths{});
  EXPECT_EQ(PathsLike(host, "/odd/a_b%]").value(), (Paths{"/odd/a_b*[c]"}));
}

TEST(PathsLike, AFolderThatCannotBeListedRefusesThePattern) {
  FakeHost host = Homes();
  host.Fail("/home/bob", Code::kDenied);
  EXPECT_EQ(PathsLike(host, "/home/%/%.txt").error(),
            (Error{Code::kDenied, "/home/%/%.txt: /home/bob"}));
  EXPECT_EQ(PathsLike(host, "/home/%%").error().code, Code::kDenied);
}

TEST(PathsLike, LinksAreFollowedButNotUpwardAndNowhereTwice) {
  FakeHost host;
  host.Put("/a/x/f", "");
  host.Put("/b/g", "");
  host.PutLink("/a/up", "..");
  host.PutLink("/a/self", ".");
  host.PutLink("/a/to_b", "/b");
  host.PutLink("/a/x/to_b", "/b");
  host.PutLink("/a/dangling", "/nowhere");
  EXPECT_EQ(PathsLike(host, "/a/%%").value(),
            (Paths{"/a/dangling", "/a/self/", "/a/to_b/", "/a/to_b/g", "/a/up/", "/a/x/", "/a/x/f",
                   "/a/x/to_b/"}));
  EXPECT_EQ(PathsLike(host, "/a/%/g").value(), (Paths{"/a/to_b/g"}));
}

TEST(PathsLike, TooMuchIsRefusedAndNeverCut) {
  FakeHost host;
  for (int i = 0; i < 10'001; ++i) host.Put("/many/" + std::to_string(i), "");
  EXPECT_EQ(PathsLike(host, "/many/%").error(),
            (Error{Code::kTooLarge, "/many/%: over 10000 paths"}));
  EXPECT_EQ(PathsLike(host, "/many/1%").value().size(), 1112u);
  std::string deep = "/deep";
  for (int i = 0; i < 70; ++i) deep += "/d";
  host.Put(deep + "/f", "");
  EXPECT_EQ(PathsLike(host, "/deep/%%").error().code, Code::kTooLarge);
  EXPECT_TRUE(PathsLike(host, "/deep/%%").error().message.starts_with("/deep/%%: over 64 folders"));
}

TEST(PathsLike, AnythingThatIsNotAbsoluteIsRefused) {
  for (const char* bad : {"", "%", "etc/%", "C:\\%", "~/%"}) {
    EXPECT_EQ(PathsLike(FakeHost(), bad).error().code, Code::kInvalidArgument) << bad;
  }
  for (const char* bad : {"", "C:", "%:\\x", "\\x", "/etc/%"}) {
    EXPECT_EQ(PathsLike(FakeHost(Os::kWindows), bad).error().code, Code::kInvalidArgument) << bad;
  }
}

TEST(PathsLike, OnWindowsEitherSlashAndEitherCaseMatchAndDotsAreNotHidden) {
  FakeHost host(Os::kWindows);
  host.Put("C:\\Users\\Ann\\.cfg", "");
  host.Put("C:\\Users\\Ann\\Note.TXT", "");
  EXPECT_EQ(PathsLike(host, "C:\\Users\\%\\%.txt").value(), (Paths{"C:\\Users\\Ann\\Note.TXT"}));
  EXPECT_EQ(PathsLike(host, "C:/Users/%/%").value(),
            (Paths{"C:/Users/Ann/.cfg", "C:/Users/Ann/Note.TXT"}));
  EXPECT_EQ(PathsLike(host, "C:\\Users\\%").value(), (Paths{"C:\\Users\\Ann\\"}));
}

TEST(MatchesComponent, IsGreedyAndBounded) {
  EXPECT_TRUE(MatchesComponent(Os::kLinux, "a%b%c", "aXbYbZc"));
  EXPECT_FALSE(MatchesComponent(Os::kLinux, "a%b%c", "aXbYbZ"));
  EXPECT_TRUE(MatchesComponent(Os::kLinux, "%%%", ""));
  std::string stars;
  for (int i = 0; i < 1000; ++i) stars += "%a";
  EXPECT_FALSE(MatchesComponent(Os::kLinux, stars + "b", std::string(5000, 'a')));
}

TEST(AskedPaths, ComeFromAPathOrFromAFolderAndWithoutEitherAreAnError) {
  const FakeHost host = Homes();
  EXPECT_EQ(AskedPaths(host, kFileTable, {{"path", "/x/y"}}).value(),
            (std::vector<AskedPath>{{"/x/y", "/x", true}}));
  EXPECT_EQ(AskedPaths(host, kFileTable, {{"directory", "/home/ada"}}).value(),
            (std::vector<AskedPath>{{"/home/ada/.bashrc", "/home/ada", false},
                                    {"/home/ada/notes.txt", "/home/ada", false},
                                    {"/home/ada/src", "/home/ada", false}}));
  EXPECT_EQ(AskedPaths(host, kFileTable, {{"directory", "/home/b%", true}}).value(),
            (std::vector<AskedPath>{{"/home/bob/notes.txt", "/home/bob/", false}}));
  EXPECT_EQ(AskedPaths(host, kFileTable, {{"directory", "/none"}}).value(),
            std::vector<AskedPath>{});
  // A conjunction: what one of its keys names is enough.
  EXPECT_EQ(AskedPaths(host, kFileTable, {{"path", "/h%", true}, {"path", "/x"}}).value().size(),
            1u);
  EXPECT_EQ(AskedPaths(host, kFileTable, {}).error(),
            (Error{Code::kInvalidArgument, "file: needs a path or a directory"}));
  EXPECT_EQ(AskedPaths(host, kPlist, {{"key", "x"}}).error(),
            (Error{Code::kInvalidArgument, "plist: needs a path"}));
}

}  // namespace
}  // namespace sallyport
