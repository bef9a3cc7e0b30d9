// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attester.h"
#include "attestation/verifier.h"
#include "tests/agent/attester_rig.h"

namespace sallyport {
namespace {

using Verdict = v1::AttestationResult;
using testing::SizeIs;

// Answers whatever is sent with what the service's own chain rule says, until nothing is sent.
std::vector<Sent> Deliver(AttesterRig* rig, Actions actions) {
  std::vector<Sent> delivered;
  std::vector<Sent> sent = AttesterRig::Evidences(actions);
  while (!sent.empty()) {
    EXPECT_THAT(sent, SizeIs(1));
    std::vector<ChainPosition> recent;
    for (auto held = rig->held.rbegin(); held != rig->held.rend(); ++held) {
      recent.push_back({held->evidence.epoch(), held->evidence.sequence(), held->digest});
    }
    const ChainVerdict chain = CheckChain(recent, sent[0].evidence, sent[0].digest);
    const Verdict::Verdict verdict =
        chain == ChainVerdict::kGap ? Verdict::VERDICT_GAP
        : chain == ChainVerdict::kBackwards || chain == ChainVerdict::kFork
            ? Verdict::VERDICT_REFUSED
        : sent[0].evidence.offline() ? Verdict::VERDICT_STORED
                                     : Verdict::VERDICT_ACCEPTED;
    EXPECT_NE(chain, ChainVerdict::kFork);
    delivered.push_back(sent[0]);
    sent =
        AttesterRig::Evidences(rig->attester->OnService(rig->Result(sent[0], verdict), rig->now));
  }
  return delivered;
}

void Change(AttesterRig* rig, const std::string& value) {
  rig->Pass(Millis(100));
  rig->attester->OnCollected(rig->Tables({{"edr", value}}, rig->now.boot), rig->now);
}

std::string ValueOf(const Sent& sent) { return sent.evidence.tables(0).rows(0).cells(0).text(); }

TEST(AttesterOffline, ShortBreakOfTheStreamIsNotHistory) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.attester->OnStreamClosed(rig.now);
  Change(&rig, "off");
  EXPECT_EQ(rig.spool->size(), 0u);
}

TEST(AttesterOffline, ChangesAreSpooledAndDeliveredInOrderBeforeLiveEvidence) {
  AttesterRig rig;
  const Sent first = rig.FirstAccepted();
  rig.GoOffline();
  EXPECT_EQ(rig.spool->size(), 0u);  // nothing new to say
  Change(&rig, "off");
  Change(&rig, "on");
  EXPECT_EQ(rig.spool->size(), 2u);

  const auto sent =
      Deliver(&rig, rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_EQ(ValueOf(sent[0]), "off");
  EXPECT_TRUE(sent[0].evidence.offline());
  EXPECT_EQ(sent[0].evidence.nonce(), "n101");  // the last one known
  EXPECT_EQ(sent[0].evidence.epoch(), first.evidence.epoch() + 1);
  EXPECT_EQ(ValueOf(sent[1]), "on");
  EXPECT_EQ(sent[1].evidence.previous_digest(), sent[0].digest);
  EXPECT_FALSE(sent[2].evidence.offline());
  EXPECT_EQ(sent[2].evidence.previous_digest(), sent[1].digest);
  EXPECT_EQ(rig.held.size(), 4u);  // none was refused
  EXPECT_EQ(rig.spool->size(), 0u);
}

TEST(AttesterOffline, OnScheduleHistoryIsWrittenAlsoWithoutChange) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.GoOffline();
  rig.Pass(Millis(100'000));
  rig.attester->OnTime(rig.now);
  EXPECT_EQ(rig.spool->size(), 1u);
}

TEST(AttesterOffline, LaptopThatStartsOfflineWritesWhatItSees) {
  AttesterRig rig;
  rig.attester->OnKeptManifest(rig.Manifest(1, {"edr"}), rig.now);
  rig.attester->OnCollectorOpen(rig.now);
  Change(&rig, "on");
  EXPECT_EQ(rig.attester->WakeAt(rig.now), Millis(50'000) + rig.options.offline_after);
  rig.Pass(rig.options.offline_after);
  rig.attester->OnTime(rig.now);
  EXPECT_EQ(rig.spool->size(), 1u);
}

TEST(AttesterOffline, ProcessKilledOfflineDeliversTheHistoryOfBothRuns) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.GoOffline();
  Change(&rig, "off");
  rig.Restart();
  rig.attester->OnKeptManifest(rig.Manifest(1, {"edr"}), rig.now);
  rig.attester->OnCollectorOpen(rig.now);
  rig.Pass(rig.options.offline_after);
  Change(&rig, "on");
  EXPECT_EQ(rig.spool->size(), 2u);

  const auto sent =
      Deliver(&rig, rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_EQ(ValueOf(sent[0]), "off");
  EXPECT_EQ(ValueOf(sent[1]), "on");
  EXPECT_GT(sent[1].evidence.epoch(), sent[0].evidence.epoch());
  EXPECT_EQ(rig.held.size(), 4u);
}

TEST(AttesterOffline, StreamThatBreaksDuringDeliveryLosesNothing) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.GoOffline();
  Change(&rig, "off");
  Change(&rig, "on");
  const auto first =
      rig.Evidences(rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  rig.Result(first.at(0), Verdict::VERDICT_STORED);  // stored, but the answer is lost
  rig.attester->OnStreamClosed(rig.now);

  const auto sent =
      Deliver(&rig, rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_EQ(sent[0].digest, first[0].digest);
  EXPECT_EQ(ValueOf(sent[1]), "on");
  EXPECT_FALSE(sent[2].evidence.offline());
  EXPECT_EQ(rig.spool->size(), 0u);
}

TEST(AttesterOffline, FullSpoolLosesTheOldestAndTheNextEvidenceSaysHowMany) {
  AttesterRig rig(Spool::Limits{.evidences = 40, .bytes = 16 << 20});
  rig.FirstAccepted();
  rig.GoOffline();
  for (int i = 0; i < 50; ++i) Change(&rig, "change " + std::to_string(i));
  EXPECT_EQ(rig.spool->size(), 40u);

  const auto sent =
      Deliver(&rig, rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  ASSERT_THAT(sent, SizeIs(41));
  EXPECT_EQ(ValueOf(sent[0]), "change 10");
  EXPECT_EQ(ValueOf(sent[39]), "change 49");
  EXPECT_FALSE(sent[40].evidence.offline());
  uint64_t told = 0;
  for (const Sent& one : sent) told += one.evidence.spool_dropped();
  EXPECT_EQ(told, 10u);
  EXPECT_EQ(rig.spool->dropped(), 0u);
  EXPECT_EQ(rig.held.size(), 42u);  // none of it was a gap to the service
}

TEST(AttesterOffline, RefusedHistoryIsDroppedAndCountedAndDoesNotStandInTheWay) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.GoOffline();
  Change(&rig, "off");
  Change(&rig, "on");
  const auto first =
      rig.Evidences(rig.attester->OnService(rig.Hello(rig.Manifest(1, {"edr"})), rig.now));
  const auto live = rig.Evidences(rig.attester->OnService(
      rig.Result(first.at(0), Verdict::VERDICT_REFUSED, "malformed"), rig.now));
  ASSERT_THAT(live, SizeIs(1));
  EXPECT_FALSE(live[0].evidence.offline());
  EXPECT_EQ(live[0].evidence.previous_digest(), "");
  EXPECT_EQ(live[0].evidence.spool_dropped(), 2u);
  rig.attester->OnService(rig.Result(live[0], Verdict::VERDICT_ACCEPTED), rig.now);
  EXPECT_EQ(rig.spool->dropped(), 0u);
}

TEST(AttesterOffline, OfflineEvidenceCarriesAllRows) {
  AttesterRig rig;
  rig.FirstAccepted();
  rig.GoOffline();
  rig.Pass(Millis(100'000));
  rig.attester->OnTime(rig.now);
  const v1::Envelope envelope = rig.spool->Front().value()->envelope;
  v1::Evidence evidence;
  ASSERT_TRUE(evidence.ParseFromString(envelope.payload()));
  EXPECT_TRUE(VerifyEnvelope(rig.key.public_key(), kEvidenceType, envelope).has_value());
  EXPECT_EQ(evidence.tables(0).unchanged_digest(), "");
  EXPECT_EQ(evidence.tables(0).rows_size(), 1);
}

}  // namespace
}  // namespace sallyport
