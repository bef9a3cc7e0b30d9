// SPDX-License-Identifier: Apache-2.0
// Who may have a stream, how long it stands, and what outlives it.
#include <gtest/gtest.h>

#include "attestation/dsse.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

TEST(Stream, ASecondOneOfADeviceReplacesTheFirst) {
  RunningService service;
  const auto first = service.ConnectedDevice();
  TestDevice second(first->identity(), first->leaf());
  ASSERT_TRUE(second.Connect());
  const auto goodbye = first->NextOf(v1::ServiceMessage::kGoodbye);
  ASSERT_TRUE(goodbye) << goodbye.error().message;
  EXPECT_EQ(goodbye->goodbye().reason(), "replaced");
  EXPECT_TRUE(first->AwaitEnd());
  EXPECT_EQ(second.Attest({Edr(true)})->tier(), v1::TIER_FULL);
}

TEST(Stream, EndsWithItsLeafWhichIsGoodForNoneAfterIt) {
  ServiceOptions options;
  options.leaf_lifetime = std::chrono::seconds(2);
  RunningService service(kEdrPolicy, options);
  const auto device = service.ConnectedDevice();
  const auto judged = device->Attest({Edr(true)});
  ASSERT_TRUE(judged);
  EXPECT_LE(judged->lease_ttl_ms(), 2000u);
  const auto goodbye = device->NextOf(v1::ServiceMessage::kGoodbye);
  ASSERT_TRUE(goodbye) << goodbye.error().message;
  EXPECT_EQ(goodbye->goodbye().reason(), "leaf_expired");
  EXPECT_TRUE(device->AwaitEnd());
  // An X.509 date is of whole seconds, so the handshake may bear it for the rest of its second.
  TestDevice late(device->identity(), device->leaf());
  EXPECT_TRUE(Eventually([&] { return !late.Connect(std::chrono::milliseconds(3000)); }));
}

TEST(Stream, ALeafOfAForeignCaGetsNoStream) {
  RunningService service;
  RunningService foreign;
  const auto stranger = foreign.Device();
  TestEnroller::Identity identity = stranger->identity();
  identity.record.attestation_address = service->attest_address();
  identity.record.ca_pem = service.ca_pem();
  TestDevice device(identity, stranger->leaf());
  EXPECT_FALSE(device.Connect());
  EXPECT_EQ(device.AwaitEnd()->error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service->store().Devices()->size(), 0u);
  EXPECT_TRUE(service.ConnectedDevice()->Attest({Edr(true)}));
}

TEST(Stream, ALeafOfTheCaForADeviceThatIsNotEnrolledGetsNoStream) {
  RunningService service;
  const auto ca =
      CertificateAuthority::Open(service.folder() + "/state/ca", "test.example", SystemNow());
  ASSERT_TRUE(ca);
  const auto device = service.Device();
  const auto key = SigningKey::Generate();
  const auto der =
      ca->IssueLeaf(key->public_key(), {LeafName::Role::kDevice, "test.example", "d-unheard-of"},
                    SystemNow(), std::chrono::hours(1));
  ASSERT_TRUE(der) << der.error().message;
  TestDevice unknown(device->identity(), Leaf{*der, *key->PrivatePem(), Millis{0}});
  EXPECT_FALSE(unknown.Connect());
  const auto end = unknown.AwaitEnd();
  EXPECT_EQ(end->error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(end->error_message().starts_with("unknown_device")) << end->error_message();
}

TEST(Service, AfterARestartKnowsDeviceChainAndSinceWhenItFailed) {
  RunningService service(R"(
- name: edr-running
  query: SELECT 1 FROM edr_products WHERE running = 1;
  sallyport: {mode: block, tier: quarantine, grace: 1h}
)");
  const auto device = service.ConnectedDevice();
  const v1::Envelope first = device->Sign(device->Draft({Edr(false)}));
  device->SendEvidence(first);
  const auto before = device->NextResult();
  ASSERT_TRUE(before);
  ASSERT_EQ(before->tier(), v1::TIER_FULL);
  service.Stop();
  service.Start();
  ASSERT_TRUE(device->Connect());
  EXPECT_EQ(device->hello().expected_previous(), Sha256(first.payload()));
  EXPECT_EQ(device->hello().expected_epoch(), 1u);
  EXPECT_EQ(device->hello().expected_sequence(), 1u);
  v1::Manifest manifest;
  ASSERT_TRUE(manifest.ParseFromString(device->hello().manifest().payload()));
  EXPECT_EQ(manifest.version(), 1u);  // the same content
  // The chain goes on in the same epoch, and the grace as well.
  const auto after = device->Attest({Edr(false)});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->verdict(), v1::AttestationResult::VERDICT_ACCEPTED) << after->reason();
  EXPECT_EQ(after->outcomes(0).since_ms(), before->outcomes(0).since_ms());
  EXPECT_LE(after->outcomes(0).deadline_ms(), before->outcomes(0).deadline_ms() + 5);
  EXPECT_GT(after->decision_id(), before->decision_id());
}

