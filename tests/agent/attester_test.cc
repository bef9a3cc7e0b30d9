// SPDX-License-Identifier: Apache-2.0
#include "agent/attester.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attestation/verifier.h"
#include "tests/agent/attester_rig.h"

namespace sallyport {
namespace {

using Verdict = v1::AttestationResult;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Attester, FirstEvidenceGoesOutWhenEveryTableIsThere) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  const Actions hello = rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr", "os"})), rig.now);
  EXPECT_THAT(rig.Evidences(hello), IsEmpty());
  EXPECT_TRUE(rig.Has<action::GiveManifest>(hello));
  EXPECT_TRUE(rig.Has<action::KeepManifest>(hello));

  const Millis read = rig.now.boot;
  EXPECT_THAT(rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, read), rig.now)),
              IsEmpty());
  rig.Pass(Millis(40));
  const auto sent =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"os", "12"}}, rig.now.boot), rig.now));

  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(VerifyEnvelope(rig.key.public_key(), kEvidenceType, sent[0].envelope).has_value());
  const v1::Evidence& evidence = sent[0].evidence;
  EXPECT_EQ(evidence.device_id(), "laptop-1");
  EXPECT_EQ(evidence.nonce(), "n2");
  EXPECT_EQ(evidence.previous_digest(), "");
  EXPECT_FALSE(evidence.offline());
  ASSERT_EQ(evidence.tables_size(), 2);
  EXPECT_EQ(evidence.tables(0).rows(0).cells(0).text(), "on");
  EXPECT_EQ(evidence.tables(0).age_ms(), 40u);
  EXPECT_EQ(evidence.tables(1).age_ms(), 0u);
}

TEST(Attester, TableThatNeverComesIsSentAsTimeoutAfterTheCollectTimeout) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr", "os"})), rig.now);
  rig.attester->OnCollected(rig.Tables({{"os", "12"}}, rig.now.boot), rig.now);

  EXPECT_EQ(rig.attester->WakeAt(rig.now), rig.now.boot + rig.options.collect_timeout);
  rig.Pass(rig.options.collect_timeout);
  const auto sent = rig.Evidences(rig.attester->OnTime(rig.now));

  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.tables(0).table(), "edr");
  EXPECT_EQ(sent[0].evidence.tables(0).state(), v1::TableResult::STATE_TIMEOUT);
  EXPECT_EQ(sent[0].evidence.tables(0).error(), "the collector gave no result in time");
  EXPECT_EQ(sent[0].evidence.tables(1).state(), v1::TableResult::STATE_VALUE);
}

TEST(Attester, ChangeGoesOutAtOnceAndUnchangedTablesTravelAsDigests) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr", "os"})), rig.now);
  const auto first = rig.Evidences(
      rig.attester->OnCollected(rig.Tables({{"edr", "on"}, {"os", "12"}}, rig.now.boot), rig.now));
  rig.attester->OnService(rig.Result(first.at(0), Verdict::VERDICT_ACCEPTED), rig.now);

  const auto second =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now));
  ASSERT_THAT(second, SizeIs(1));
  const v1::Evidence& evidence = second[0].evidence;
  EXPECT_EQ(evidence.previous_digest(), first[0].digest);
  EXPECT_EQ(evidence.epoch(), first[0].evidence.epoch());
  EXPECT_GT(evidence.sequence(), first[0].evidence.sequence());
  EXPECT_EQ(evidence.tables(0).rows(0).cells(0).text(), "off");
  EXPECT_EQ(evidence.tables(1).rows_size(), 0);
  EXPECT_EQ(evidence.tables(1).unchanged_digest(),
            TableDigest(FromProto(first[0].evidence.tables(1)).value()));
}

TEST(Attester, SameResultReadAgainIsNoChange) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.Pass(Millis(1'000));
  EXPECT_THAT(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now),
              IsEmpty());
}

