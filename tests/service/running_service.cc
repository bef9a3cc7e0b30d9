// SPDX-License-Identifier: Apache-2.0
#include "tests/service/running_service.h"

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "attestation/tls13.h"

namespace sallyport {

TempFolder::TempFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "sallyport-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code none;
  std::filesystem::remove_all(path_, none);
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string ReadFile(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

TableResult Edr(bool running, Millis age) {
  return TableResult{.table = "edr_products",
                     .columns = {"name", "running", "pid"},
                     .keys = {},
                     .state = State::kValue,
                     .rows = {{Cell("clamav"), Cell(running), Cell(std::nullopt)}},
                     .error = "",
                     .age = age,
                     .took = std::chrono::microseconds{10},
                     .source = "/proc"};
}

RunningService::RunningService(const std::string& policies, ServiceOptions options)
    : options_(std::move(options)) {
  options_.state = folder_.path() + "/state";
  options_.policies = policy_path();
  options_.trust_domain = "test.example";
  WriteFile(policy_path(), policies);
  Start();
}

void RunningService::Start() {
  if (Status tls = RequireTls13(); !tls) throw std::runtime_error(tls.error().message);
  Result<std::unique_ptr<PolicyService>> service = PolicyService::Start(options_);
  if (!service) throw std::runtime_error(service.error().message);
  service_ = *std::move(service);
  // A restart keeps its ports, as in life.
  options_.enroll_listen = service_->enroll_address();
  options_.attest_listen = service_->attest_address();
  admin_ = v1::Admin::NewStub(grpc::CreateChannel("unix:" + service_->admin_socket(),
                                                  grpc::experimental::LocalCredentials(UDS)));
  enroller_ = std::make_unique<TestEnroller>(service_->enroll_address(), ca_pem());
}

void RunningService::Stop() {
  service_->Drain(Millis{5000});
  service_.reset();
}

std::string RunningService::ca_pem() const { return ReadFile(service_->ca_file()); }

uint64_t RunningService::Count(const std::string& counter) {
  const auto counts = service_->counters().Snapshot();
  const auto at = counts.find(counter);
  return at == counts.end() ? 0 : at->second;
}

std::string RunningService::Token(LeafName::Role role, const std::string& name, uint32_t uses,
                                  Millis ttl) {
  v1::CreateTokenRequest request;
  request.set_role(role == LeafName::Role::kGateway ? v1::ROLE_GATEWAY : v1::ROLE_DEVICE);
  request.set_name(name);
  request.set_uses(uses);
  request.set_ttl_ms(static_cast<uint64_t>(ttl.count()));
  v1::CreateTokenResponse response;
  grpc::ClientContext context;
  const grpc::Status status = admin_->CreateToken(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.token();
}

std::unique_ptr<TestDevice> RunningService::Device() {
  const auto identity = enroller_->Enroll(Token(LeafName::Role::kDevice), LeafName::Role::kDevice);
  if (!identity) throw std::runtime_error(identity.error().message);
  const auto leaf = enroller_->FetchLeaf(*identity);
  if (!leaf) throw std::runtime_error(leaf.error().message);
  return std::make_unique<TestDevice>(*identity, *leaf);
}

std::unique_ptr<TestDevice> RunningService::ConnectedDevice() {
  std::unique_ptr<TestDevice> device = Device();
  if (Status s = device->Connect(); !s) throw std::runtime_error(s.error().message);
  return device;
}

std::unique_ptr<TestGate> RunningService::ConnectedGate(const std::string& name) {
  const auto identity =
      enroller_->Enroll(Token(LeafName::Role::kGateway, name), LeafName::Role::kGateway);
  if (!identity) throw std::runtime_error(identity.error().message);
  const auto leaf = enroller_->FetchLeaf(*identity);
  if (!leaf) throw std::runtime_error(leaf.error().message);
  auto gate = std::make_unique<TestGate>(*identity, *leaf);
  if (Status s = gate->Connect(); !s) throw std::runtime_error(s.error().message);
  return gate;
}

bool Eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until) {
    if (holds()) return true;
    std::this_thread::yield();
  }
  return holds();
}

}  // namespace sallyport
