// SPDX-License-Identifier: Apache-2.0
// Tables parse_json, parse_jsonl and parse_ini.
#include <gtest/gtest.h>

#include <array>

#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Flat = std::vector<std::array<std::string, 4>>;  // fullkey, parent, key, value

Result<Flat> FlatOf(CollectFn collect, const std::string& content) {
  FakeHost host;
  host.Put("/f", content);
  const auto rows = collect(host, {{"path", "/f"}});
  if (!rows) return tl::unexpected(rows.error());
  Flat flat;
  for (const Row& row : *rows) {
    EXPECT_EQ(row.at(0), Cell("/f"));
    flat.push_back({ToText(row.at(1)), ToText(row.at(2)), ToText(row.at(3)), ToText(row.at(4))});
  }
  return flat;
}
Result<Flat> Json(const std::string& content) { return FlatOf(ParseJsonTable, content); }
Result<Flat> JsonLines(const std::string& content) { return FlatOf(ParseJsonlTable, content); }
Result<Flat> Ini(const std::string& content) { return FlatOf(ParseIniTable, content); }

TEST(ParseJson, NamesValuesByKeysAndPlacesInLists) {
  EXPECT_EQ(Json(R"({"a": {"b": [1, {"c": "x"}]}, "d": true, "e": "", "f": -2.5})").value(),
            (Flat{{"a/b/0", "a/b", "0", "1"},
                  {"a/b/1/c", "a/b/1", "c", "x"},
                  {"d", "", "d", "true"},
                  {"e", "", "e", ""},
                  {"f", "", "f", "-2.5"}}));
  EXPECT_EQ(Json("[[], {}, [7]]").value(), (Flat{{"2/0", "2", "0", "7"}}));
  EXPECT_EQ(Json("\"alone\"").value(), (Flat{{"", "", "", "alone"}}));
}

TEST(ParseJson, LeavesNullOutAndStillCountsIt) {
  EXPECT_EQ(Json(R"({"a": null, "b": [null, 1]})").value(), (Flat{{"b/1", "b", "1", "1"}}));
}

TEST(ParseJson, WritesNumbersWithoutAnExponentAndIntegersExactly) {
  EXPECT_EQ(Json("[1e3, 0.1, 18446744073709551615, -9223372036854775808, 1e21]").value(),
            (Flat{{"0", "", "0", "1000"},
                  {"1", "", "1", "0.1"},
                  {"2", "", "2", "18446744073709551615"},
                  {"3", "", "3", "-9223372036854775808"},
                  {"4", "", "4", "1000000000000000000000"}}));
}

TEST(ParseJson, OfAKeyThatComesTwiceTheLastCounts) {
  EXPECT_EQ(Json(R"({"a": {"x": 1, "y": 2}, "b": 0, "a": {"x": 3}})").value(),
            (Flat{{"b", "", "b", "0"}, {"a/x", "a", "x", "3"}}));
  EXPECT_EQ(Json(R"({"a": "off", "a": null})").value(), Flat{});
}

TEST(ParseJson, DepthOfAHundredThousandIsRefusedAndNotRecursed) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    EXPECT_EQ(Json(text).error(), (Error{Code::kTooLarge, "/f: over 128 levels deep"}));
  }
}

TEST(ParseJson, BrokenTextNulAndForeignBytesAreErrorsOfTheFile) {
  EXPECT_EQ(Json("{\"a\": 1").error(), (Error{Code::kMalformed, "/f: no JSON at byte 8"}));
  EXPECT_EQ(Json("").error().code, Code::kMalformed);
  EXPECT_EQ(Json("{} {}").error().code, Code::kMalformed);
  EXPECT_EQ(Json("{\"a\": NaN}").error().code, Code::kMalformed);
  EXPECT_EQ(Json("[1e999]").error().code, Code::kMalformed);
  EXPECT_EQ(Json("\"\xff\"").error().code, Code::kMalformed);
  EXPECT_EQ(Json(R"({"a": "on\u0000off"})").error(), (Error{Code::kMalformed, "/f: no text at a"}));
  EXPECT_EQ(Json(R"({"a\u0000b": 1})").error().code, Code::kMalformed);
  EXPECT_EQ(Json(std::string("{\"a\": 1}\0", 9)).error().code, Code::kMalformed);
}