TEST(Attester, ChangesWhileOneEvidenceIsInFlightMakeOneMore) {
  AttesterRig rig;
  rig.FirstAccepted();
  const auto in_flight =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now));
  ASSERT_THAT(in_flight, SizeIs(1));
  EXPECT_THAT(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now),
              IsEmpty());
  EXPECT_THAT(rig.attester->OnCollected(rig.Tables({{"edr", "gone"}}, rig.now.boot), rig.now),
              IsEmpty());

  const auto next = rig.Evidences(
      rig.attester->OnService(rig.Result(in_flight[0], Verdict::VERDICT_ACCEPTED), rig.now));
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].evidence.tables(0).rows(0).cells(0).text(), "gone");
}

TEST(Attester, BeatsWhenNothingChangedAndTheMacIsOverTheAcceptedEvidence) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  const Millis wake = rig.attester->WakeAt(rig.now).value();
  EXPECT_GE(wake, rig.now.boot + Millis(9'000));
  EXPECT_LE(wake, rig.now.boot + Millis(10'000));
  rig.Pass(Millis(10'000));
  const auto beats = rig.Beats(rig.attester->OnTime(rig.now));
  ASSERT_THAT(beats, SizeIs(1));
  EXPECT_EQ(beats[0].counter(), 1u);
  EXPECT_EQ(beats[0].evidence_digest(), first.digest);
  EXPECT_EQ(beats[0].mac(), BeatMac("beat-key", 1, first.digest));
}

v1::ServiceMessage BeatAck(uint64_t counter, bool accepted) {
  v1::ServiceMessage message;
  message.mutable_beat_ack()->set_counter(counter);
  message.mutable_beat_ack()->set_accepted(accepted);
  message.mutable_beat_ack()->set_lease_ttl_ms(30'000);
  message.mutable_beat_ack()->set_tier(v1::TIER_LIMITED);
  return message;
}

TEST(Attester, BeatAckRenewsTheLeaseFromTheMomentThatTheBeatLeft) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.Pass(Millis(10'000));
  rig.attester->OnTime(rig.now);
  rig.Pass(Millis(3'000));
  EXPECT_THAT(rig.attester->OnService(BeatAck(1, true), rig.now), IsEmpty());
  v1::AgentStatus status;
  rig.attester->Describe(rig.now, &status);
  EXPECT_EQ(status.lease_left_ms(), 27'000u);
  EXPECT_EQ(status.tier(), v1::TIER_LIMITED);
}

TEST(Attester, RefusedBeatIsFollowedByEvidenceWithAllRows) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.Pass(Millis(10'000));
  rig.attester->OnTime(rig.now);
  const auto sent = rig.Evidences(rig.attester->OnService(BeatAck(1, false), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.tables(0).rows_size(), 1);
}

TEST(Attester, FullSignatureComesAtTheLatestAfterTheFullInterval) {
  AttesterRig rig;
  rig.FirstAccepted();
  int beats = 0;
  std::vector<Sent> full;
  for (int i = 0; i < 10 && full.empty(); ++i) {
    rig.Pass(Millis(10'000));
    const Actions actions = rig.attester->OnTime(rig.now);
    full = rig.Evidences(actions);
    for (const v1::Beat& beat : rig.Beats(actions)) {
      ++beats;
      rig.attester->OnService(BeatAck(beat.counter(), true), rig.now);
    }
  }
  ASSERT_THAT(full, SizeIs(1));
  EXPECT_GE(beats, 8);
  EXPECT_NE(full[0].evidence.tables(0).unchanged_digest(), "");
}

TEST(Attester, NeedFullIsAnsweredWithAllRowsInANewEpoch) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  rig.Pass(Millis(100'000));
  const auto digest_only = rig.Evidences(rig.attester->OnTime(rig.now));
  ASSERT_THAT(digest_only, SizeIs(1));
  EXPECT_EQ(digest_only[0].evidence.tables(0).rows_size(), 0);
  const auto again = rig.Evidences(
      rig.attester->OnService(rig.Result(digest_only[0], Verdict::VERDICT_NEED_FULL), rig.now));
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].evidence.tables(0).rows_size(), 1);
  EXPECT_EQ(again[0].evidence.epoch(), first.evidence.epoch() + 1);
  EXPECT_EQ(again[0].evidence.previous_digest(), "");
}

TEST(Attester, GapIsAnsweredWithANewEpochOnceAndThenWithPatience) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  const auto second =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now));
  const auto third = rig.Evidences(
      rig.attester->OnService(rig.Result(second.at(0), Verdict::VERDICT_GAP), rig.now));
  ASSERT_THAT(third, SizeIs(1));
  EXPECT_EQ(third[0].evidence.epoch(), first.evidence.epoch() + 1);
  EXPECT_EQ(third[0].evidence.previous_digest(), "");
  EXPECT_EQ(third[0].evidence.tables(0).rows_size(), 1);

  EXPECT_THAT(rig.attester->OnService(rig.Result(third[0], Verdict::VERDICT_GAP), rig.now),
              IsEmpty());
  EXPECT_GE(rig.attester->WakeAt(rig.now).value(), rig.now.boot + Millis(1'000));
}

TEST(Attester, RefusalIsKeptAndDoesNotLoopHot) {
  AttesterRig rig;
  rig.FirstAccepted();
  auto sent =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now));
  Millis last_wait{0};
  for (int i = 0; i < 6; ++i) {
    ASSERT_THAT(sent, SizeIs(1));
    const Actions none = rig.attester->OnService(
        rig.Result(sent[0], Verdict::VERDICT_REFUSED, "bad_signature"), rig.now);
    EXPECT_THAT(rig.Evidences(none), IsEmpty());
    last_wait = rig.attester->WakeAt(rig.now).value() - rig.now.boot;
    EXPECT_GE(last_wait, Millis(1'000));
    rig.Pass(last_wait);
    sent = rig.Evidences(rig.attester->OnTime(rig.now));
  }
  v1::AgentStatus status;
  rig.attester->Describe(rig.now, &status);
  EXPECT_EQ(status.last_result().verdict(), Verdict::VERDICT_REFUSED);
  EXPECT_EQ(status.last_result().reason(), "bad_signature");
}

TEST(Attester, SpentNonceIsReplacedAndTriedAgainAtOnceButOnlyOnce) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  const auto second =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now));
  const auto third = rig.Evidences(rig.attester->OnService(
      rig.Result(second.at(0), Verdict::VERDICT_REFUSED, "expired_nonce"), rig.now));
  ASSERT_THAT(third, SizeIs(1));
  EXPECT_EQ(third[0].evidence.nonce(), "n102");
  EXPECT_GT(third[0].evidence.epoch(), first.evidence.epoch());
  EXPECT_THAT(rig.Evidences(rig.attester->OnService(
                  rig.Result(third[0], Verdict::VERDICT_REFUSED, "expired_nonce"), rig.now)),
              IsEmpty());
}

TEST(Attester, StreamWithoutNonceIsDroppedRatherThanUsed) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"}), {}), rig.now);
  const Actions actions =
      rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now);
  EXPECT_THAT(rig.Evidences(actions), IsEmpty());
  EXPECT_TRUE(rig.Has<action::DropStream>(actions));
}

TEST(Attester, ServiceThatDoesNotAnswerIsLeft) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now);
  EXPECT_EQ(rig.attester->WakeAt(rig.now), rig.now.boot + rig.options.answer_timeout);
  rig.Pass(rig.options.answer_timeout);
  EXPECT_TRUE(rig.Has<action::DropStream>(rig.attester->OnTime(rig.now)));
}

TEST(Attester, AfterReconnectTheChainGoesOnWhenTheServiceHoldsTheLastEvidence) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  rig.attester->OnStreamClosed(rig.now);
  rig.Pass(Millis(300));
  const auto sent =
      rig.Evidences(rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.previous_digest(), first.digest);
  EXPECT_EQ(sent[0].evidence.epoch(), first.evidence.epoch());
  EXPECT_NE(sent[0].evidence.tables(0).unchanged_digest(), "");
}

TEST(Attester, EvidenceLostWithTheStreamLeadsToANewEpoch) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now);  // lost
  rig.attester->OnStreamClosed(rig.now);
  const auto sent =
      rig.Evidences(rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.previous_digest(), "");
  EXPECT_EQ(sent[0].evidence.epoch(), first.evidence.epoch() + 1);
}

TEST(Attester, StateFolderFromABackupClimbsAboveTheServicesEpoch) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  v1::ServiceMessage hello = rig.Hello(rig.Manifest(1, {"edr"}));
  hello.mutable_hello()->set_expected_previous(std::string(32, 'x'));
  hello.mutable_hello()->set_expected_epoch(41);
  rig.attester->OnService(hello, rig.now);
  const auto sent =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.epoch(), 42u);
}

