// SPDX-License-Identifier: Apache-2.0
#include "gateway/gate_core.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sallyport::gateway {
namespace {

constexpr Ipv4 kA{0x0a630001};  // 10.99.0.1
constexpr Ipv4 kB{0x0a630002};
const Place kPlaceA{"ipsec0", kA};
const Place kPlaceB{"ipsec0", kB};

Millis At(int64_t ms) { return Millis(1'000'000 + ms); }

IkeSa Sa(uint64_t id, const std::string& device, std::vector<Ipv4> addresses,
         std::vector<uint32_t> spis = {}) {
  return {
      id, true, "ikev2", device + ".lab", "198.51.100.10", std::move(addresses), std::move(spis)};
}

v1::GateCommand GrantOf(uint64_t request, const std::string& device, v1::Tier tier, uint64_t ttl_ms,
                        uint64_t decision = 1) {
  v1::GateCommand out;
  out.mutable_grant()->set_request_id(request);
  v1::Lease& lease = *out.mutable_grant()->add_leases();
  lease.set_device_id(device);
  lease.set_tier(tier);
  lease.set_ttl_ms(ttl_ms);
  lease.set_decision_id(decision);
  return out;
}

v1::GateCommand CutOf(uint64_t command, const std::string& device, v1::Tier tier,
                      uint64_t request = 0, uint64_t ttl_ms = 0, uint64_t decision = 2) {
  v1::GateCommand out;
  v1::Cut& cut = *out.mutable_cut();
  cut.set_command_id(command);
  cut.set_device_id(device);
  cut.set_tier(tier);
  cut.set_request_id(request);
  cut.set_ttl_ms(ttl_ms);
  cut.set_decision_id(decision);
  return out;
}

// The newest request among messages: {id, devices}.
std::pair<uint64_t, std::vector<std::string>> RequestIn(const Actions& actions) {
  std::pair<uint64_t, std::vector<std::string>> out;
  for (const v1::GateMessage& message : actions.send) {
    if (!message.has_lease_request()) continue;
    out.first = message.lease_request().request_id();
    out.second.assign(message.lease_request().device_ids().begin(),
                      message.lease_request().device_ids().end());
  }
  return out;
}

using Moves = std::vector<Move>;

Move Open(const Place& place, const std::string& device, Tier tier, int64_t ms,
          std::optional<Tier> before = Tier::kNone) {
  return {place, before, tier, Millis(ms), device};
}
Move End(const Place& place, std::optional<Tier> before) {
  return {place, before, Tier::kNone, Millis{0}, ""};
}

// Connected to charon and to the policy service; nobody is there yet.
class GateCoreTest : public testing::Test {
 protected:
  GateCoreTest() {
    core_.Listed({}, At(0));
    core_.Dumped({}, At(0));
    core_.StreamUp(At(0));
    v1::GateCommand welcome;
    welcome.mutable_welcome()->set_lease_ms(30'000);
    core_.Commanded(welcome, At(0));
  }

  // The device holds the address and a full lease of 30 s asked for at 0 ms.
  uint64_t UpWithFullLease(uint64_t id, const std::string& device, Ipv4 address) {
    const uint64_t request =
        RequestIn(core_.Heard(SaStands{Sa(id, device, {address}, {0x11})}, At(0))).first;
    core_.Commanded(GrantOf(request, device, v1::TIER_FULL, 30'000), At(0));
    return request;
  }

  GateCore core_{{"gw-1", "lab", {"ipsec0"}}};
};

TEST_F(GateCoreTest, ANewSessionIsAskedForAtOnceAndHasNothingUntilTheAnswer) {
  const Actions up = core_.Heard(SaStands{Sa(1, "dev-1", {kA})}, At(10));
  EXPECT_EQ(up.moves, Moves{});
  const auto [request, devices] = RequestIn(up);
  EXPECT_EQ(devices, std::vector<std::string>{"dev-1"});
  const Actions granted = core_.Commanded(GrantOf(request, "dev-1", v1::TIER_FULL, 30'000), At(60));
  EXPECT_EQ(granted.moves, (Moves{Open(kPlaceA, "dev-1", Tier::kFull, 29'950)}));
}

TEST_F(GateCoreTest, ALeaseEndsAtTheSendingOfItsRequestPlusItsTime) {
  const uint64_t request = RequestIn(core_.Heard(SaStands{Sa(1, "dev-1", {kA})}, At(1'000))).first;
  core_.Commanded(GrantOf(request, "dev-1", v1::TIER_FULL, 5'000), At(3'000));
  EXPECT_EQ(core_.NextDeadline(), At(6'000));
  EXPECT_EQ(core_.Tick(At(5'999)).moves, Moves{});
  EXPECT_EQ(core_.Tick(At(6'000)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, AGrantThatComesAfterItsEndOpensNothing) {
  const uint64_t request = RequestIn(core_.Heard(SaStands{Sa(1, "dev-1", {kA})}, At(0))).first;
  EXPECT_EQ(core_.Commanded(GrantOf(request, "dev-1", v1::TIER_FULL, 5'000), At(5'000)).moves,
            Moves{});
  EXPECT_EQ(core_.ignored_grants(), 1u);
}

TEST_F(GateCoreTest, AnOvertakenGrantExtendsNothingAndRaisesNothing) {
  const uint64_t first = UpWithFullLease(1, "dev-1", kA);
  const uint64_t second = RequestIn(core_.Tick(At(10'000))).first;
  ASSERT_GT(second, first);
  core_.Commanded(GrantOf(second, "dev-1", v1::TIER_QUARANTINE, 20'000, 2), At(10'000));
  EXPECT_EQ(core_.Commanded(GrantOf(first, "dev-1", v1::TIER_FULL, 90'000, 1), At(11'000)).moves,
            Moves{});
  // Not even on the newest request, when its decision is the older one.
  EXPECT_EQ(core_.Commanded(GrantOf(second, "dev-1", v1::TIER_FULL, 90'000, 1), At(11'000)).moves,
            Moves{});
  EXPECT_EQ(core_.Tick(At(30'000)).moves, (Moves{End(kPlaceA, Tier::kQuarantine)}));
}

TEST_F(GateCoreTest, AnOvertakenGrantMayStillTakeAway) {
  const uint64_t first = UpWithFullLease(1, "dev-1", kA);
  const uint64_t second = RequestIn(core_.Tick(At(10'000))).first;
  core_.Commanded(GrantOf(second, "dev-1", v1::TIER_FULL, 30'000, 1), At(10'000));
  EXPECT_EQ(
      core_.Commanded(GrantOf(first, "dev-1", v1::TIER_QUARANTINE, 90'000, 1), At(11'000)).moves,
      (Moves{Open(kPlaceA, "dev-1", Tier::kQuarantine, 29'000, Tier::kFull)}));
}

TEST_F(GateCoreTest, ARequestThatWasNeverSentGrantsNothing) {
  core_.Heard(SaStands{Sa(1, "dev-1", {kA})}, At(0));
  EXPECT_EQ(core_.Commanded(GrantOf(4711, "dev-1", v1::TIER_FULL, 30'000), At(1)).moves, Moves{});
  EXPECT_EQ(core_.Commanded(GrantOf(0, "dev-1", v1::TIER_FULL, 30'000), At(1)).moves, Moves{});
}

TEST_F(GateCoreTest, RequestsOfAnEarlierStreamAreUnknown) {
  const uint64_t before = RequestIn(core_.Heard(SaStands{Sa(1, "dev-1", {kA})}, At(0))).first;
  core_.StreamDown();
  const Actions again = core_.StreamUp(At(100));
  EXPECT_TRUE(again.send.front().has_hello());
  EXPECT_EQ(again.send.front().hello().sessions(0).device_id(), "dev-1");
  EXPECT_EQ(core_.Commanded(GrantOf(before, "dev-1", v1::TIER_FULL, 30'000), At(101)).moves,
            Moves{});
  EXPECT_EQ(
      core_.Commanded(GrantOf(RequestIn(again).first, "dev-1", v1::TIER_FULL, 30'000), At(101))
          .moves.size(),
      1u);
}

TEST_F(GateCoreTest, ALeaseForAnotherDeviceNeverOpensThisAddress) {
  const uint64_t request = RequestIn(core_.Heard(SaStands{Sa(1, "dev-1", {kA})}, At(0))).first;
  EXPECT_EQ(core_.Commanded(GrantOf(request, "dev-2", v1::TIER_FULL, 30'000), At(1)).moves,
            Moves{});
}

TEST_F(GateCoreTest, AnIdentityOutsideTheTrustDomainIsNobodyAndIsNotAskedFor) {
  IkeSa foreign = Sa(1, "dev-1", {kA});
  foreign.identity = "dev-1.evil";
  const Actions up = core_.Heard(SaStands{foreign}, At(0));
  EXPECT_EQ(RequestIn(up).first, 0u);
  EXPECT_TRUE(up.send.empty());
}

TEST_F(GateCoreTest, NoVerdictBeginsNothingAndEndsNothing) {
  const uint64_t request = UpWithFullLease(1, "dev-1", kA);
  EXPECT_EQ(core_.Commanded(GrantOf(request, "dev-1", v1::TIER_UNSPECIFIED, 0, 0), At(5)).moves,
            Moves{});
  EXPECT_EQ(core_.Tick(At(29'999)).moves, Moves{});
  EXPECT_EQ(core_.Tick(At(30'000)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, DownClearsTheElementWithTheLastHolder) {
  UpWithFullLease(1, "dev-1", kA);
  EXPECT_EQ(core_.Heard(SaGone{1}, At(10)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, ReauthenticationThatMakesBeforeItBreaksNeverClosesTheElement) {
  UpWithFullLease(1, "dev-1", kA);
  EXPECT_EQ(core_.Heard(SaStands{Sa(2, "dev-1", {kA})}, At(10)).moves, Moves{});
  EXPECT_EQ(core_.Heard(SaGone{1}, At(11)).moves, Moves{});
  EXPECT_EQ(core_.Heard(SaGone{2}, At(12)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, ARekeyChangesTheIdAndNothingElse) {
  UpWithFullLease(1, "dev-1", kA);
  EXPECT_EQ(core_.Heard(SaRekeyed{1, Sa(7, "dev-1", {})}, At(10)).moves, Moves{});
  EXPECT_EQ(core_.Heard(SaGone{1}, At(11)).moves, Moves{});
  // The cut follows the new id and the SPIs that came along.
  const Actions cut = core_.Commanded(CutOf(5, "dev-1", v1::TIER_NONE), At(12));
  EXPECT_EQ(cut.terminate, std::vector<uint64_t>{7});
  EXPECT_EQ(cut.proofs[0].spis, std::vector<uint32_t>{0x11});
  EXPECT_EQ(cut.moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, AnAddressThatPassesToAnotherDeviceInheritsNothing) {
  UpWithFullLease(1, "dev-1", kA);
  // The DOWN of dev-1 was never heard.
  const Actions up = core_.Heard(SaStands{Sa(2, "dev-2", {kA})}, At(10));
  EXPECT_EQ(up.moves, (Moves{End(kPlaceA, Tier::kFull)}));
  const Actions granted =
      core_.Commanded(GrantOf(RequestIn(up).first, "dev-2", v1::TIER_QUARANTINE, 30'000), At(20));
  EXPECT_EQ(granted.moves, (Moves{Open(kPlaceA, "dev-2", Tier::kQuarantine, 29'990)}));
  // And dev-1's late DOWN takes nothing from dev-2.
  EXPECT_EQ(core_.Heard(SaGone{1}, At(30)).moves, Moves{});
}

TEST_F(GateCoreTest, AnAddressThatPassesToADeviceWithALeaseOfItsOwnIsReplacedInOneMove) {
  UpWithFullLease(1, "dev-1", kA);
  const uint64_t request = RequestIn(core_.Heard(SaStands{Sa(2, "dev-2", {kB})}, At(0))).first;
  core_.Commanded(GrantOf(request, "dev-2", v1::TIER_LIMITED, 30'000), At(0));
  EXPECT_EQ(core_.Heard(SaStands{Sa(3, "dev-2", {kA})}, At(10)).moves,
            (Moves{Open(kPlaceA, "dev-2", Tier::kLimited, 29'990, Tier::kFull)}));
}

TEST_F(GateCoreTest, ATierMoveIsOneMoveAndKeepsTheTunnel) {
  const uint64_t request = UpWithFullLease(1, "dev-1", kA);
  const Actions moved =
      core_.Commanded(GrantOf(request, "dev-1", v1::TIER_QUARANTINE, 30'000, 2), At(10));
  EXPECT_EQ(moved.moves, (Moves{Open(kPlaceA, "dev-1", Tier::kQuarantine, 29'990, Tier::kFull)}));
  EXPECT_TRUE(moved.terminate.empty());
}

TEST_F(GateCoreTest, TierNoneTakesTheElementAndThenTheTunnel) {
  const uint64_t request = UpWithFullLease(1, "dev-1", kA);
  const Actions none = core_.Commanded(GrantOf(request, "dev-1", v1::TIER_NONE, 0, 2), At(10));
  EXPECT_EQ(none.moves, (Moves{End(kPlaceA, Tier::kFull)}));
  EXPECT_EQ(none.terminate, std::vector<uint64_t>{1});
}

TEST_F(GateCoreTest, ACutTakesEffectWhateverTheLeasesSayAndIsProven) {
  UpWithFullLease(1, "dev-1", kA);
  const Actions cut = core_.Commanded(CutOf(5, "dev-1", v1::TIER_NONE), At(10));
  EXPECT_EQ(cut.moves, (Moves{End(kPlaceA, Tier::kFull)}));
  EXPECT_EQ(cut.terminate, std::vector<uint64_t>{1});
  ASSERT_EQ(cut.proofs.size(), 1u);
  EXPECT_EQ(cut.proofs[0].command_id, 5u);
  EXPECT_EQ(cut.proofs[0].places, std::vector<Place>{kPlaceA});
  EXPECT_EQ(cut.proofs[0].ike_ids, std::vector<uint64_t>{1});
}

TEST_F(GateCoreTest, AGrantFromBeforeTheCutDoesNotUndoIt) {
  const uint64_t request = UpWithFullLease(1, "dev-1", kA);
  core_.Commanded(CutOf(5, "dev-1", v1::TIER_NONE, request, 0, 2), At(10));
  EXPECT_EQ(core_.Commanded(GrantOf(request, "dev-1", v1::TIER_FULL, 30'000, 1), At(11)).moves,
            Moves{});
  core_.Tick(At(12));
  EXPECT_EQ(core_.Commanded(GrantOf(request, "dev-1", v1::TIER_FULL, 30'000, 1), At(13)).moves,
            Moves{});
  EXPECT_EQ(core_.Commanded(GrantOf(request, "dev-1", v1::TIER_FULL, 30'000, 3), At(14)).moves,
            (Moves{Open(kPlaceA, "dev-1", Tier::kFull, 29'986)}));
}

TEST_F(GateCoreTest, ACutToQuarantineMovesNeverRaisesAndNeverExtends) {
  UpWithFullLease(1, "dev-1", kA);
  // Of a request that is not known: what is left ends when the lease would have.
  EXPECT_EQ(core_.Commanded(CutOf(5, "dev-1", v1::TIER_QUARANTINE, 999, 90'000), At(10)).moves,
            (Moves{Open(kPlaceA, "dev-1", Tier::kQuarantine, 29'990, Tier::kFull)}));
  EXPECT_EQ(core_.Commanded(CutOf(6, "dev-1", v1::TIER_LIMITED, 999, 90'000, 3), At(20)).moves,
            Moves{});
  // A device without a lease gets none by it.
  core_.Heard(SaStands{Sa(2, "dev-2", {kB})}, At(30));
  EXPECT_EQ(core_.Commanded(CutOf(7, "dev-2", v1::TIER_QUARANTINE, 999, 90'000), At(40)).moves,
            Moves{});
}

TEST_F(GateCoreTest, LeasesAreAskedForAgainAfterAThird) {
  UpWithFullLease(1, "dev-1", kA);
  EXPECT_EQ(RequestIn(core_.Tick(At(9'999))).first, 0u);
  EXPECT_EQ(RequestIn(core_.Tick(At(10'000))).second, std::vector<std::string>{"dev-1"});
  EXPECT_EQ(core_.NextDeadline(), At(20'000));
}

TEST_F(GateCoreTest, ADeadServiceEndsNoLeaseEarlyAndExtendsNone) {
  UpWithFullLease(1, "dev-1", kA);
  core_.StreamDown();
  EXPECT_EQ(core_.Tick(At(29'999)).moves, Moves{});
  EXPECT_EQ(core_.Tick(At(30'000)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, SleepCountsAgainstALease) {
  UpWithFullLease(1, "dev-1", kA);
  // The kernel's own timeout stood still for an hour; CLOCK_BOOTTIME did not.
  EXPECT_EQ(core_.Tick(At(3'600'000)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, WhenCharonIsGoneNobodyHoldsAnythingAndWhenItIsBackLeasesStillCount) {
  UpWithFullLease(1, "dev-1", kA);
  EXPECT_EQ(core_.SessionsLost(At(10)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
  EXPECT_EQ(core_.Listed({Sa(1, "dev-1", {kB})}, At(20)).moves,
            (Moves{Open(kPlaceB, "dev-1", Tier::kFull, 29'980)}));
}

TEST_F(GateCoreTest, AFlushedTableIsFilledAgainFromLiveLeasesOnly) {
  UpWithFullLease(1, "dev-1", kA);
  const uint64_t request = RequestIn(core_.Heard(SaStands{Sa(2, "dev-2", {kB})}, At(0))).first;
  core_.Commanded(GrantOf(request, "dev-2", v1::TIER_FULL, 5'000), At(0));
  core_.Tick(At(6'000));
  EXPECT_EQ(core_.Dumped({}, At(6'000)).moves,
            (Moves{Open(kPlaceA, "dev-1", Tier::kFull, 24'000)}));
}

TEST_F(GateCoreTest, AnElementThatWeDidNotGrantGoes) {
  UpWithFullLease(1, "dev-1", kA);
  const std::vector<Element> foreign = {{kPlaceA, Tier::kFull, Millis{30'000}, "dev-1"},
                                        {kPlaceB, Tier::kFull, Millis{90'000}, "dev-9"},
                                        {{"eth0", kA}, Tier::kFull, Millis{90'000}, "dev-1"}};
  Moves moves = core_.Dumped(foreign, At(0)).moves;
  std::ranges::sort(moves, {}, [](const Move& move) { return move.place; });
  EXPECT_EQ(moves, (Moves{End({"eth0", kA}, std::nullopt), End(kPlaceB, Tier::kFull)}));
}

TEST_F(GateCoreTest, AnElementOfNoDeviceIsTakenOutOfEverySetItMayBeIn) {
  UpWithFullLease(1, "dev-1", kA);
  const std::vector<Element> foreign = {{kPlaceA, Tier::kFull, Millis{30'000}, ""},
                                        {kPlaceB, Tier::kLimited, Millis{30'000}, ""}};
  EXPECT_EQ(core_.Dumped(foreign, At(0)).moves,
            (Moves{Open(kPlaceA, "dev-1", Tier::kFull, 30'000, std::nullopt),
                   End(kPlaceB, std::nullopt)}));
}

TEST_F(GateCoreTest, AnElementThatOthersMadeLongerOrHigherIsSetRight) {
  const uint64_t request = UpWithFullLease(1, "dev-1", kA);
  core_.Commanded(GrantOf(request, "dev-1", v1::TIER_LIMITED, 30'000, 2), At(0));
  EXPECT_EQ(core_.Dumped({{kPlaceA, Tier::kFull, Millis{30'000}, "dev-1"}}, At(0)).moves,
            (Moves{Open(kPlaceA, "dev-1", Tier::kLimited, 30'000, Tier::kFull)}));
  EXPECT_EQ(core_.Dumped({{kPlaceA, Tier::kLimited, Millis{90'000}, "dev-1"}}, At(0)).moves,
            (Moves{Open(kPlaceA, "dev-1", Tier::kLimited, 30'000, Tier::kLimited)}));
  // A few milliseconds of the kernel's rounding are no difference.
  EXPECT_EQ(core_.Dumped({{kPlaceA, Tier::kLimited, Millis{29'992}, "dev-1"}}, At(0)).moves,
            Moves{});
}

TEST(GateCoreStart, ElementsOfAnEarlierRunAreAdoptedForTheirOwnDeviceOnly) {
  GateCore core({"gw-1", "lab", {"ipsec0"}});
  core.Listed({Sa(1, "dev-1", {kA}), Sa(2, "dev-2", {kB})}, At(0));
  // While the gate was dead, dev-9's address passed to dev-2; and a third session ended.
  const Place gone{"ipsec0", Ipv4{0x0a630003}};
  Moves moves = core.Dumped({{kPlaceA, Tier::kFull, Millis{20'000}, "dev-1"},
                             {kPlaceB, Tier::kFull, Millis{20'000}, "dev-9"},
                             {gone, Tier::kFull, Millis{20'000}, "dev-1"}},
                            At(0))
                    .moves;
  EXPECT_EQ(moves, (Moves{End(kPlaceB, Tier::kFull), End(gone, Tier::kFull)}));
  // Adopted, and not extended.
  EXPECT_EQ(core.Tick(At(19'999)).moves, Moves{});
  EXPECT_EQ(core.Tick(At(20'000)).moves, (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST(GateCoreStart, OnlyTheFirstDumpAdopts) {
  GateCore core({"gw-1", "lab", {"ipsec0"}});
  core.Listed({Sa(1, "dev-1", {kA})}, At(0));
  core.Dumped({}, At(0));
  EXPECT_EQ(core.Dumped({{kPlaceA, Tier::kFull, Millis{20'000}, "dev-1"}}, At(1)).moves,
            (Moves{End(kPlaceA, Tier::kFull)}));
}

TEST_F(GateCoreTest, AListingThatIsOlderThanAnEventDoesNotUndoIt) {
  UpWithFullLease(1, "dev-1", kA);
  core_.ListingBegins();
  core_.Heard(SaStands{Sa(2, "dev-2", {kB})}, At(1));
  core_.Heard(SaGone{1}, At(1));
  // Taken before both.
  core_.Listed({Sa(1, "dev-1", {kA})}, At(2));
  EXPECT_EQ(core_.sessions(), 1u);
  const Actions cut = core_.Commanded(CutOf(1, "dev-2", v1::TIER_NONE), At(3));
  EXPECT_EQ(cut.terminate, std::vector<uint64_t>{2});
}

TEST_F(GateCoreTest, AListingEndsWhatItDoesNotNameAndSkipsWhatIsNotEstablished) {
  UpWithFullLease(1, "dev-1", kA);
  IkeSa half = Sa(2, "dev-2", {kB});
  half.established = false;
  const Actions listed = core_.Listed({half}, At(10));
  EXPECT_EQ(listed.moves, (Moves{End(kPlaceA, Tier::kFull)}));
  EXPECT_EQ(core_.sessions(), 0u);
}

TEST_F(GateCoreTest, SessionsAreReportedUpAndDown) {
  const Actions up = core_.Heard(SaStands{Sa(1, "dev-1", {kA}, {0x22})}, At(0));
  ASSERT_TRUE(up.send.front().has_session());
  EXPECT_EQ(up.send.front().session().kind(), v1::SessionEvent::KIND_UP);
  EXPECT_EQ(up.send.front().session().session().addresses(0), "10.99.0.1");
  EXPECT_EQ(up.send.front().session().session().spis(0), 0x22u);
  const Actions down = core_.Heard(SaGone{1}, At(1));
  EXPECT_EQ(down.send.front().session().kind(), v1::SessionEvent::KIND_DOWN);
}

TEST_F(GateCoreTest, AFleetIsAskedForInBoundedRequests) {
  std::vector<IkeSa> sas;
  for (uint32_t i = 1; i <= 2'500; ++i) {
    sas.push_back(Sa(i, "dev-" + std::to_string(i), {Ipv4{0x0a640000 + i}}));
  }
  std::vector<int> sizes;
  for (const v1::GateMessage& message : core_.Listed(sas, At(0)).send) {
    if (message.has_lease_request()) sizes.push_back(message.lease_request().device_ids_size());
  }
  EXPECT_EQ(sizes, (std::vector<int>{1000, 1000, 500}));
}

}  // namespace
}  // namespace sallyport::gateway
