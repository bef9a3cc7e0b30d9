// SPDX-License-Identifier: Apache-2.0
// Leases that move while packets are between two of the kernel's lookups.
#include <gtest/gtest.h>

#include "gateway/nft/lease_table.h"
#include "tests/gateway/flood.h"
#include "tests/gateway/network_namespace.h"

namespace sallyport::gateway::nft {
namespace {

constexpr int kMoves = 10'000;

class LeaseTrafficTest : public testing::Test {
 protected:
  LeaseTrafficTest() {
    auto access = ParseAccess(
        "services: {app: {hosts: [10.20.0.1], ports: [icmp]}}\n"
        "tiers: {full: [app], limited: [app], quarantine: [app]}\n",
        "access.yaml");
    EXPECT_TRUE(table_.Install({*std::move(access), {"ipsec0"}}, Ownership::kAnyones));
  }
  void Move(Tier before, Tier after) {
    const Place laptop{"ipsec0", Ipv4{0x0a630001}};
    const Status moved = table_.Apply({{laptop, before, after, Millis{60'000}, "dev-0001"}});
    ASSERT_TRUE(moved) << moved.error().message;
  }
  // What the forward chain dropped, by nft's word.
  static std::string Dropped() {
    const std::string listed = RunOrFail("nft list chain inet sallyport forward");
    const auto at = listed.rfind("counter packets ");
    return listed.substr(at, listed.find('\n', at) - at);
  }
  // Requests and answers both pass in every tier, so none may be lost.
  void MoveUnderAFlood(Tier one, Tier other) {
    Move(Tier::kNone, one);
    const Flood flood("-f");
    flood.AwaitMore(100);
    const uint64_t before = flood.Arrived();
    for (int i = 0; i < kMoves; i += 2) {
      Move(one, other);
      Move(other, one);
    }
    EXPECT_GT(flood.Arrived(), before + 1'000);
    EXPECT_EQ(Dropped(), "counter packets 0 bytes 0 drop");
  }

  NetworkNamespace namespace_;
  LeaseTable table_ = LeaseTable::Open().value();
};

TEST_F(LeaseTrafficTest, NoPacketIsLostBetweenTheHighestTierAndTheLowest) {
  MoveUnderAFlood(Tier::kQuarantine, Tier::kFull);
}

TEST_F(LeaseTrafficTest, NoPacketIsLostBetweenTheHighestTierAndTheOneBelow) {
  MoveUnderAFlood(Tier::kLimited, Tier::kFull);
}

TEST_F(LeaseTrafficTest, NoPacketIsLostWhileALeaseIsRefreshed) {
  MoveUnderAFlood(Tier::kLimited, Tier::kLimited);
}

}  // namespace
}  // namespace sallyport::gateway::nft