TEST(Attester, ServiceThatForgotTheDeviceGetsAllRows) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnStreamClosed(rig.now);
  rig.held.clear();
  const auto sent =
      rig.Evidences(rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.tables(0).rows_size(), 1);
}

TEST(Attester, NewStreamTakesOverWhileEvidenceOfTheOldOneIsInFlight) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnCollected(rig.Tables({{"edr", "off"}}, rig.now.boot), rig.now);
  const auto sent = rig.Evidences(
      rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"}), {"fresh"}), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.nonce(), "fresh");
  EXPECT_EQ(sent[0].evidence.tables(0).rows(0).cells(0).text(), "off");
}

TEST(Attester, CheckNowWaitsForEveryTableToBeReadAnew) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.Pass(Millis(2'000));
  const Actions asked = rig.attester->OnCheckNow(rig.now);
  EXPECT_TRUE(rig.Has<action::AskCollector>(asked));
  EXPECT_THAT(rig.Evidences(asked), IsEmpty());
  rig.Pass(Millis(50));
  const auto sent =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  const Actions done =
      rig.attester->OnService(rig.Result(sent[0], Verdict::VERDICT_ACCEPTED), rig.now);
  EXPECT_TRUE(rig.Has<action::CheckDone>(done));
}

TEST(Attester, CheckNowEndsAlsoWhenTheCollectorDoesNot) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnCheckNow(rig.now);
  rig.Pass(rig.options.collect_timeout);
  EXPECT_THAT(rig.Evidences(rig.attester->OnTime(rig.now)), SizeIs(1));
}

