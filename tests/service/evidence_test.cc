// SPDX-License-Identifier: Apache-2.0
// What evidence gets, good and bad, over the real stream.
#include <gtest/gtest.h>

#include "attestation/dsse.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

using Answer = v1::AttestationResult;

// One service for all: a bad input must not disturb what comes after it either.
class Evidence : public testing::Test {
 protected:
  static void SetUpTestSuite() { service_ = new RunningService(); }
  static void TearDownTestSuite() {
    delete service_;
    service_ = nullptr;
  }

  // The stream that was refused goes on, and another device's as well.
  static void ExpectGoesOn(TestDevice& device) {
    device.StartEpoch();
    const auto next = device.Attest({Edr(true)});
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->verdict(), Answer::VERDICT_ACCEPTED) << next->reason() << next->detail();
  }
  static void ExpectRefused(const Result<Answer>& answer, std::string_view reason) {
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->verdict(), Answer::VERDICT_REFUSED);
    EXPECT_EQ(answer->reason(), reason);
    EXPECT_FALSE(answer->detail().empty());
    EXPECT_TRUE(answer->beat_key().empty());
    EXPECT_EQ(answer->tier(), v1::TIER_UNSPECIFIED);
  }

  static RunningService* service_;
};
RunningService* Evidence::service_ = nullptr;

TEST_F(Evidence, GoodFactsGiveFullAccessAndBadOnesTheTierOfTheirPolicyWithEverythingToMendIt) {
  const auto device = service_->ConnectedDevice();
  const auto good = device->Attest({Edr(true)});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->verdict(), Answer::VERDICT_ACCEPTED);
  EXPECT_EQ(good->tier(), v1::TIER_FULL);
  EXPECT_EQ(good->lease_ttl_ms(), 600'000u);
  EXPECT_EQ(good->beat_key().size(), 32u);
  EXPECT_GE(good->nonces_size(), 1);

  const auto bad = device->Attest({Edr(false)});
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->tier(), v1::TIER_QUARANTINE);
  EXPECT_GT(bad->decision_id(), good->decision_id());
  ASSERT_EQ(bad->outcomes_size(), 1);
  const v1::Outcome& outcome = bad->outcomes(0);
  EXPECT_EQ(outcome.policy(), "edr-running");
  EXPECT_EQ(outcome.verdict(), v1::Outcome::VERDICT_FAIL);
  EXPECT_TRUE(outcome.blocking());
  EXPECT_EQ(outcome.demands(), v1::TIER_QUARANTINE);
  EXPECT_EQ(outcome.resolution(), "Start clamd.");
  EXPECT_FALSE(outcome.case_code().empty());
}

TEST_F(Evidence, OutcomesThatAStreamWasToldAreNotRepeatedUntilTheyChange) {
  const auto device = service_->ConnectedDevice();
  const auto first = device->Attest({Edr(true)});
  const auto same = device->Attest({Edr(true)});
  const auto other = device->Attest({Edr(false)});
  ASSERT_TRUE(first && same && other);
  EXPECT_EQ(first->outcomes_size(), 1);
  EXPECT_FALSE(first->outcomes_unchanged());
  EXPECT_EQ(same->outcomes_size(), 0);
  EXPECT_TRUE(same->outcomes_unchanged());
  EXPECT_EQ(other->outcomes_size(), 1);
  EXPECT_FALSE(other->outcomes_unchanged());

  // Of an answer that was lost nobody knows what was told.
  const v1::Envelope envelope = device->Sign(device->Draft({Edr(false)}));
  device->SendEvidence(envelope);
  EXPECT_TRUE(device->NextResult()->outcomes_unchanged());
  device->SendEvidence(envelope);
  EXPECT_EQ(device->NextResult()->outcomes_size(), 1);
  EXPECT_EQ(device->Attest({Edr(false)})->outcomes_size(), 1);

  // A new stream was told nothing.
  ASSERT_TRUE(device->Connect());
  const auto again = device->Attest({Edr(false)});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->outcomes_size(), 1);
}

