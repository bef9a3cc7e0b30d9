// SPDX-License-Identifier: Apache-2.0
#include "service/token.h"

#include <gtest/gtest.h>

#include "service/enrollment_service.h"

namespace sallyport {
namespace {

Now At(int64_t boot) { return {.boot = Millis{boot}, .wall = Millis{0}}; }

TEST(Token, Has160RandomBitsAndIsKeptAsItsSha256) {
  const std::string token = MakeToken();
  EXPECT_EQ(token.size(), 44u);
  EXPECT_NE(token, MakeToken());
  EXPECT_EQ(HashToken("abc"), Sha256("abc"));
}

TEST(DeviceIdOf, IsDAndTwentyHexDigitsOfTheKeysSha256) {
  // SHA-256("abc"), FIPS 180-4, appendix.
  EXPECT_EQ(DeviceIdOf("abc"), "d-ba7816bf8f01cfea4141");
}

TEST(PeerHost, DropsThePortAndKeepsTheRest) {
  EXPECT_EQ(PeerHost("ipv4:10.0.0.7:4711"), "ipv4:10.0.0.7");
  EXPECT_EQ(PeerHost("ipv6:%5B::1%5D:4711"), "ipv6:%5B::1%5D");
}

TEST(GuessLimit, StopsAnAddressAfterTenWrongTokensForAMinute) {
  GuessLimit limit;
  for (int i = 0; i < GuessLimit::kGuesses; ++i) {
    EXPECT_TRUE(limit.Allows("ipv4:10.0.0.7", At(i)));
    limit.Wrong("ipv4:10.0.0.7", At(i));
  }
  EXPECT_FALSE(limit.Allows("ipv4:10.0.0.7", At(20)));
  EXPECT_TRUE(limit.Allows("ipv4:10.0.0.8", At(20)));
  EXPECT_FALSE(limit.Allows("ipv4:10.0.0.7", At(59'999)));
  EXPECT_TRUE(limit.Allows("ipv4:10.0.0.7", At(60'000)));
}

TEST(ChallengeBook, ANonceIsGoodOnceAndForAMinute) {
  ChallengeBook book;
  const std::string nonce = book.Make(At(0));
  EXPECT_TRUE(book.Spend(nonce, At(10)));
  EXPECT_EQ(book.Spend(nonce, At(11)).error().code, Code::kConflict);
  const std::string late = book.Make(At(0));
  EXPECT_EQ(book.Spend(late, At(60'000)).error().message, "nonce: older than a minute");
  EXPECT_FALSE(book.Spend("never given", At(0)));
}

}  // namespace
}  // namespace sallyport
