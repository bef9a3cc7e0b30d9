// SPDX-License-Identifier: Apache-2.0
// What results that repeat nothing, or that nobody asked for, change in what the laptop shows.
#include <gmock/gmock.h>

#include "tests/agent/attester_rig.h"

namespace sallyport {
namespace {

using Verdict = v1::AttestationResult;
using testing::IsEmpty;
using testing::SizeIs;

v1::AgentStatus StatusOf(const AttesterRig& rig) {
  v1::AgentStatus status;
  rig.attester->Describe(rig.now, &status);
  return status;
}

v1::ServiceMessage WithOutcome(v1::ServiceMessage message, const std::string& observed) {
  v1::Outcome* outcome = message.mutable_result()->add_outcomes();
  outcome->set_policy("edr-running");
  outcome->set_observed(observed);
  return message;
}

v1::ServiceMessage Unchanged(v1::ServiceMessage message) {
  message.mutable_result()->set_outcomes_unchanged(true);
  return message;
}

// Online, and the first evidence with edr = on sent.
Sent FirstSent(AttesterRig& rig) {
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now);
  return rig
      .Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now))
      .at(0);
}

TEST(AttesterResults, OutcomesThatAreNotRepeatedAreThoseOfTheLastResultThatHadThem) {
  AttesterRig rig;
  const Sent first = FirstSent(rig);
  rig.attester->OnService(WithOutcome(rig.Result(first, Verdict::VERDICT_ACCEPTED), "running"),
                          rig.now);
  const auto second = rig.Evidences(
      rig.attester->OnCollected(rig.Tables({{"edr", "still"}}, rig.now.boot), rig.now));
  ASSERT_THAT(second, SizeIs(1));
  rig.attester->OnService(Unchanged(rig.Result(second[0], Verdict::VERDICT_ACCEPTED)), rig.now);

  const v1::AttestationResult shown = StatusOf(rig).last_result();
  EXPECT_EQ(shown.evidence_digest(), second[0].digest);
  ASSERT_EQ(shown.outcomes_size(), 1);
  EXPECT_EQ(shown.outcomes(0).observed(), "running");
  EXPECT_FALSE(shown.outcomes_unchanged());
}

TEST(AttesterResults, FactsJudgedAgainAreShownAtOnceAndBeatsGoOn) {
  AttesterRig rig;
  const Sent first = FirstSent(rig);
  rig.attester->OnService(WithOutcome(rig.Result(first, Verdict::VERDICT_ACCEPTED), "running"),
                          rig.now);
  rig.Pass(Millis(1'000));
  v1::ServiceMessage pushed;
  pushed.mutable_result()->set_evidence_digest(first.digest);
  pushed.mutable_result()->set_verdict(Verdict::VERDICT_ACCEPTED);
  pushed.mutable_result()->set_tier(v1::TIER_QUARANTINE);
  pushed.mutable_result()->set_lease_ttl_ms(20'000);
  EXPECT_THAT(rig.attester->OnService(WithOutcome(pushed, "signatures too old"), rig.now),
              IsEmpty());

  const v1::AgentStatus status = StatusOf(rig);
  EXPECT_EQ(status.tier(), v1::TIER_QUARANTINE);
  EXPECT_EQ(status.lease_left_ms(), 20'000u);
  EXPECT_EQ(status.last_result().outcomes(0).observed(), "signatures too old");
  rig.Pass(Millis(10'000));
  EXPECT_THAT(rig.Beats(rig.attester->OnTime(rig.now)), SizeIs(1));
}

TEST(AttesterResults, AResultForOtherEvidenceThanTheNewestAcceptedIsNotShown) {
  AttesterRig rig;
  const Sent first = FirstSent(rig);
  rig.attester->OnService(rig.Result(first, Verdict::VERDICT_ACCEPTED), rig.now);
  v1::ServiceMessage pushed;
  pushed.mutable_result()->set_evidence_digest(Sha256("another"));
  pushed.mutable_result()->set_verdict(Verdict::VERDICT_ACCEPTED);
  pushed.mutable_result()->set_tier(v1::TIER_NONE);
  rig.attester->OnService(pushed, rig.now);
  EXPECT_EQ(StatusOf(rig).tier(), v1::TIER_FULL);
}

TEST(AttesterResults, ANonceThatCameWithABeatIsTheNextOneSpent) {
  AttesterRig rig;
  const Sent first = FirstSent(rig);
  rig.attester->OnService(rig.Result(first, Verdict::VERDICT_ACCEPTED), rig.now);
  rig.Pass(Millis(10'000));
  const auto beats = rig.Beats(rig.attester->OnTime(rig.now));
  ASSERT_THAT(beats, SizeIs(1));
  v1::ServiceMessage ack;
  ack.mutable_beat_ack()->set_counter(beats[0].counter());
  ack.mutable_beat_ack()->set_accepted(true);
  ack.mutable_beat_ack()->add_nonces("fresh");
  rig.attester->OnService(ack, rig.now);

  const auto next =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now));
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].evidence.nonce(), "fresh");
}

}  // namespace
}  // namespace sallyport
