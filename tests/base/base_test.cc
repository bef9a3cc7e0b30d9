// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/table.h"
#include "base/text.h"

namespace sallyport {
namespace {

TEST(ByteReader, ReadsNetworkOrderAndStopsAtTheEnd) {
  ByteReader reader(
      std::string_view("\x01\x02\x03\x04\x05\x06\x07"
                       "ab",
                       9));
  EXPECT_EQ(reader.U8().value(), 1);
  EXPECT_EQ(reader.U16().value(), 0x0203);
  EXPECT_EQ(reader.U32().value(), 0x04050607u);
  EXPECT_EQ(reader.Take(3).error().code, Code::kMalformed);
  EXPECT_EQ(reader.Take(2).value(), "ab");
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.Take(0).value(), "");
  EXPECT_EQ(reader.U8().error().code, Code::kMalformed);
}

TEST(ByteReader, AClaimOfMoreThanAddressSpaceIsRefusedAndMovesNothing) {
  ByteReader reader("abc");
  EXPECT_FALSE(reader.Take(SIZE_MAX));
  EXPECT_EQ(reader.remaining(), 3u);
}

TEST(Bytes, WhatIsPutIsReadBack) {
  std::string out;
  PutU8(out, 0xfe);
  PutU16(out, 0xfedc);
  PutU32(out, 0xfedcba98);
  PutU64(out, 0xfedcba9876543210);
  EXPECT_EQ(ToHex(out), "fefedcfedcba98fedcba9876543210");
}

TEST(Hex, RoundTripsAndRefusesHalvesAndStrangers) {
  EXPECT_EQ(FromHex("00FFa1").value(), std::string("\x00\xff\xa1", 3));
  EXPECT_EQ(FromHex("abc").error().code, Code::kMalformed);
  EXPECT_EQ(FromHex("0g").error().code, Code::kMalformed);
}

TEST(Text, SplitsWithoutLosingEmptyFieldsAndFieldsDropsThem) {
  EXPECT_EQ(Split("a::b", ':'), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ':'), (std::vector<std::string_view>{""}));
  EXPECT_EQ(Fields(" a \t b\n"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(Fields("  "), std::vector<std::string_view>{});
}

TEST(Text, LinesTakesBothEndingsAndKeepsEmptyLines) {
  EXPECT_EQ(Lines("a\r\n\nb"), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Lines("a\n"), (std::vector<std::string_view>{"a"}));
  EXPECT_EQ(Lines(""), std::vector<std::string_view>{});
}

TEST(Text, ANumberIsTheWholeText) {
  EXPECT_EQ(ParseInt("-42"), -42);
  EXPECT_EQ(ParseInt("42 "), std::nullopt);
  EXPECT_EQ(ParseInt(""), std::nullopt);
  EXPECT_EQ(ParseInt("99999999999999999999"), std::nullopt);
}

TEST(Text, AnExcerptShowsUnprintableBytesAndIsBounded) {
  EXPECT_EQ(Excerpt("a\x01"
                    "b"),
            "a\\x01b");
  EXPECT_EQ(Excerpt("abcdef", 3), "abc...");
}

TEST(Table, NamesGoBothWays) {
  for (State state : {State::kValue, State::kAbsent, State::kUnsupported, State::kDenied,
                      State::kTimeout, State::kError, State::kSuppressed}) {
    EXPECT_EQ(StateFromName(StateName(state)), state);
  }
  EXPECT_EQ(StateFromName("fine"), std::nullopt);
  EXPECT_EQ(OsFromName("darwin"), Os::kMacos);
}

TEST(Table, UnknownAndNullAreNotTheSame) {
  EXPECT_NE(Cell(Unknown{}), Cell(std::nullopt));
  EXPECT_EQ(ToText(Cell(Unknown{})), "unknown");
  EXPECT_EQ(ToText(Cell(std::nullopt)), "null");
  EXPECT_EQ(ToText(Cell(true)), "1");
}

TEST(Text, UserInfoOfAddressesIsTakenOutAndNothingElse) {
  EXPECT_EQ(WithoutUserInfo("https://ada:s3cret@host/a@b"), "https://host/a@b");
  EXPECT_EQ(WithoutUserInfo("http://token@h:80 ftp://x:y@z"), "http://h:80 ftp://z");
  EXPECT_EQ(WithoutUserInfo("https://a:b@c@host/"), "https://host/");
  for (const char* same : {"https://host/a@b", "ada@host", "x://", "", "://a/b@c", "a://b?c@d"}) {
    EXPECT_EQ(WithoutUserInfo(same), same);
  }
}

}  // namespace
}  // namespace sallyport
