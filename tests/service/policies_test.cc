// SPDX-License-Identifier: Apache-2.0
// The policy file: taken, refused, changed while devices are connected.
#include <gtest/gtest.h>

#include "tests/service/running_service.h"

namespace sallyport {
namespace {

constexpr const char* kNoneBlocks = R"(
- name: edr-running
  query: SELECT 1 FROM edr_products WHERE name = 'clamav' AND running = 1;
  sallyport: {mode: report}
- name: kernel-known
  query: SELECT 1 FROM kernel_info;
  sallyport: {mode: report}
)";

v1::GetStatusResponse StatusOf(RunningService& service) {
  v1::GetStatusResponse status;
  grpc::ClientContext context;
  EXPECT_TRUE(service.admin().GetStatus(&context, {}, &status).ok());
  return status;
}

grpc::Status Apply(RunningService& service, const std::string& yaml, bool dry_run,
                   v1::ApplyPolicyResponse* response) {
  v1::ApplyPolicyRequest request;
  request.set_yaml(yaml);
  request.set_dry_run(dry_run);
  grpc::ClientContext context;
  return service.admin().ApplyPolicy(&context, request, response);
}

TEST(Policies, AChangedFileIsTakenAndEveryConnectedDeviceJudgedAnew) {
  RunningService service;
  const auto device = service.ConnectedDevice();
  ASSERT_EQ(device->Attest({Edr(false)})->tier(), v1::TIER_QUARANTINE);
  const std::string before = StatusOf(service).policy_set();
  WriteFile(service.policy_path(), kNoneBlocks);
  service->ReloadPolicies();
  const auto pushed = device->NextOf(v1::ServiceMessage::kManifest);
  ASSERT_TRUE(pushed) << pushed.error().message;
  v1::Manifest manifest;
  ASSERT_TRUE(manifest.ParseFromString(pushed->manifest().payload()));
  EXPECT_EQ(manifest.version(), 2u);
  EXPECT_EQ(manifest.tables_size(), 2);
  const auto judged = device->NextResult();
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->tier(), v1::TIER_FULL);
  EXPECT_EQ(judged->outcomes_size(), 2);
  EXPECT_NE(StatusOf(service).policy_set(), before);
  EXPECT_EQ(StatusOf(service).policy_error(), "");
}

TEST(Policies, ALaxerSetThenAStricterOneCutsWithoutAWordFromTheDevice) {
  RunningService service(kNoneBlocks);
  const auto gate = service.ConnectedGate();
  const auto device = service.ConnectedDevice();
  ASSERT_EQ(device->Attest({Edr(false)})->tier(), v1::TIER_FULL);
  ASSERT_EQ(gate->LeaseOf(device->id())->tier(), v1::TIER_FULL);
  v1::ApplyPolicyResponse response;
  ASSERT_TRUE(Apply(service, kEdrPolicy, false, &response).ok());
  const auto command = gate->Next();
  ASSERT_TRUE(command && command->has_cut());
  EXPECT_EQ(command->cut().tier(), v1::TIER_QUARANTINE);
}

struct BadFile {
  const char* name;
  const char* yaml;
  const char* said;  // part of the error
};

class BadPolicies : public testing::TestWithParam<BadFile> {};

TEST_P(BadPolicies, LeavesTheOldSetInForceAndSaysWhy) {
  RunningService service;
  const auto device = service.ConnectedDevice();
  ASSERT_EQ(device->Attest({Edr(true)})->tier(), v1::TIER_FULL);
  const std::string before = StatusOf(service).policy_set();
  WriteFile(service.policy_path(), GetParam().yaml);
  service->ReloadPolicies();
  EXPECT_TRUE(Eventually([&] { return !StatusOf(service).policy_error().empty(); }));
  const std::string error = StatusOf(service).policy_error();
  EXPECT_NE(error.find(GetParam().said), std::string::npos) << error;
  EXPECT_EQ(StatusOf(service).policy_set(), before);
  EXPECT_EQ(device->Attest({Edr(false)})->tier(), v1::TIER_QUARANTINE);
  WriteFile(service.policy_path(), kNoneBlocks);
  service->ReloadPolicies();
  EXPECT_TRUE(Eventually([&] { return StatusOf(service).policy_error().empty(); }));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPolicies,
    testing::Values(
        BadFile{"Syntax", "- name: [unclosed\n", "policies.yml"},
        BadFile{"UnknownKey",
                "- name: a\n  query: SELECT 1;\n  sallyport: {mode: block, gracee: 1h}\n",
                "gracee"},
        BadFile{"UnknownTable", "- name: a\n  query: SELECT 1 FROM no_such_table;\n",
                "no_such_table"},
        BadFile{"UnknownColumn", "- name: a\n  query: SELECT nope FROM kernel_info;\n", "nope"},
        BadFile{"TwoStatements", "- name: a\n  query: SELECT 1; SELECT 2;\n", "a"},
        BadFile{"NoSelect", "- name: a\n  query: DROP TABLE kernel_info;\n", "a"},
        BadFile{"AliasBomb",
                "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
                "policies.yml"}),
    [](const auto& test) { return test.param.name; });

TEST(Policies, AFileThatIsGoneLeavesTheOldSetInForce) {
  RunningService service;
  std::filesystem::remove(service.policy_path());
  service->ReloadPolicies();
  EXPECT_TRUE(Eventually([&] { return !StatusOf(service).policy_error().empty(); }));
  EXPECT_EQ(service.ConnectedDevice()->Attest({Edr(false)})->tier(), v1::TIER_QUARANTINE);
}

TEST(Policies, ADryRunChecksAndChangesNothingAndAnApplyWritesTheFile) {
  RunningService service;
  const std::string before = StatusOf(service).policy_set();
  v1::ApplyPolicyResponse response;
  ASSERT_TRUE(Apply(service, kNoneBlocks, true, &response).ok());
  EXPECT_EQ(response.policies(), 2u);
  EXPECT_EQ(response.warnings_size(), 1);
  EXPECT_EQ(StatusOf(service).policy_set(), before);
  EXPECT_EQ(ReadFile(service.policy_path()), kEdrPolicy);
  const grpc::Status bad =
      Apply(service, "- name: a\n  query: SELECT 1 FROM nope;\n", false, &response);
  EXPECT_EQ(bad.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(bad.error_message().find("nope"), std::string::npos);
  EXPECT_EQ(ReadFile(service.policy_path()), kEdrPolicy);
  ASSERT_TRUE(Apply(service, kNoneBlocks, false, &response).ok());
  EXPECT_EQ(StatusOf(service).policy_set(), response.policy_set());
  EXPECT_EQ(ReadFile(service.policy_path()), kNoneBlocks);
}

TEST(Policies, AServiceDoesNotStartWithoutAGoodFile) {
  TempFolder folder;
  WriteFile(folder.path() + "/p.yml", "- name: a\n  query: SELECT 1 FROM nope;\n");
  ServiceOptions options;
  options.state = folder.path() + "/state";
  options.policies = folder.path() + "/p.yml";
  options.trust_domain = "test.example";
  const auto service = PolicyService::Start(options);
  ASSERT_FALSE(service);
  EXPECT_NE(service.error().message.find("nope"), std::string::npos) << service.error().message;
}

}  // namespace
}  // namespace sallyport