TEST_F(Evidence, TheHelloSaysWhatToCollectInASignedManifest) {
  const auto device = service_->ConnectedDevice();
  const auto key = PublicKey::FromSpki(device->identity().record.service_key_spki);
  ASSERT_TRUE(key);
  EXPECT_TRUE(VerifyEnvelope(*key, kManifestType, device->hello().manifest()));
  v1::Manifest manifest;
  ASSERT_TRUE(manifest.ParseFromString(device->hello().manifest().payload()));
  EXPECT_EQ(manifest.version(), 1u);
  ASSERT_EQ(manifest.tables_size(), 1);
  EXPECT_EQ(manifest.tables(0).table(), "edr_products");
  EXPECT_EQ(manifest.tables(0).max_age_ms(), 600'000u);
  EXPECT_EQ(device->hello().nonces_size(), 4);
  EXPECT_TRUE(device->hello().expected_previous().empty());
}

TEST_F(Evidence, OldFactsShortenTheLeaseToWhatIsLeftOfThem) {
  const auto device = service_->ConnectedDevice();
  const auto answer = device->Attest({Edr(true, Millis{9 * 60'000 + 30'000})});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->tier(), v1::TIER_FULL);
  EXPECT_LE(answer->lease_ttl_ms(), 30'000u);
  EXPECT_GT(answer->lease_ttl_ms(), 10'000u);
}

TEST_F(Evidence, AMissingTableIsUnknownAndNotGood) {
  const auto device = service_->ConnectedDevice();
  const auto answer = device->Attest({});
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->outcomes_size(), 1);
  EXPECT_EQ(answer->outcomes(0).verdict(), v1::Outcome::VERDICT_UNKNOWN);
}

TEST_F(Evidence, BytesThatAreNoMessageAreRefusedAndTheStreamGoesOn) {
  const auto device = service_->ConnectedDevice();
  const uint64_t before = service_->Count("evidence_refused_malformed");
  device->SendBytes("\xff\xff\xff not a protobuf");
  ExpectRefused(device->NextResult(), "malformed");
  device->SendBytes("");  // parses, and says nothing
  ExpectRefused(device->NextResult(), "malformed");
  EXPECT_EQ(service_->Count("evidence_refused_malformed"), before + 2);
  ExpectGoesOn(*device);
}

TEST_F(Evidence, ASignedPayloadThatIsNoEvidenceIsRefused) {
  const auto device = service_->ConnectedDevice();
  device->SendEvidence(*SignEnvelope(device->key(), kEvidenceType, "\xff\xff\xff"));
  ExpectRefused(device->NextResult(), "malformed");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, RowsWithoutAllTheirCellsAreRefused) {
  const auto device = service_->ConnectedDevice();
  v1::Evidence evidence = device->Draft({Edr(true)});
  evidence.mutable_tables(0)->mutable_rows(0)->mutable_cells()->RemoveLast();
  device->SendEvidence(device->SignAside(evidence));
  ExpectRefused(device->NextResult(), "malformed");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, AnOversizedEvidenceIsRefusedByNameAndCounted) {
  const auto device = service_->ConnectedDevice();
  const uint64_t before = service_->Count("evidence_refused_too_large");
  v1::Evidence evidence = device->Draft({Edr(true)});
  evidence.mutable_tables(0)->set_error(std::string(kMaxEvidenceBytes, 'x'));
  device->SendEvidence(device->SignAside(evidence));
  ExpectRefused(device->NextResult(), "too_large");
  EXPECT_EQ(service_->Count("evidence_refused_too_large"), before + 1);
  ExpectGoesOn(*device);
}

TEST_F(Evidence, AMessageBeyondTheTransportsBoundEndsItsOwnStreamWithThatReason) {
  const auto device = service_->ConnectedDevice();
  const auto other = service_->ConnectedDevice();
  const uint64_t before = service_->Count("streams_cut_off");
  device->SendBytes(std::string(3 << 20, 'x'));
  const auto end = device->AwaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << end->error_message();
  EXPECT_TRUE(Eventually([&] { return service_->Count("streams_cut_off") == before + 1; }));
  ExpectGoesOn(*other);
}

TEST_F(Evidence, AFlippedByteIsABadSignature) {
  const auto device = service_->ConnectedDevice();
  v1::Envelope envelope = device->SignAside(device->Draft({Edr(true)}));
  std::string& payload = *envelope.mutable_payload();
  payload[payload.size() / 2] = static_cast<char>(payload[payload.size() / 2] ^ 1);
  device->SendEvidence(envelope);
  ExpectRefused(device->NextResult(), "bad_signature");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, AnotherKeysSignatureIsTheWrongKeyAndUnderThisKeysNameABadSignature) {
  const auto device = service_->ConnectedDevice();
  const Result<SigningKey> other = SigningKey::Generate();
  const std::string payload = device->Draft({Edr(true)}).SerializeAsString();
  v1::Envelope envelope = *SignEnvelope(*other, kEvidenceType, payload);
  device->SendEvidence(envelope);
  ExpectRefused(device->NextResult(), "wrong_key");
  envelope.mutable_signatures(0)->set_keyid(device->key().public_key().key_id());
  device->SendEvidence(envelope);
  ExpectRefused(device->NextResult(), "bad_signature");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, AnotherTypesSignatureIsRefused) {
  const auto device = service_->ConnectedDevice();
  device->SendEvidence(
      *SignEnvelope(device->key(), kRenewLeafType, device->Draft({Edr(true)}).SerializeAsString()));
  ExpectRefused(device->NextResult(), "bad_signature");
}

TEST_F(Evidence, OfAnotherDeviceIsRefusedWhoeverSignedIt) {
  const auto device = service_->ConnectedDevice();
  const auto other = service_->ConnectedDevice();
  v1::Evidence evidence = device->Draft({Edr(true)});
  evidence.set_device_id(other->id());
  device->SendEvidence(device->SignAside(evidence));
  ExpectRefused(device->NextResult(), "wrong_device");
  device->SendEvidence(other->SignAside(other->Draft({Edr(true)})));
  ExpectRefused(device->NextResult(), "wrong_key");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, ANonceIsGoodOnceAndOnlyIfItWasGiven) {
  const auto device = service_->ConnectedDevice();
  v1::Evidence first = device->Draft({Edr(true)});
  const std::string nonce = first.nonce();
  device->SendEvidence(device->Sign(first));
  ASSERT_TRUE(device->NextResult());
  v1::Evidence second = device->Draft({Edr(true)});
  second.set_nonce(nonce);
  device->SendEvidence(device->SignAside(second));
  ExpectRefused(device->NextResult(), "spent_nonce");
  second.set_nonce("never given");
  device->SendEvidence(device->SignAside(second));
  ExpectRefused(device->NextResult(), "unknown_nonce");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, AnOldMessageReplayedIsRefusedOnItsStreamAndOnTheNext) {
  const auto device = service_->ConnectedDevice();
  const v1::Envelope old_message = device->Sign(device->Draft({Edr(true)}));
  device->SendEvidence(old_message);
  ASSERT_TRUE(device->NextResult());
  ASSERT_TRUE(device->Attest({Edr(false)}));
  device->SendEvidence(old_message);
  ExpectRefused(device->NextResult(), "spent_nonce");
  ASSERT_TRUE(device->Connect());
  device->SendEvidence(old_message);
  ExpectRefused(device->NextResult(), "unknown_nonce");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, TheNewestMessageAgainGetsTheSameAnswerAndNothingNew) {
  const auto device = service_->ConnectedDevice();
  const v1::Envelope envelope = device->Sign(device->Draft({Edr(false)}));
  device->SendEvidence(envelope);
  const auto first = device->NextResult();
  device->SendEvidence(envelope);
  const auto again = device->NextResult();
  ASSERT_TRUE(first && again);
  EXPECT_EQ(again->verdict(), Answer::VERDICT_ACCEPTED);
  EXPECT_EQ(again->tier(), first->tier());
  EXPECT_EQ(again->decision_id(), first->decision_id());
  EXPECT_EQ(again->outcomes(0).case_code(), first->outcomes(0).case_code());
  EXPECT_TRUE(again->beat_key().empty());
}

TEST_F(Evidence, ASequenceThatGoesBackwardsIsRefused) {
  const auto device = service_->ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  v1::Evidence second = device->Draft({Edr(true)});
  second.set_sequence(1);
  device->SendEvidence(device->SignAside(second));
  ExpectRefused(device->NextResult(), "sequence_backwards");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, AnUnknownPredecessorIsAGapThatANewEpochMends) {
  const auto device = service_->ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  v1::Evidence evidence = device->Draft({Edr(true)});
  evidence.set_sequence(7);
  evidence.set_previous_digest(Sha256("never sent"));
  device->SendEvidence(device->SignAside(evidence));
  const auto answer = device->NextResult();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->verdict(), Answer::VERDICT_GAP);
  EXPECT_EQ(answer->reason(), "unknown_predecessor");
  ExpectGoesOn(*device);
}

