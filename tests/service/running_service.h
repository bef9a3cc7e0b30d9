// SPDX-License-Identifier: Apache-2.0
// RunningService: the policy service in this process, on loopback, with real TLS and a real store.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sallyport/v1/admin.grpc.pb.h"
#include "service/service.h"
#include "tests/support/test_device.h"

namespace sallyport {

// A folder that goes with its owner.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void WriteFile(const std::string& path, const std::string& content);
std::string ReadFile(const std::string& path);

// Blocks at once when clamav does not run; facts are good for ten minutes.
inline constexpr const char* kEdrPolicy = R"(
- name: edr-running
  query: SELECT 1 FROM edr_products WHERE name = 'clamav' AND running = 1;
  resolution: Start clamd.
  sallyport: {mode: block, tier: quarantine, max_age: 10m, unknown: {after: 5m, tier: limited}}
)";

TableResult Edr(bool running, Millis age = Millis{0});

class RunningService {
 public:
  explicit RunningService(const std::string& policies = kEdrPolicy, ServiceOptions options = {});

  void Stop();   // as SIGTERM would
  void Start();  // on the same state

  PolicyService& operator*() { return *service_; }
  PolicyService* operator->() { return service_.get(); }
  const std::string& folder() const { return folder_.path(); }
  std::string policy_path() const { return folder_.path() + "/policies.yml"; }
  std::string ca_pem() const;
  uint64_t Count(const std::string& counter);

  std::string Token(LeafName::Role role, const std::string& name = "", uint32_t uses = 1,
                    Millis ttl = Millis{60'000});
  v1::Admin::Stub& admin() { return *admin_; }
  TestEnroller& enroller() { return *enroller_; }

  // Enrolled, with a leaf; not connected.
  std::unique_ptr<TestDevice> Device();
  std::unique_ptr<TestDevice> ConnectedDevice();
  std::unique_ptr<TestGate> ConnectedGate(const std::string& name = "gate-1");

 private:
  TempFolder folder_;
  ServiceOptions options_;
  std::unique_ptr<PolicyService> service_;
  std::unique_ptr<v1::Admin::Stub> admin_;
  std::unique_ptr<TestEnroller> enroller_;
};

// The error's message, or "no error": a test that fails must not fall over as well.
template <typename T>
std::string ErrorText(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

// For what no message announces: looks again and again until it holds. False after 20 s.
bool Eventually(const std::function<bool()>& holds);

}  // namespace sallyport
