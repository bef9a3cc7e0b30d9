// SPDX-License-Identifier: Apache-2.0
#include "agent/reconnect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <queue>
#include <random>
#include <vector>

namespace sallyport {
namespace {

constexpr Millis kLease{600'000};  // of the service's default

Now At(int64_t boot_ms) { return Now{Millis(boot_ms), Millis(0)}; }

// How long the next try is off after a failure at `now`.
Millis WaitAfterFailure(Reconnect& reconnect, Now now, double uniform) {
  reconnect.Failed(now, uniform);
  return reconnect.TryAt() - now.boot;
}

TEST(Backoff, CeilingDoublesAndJitterIsFull) {
  Backoff backoff(Millis(100), Millis(1'000));
  EXPECT_EQ(backoff.Next(0.0), Millis(100));
  EXPECT_EQ(backoff.Next(0.5), Millis(250));
  EXPECT_EQ(backoff.Next(1.0), Millis(800));
  EXPECT_EQ(backoff.Next(1.0), Millis(1'000));
  EXPECT_EQ(backoff.Next(1.0), Millis(1'000));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(1.0), Millis(200));
  backoff.Restart(Millis(600), Millis(900));
  EXPECT_EQ(backoff.Next(1.0), Millis(600));
  EXPECT_EQ(backoff.Next(1.0), Millis(900));
}

TEST(Reconnect, LaptopThatHasJustComeUpTriesQuicklyAndEveryHalfMinuteInTheEnd) {
  Reconnect reconnect;
  EXPECT_EQ(reconnect.TryAt(), Millis(0));
  EXPECT_EQ(WaitAfterFailure(reconnect, At(5'000), 0.0), Millis(100));
  EXPECT_EQ(WaitAfterFailure(reconnect, At(6'000), 1.0), Millis(400));
  Millis longest{0};
  for (int i = 0; i < 20; ++i) longest = WaitAfterFailure(reconnect, At(9'000), 1.0);
  EXPECT_EQ(longest, Millis(30'000));
}

struct Bounds {
  Millis first;
  Millis longest;

  friend bool operator==(const Bounds&, const Bounds&) = default;
};

Bounds BoundsOfLease(Millis lease) {
  Reconnect reconnect;
  reconnect.Worked(lease);
  Bounds bounds{WaitAfterFailure(reconnect, At(0), 1.0), Millis(0)};
  for (int i = 0; i < 20; ++i) bounds.longest = WaitAfterFailure(reconnect, At(0), 1.0);
  return bounds;
}

TEST(Reconnect, WaitsAreASmallPartOfTheLease) {
  EXPECT_EQ(BoundsOfLease(kLease), (Bounds{Millis(10'000), Millis(30'000)}));
  EXPECT_EQ(BoundsOfLease(Millis(120'000)), (Bounds{Millis(2'000), Millis(6'000)}));
  EXPECT_EQ(BoundsOfLease(Millis(5'000)), (Bounds{Millis(200), Millis(2'000)}));
  EXPECT_EQ(BoundsOfLease(Millis(86'400'000)), (Bounds{Millis(10'000), Millis(30'000)}));
  EXPECT_EQ(BoundsOfLease(Millis(0)), BoundsOfLease(kLease));
}

TEST(Reconnect, GoodbyeOfTheServiceIsHonouredOnceAndWithinReason) {
  Reconnect reconnect;
  reconnect.OnGoodbye("draining", 5'000);
  EXPECT_EQ(WaitAfterFailure(reconnect, At(0), 0.0), Millis(5'100));
  EXPECT_EQ(WaitAfterFailure(reconnect, At(0), 0.0), Millis(100));
  reconnect.OnGoodbye("draining", ~0ull);
  EXPECT_LE(WaitAfterFailure(reconnect, At(0), 1.0), Millis(630'000));
}

TEST(Reconnect, AnotherNetworkBringsTheNextTryForwardAndTheBackoffDown) {
  Reconnect reconnect;
  reconnect.Worked(kLease);
  for (int i = 0; i < 20; ++i) reconnect.Failed(At(1'000'000), 1.0);
  ASSERT_EQ(reconnect.TryAt(), Millis(1'030'000));
  EXPECT_TRUE(reconnect.NetworkChanged(At(1'001'000), 0.0));
  EXPECT_EQ(reconnect.TryAt(), Millis(1'001'100));
  EXPECT_TRUE(reconnect.NetworkChanged(At(1'001'050), 1.0));
  EXPECT_EQ(reconnect.TryAt(), Millis(1'001'100)) << "a later change puts nothing off";
  EXPECT_EQ(WaitAfterFailure(reconnect, At(1'001'100), 1.0), Millis(200));
}

TEST(Reconnect, InterfaceThatFlapsHurriesNothingForLong) {
  Reconnect reconnect;
  int taken = 0;
  for (int64_t ms = 0; ms < 60'000; ms += 100) taken += reconnect.NetworkChanged(At(ms), 0.5);
  EXPECT_GE(taken, 4);
  EXPECT_LE(taken, 4 + 60'000 / 15'000);
}

TEST(Reconnect, WhoeverAsksGetsATryAtOnce) {
  Reconnect reconnect;
  for (int i = 0; i < 20; ++i) reconnect.Failed(At(1'000'000), 1.0);
  reconnect.AtOnce(At(1'000'500));
  EXPECT_EQ(reconnect.TryAt(), Millis(1'000'500));
}

TEST(Reconnect, NothingHurriesAServiceThatAskedForPatience) {
  Reconnect reconnect;
  reconnect.OnGoodbye("draining", 20'000);
  reconnect.Failed(At(1'000), 0.5);
  reconnect.AtOnce(At(2'000));
  EXPECT_EQ(reconnect.TryAt(), Millis(21'000));
  reconnect.NetworkChanged(At(3'000), 0.0);
  EXPECT_EQ(reconnect.TryAt(), Millis(21'000));
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
  reconnect.Failed(At(1'000), 0.0);
  reconnect.Failed(At(1'000), 0.0);
  EXPECT_FALSE(reconnect.NeedsLeaf(At(1'000)));
  reconnect.Failed(At(1'000), 0.0);
  EXPECT_TRUE(reconnect.NeedsLeaf(At(1'000)));
  reconnect.LeafServiceNotReached();  // which explains them
  EXPECT_FALSE(reconnect.NeedsLeaf(At(1'000)));
}

TEST(Reconnect, WithoutALeafNothingButANewOneHelps) {
  Reconnect reconnect;
  reconnect.LeafServiceNotReached();
  EXPECT_TRUE(reconnect.NeedsLeaf(At(1'000)));
}

// --- ten thousand at once ---------------------------------------------------------------------

constexpr int kDevices = 10'000;
constexpr Millis kHelloDeadline{15'000};  // after which a try is given up
// Of a service with two cores for it: one connection, or one leaf, costs 3.4 ms of CPU with 2,000
// devices connected (docs/bench.md), and each is worked off on whichever core is free.
constexpr double kConnectMs = 3.4 / 2;

struct Storm {
  Millis last_back{0};     // after the service is there again
  Millis longest_wait{0};  // in the queue of the service
};

// Streams end at 0; the service is back at `outage` and works off who comes, one after the other.
// A leaf that is asked for anew is a connection more.
Storm Simulate(Millis outage) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<Reconnect> devices(kDevices);
  using Try = std::pair<Millis, size_t>;
  std::priority_queue<Try, std::vector<Try>, std::greater<>> tries;
  for (size_t i = 0; i < devices.size(); ++i) {
    devices[i].OnLeaf(At(-1'000), Millis(86'400'000));
    devices[i].Worked(kLease);
    devices[i].Failed(At(0), uniform(random));
    tries.emplace(devices[i].TryAt(), i);
  }
  Storm storm;
  double busy_until = 0;
  for (; !tries.empty(); tries.pop()) {
    const auto [at, i] = tries.top();
    Reconnect& device = devices[i];
    const bool leaf = device.NeedsLeaf({at, Millis(0)});
    if (at < outage) {
      device.Failed({at, Millis(0)}, uniform(random));
      if (leaf) device.LeafServiceNotReached();
      tries.emplace(device.TryAt(), i);
      continue;
    }
    const auto arrived = static_cast<double>(at.count());
    busy_until = std::max(busy_until, arrived) + kConnectMs * (leaf ? 2 : 1);
    const Millis done(static_cast<Millis::rep>(busy_until));
    storm.longest_wait = std::max(storm.longest_wait, done - at);
    storm.last_back = std::max(storm.last_back, done - outage);
  }
  return storm;
}

TEST(Reconnect, TenThousandAreBackSoonOnTwoCoresAfterARestart) {
  const Storm storm = Simulate(Millis(50));
  EXPECT_LT(storm.longest_wait, kHelloDeadline);
  EXPECT_LT(storm.last_back, Millis(25'000));
}

TEST(Reconnect, TenThousandAreBackSoonOnTwoCoresAfterALongOutage) {
  const Storm storm = Simulate(Millis(3'600'000));
  EXPECT_LT(storm.longest_wait, kHelloDeadline);
  EXPECT_LT(storm.last_back, kLease / 12);
}

}  // namespace
}  // namespace sallyport