TEST(Attester, CheckNowWithoutAStreamIsAnsweredByTheNextOne) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnStreamClosed(rig.now);
  const Actions asked = rig.attester->OnCheckNow(rig.now);
  EXPECT_TRUE(rig.Has<action::AskCollector>(asked));
  EXPECT_FALSE(rig.Has<action::CheckDone>(asked));
  rig.Pass(Millis(50));
  rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now);
  const auto sent =
      rig.Evidences(rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_TRUE(rig.Has<action::CheckDone>(
      rig.attester->OnService(rig.Result(sent[0], Verdict::VERDICT_ACCEPTED), rig.now)));
}

TEST(Attester, CheckNowEndsWithTheStreamThatItWasAskedOn) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnCheckNow(rig.now);
  EXPECT_TRUE(rig.Has<action::CheckDone>(rig.attester->OnStreamClosed(rig.now)));
}

TEST(Attester, CheckNowOfTheServiceIsTheSame) {
  AttesterRig rig;
  rig.FirstAccepted();
  v1::ServiceMessage ask;
  ask.mutable_check_now()->set_reason("admin");
  EXPECT_TRUE(rig.Has<action::AskCollector>(rig.attester->OnService(ask, rig.now)));
}

TEST(Attester, WithoutACollectorThereAreNoBeatsAndThenOnlyTimeouts) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnCollectorClosed(rig.now);
  rig.Pass(Millis(9'999));
  EXPECT_THAT(rig.attester->OnTime(rig.now), IsEmpty());
  rig.Pass(Millis(1));
  const auto sent = rig.Evidences(rig.attester->OnTime(rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.tables(0).state(), v1::TableResult::STATE_TIMEOUT);
  EXPECT_EQ(sent[0].evidence.tables(0).error(), "the collector does not run");
}

TEST(Attester, CollectorThatIsRestartedQuicklyLeavesNoTrace) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnCollectorClosed(rig.now);
  rig.Pass(Millis(500));
  EXPECT_TRUE(rig.Has<action::GiveManifest>(rig.attester->OnCollectorOpen(rig.now)));
  EXPECT_THAT(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now),
              IsEmpty());
}

