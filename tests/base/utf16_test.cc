// SPDX-License-Identifier: Apache-2.0
#include "base/utf16.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Utf16, EachLengthOfUtf8GoesThereAndBack) {
  const std::string utf8 =
      "a\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";
  const std::u16string utf16 = {u'a',   0x7f,   0x80,   0x7ff,  0x800,
                                0xffff, 0xd800, 0xdc00, 0xdbff, 0xdfff};
  EXPECT_EQ(ToUtf16(utf8).value(), utf16);
  EXPECT_EQ(ToUtf8(utf16).value(), utf8);
  EXPECT_EQ(ToUtf16(std::string("\0x", 2)).value(), std::u16string(u"\0x", 2));
}

TEST(Utf16, BytesThatAreNoUtf8AreRefusedWithTheirPlace) {
  for (const char* bad : {"ab\x80", "ab\xc0\x80", "ab\xc1\xbf", "ab\xe0\x9f\xbf", "ab\xed\xa0\x80",
                          "ab\xf0\x8f\xbf\xbf", "ab\xf4\x90\x80\x80", "ab\xf5\x80\x80\x80",
                          "ab\xc2", "ab\xe2\x82", "ab\xc2z"}) {
    EXPECT_EQ(ToUtf16(bad).error(), (Error{Code::kMalformed, "not UTF-8 at byte 2"}));
  }
}

TEST(Utf16, ASurrogateAloneIsRefusedWithItsPlace) {
  for (const std::u16string& bad :
       {std::u16string{u'a', 0xd800}, std::u16string{u'a', 0xdc00},
        std::u16string{u'a', 0xd800, u'b'}, std::u16string{u'a', 0xd800, 0xd800}}) {
    EXPECT_EQ(ToUtf8(bad).error(), (Error{Code::kMalformed, "not UTF-16 at unit 1"}));
  }
}

}  // namespace
}  // namespace sallyport
