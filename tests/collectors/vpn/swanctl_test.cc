// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "collectors/vpn/glob.h"
#include "collectors/vpn/swanctl.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

Result<SettingsSection> Load(const std::string& text) {
  FakeHost host;
  host.Put("/c/a.conf", text);
  return LoadSettings(host, "/c/a.conf");
}

std::string ErrorOf(const std::string& text) {
  const auto loaded = Load(text);
  return loaded ? "no error" : loaded.error().message;
}

TEST(Swanctl, SettingsKeepFileAndLineAndUnknownKeysAreKept) {
  const SettingsSection root = Load("a = b\n\nsection-one {\n  whatever = x y\n}\n").value();
  ASSERT_EQ(root.settings.size(), 1u);
  EXPECT_EQ(root.settings[0], (Setting{"a", "b", false, {"/c/a.conf", 1, 1, 1, 5, 1, 6}}));
  const SettingsSection* one = root.FindSection("section-one");
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->where, (Span{"/c/a.conf", 3, 1, 0, 0, 3, 12}));
  EXPECT_EQ(*one->Find("whatever"),
            (Setting{"whatever", "x y", false, {"/c/a.conf", 4, 3, 4, 14, 4, 17}}));
}

TEST(Swanctl, APlaceCountsBytesFromTheLinesBeginAlsoOverLinesAndInIncludes) {
  FakeHost host;
  host.Put("/c/a.conf", "x { a=1 b = \"two\nlines\"   c = # none\n }\n\tinclude b.conf\n");
  host.Put("/c/b.conf", "\xC3\xA4 = 1 2  # two\n");
  const SettingsSection root = LoadSettings(host, "/c/a.conf").value();
  const SettingsSection* x = root.FindSection("x");
  // One line holds one setting: the rest of it is its value.
  EXPECT_EQ(x->Find("a")->where, (Span{"/c/a.conf", 1, 5, 1, 7, 2, 13}));
  EXPECT_EQ(x->Find("a")->value, "1 b = two\nlines c =");
  EXPECT_EQ(root.settings[0].where, (Span{"/c/b.conf", 1, 1, 1, 6, 1, 9}));
  const SettingsSection cleared = Load("a = \n").value();
  EXPECT_TRUE(cleared.settings[0].cleared);
  EXPECT_EQ(cleared.settings[0].where, (Span{"/c/a.conf", 1, 1, 0, 0, 1, 2}));
}

TEST(Swanctl, SectionsMayStandOnOneLineOrOpenOnTheNext) {
  const SettingsSection root =
      Load("a { x = 1 }\nb\n# why not\n{ y = 2 # two\n z=3}\r\nc { d { w = 4 } }\n").value();
  EXPECT_EQ(root.FindSection("a")->Get("x"), "1");
  EXPECT_EQ(root.FindSection("b")->Get("y"), "2");
  EXPECT_EQ(root.FindSection("b")->Get("z"), "3");
  EXPECT_EQ(root.FindSection("c")->FindSection("d")->Get("w"), "4");
}

TEST(Swanctl, QuotedValuesHoldWhatWouldEndOthersAndKnowEscapes) {
  const SettingsSection root = Load(
                                   "a = \"x # } = \\\"y\\\"\"\n"
                                   "b = \"one\\ttwo\\nthree\\\\\"\n"
                                   "c = \"joined \\\nline\"\n"
                                   "d = \"two\nlines\"\n"
                                   "e = plain \"and quoted\"   rest\n"
                                   "f = 1\n")
                                   .value();
  EXPECT_EQ(root.Get("a"), "x # } = \"y\"");
  EXPECT_EQ(root.Get("b"), "one\ttwo\nthree\\");
  EXPECT_EQ(root.Get("c"), "joined line");
  EXPECT_EQ(root.Get("d"), "two\nlines");
  EXPECT_EQ(root.Get("e"), "plain and quoted rest");
  EXPECT_EQ(root.Find("f")->where.line, 8);
}

TEST(Swanctl, LaterSettingsReplaceAndSectionsOfOneNameGrowTogether) {
  const SettingsSection root = Load("s { a = 1\n b = 1 }\ns { a = 2\n t { } }\n").value();
  ASSERT_EQ(root.sections.size(), 1u);
  EXPECT_EQ(root.sections[0].Get("a"), "2");
  EXPECT_EQ(root.sections[0].Get("b"), "1");
  EXPECT_EQ(root.sections[0].where.line, 1);
  EXPECT_NE(root.sections[0].FindSection("t"), nullptr);
}