TEST(Attester, HalfUsedFactsAreReadAgainAndReported) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"}, /*max_age_ms=*/8'000)), rig.now);
  const auto first =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now));
  rig.attester->OnService(rig.Result(first.at(0), Verdict::VERDICT_ACCEPTED), rig.now);

  EXPECT_EQ(rig.attester->WakeAt(rig.now), rig.now.boot + Millis(4'000));
  rig.Pass(Millis(4'000));
  const Actions asked = rig.attester->OnTime(rig.now);
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_THAT(std::get<action::AskCollector>(asked[0]).tables, ElementsAre("edr"));
  EXPECT_THAT(rig.attester->OnTime(rig.now), IsEmpty());  // asked once
  const auto second =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now));
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].evidence.tables(0).age_ms(), 0u);
}

TEST(Attester, WakeAtIsNeverNowWithNothingToDo) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"}, 3'000)), rig.now);
  rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now);
  int wakes = 0;
  const Millis end = rig.now.boot + Millis(15'000);
  while (rig.now.boot < end && wakes < 1'000) {
    rig.attester->OnTime(rig.now);
    const std::optional<Millis> wake = rig.attester->WakeAt(rig.now);
    ASSERT_TRUE(wake.has_value());
    ASSERT_GT(*wake, rig.now.boot);
    rig.Pass(*wake - rig.now.boot);
    ++wakes;
  }
  EXPECT_LT(wakes, 60);
}

TEST(Attester, TableTooLargeForOneEvidenceIsAnErrorAndTheOthersGo) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr", "os"})), rig.now);
  const Actions actions = rig.attester->OnCollected(
      rig.Tables({{"edr", std::string(2 << 20, 'x')}, {"os", "12"}}, rig.now.boot), rig.now);
  const auto sent = rig.Evidences(actions);
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_LE(sent[0].envelope.payload().size(), kMaxEvidenceBytes);
  EXPECT_EQ(sent[0].evidence.tables(0).state(), v1::TableResult::STATE_ERROR);
  EXPECT_EQ(sent[0].evidence.tables(0).error(), "too large for one evidence");
  EXPECT_EQ(sent[0].evidence.tables(1).rows(0).cells(0).text(), "12");
  // Not a change to itself: no loop.
  EXPECT_THAT(rig.Evidences(
                  rig.attester->OnService(rig.Result(sent[0], Verdict::VERDICT_ACCEPTED), rig.now)),
              IsEmpty());
}

TEST(Attester, SkewIsMeasuredAgainstTheMiddleOfTheRoundTrip) {
  AttesterRig rig;
  rig.attester->OnCollectorOpen(rig.now);
  rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now);
  const auto sent =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now));
  rig.Pass(Millis(200));
  rig.attester->OnService(rig.Result(sent.at(0), Verdict::VERDICT_ACCEPTED), rig.now);
  v1::AgentStatus status;
  rig.attester->Describe(rig.now, &status);
  EXPECT_EQ(status.clock_skew_ms(), 800);  // the rig's service says 700 ms after receipt
  EXPECT_EQ(status.lease_left_ms(), 29'800u);
}

TEST(Attester, LastEvidenceComesWithTheRowsBehindItsDigests) {
  AttesterRig rig;
  EXPECT_EQ(rig.attester->LastEvidence().error().code, Code::kNotFound);
  rig.FirstAccepted();
  rig.Pass(Millis(100'000));
  rig.attester->OnTime(rig.now);
  const v1::EvidenceResponse last = rig.attester->LastEvidence().value();
  EXPECT_FALSE(last.accepted());
  EXPECT_EQ(last.public_key(), rig.key.public_key().spki());
  ASSERT_EQ(last.unchanged_size(), 1);
  EXPECT_EQ(last.unchanged(0).rows(0).cells(0).text(), "on");
}

}  // namespace
}  // namespace sallyport
