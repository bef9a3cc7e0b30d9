// SPDX-License-Identifier: Apache-2.0
// Files of the path-addressed tables, damaged in many small ways from fixed seeds: rows that fit
// their table, or an error that names the file.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "collectors/paths/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

std::string Damage(std::string text, std::string_view pieces, std::mt19937* random) {
  const auto below = [random](size_t n) { return n == 0 ? 0 : (*random)() % n; };
  for (size_t n = 1 + below(5); n > 0; --n) {
    const size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.insert(at, 1, pieces[below(pieces.size())]);
        break;
      case 1:
        text.erase(at, below(12));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>((*random)());
        break;
      default:
        if (below(8) == 0) text.resize(at);
    }
  }
  return text;
}

struct Outcome {
  int good = 0;
  int bad = 0;
};

Outcome Try(CollectFn collect, const Schema& schema, const std::string& start,
            std::string_view pieces, int times) {
  std::mt19937 random(7);
  Outcome outcome;
  for (int i = 0; i < times; ++i) {
    FakeHost host;
    host.Put("/f", Damage(start, pieces, &random));
    const auto rows = collect(host, {{"path", "/f"}});
    if (!rows) {
      ++outcome.bad;
      EXPECT_NE(rows.error().message.find("/f"), std::string::npos) << rows.error().message;
      EXPECT_TRUE(rows.error().code == Code::kMalformed || rows.error().code == Code::kTooLarge);
      continue;
    }
    ++outcome.good;
    for (const Row& row : *rows) EXPECT_EQ(row.size(), schema.columns.size());
  }
  return outcome;
}

TEST(DamagedPaths, JsonGivesRowsOrAnErrorThatNamesTheFile) {
  const Outcome outcome =
      Try(ParseJsonTable, kParseJson,
          R"({"a": [1, 2.5e3, {"b": null}], "ä": "x\u00e4\n", "c": {"a": true}, "a": {}})",
          "{}[]:,\"\\0e-", 20'000);
  EXPECT_GT(outcome.good, 500);
  EXPECT_GT(outcome.bad, 5000);
}

TEST(DamagedPaths, IniGivesRowsOrAnErrorThatNamesTheFile) {
  const Outcome outcome = Try(ParseIniTable, kParseIni,
                              "top=1\n[s]\na = \"b\" ; c\nd: yes \\\n more\n; x\n[t]\n`q` = "
                              "\"\"\"l\nm\"\"\"\n- = 1\n",
                              "[]=:\"`\\#;\n", 20'000);
  EXPECT_GT(outcome.good, 2000);
  EXPECT_GT(outcome.bad, 2000);
}

TEST(DamagedPaths, PropertyListsGiveRowsOrAnErrorThatNamesTheFile) {
  const Outcome xml = Try(PlistTable, kPlist,
                          "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>a</key>"
                          "<array><true/><real>1</real></array><key>b</key><data>AAEC</data>"
                          "</dict></plist>",
                          "<>/&;\"", 20'000);
  EXPECT_GT(xml.good, 200);
  EXPECT_GT(xml.bad, 5000);
  const std::string binary(
      "bplist00\xd1\x01\x02\x51\x61\x09\x08\x0b\x0d"
      "\0\0\0\0\0\0\x01\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0e",
      49);
  const Outcome outcome =
      Try(PlistTable, kPlist, binary, std::string("\0\x01\xa1\xd1\xff", 5), 20'000);
  EXPECT_GT(outcome.bad, 5000);
}

TEST(DamagedPaths, CertificatesGiveRowsOrAnErrorThatNamesTheFile) {
  // A DER frame of nothing in particular; the parser is OpenSSL's.
  std::string der("\x30\x82\x00\x20", 4);
  der += std::string("\x30\x1e\xa0\x03\x02\x01\x02\x02\x01\x01\x30\x05\x06\x03\x2a\x03\x04", 17);
  const Outcome outcome =
      Try(CertificatesTable, kCertificates, der, std::string("\0\x30\x82\xff", 4), 5000);
  EXPECT_GT(outcome.bad, 1000);
  const Outcome pem =
      Try(CertificatesTable, kCertificates,
          "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n", "-\n=A", 5000);
  EXPECT_GT(pem.bad, 500);
}

}  // namespace
}  // namespace sallyport