TEST(Swanctl, IncludesAreRelativeToTheirFileSortedAndInTheirSection) {
  FakeHost host;
  host.Put("/c/a.conf", "s {\n  v = before\n  include sub/*.conf\n}\ninclude \"/o/abs.conf\"\n");
  host.Put("/c/sub/10.conf", "v = ten\ninclude deeper\n");
  host.Put("/c/sub/20.conf", "w = twenty\n");
  host.Put("/c/sub/.hidden.conf", "v = hidden\n");
  host.Put("/c/sub/deeper", "x = deep\n");
  host.Put("/o/abs.conf", "include = not a keyword\n");
  const SettingsSection root = LoadSettings(host, "/c/a.conf").value();
  const SettingsSection& s = root.sections[0];
  EXPECT_EQ(s.Get("v"), "ten");
  EXPECT_EQ(s.Get("w"), "twenty");
  EXPECT_EQ(*s.Find("x"), (Setting{"x", "deep", false, {"/c/sub/deeper", 1, 1, 1, 5, 1, 9}}));
  EXPECT_EQ(root.Get("include"), "not a keyword");
}

TEST(Swanctl, AnIncludeThatMatchesNothingIsFineAndANamedFileThatIsMissingIsNot) {
  FakeHost host;
  host.Put("/c/a.conf", "include none/*.conf\ninclude conf.d/*.conf\n");
  host.PutDir("/c/conf.d");
  EXPECT_TRUE(LoadSettings(host, "/c/a.conf"));

  host.Put("/c/a.conf", "x = 1\ninclude missing.conf\n");
  const Error error = LoadSettings(host, "/c/a.conf").error();
  EXPECT_EQ(error.code, Code::kMalformed);
  EXPECT_EQ(error.message, "/c/a.conf:2: include: /c/missing.conf: no such file");

  host.Put("/c/a.conf", "include conf.d/*.conf\n");
  host.Fail("/c/conf.d", Code::kDenied);
  EXPECT_EQ(LoadSettings(host, "/c/a.conf").error().code, Code::kDenied);
}

TEST(Swanctl, IncludesInACircleEnd) {
  FakeHost host;
  host.Put("/c/a.conf", "include b.conf\n");
  host.Put("/c/b.conf", "include a.conf\n");
  EXPECT_EQ(LoadSettings(host, "/c/a.conf").error().code, Code::kTooLarge);
}

TEST(Swanctl, BoundsHoldForDepthSizeAndCount) {
  std::string deep;
  for (int i = 0; i < kMaxSectionDepth + 1; ++i) deep += "s {\n";
  EXPECT_EQ(Load(deep).error().code, Code::kTooLarge);

  std::string many;
  for (size_t i = 0; i <= kMaxSettingsItems; ++i) many += "k=v\n";
  EXPECT_EQ(Load(many).error().code, Code::kTooLarge);
  EXPECT_EQ(Load(std::string(kMaxSettingsBytes + 1, '#')).error().code, Code::kTooLarge);
}

TEST(Swanctl, ErrorsNameFileAndLineAndNoValue) {
  EXPECT_EQ(ErrorOf("a {\n b {\n }\n"), "/c/a.conf:1: section \"a\" is never closed");
  EXPECT_EQ(ErrorOf("x = 1\n}\n"), "/c/a.conf:2: \"}\" without a section");
  EXPECT_EQ(ErrorOf("x = \"hunter2\n\n"), "/c/a.conf:1: unterminated string");
  EXPECT_EQ(ErrorOf("\nhunter2\n"), "/c/a.conf:2: \"=\" or \"{\" was expected after a name");
  EXPECT_EQ(ErrorOf("\"hunter2\"\n"), "/c/a.conf:1: a name was expected");
  EXPECT_EQ(ErrorOf("a : { }\n"), "/c/a.conf:1: the name of a section was expected");
  EXPECT_EQ(ErrorOf("a : b. { }\n"), "/c/a.conf:1: the name of a section was expected");
  EXPECT_EQ(ErrorOf("include  \n"), "/c/a.conf:1: include of nothing");
  EXPECT_EQ(ErrorOf("a.b = c\n"), "/c/a.conf:1: \"=\" or \"{\" was expected after a name");
}

