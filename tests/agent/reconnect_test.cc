// SPDX-License-Identifier: Apache-2.0
#include "agent/reconnect.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

Now At(int64_t boot_ms) { return Now{Millis(boot_ms), Millis(0)}; }

TEST(Backoff, CeilingDoublesAndJitterIsFull) {
  Backoff backoff(Millis(100), Millis(1'000));
  EXPECT_EQ(backoff.Next(0.0), Millis(100));
  EXPECT_EQ(backoff.Next(0.5), Millis(250));
  EXPECT_EQ(backoff.Next(1.0), Millis(800));
  EXPECT_EQ(backoff.Next(1.0), Millis(1'000));
  EXPECT_EQ(backoff.Next(1.0), Millis(1'000));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(1.0), Millis(200));
}

TEST(Reconnect, WaitsBetweenAHundredMillisecondsAndAMinute) {
  Reconnect reconnect;
  EXPECT_EQ(reconnect.AfterFailure(0.0), Millis(100));
  Millis longest{0};
  for (int i = 0; i < 20; ++i) longest = reconnect.AfterFailure(1.0);
  EXPECT_EQ(longest, Millis(60'000));
  reconnect.Worked();
  EXPECT_EQ(reconnect.AfterFailure(1.0), Millis(200));
}

TEST(Reconnect, GoodbyeOfTheServiceIsHonouredOnceAndWithinReason) {
  Reconnect reconnect;
  reconnect.OnGoodbye("draining", 5'000);
  EXPECT_GE(reconnect.AfterFailure(0.0), Millis(5'000));
  EXPECT_LT(reconnect.AfterFailure(0.0), Millis(1'000));
  reconnect.OnGoodbye("draining", ~0ull);
  EXPECT_LE(reconnect.AfterFailure(1.0), Millis(660'000));
}

TEST(Reconnect, LeafIsRenewedBeforeTwoThirdsOfItsLife) {
  Reconnect reconnect;
  EXPECT_TRUE(reconnect.NeedsLeaf(At(1'000)));
  EXPECT_EQ(reconnect.RenewAt(), std::nullopt);
  reconnect.OnLeaf(At(1'000), Millis(90'000));
  EXPECT_FALSE(reconnect.NeedsLeaf(At(1'000)));
  EXPECT_LT(reconnect.RenewAt(), Millis(1'000 + 60'000));
  EXPECT_TRUE(reconnect.NeedsLeaf(At(61'000)));
}

TEST(Reconnect, LifeOfALeafIsWhatIsLeftUnlessTheClockIsWrong) {
  const Millis begin(1'000'000);
  const Millis end(1'300'000 + 60'000);  // dated back by 300 s
  EXPECT_EQ(LeafLife(begin, end, Millis(1'300'000)), Millis(60'000));
  EXPECT_EQ(LeafLife(begin, end, Millis(9'000'000)), Millis(360'000));
  EXPECT_EQ(LeafLife(begin, end, Millis(0)), Millis(360'000));
}

TEST(Reconnect, LeafThatTheServiceCallsExpiredIsReplacedAtOnce) {
  Reconnect reconnect;
  reconnect.OnLeaf(At(1'000), Millis(90'000));
  reconnect.OnGoodbye("leaf_expired", 0);
  EXPECT_TRUE(reconnect.NeedsLeaf(At(1'000)));
  reconnect.OnLeaf(At(2'000), Millis(90'000));
  EXPECT_FALSE(reconnect.NeedsLeaf(At(2'000)));
}

TEST(Reconnect, LeafIsReplacedWhenNothingElseExplainsTheFailures) {
  Reconnect reconnect;
  reconnect.OnLeaf(At(1'000), Millis(90'000));
  reconnect.AfterFailure(0.0);
  reconnect.AfterFailure(0.0);
  EXPECT_FALSE(reconnect.NeedsLeaf(At(1'000)));
  reconnect.AfterFailure(0.0);
  EXPECT_TRUE(reconnect.NeedsLeaf(At(1'000)));
}

}  // namespace
}  // namespace sallyport
