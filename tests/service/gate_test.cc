// SPDX-License-Identifier: Apache-2.0
// What gates are told, and when.
#include <gtest/gtest.h>

#include "service/sqlite.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kAWhile{300};

TEST(Gate, IsWelcomedWithTheLengthOfALease) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  EXPECT_EQ(gate->welcome().lease_ms(), 600'000u);
}

TEST(Gate, GetsALeaseForALiveVerdictAndNothingForOthers) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  EXPECT_EQ(gate->LeaseOf("d-nobody")->tier(), v1::TIER_UNSPECIFIED);
  EXPECT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_UNSPECIFIED);
  const auto judged = device->Attest({Edr(true)});
  const auto lease = gate->LeaseOf(device->id());
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->tier(), v1::TIER_FULL);
  EXPECT_EQ(lease->decision_id(), judged->decision_id());
  EXPECT_LE(lease->ttl_ms(), 600'000u);
  EXPECT_GT(lease->ttl_ms(), 580'000u);
}

TEST(Gate, IsToldOfARaiseOnTheRequestThatCoversTheDevice) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(gate->LeaseOf(device->id()));  // request 1
  const uint64_t newest = gate->AskLease({device->id()});
  ASSERT_TRUE(gate->Next());
  ASSERT_TRUE(device->Attest({Edr(true)}));
  const auto pushed = gate->Next();
  ASSERT_TRUE(pushed) << pushed.error().message;
  ASSERT_TRUE(pushed->has_grant());
  EXPECT_EQ(pushed->grant().request_id(), newest);
  EXPECT_EQ(pushed->grant().leases(0).tier(), v1::TIER_FULL);
}

TEST(Gate, IsToldOfACutWithWhatIsLeftAndItsReportIsKeptWithTheDecision) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_FULL);
  const auto judged = device->Attest({Edr(false)});
  const auto command = gate->Next();
  ASSERT_TRUE(command && command->has_cut());
  EXPECT_EQ(command->cut().device_id(), device->id());
  EXPECT_EQ(command->cut().tier(), v1::TIER_QUARANTINE);
  EXPECT_GT(command->cut().ttl_ms(), 0u);
  EXPECT_EQ(command->cut().decision_id(), judged->decision_id());
  EXPECT_EQ(command->cut().reason(), "edr-running fail");

  v1::GateMessage report;
  report.mutable_cut_report()->set_command_id(command->cut().command_id());
  report.mutable_cut_report()->set_device_id(device->id());
  report.mutable_cut_report()->set_proven(true);
  report.mutable_cut_report()->set_took_us(123);
  gate->Send(report);
  EXPECT_TRUE(Eventually([&] { return service.Count("cuts_proven") == 1; }));
  service->store().Flush();
  Result<Database> db = Database::Open(service.folder() + "/state/service.db");
  std::vector<std::string> rows;
  ASSERT_TRUE(db->Each("SELECT device_id || ' ' || decision_id || ' ' || took_us FROM cut_reports",
                       {}, [&](const SqlRow& row) { rows.push_back(row.Text(0)); }));
  EXPECT_EQ(rows, std::vector<std::string>{device->id() + " " +
                                           std::to_string(judged->decision_id()) + " 123"});
}

std::vector<std::string> SessionEvents(RunningService& service) {
  service->store().Flush();
  Result<Database> db = Database::Open(service.folder() + "/state/service.db");
  std::vector<std::string> events;
  EXPECT_TRUE(
      db->Each("SELECT gateway || ' ' || kind || ' ' || device_id FROM session_events "
               "ORDER BY id",
               {}, [&](const SqlRow& row) { events.push_back(row.Text(0)); }));
  return events;
}

TEST(Gate, ItsTunnelsComingAndGoingAreRecorded) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  v1::GateMessage message;
  message.mutable_session()->set_kind(v1::SessionEvent::KIND_UP);
  message.mutable_session()->mutable_session()->set_device_id("d-1");
  gate->Send(message);
  message.mutable_session()->set_kind(v1::SessionEvent::KIND_DOWN);
  gate->Send(message);
  ASSERT_TRUE(gate->LeaseOf("d-1"));  // answered after what was sent before
  EXPECT_EQ(SessionEvents(service), (std::vector<std::string>{"gate-1 up d-1", "gate-1 down d-1"}));
}

TEST(Gate, ItsStreamEndsWithItsLeaf) {
  ServiceOptions options;
  options.leaf_lifetime = std::chrono::seconds(2);
  RunningService service(kEdrPolicy, options);
  const auto gate = service.ConnectedGate();
  const auto command = gate->Next();
  ASSERT_TRUE(command && command->has_goodbye());
  EXPECT_EQ(command->goodbye().reason(), "leaf_expired");
  EXPECT_TRUE(gate->AwaitEnd());
}