TEST(Swanctl, ValuesOfSecretsAreNeverKept) {
  FakeHost host;
  host.Put("/c/a.conf", "secrets {\n ike-1 { secret = hunter2\n id = me }\n include s.conf\n}\n");
  host.Put("/c/s.conf", "eap { secret = 0sAAAA }\n");
  const SettingsSection root = LoadSettings(host, "/c/a.conf").value();
  const SettingsSection* secrets = root.FindSection("secrets");
  EXPECT_EQ(*secrets->FindSection("ike-1")->Find("secret"),
            (Setting{"secret", "", false, {"/c/a.conf", 2, 10, 2, 19, 2, 26}}));
  EXPECT_EQ(secrets->FindSection("eap")->Get("secret"), "");
}

// The example of strongswan.conf(5), "Referencing other sections".
TEST(Swanctl, ReferencesGiveWhatTheSectionItselfDoesNotSayFromLeftToRight) {
  const SettingsSection root =
      Load(
          "conn-defaults { a = conn\n b = conn\n local { auth = psk\n id = x } }\n"
          "eap-defaults { b = eap\n c = eap }\n"
          "child-defaults { mode = transport }\n"
          "connections {\n"
          "  conn-a : conn-defaults, eap-defaults {\n    a = own\n"
          "    local { auth = pubkey }\n    children { child-a : child-defaults { } }\n  }\n"
          "  conn-c : connections.conn-a, not.there {\n    b =\n  }\n"
          "}\n")
          .value();
  const SettingsSection all = WithInherited(root, *root.FindSection("connections")).value();
  const SettingsSection* a = all.FindSection("conn-a");
  EXPECT_EQ(a->Get("a"), "own");
  EXPECT_EQ(a->Get("b"), "conn");
  EXPECT_EQ(a->Get("c"), "eap");
  EXPECT_EQ(a->FindSection("local")->Get("auth"), "pubkey");
  EXPECT_EQ(a->FindSection("local")->Get("id"), "x");
  EXPECT_EQ(a->FindSection("children")->FindSection("child-a")->Get("mode"), "transport");
  const SettingsSection* c = all.FindSection("conn-c");
  EXPECT_EQ(c->Get("a"), "own");
  EXPECT_EQ(c->Get("b", "default"), "default");  // "b =" clears what would be inherited
  EXPECT_EQ(c->FindSection("children")->FindSection("child-a")->Get("mode"), "transport");
}

TEST(Swanctl, ReferencesInACircleAreAnErrorAndGrowthIsBounded) {
  const SettingsSection circle = Load("a : b { }\nb : a { }\n").value();
  EXPECT_EQ(WithInherited(circle, circle.sections[0]).error().message,
            "/c/a.conf:1: section \"a\" inherits itself");

  std::string doubling = "s0 { x { } }\n";  // each has all of the one before it, twice
  for (int i = 1; i < 40; ++i) {
    const std::string before = "s" + std::to_string(i - 1);
    doubling += "s" + std::to_string(i) + " { l : " + before + " { }\n r : " + before + " { } }\n";
  }
  const SettingsSection root = Load(doubling).value();
  EXPECT_EQ(WithInherited(root, root.sections.back()).error().code, Code::kTooLarge);
}

TEST(Glob, KnowsStarsQuestionMarksAndSets) {
  EXPECT_TRUE(MatchesWildcard("*.conf", "a.conf"));
  EXPECT_FALSE(MatchesWildcard("*.conf", "a.conf~"));
  EXPECT_FALSE(MatchesWildcard("*.conf", ".a.conf"));
  EXPECT_TRUE(MatchesWildcard("a?c*e", "abcdde"));
  EXPECT_TRUE(MatchesWildcard("[0-9][!a]x", "7bx"));
  EXPECT_FALSE(MatchesWildcard("[0-9][!a]x", "7ax"));
  EXPECT_TRUE(MatchesWildcard("\\*x", "*x"));
  EXPECT_FALSE(MatchesWildcard("\\*x", "ax"));
  EXPECT_TRUE(MatchesWildcard("[x", "[x"));
  EXPECT_FALSE(MatchesWildcard("*a*a*a*a*a*b", std::string(200, 'a')));
}

}  // namespace
}  // namespace sallyport
