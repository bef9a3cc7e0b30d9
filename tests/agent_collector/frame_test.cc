// SPDX-License-Identifier: Apache-2.0
#include "agent/frame.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

using std::string_literals::operator""s;

TEST(Frame, AMessageIsItsLengthInFourBytesAndItself) {
  EXPECT_EQ(EncodeFrame("abc").value(), "\0\0\0\3abc"s);
  EXPECT_EQ(EncodeFrame("").value(), "\0\0\0\0"s);
}

TEST(Frame, MessagesComeOutWholeHoweverTheBytesArrive) {
  FrameReader reader;
  std::vector<std::string> seen;
  for (char byte : "\0\0\0\2hi\0\0\0\0\0\0\0\3you"s) {
    reader.Add(std::string_view(&byte, 1));
    while (const auto message = reader.Next().value()) seen.push_back(*message);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"hi", "", "you"}));
  EXPECT_EQ(reader.buffered(), 0u);
}

TEST(Frame, AnUnfinishedMessageIsNoneYet) {
  FrameReader reader;
  reader.Add("\0\0\0\4abc"s);
  EXPECT_EQ(reader.Next().value(), std::nullopt);
  reader.Add("d");
  EXPECT_EQ(reader.Next().value(), "abcd");
}

TEST(Frame, ALengthOverTheBoundIsRefusedBeforeItsBytesCome) {
  FrameReader reader;
  reader.Add("\xff\xff\xff\xff");
  EXPECT_EQ(reader.Next().error().code, Code::kTooLarge);
}

TEST(Frame, AMessageOverTheBoundIsNotSent) {
  EXPECT_TRUE(EncodeFrame(std::string(kMaxFrameBytes, 'x')).has_value());
  EXPECT_EQ(EncodeFrame(std::string(kMaxFrameBytes + 1, 'x')).error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace sallyport