TEST_F(Evidence, TwoSuccessorsOfOneEvidenceAreAForkThatIsRefusedAndRecorded) {
  const auto device = service_->ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  v1::Evidence clone = device->Draft({Edr(true)});
  ASSERT_TRUE(device->Attest({Edr(true)}));
  clone.set_sequence(3);
  device->SendEvidence(device->SignAside(clone));
  ExpectRefused(device->NextResult(), "fork");
  (*service_)->store().Flush();
  const auto decisions = (*service_)->store().Decisions(device->id(), 10);
  ASSERT_TRUE(decisions);
  EXPECT_TRUE(decisions->front().reason.starts_with("fork: ")) << decisions->front().reason;
  EXPECT_EQ(decisions->front().to, std::nullopt);
}

TEST_F(Evidence, UnchangedTablesAreJudgedFromTheRowsThatAreHeld) {
  const auto device = service_->ConnectedDevice();
  const TableResult before = Edr(false, Millis{9 * 60'000});
  ASSERT_TRUE(device->Attest({before}));
  // Looked at again since, and then so old that the policy no longer leans on it.
  for (const Millis age : {Millis{0}, Millis{11 * 60'000}}) {
    v1::Evidence evidence = device->Draft({before});
    v1::TableResult* table = evidence.mutable_tables(0);
    table->set_unchanged_digest(TableDigest(before));
    table->set_age_ms(static_cast<uint64_t>(age.count()));
    table->clear_columns();
    table->clear_rows();
    device->SendEvidence(device->Sign(evidence));
    const auto answer = device->NextResult();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->verdict(), Answer::VERDICT_ACCEPTED) << answer->detail();
    EXPECT_EQ(answer->tier(), v1::TIER_QUARANTINE);
    if (age.count() == 0) {
      EXPECT_TRUE(answer->outcomes_unchanged());
    } else {
      ASSERT_EQ(answer->outcomes_size(), 1);
      EXPECT_EQ(answer->outcomes(0).verdict(), v1::Outcome::VERDICT_STALE);
    }
  }
}

TEST_F(Evidence, RowsThatAreHeldAlreadyAreJudgedAtTheirNewAge) {
  const auto device = service_->ConnectedDevice();
  const auto first = device->Attest({Edr(true, Millis{9 * 60'000})});
  const auto later = device->Attest({Edr(true, Millis{9 * 60'000 + 30'000})});
  const auto again = device->Attest({Edr(true)});
  const auto stale = device->Attest({Edr(true, Millis{11 * 60'000})});
  ASSERT_TRUE(first && later && again && stale);
  EXPECT_EQ(first->lease_ttl_ms(), 60'000u);
  EXPECT_EQ(later->lease_ttl_ms(), 30'000u);
  EXPECT_EQ(again->lease_ttl_ms(), 600'000u);
  ASSERT_EQ(stale->outcomes_size(), 1);
  EXPECT_EQ(stale->outcomes(0).verdict(), v1::Outcome::VERDICT_STALE);
}

TEST_F(Evidence, AnUnchangedDigestThatIsNotHeldIsAskedForInFullAndStaysInTheChain) {
  const auto device = service_->ConnectedDevice();
  v1::Evidence evidence = device->Draft({Edr(true)});
  v1::TableResult* table = evidence.mutable_tables(0);
  table->set_unchanged_digest(TableDigest(Edr(true)));
  table->clear_columns();
  table->clear_rows();
  device->SendEvidence(device->Sign(evidence));
  const auto answer = device->NextResult();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->verdict(), Answer::VERDICT_NEED_FULL);
  EXPECT_NE(answer->detail().find("edr_products"), std::string::npos);
  const auto full = device->Attest({Edr(true)});
  ASSERT_TRUE(full);
  EXPECT_EQ(full->verdict(), Answer::VERDICT_ACCEPTED) << full->reason();
}

// Digests cost a device nothing; the rows behind them cost the service memory.
TEST_F(Evidence, WhatIsHeldOfADeviceNeverGrowsPastOneEvidence) {
  const auto device = service_->ConnectedDevice();
  TableResult large = Edr(true);
  large.source = std::string(700'000, 'x');
  TableResult other = large;
  other.table = "kernel_info";
  other.columns = {"version"};
  other.rows = {{Cell("6.1")}};
  ASSERT_EQ(device->Attest({large})->verdict(), Answer::VERDICT_ACCEPTED);
  const auto unchanged = [](v1::TableResult* table, const TableResult& of) {
    table->set_unchanged_digest(TableDigest(of));
    table->clear_columns();
    table->clear_rows();
    table->clear_source();
  };
  v1::Evidence both = device->Draft({large, other});
  unchanged(both.mutable_tables(0), large);
  device->SendEvidence(device->Sign(both));
  ASSERT_EQ(device->NextResult()->verdict(), Answer::VERDICT_ACCEPTED);
  v1::Evidence more = device->Draft({large, other, large});
  for (int i = 0; i < 2; ++i) unchanged(more.mutable_tables(i), i == 0 ? large : other);
  unchanged(more.mutable_tables(2), large);
  device->SendEvidence(device->Sign(more));
  EXPECT_EQ(device->NextResult()->verdict(), Answer::VERDICT_NEED_FULL);
}

TEST_F(Evidence, OfflineEvidenceIsStoredAndGrantsRenewsAndResetsNothing) {
  const auto device = service_->ConnectedDevice();
  v1::Evidence evidence = device->Draft({Edr(true)});
  evidence.set_offline(true);
  evidence.set_nonce("the last one of long ago");
  device->SendEvidence(device->Sign(evidence));
  const auto answer = device->NextResult();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->verdict(), Answer::VERDICT_STORED);
  EXPECT_EQ(answer->tier(), v1::TIER_UNSPECIFIED);
  EXPECT_EQ(answer->lease_ttl_ms(), 0u);
  EXPECT_TRUE(answer->beat_key().empty());
  const auto kept = (*service_)->store().KeptEvidence(device->id());
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_TRUE(kept->front().offline);
  const auto gate = service_->ConnectedGate("gate-offline");
  EXPECT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_UNSPECIFIED);
  // And what comes after it is chained behind it.
  const auto online = device->Attest({Edr(true)});
  EXPECT_EQ(online->verdict(), Answer::VERDICT_ACCEPTED);
}

TEST(QuietDevice, GetsNoncesWithItsBeatsBeforeTheOnesItHasEnd) {
  ServiceOptions options;
  options.terms.beat_interval = Millis{5 * 60'000};  // two of them are as long as a nonce is good
  RunningService service(kEdrPolicy, options);
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  device->SendBeat();
  const auto ack = device->NextBeatAck();
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->accepted());
  EXPECT_EQ(ack->nonces_size(), 4);
}

TEST_F(Evidence, ABeatIsAcceptedWithGrowingCounterAndRefusedForgedRepeatedOrForeign) {
  const auto device = service_->ConnectedDevice();
  device->SendBeat();
  EXPECT_EQ(device->NextBeatAck()->reason(), "no_evidence");
  ASSERT_TRUE(device->Attest({Edr(true)}));
  const v1::Beat beat = device->MakeBeat();
  device->SendBeat(beat);
  const auto ack = device->NextBeatAck();
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->accepted()) << ack->reason();
  EXPECT_EQ(ack->tier(), v1::TIER_FULL);
  EXPECT_GT(ack->lease_ttl_ms(), 590'000u - 10'000u);
  device->SendBeat(beat);
  EXPECT_EQ(device->NextBeatAck()->reason(), "counter_backwards");
  v1::Beat forged = device->MakeBeat();
  (*forged.mutable_mac())[0] = static_cast<char>(forged.mac()[0] ^ 1);
  device->SendBeat(forged);
  EXPECT_EQ(device->NextBeatAck()->reason(), "bad_mac");
  v1::Beat foreign = device->MakeBeat();
  foreign.set_evidence_digest(Sha256("another"));
  device->SendBeat(foreign);
  EXPECT_EQ(device->NextBeatAck()->reason(), "other_evidence");
  device->SendBeat();
  EXPECT_TRUE(device->NextBeatAck()->accepted());
}

}  // namespace
}  // namespace sallyport
