// SPDX-License-Identifier: Apache-2.0
// The binary list is what Python's plistlib writes; the XML is as plist(5) shows it.
#include "collectors/plist_reader.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Kind = Plist::Kind;

constexpr char kBinary[] =
    "62706c6973743030d90102030405060708090a0b0c0d0e0f1011125161536e656751735175516251665164546461"
    "746153617272100113fffffffffffffffb51786400dc006e00ef20ac09233ff80000000000003341c85a23100000"
    "00420001a213145170d11516517108081b1d21232527292b3034363f414a4b545d606365686a0000000000000101"
    "00000000000000170000000000000000000000000000006b";
constexpr char kHead[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
    "<plist version=\"1.0\">\n";

std::string Xml(const std::string& inside) { return kHead + inside + "\n</plist>\n"; }

Plist Text(const char* text) { return {.kind = Kind::kText, .text = text}; }

const Plist kAll{.kind = Kind::kDict,
                 .entries = {
                     {"a", {.kind = Kind::kInteger, .number = 1}},
                     {"neg", {.kind = Kind::kInteger, .number = -5}},
                     {"s", Text("x")},
                     {"u", Text("Ünï€")},
                     {"b", {.kind = Kind::kBoolean, .number = 1}},
                     {"f", {.kind = Kind::kReal, .real = 1.5}},
                     {"d", {.kind = Kind::kDate, .number = 1795428000}},
                     {"data", {.kind = Kind::kData, .text = std::string("\0\1", 2)}},
                     {"arr",
                      {.kind = Kind::kArray,
                       .items = {Text("p"),
                                 {.kind = Kind::kDict,
                                  .entries = {{"q", {.kind = Kind::kBoolean, .number = 0}}}}}}},
                 }};

TEST(PlistReader, BothFormsHoldTheSame) {
  EXPECT_EQ(ParsePlist(*FromHex(kBinary), "x").value(), kAll);
  EXPECT_EQ(
      ParsePlist(Xml("<dict><key>a</key><integer>1</integer><!-- <key>no</key> -->\n"
                     "<key>neg</key><integer>-5</integer><key>s</key><string>x</string>"
                     "<key>u</key><string>&#xDC;n<![CDATA[ï]]>&#8364;</string>"
                     "<key>b</key><true/><key>f</key><real>1.5</real>"
                     "<key>d</key><date>2026-11-23T10:00:00Z</date>"
                     "<key>data</key><data>\n\tAAE=\n</data>"
                     "<key>arr</key><array><string>p</string><dict><key>q</key><false/></dict>"
                     "</array></dict>"),
                 "x")
          .value(),
      kAll);
}

TEST(PlistReader, FindsTheFirstOfAKeyThatComesTwiceAndNothingInWhatIsNoDictionary) {
  const Plist list =
      ParsePlist(Xml("<dict><key>k</key><string>1</string><key>k</key><string/></dict>"), "x")
          .value();
  EXPECT_EQ(*list.Find("k"), Text("1"));
  EXPECT_EQ(list.Find("other"), nullptr);
  EXPECT_EQ(Text("k").Find("k"), nullptr);
}

TEST(PlistReader, AKeyWithoutAValueIsRefusedThoughPlistutilTakesIt) {
  EXPECT_EQ(ParsePlist(Xml("<dict><key>a</key><key>b</key><true/></dict>"), "x").error().code,
            Code::kMalformed);
  EXPECT_EQ(ParsePlist(Xml("<dict><key>a</key></dict>"), "x").error().code, Code::kMalformed);
}

TEST(PlistReader, BrokenXmlIsAnErrorThatNamesTheFileAndThePlace) {
  for (const char* inside :
       {"", "<dict>", "<dict><true/></dict>", "<string>a", "<string><b/></string>", "<integer/>",
        "<integer>1x</integer>", "<real>one</real>", "<date>2026-13-01</date>", "<data>*</data>",
        "<data>AAE</data>", "<array><what/></array>", "<true>x</true>", "<string>&eacute;</string>",
        "<string>&#xD800;</string>", "<string>&amp</string>", "<true/><true/>", "</dict>"}) {
    EXPECT_EQ(ParsePlist(Xml(inside), "x").error().code, Code::kMalformed) << inside;
  }
  for (const std::string& whole :
       {std::string(""), std::string("<plist/>"), Xml("<true/>") + "more", std::string("\xFF"),
        Xml("<string>\xC3</string>"), std::string("{\"a\": 1}")}) {
    EXPECT_EQ(ParsePlist(whole, "x").error().code, Code::kMalformed) << whole;
  }
  EXPECT_EQ(ParsePlist("<plist><dict><true/>", "/a.plist").error().message,
            "/a.plist: property list, byte 20: a value without a key");
}

TEST(PlistReader, ADocumentTypeThatDeclaresEntitiesIsRefused) {
  EXPECT_EQ(
      ParsePlist("<!DOCTYPE plist [<!ENTITY a \"aaaa\">]><plist><string>&a;</string></plist>", "x")
          .error()
          .code,
      Code::kMalformed);
}

TEST(PlistReader, AHundredThousandLevelsAreTooManyInBothForms) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<array>";
  EXPECT_EQ(ParsePlist(Xml(deep), "x").error().code, Code::kTooLarge);
  // An array whose one element is itself.
  const std::string own = *FromHex(
      "62706c6973743030a10008000000000000010100000000000000010000000000000000000000000000000a");
  EXPECT_EQ(ParsePlist(own, "x").error().code, Code::kTooLarge);
}

TEST(PlistReader, ABinaryListThatIsCutIsAnErrorAndOneThatIsChangedDoesNoHarm) {
  const std::string whole = *FromHex(kBinary);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParsePlist(whole.substr(0, size), "x")) << size;
  }
  size_t refused = 0;
  for (size_t at = 8; at < whole.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::string other = whole;
      other[at] = static_cast<char>(other[at] ^ change);
      if (!ParsePlist(other, "x")) ++refused;
    }
  }
  EXPECT_GT(refused, 100u);
}

TEST(PlistReader, ABinaryDictionaryOfOneHugeListSharedIsTooLarge) {
  // Ten arrays, each of which holds the next one eight times: 8^10 values in 200 bytes.
  std::string objects = "bplist00";
  std::string offsets;
  for (char i = 0; i < 10; ++i) {
    offsets += static_cast<char>(objects.size());
    objects += '\xA8';
    objects += std::string(8, static_cast<char>(i + 1));
  }
  offsets += static_cast<char>(objects.size());
  objects += '\x09';
  const auto number = [](size_t n) { return std::string(7, '\0') + static_cast<char>(n); };
  const std::string list = objects + offsets + std::string(6, '\0') + "\1\1" + number(11) +
                           number(0) + number(objects.size());
  EXPECT_EQ(ParsePlist(list, "x").error().code, Code::kTooLarge);
}

TEST(PlistReader, AFileThatMayNotBeReadKeepsItsError) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(ReadPlist(host, "/a.plist").error().code, Code::kNotFound);
  host.Fail("/a.plist", Code::kDenied);
  EXPECT_EQ(ReadPlist(host, "/a.plist").error().code, Code::kDenied);
  host.Put("/a.plist", Xml("<true/>"));
  EXPECT_EQ(ReadPlist(host, "/a.plist").value().number, 1);
}

}  // namespace
}  // namespace sallyport