TEST(ParseJson, MoreRowsOrTextThanTheBoundIsRefused) {
  std::string many = "[0";
  for (int i = 0; i < 50'000; ++i) many += ",0";
  EXPECT_EQ(Json(many + "]").error(), (Error{Code::kTooLarge, "/f: over 50000 values"}));
  EXPECT_EQ(Json("[\"" + std::string(9 << 20, 'x') + "\"]").error(),
            (Error{Code::kTooLarge, "/f: over 8388608 bytes of keys and values"}));
  // A long key over many values: little on disk, much in rows.
  EXPECT_EQ(Json("{\"" + std::string(1 << 20, 'k') + "\": [1,2,3,4,5]}").error().code,
            Code::kTooLarge);
}

TEST(ParseJsonl, NumbersItsValues) {
  EXPECT_EQ(JsonLines("{\"a\": 1}\n\n[2]\r\n\"x\"\n").value(),
            (Flat{{"0/a", "0", "a", "1"}, {"1/0", "1", "0", "2"}, {"2", "", "2", "x"}}));
  EXPECT_EQ(JsonLines("{}\n{\"a\"\n").error().message.substr(0, 9), "value 1: ");
  EXPECT_EQ(JsonLines("").value(), Flat{});
}

TEST(ParseIni, NamesValuesBySectionAndKey) {
  EXPECT_EQ(Ini("top = 1\n; remark\n[daemon]\n# remark\nAutomaticLoginEnable=True\n"
                "WaylandEnable : no\n[ a.b ]\nk = x=y ; why\nq = \"z z\"\n[daemon]\nx=\n")
                .value(),
            (Flat{{"DEFAULT/top", "DEFAULT", "top", "1"},
                  {"daemon/AutomaticLoginEnable", "daemon", "AutomaticLoginEnable", "true"},
                  {"daemon/WaylandEnable", "daemon", "WaylandEnable", "false"},
                  {"daemon/x", "daemon", "x", ""},
                  {" a.b /k", " a.b ", "k", "x=y"},
                  {" a.b /q", " a.b ", "q", "z z"}}));
}

TEST(ParseIni, OfAKeyThatComesTwiceTheLastCounts) {
  EXPECT_EQ(Ini("[s]\na=1\nb=2\n[t]\n[s]\na=3\n").value(),
            (Flat{{"s/a", "s", "a", "3"}, {"s/b", "s", "b", "2"}}));
}

TEST(ParseIni, JoinsLinesAndReadsLongQuotes) {
  EXPECT_EQ(
      Ini("a = one \\\n   two\nb = `raw # text`\nc = \"\"\"x\ny\"\"\"\n\"k = 1\" = v\n- = p\n")
          .value(),
      (Flat{{"DEFAULT/a", "DEFAULT", "a", "one two"},
            {"DEFAULT/b", "DEFAULT", "b", "raw # text"},
            {"DEFAULT/c", "DEFAULT", "c", "x\ny"},
            {"DEFAULT/k = 1", "DEFAULT", "k = 1", "v"},
            {"DEFAULT/#1", "DEFAULT", "#1", "p"}}));
}

// As go-ini reads them: each line here is read otherwise by a simpler reader.
TEST(ParseIni, QuotesContinuationsAndSectionsEndWhereGoIniEndsThem) {
  using Line = std::array<std::string, 4>;
  const auto value = [](const std::string& line) {
    const Flat flat = Ini("\xef\xbb\xbf" + line + "\n").value();
    return flat.size() == 1 ? flat[0] : Line{std::to_string(flat.size())};
  };
  EXPECT_EQ(value("a = 1"), (Line{"DEFAULT/a", "DEFAULT", "a", "1"}))
      << "a mark of UTF-8 is no key";
  EXPECT_EQ(value("[DEFAULT]\na = 1"), (Line{"DEFAULT/a", "DEFAULT", "a", "1"}));
  EXPECT_EQ(value("[a]b]\nk = 1"), (Line{"a]b/k", "a]b", "k", "1"}));
  EXPECT_EQ(value("a = `x ` y`"), (Line{"DEFAULT/a", "DEFAULT", "a", "x ` y"}));
  EXPECT_EQ(value("a = 1 \\\n 2 \\\n 3"), (Line{"DEFAULT/a", "DEFAULT", "a", "1 2 3"}));
  EXPECT_EQ(value("a = \"x\" and \"y\""), (Line{"DEFAULT/a", "DEFAULT", "a", "\"x\" and \"y\""}));
  EXPECT_EQ(value("a = \"\"\""), (Line{"DEFAULT/a", "DEFAULT", "a", "\"\"\""}));
  EXPECT_EQ(Ini("a = 1 \\\n\n[s]\nb = 2\n").value(),
            (Flat{{"DEFAULT/a", "DEFAULT", "a", "1 "}, {"s/b", "s", "b", "2"}}));
  EXPECT_EQ(Ini("a = 1\n[s]\nb = 2\n[DEFAULT]\na = 3\n").value(),
            (Flat{{"DEFAULT/a", "DEFAULT", "a", "3"}, {"s/b", "s", "b", "2"}}));
}

TEST(ParseIni, WhatIsNeitherSectionNorKeyIsAnErrorWithItsLine) {
  EXPECT_EQ(Ini("a=1\nnonsense\n").error(),
            (Error{Code::kMalformed, "/f: line 2: neither a section nor a key"}));
  EXPECT_EQ(Ini("[open\n").error().message, "/f: line 1: a section that does not end");
  EXPECT_EQ(Ini("[]\n").error().message, "/f: line 1: a section without a name");
  EXPECT_EQ(Ini("=x\n").error().message, "/f: line 1: a key without a name");
  EXPECT_EQ(Ini("a = `x\n\n").error().message, "/f: line 2: a quote that does not end");
  EXPECT_EQ(Ini("\"a\n").error().message, "/f: line 1: a quote that does not end");
  EXPECT_EQ(Ini(std::string("a = x\0y\n", 8)).error().message, "/f: no text at DEFAULT/a");
  EXPECT_EQ(Ini("a = \xff\n").error().code, Code::kMalformed);
}

TEST(ParseTables, OneRefusedFileAmongOthersRefusesTheKeyAndFoldersDoNot) {
  FakeHost host;
  for (int i = 0; i < 9; ++i) host.Put("/d/" + std::to_string(i) + ".json", "{\"a\": 1}");
  host.PutDir("/d/folder.json");
  EXPECT_EQ(ParseJsonTable(host, {{"path", "/d/%.json", true}}).value().size(), 9u);
  host.Fail("/d/5.json", Code::kDenied);
  EXPECT_EQ(ParseJsonTable(host, {{"path", "/d/%.json", true}}).error(),
            (Error{Code::kDenied, "/d/5.json"}));
  EXPECT_EQ(ParseJsonTable(host, {{"path", "/none.json"}}).value(), Rows{});
}

}  // namespace
}  // namespace sallyport