TEST(Service, AfterARestartCutsWhatGatesMayStillHoldWhenTheFirstVerdictIsLower) {
  RunningService service;
  const auto device = service.ConnectedDevice();
  ASSERT_EQ(device->Attest({Edr(true)})->tier(), v1::TIER_FULL);
  service.Stop();
  service.Start();
  const auto gate = service.ConnectedGate();
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_UNSPECIFIED);
  ASSERT_TRUE(device->Connect());
  ASSERT_EQ(device->Attest({Edr(false)})->tier(), v1::TIER_QUARANTINE);
  const auto command = gate->Next();
  ASSERT_TRUE(command && command->has_cut());
  EXPECT_EQ(command->cut().tier(), v1::TIER_QUARANTINE);
}

// A store that fails is worse than none: what is in memory is not on disk, so it is leaned on no
// more. The stream ends, and the next one starts from what the store has.
TEST(Service, AVerdictThatCannotBeStoredGrantsNothing) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_EQ(device->Attest({Edr(true)})->tier(), v1::TIER_FULL);
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_FULL);
  Result<Database> db = Database::Open(service.folder() + "/state/service.db");
  ASSERT_TRUE(db->Execute("ALTER TABLE evidence RENAME TO elsewhere"));
  device->SendEvidence(device->Sign(device->Draft({Edr(true)})));
  const auto goodbye = device->NextOf(v1::ServiceMessage::kGoodbye);
  ASSERT_TRUE(goodbye) << goodbye.error().message;
  EXPECT_EQ(goodbye->goodbye().reason(), "store_failed");
  EXPECT_EQ(service.Count("commits_failed"), 1u);
  ASSERT_TRUE(db->Execute("ALTER TABLE elsewhere RENAME TO evidence"));
  EXPECT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_UNSPECIFIED);
  ASSERT_TRUE(device->Connect());
  EXPECT_EQ(device->hello().expected_sequence(), 1u);  // the second was never acknowledged
  EXPECT_EQ(device->Attest({Edr(true)})->tier(), v1::TIER_FULL);
}

// grpc.health.v1.HealthCheckResponse{status: SERVING}
TEST(Service, AnswersTheStandardHealthQuestionOnTheAttestationListener) {
  RunningService service;
  const auto device = service.ConnectedDevice();
  TestStream health(device->channel(), "/grpc.health.v1.Health/Check");
  health.Send("");
  health.HalfClose();
  const auto answer = health.Next(TestDevice::kDeadline);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, std::string("\x08\x01"));
}

TEST(Service, TheSignerOfManifestsAndTheCaAreTheSameAfterARestart) {
  RunningService service;
  const auto device = service.Device();
  const std::string ca = service.ca_pem();
  service.Stop();
  service.Start();
  EXPECT_EQ(service.ca_pem(), ca);
  ASSERT_TRUE(device->Connect());
  const auto key = PublicKey::FromSpki(device->identity().record.service_key_spki);
  EXPECT_TRUE(VerifyEnvelope(*key, kManifestType, device->hello().manifest()));
}

TEST(Service, DrainingSaysGoodbyeToDevicesAndGatesAndKeepsWhatWasAcknowledged) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  service.Stop();
  const auto goodbye = device->NextOf(v1::ServiceMessage::kGoodbye);
  ASSERT_TRUE(goodbye) << goodbye.error().message;
  EXPECT_EQ(goodbye->goodbye().reason(), "draining");
  EXPECT_GT(goodbye->goodbye().retry_after_ms(), 0u);
  const auto command = gate->Next();
  ASSERT_TRUE(command && command->has_goodbye());
  EXPECT_EQ(command->goodbye().reason(), "draining");
  service.Start();
  EXPECT_EQ(service->store().KeptEvidence(device->id())->size(), 1u);
}

}  // namespace
}  // namespace sallyport