// Another process's write lock keeps our commit waiting: what happens before it shows.
TEST(Gate, HearsACutBeforeItIsCommittedAndTheDeviceItsAnswerAfter) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_FULL);
  Result<Database> db = Database::Open(service.folder() + "/state/service.db");
  ASSERT_TRUE(db->Execute("BEGIN IMMEDIATE"));
  device->SendEvidence(device->Sign(device->Draft({Edr(false)})));
  const auto cut = gate->Next();
  ASSERT_TRUE(cut && cut->has_cut());
  EXPECT_EQ(device->NextResult(kAWhile).error().code, Code::kTimeout);
  ASSERT_TRUE(db->Execute("ROLLBACK"));
  EXPECT_EQ(device->NextResult()->tier(), v1::TIER_QUARANTINE);
}

TEST(Gate, HearsOfARaiseOnlyAfterItIsCommitted) {
  RunningService service;
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(false)}));
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_QUARANTINE);
  Result<Database> db = Database::Open(service.folder() + "/state/service.db");
  ASSERT_TRUE(db->Execute("BEGIN IMMEDIATE"));
  device->SendEvidence(device->Sign(device->Draft({Edr(true)})));
  EXPECT_TRUE(Eventually([&] { return service.Count("evidence_accepted") == 2; }));
  EXPECT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_QUARANTINE);
  EXPECT_EQ(gate->Next(kAWhile).error().code, Code::kTimeout);
  ASSERT_TRUE(db->Execute("ROLLBACK"));
  const auto raised = gate->Next();
  ASSERT_TRUE(raised && raised->has_grant());
  EXPECT_EQ(raised->grant().leases(0).tier(), v1::TIER_FULL);
}

TEST(Gate, GetsNoLeaseOfADeviceThatFellSilentUntilItSpeaksAgain) {
  ServiceOptions options;
  options.terms = {
      .lease = Millis{2000}, .beat_interval = Millis{100}, .full_interval = Millis{60'000}};
  RunningService service(kEdrPolicy, options);
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_TRUE(device->Attest({Edr(true)}));
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_FULL);
  EXPECT_TRUE(
      Eventually([&] { return gate->LeaseOf(device->id())->tier() == v1::TIER_UNSPECIFIED; }));
  device->SendBeat();
  const auto pushed = gate->Next();
  ASSERT_TRUE(pushed && pushed->has_grant());
  EXPECT_EQ(pushed->grant().leases(0).tier(), v1::TIER_FULL);
}

TEST(Gate, IsCutOffWhenFactsGrowOldThoughNobodySaysAnything) {
  RunningService service(R"(
- name: edr-running
  query: SELECT 1 FROM edr_products WHERE running = 1;
  sallyport: {mode: block, tier: quarantine, max_age: 1s, unknown: {after: 1s, tier: limited}}
)");
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  const auto judged = device->Attest({Edr(true)});
  ASSERT_EQ(judged->tier(), v1::TIER_FULL);
  EXPECT_LE(judged->lease_ttl_ms(), 1000u);
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_FULL);
  // The service looks again by itself: stale first, and when that was borne long enough, a cut.
  std::optional<v1::Cut> cut;
  while (!cut) {
    const auto command = gate->Next();
    ASSERT_TRUE(command) << command.error().message;
    if (command->has_cut()) cut = command->cut();
  }
  EXPECT_EQ(cut->tier(), v1::TIER_LIMITED);
  v1::AttestationResult told;
  do {
    const auto result = device->NextResult();
    ASSERT_TRUE(result);
    told = *result;
  } while (told.tier() != v1::TIER_LIMITED);
  EXPECT_EQ(told.outcomes(0).verdict(), v1::Outcome::VERDICT_STALE);
}

TEST(Gate, ADevicesLeafIsNoGatesAndAGatesNoDevices) {
  RunningService service;
  const auto device = service.Device();
  TestGate impostor(device->identity(), device->leaf());
  EXPECT_FALSE(impostor.Connect());
  EXPECT_EQ(impostor.AwaitEnd()->error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const auto identity = service.enroller().Enroll(service.Token(LeafName::Role::kGateway, "gate-1"),
                                                  LeafName::Role::kGateway);
  TestDevice laptop(*identity, *service.enroller().FetchLeaf(*identity));
  EXPECT_FALSE(laptop.Connect());
  EXPECT_EQ(laptop.AwaitEnd()->error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace sallyport
