// SPDX-License-Identifier: Apache-2.0
// PolicyService: the whole of sallyport-policyd but its command line and its signals.
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "service/admin_service.h"
#include "service/attest_stream.h"
#include "service/enrollment_service.h"
#include "service/gate_stream.h"
#include "service/server_identity.h"

namespace sallyport {

struct ServiceOptions {
  std::string state;     // folder; made with mode 0700
  std::string policies;  // file
  std::string trust_domain;
  std::string enroll_listen = "127.0.0.1:0";
  std::string attest_listen = "127.0.0.1:0";
  std::string advertise_enroll;           // what clients are told; empty: the listen address
  std::string advertise_attest;           // the same
  std::vector<std::string> server_names;  // DNS names and IP addresses of the server certificate
  std::string admin_socket;               // empty: <state>/admin.sock
  LeaseTerms terms;
  std::chrono::seconds leaf_lifetime{8 * 3600};
  std::chrono::seconds vpn_lifetime{7 * 24 * 3600};
};

class PolicyService {
 public:
  // Listens on all three when it returns. The process must have called RequireTls13().
  static Result<std::unique_ptr<PolicyService>> Start(const ServiceOptions& options);
  ~PolicyService();
  PolicyService(const PolicyService&) = delete;
  PolicyService& operator=(const PolicyService&) = delete;

  // Health becomes NOT_SERVING, streams get Goodbye{draining}, what is queued is committed. At the
  // latest after `deadline` what is left of the streams is cut.
  void Drain(Millis deadline);

  void ReloadPolicies() { policies_->Kick(); }
  // Once a day: renews what would end (the CRL, the server's certificate).
  Status KeepFresh();

  const std::string& enroll_address() const { return enroll_address_; }  // host:port, real
  const std::string& attest_address() const { return attest_address_; }
  const std::string& admin_socket() const { return admin_socket_; }
  std::string ca_file() const { return state_ + "/ca/ca.crt"; }
  Store& store() { return *store_; }
  Counters& counters() { return counters_; }

 private:
  PolicyService(const ServiceOptions& options, CertificateAuthority ca, SigningKey key,
                std::unique_ptr<Store> store);
  ServiceParts Parts();
  Status StartListeners(const ServiceOptions& options);
  Status StartAdmin();

  const std::string state_;
  CertificateAuthority ca_;
  SigningKey manifest_key_;
  Counters counters_;
  LeaseTerms terms_;
  RulesInForce rules_;
  GateBook gates_;
  std::unique_ptr<ServerIdentity> identity_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<DeviceBook> devices_;
  std::unique_ptr<Agenda> gate_leaf_ends_;
  std::unique_ptr<Verdicts> verdicts_;
  std::unique_ptr<Appraiser> appraiser_;
  std::unique_ptr<PolicyFile> policies_;
  std::unique_ptr<EnrollmentService> enrollment_;
  std::unique_ptr<AttestationService> attestation_;
  std::unique_ptr<GatewayService> gateway_;
  std::unique_ptr<AdminService> admin_;
  std::unique_ptr<grpc::Server> enroll_server_;
  std::unique_ptr<grpc::Server> attest_server_;
  std::unique_ptr<grpc::Server> admin_server_;
  std::string enroll_address_;
  std::string attest_address_;
  std::string admin_socket_;
  bool drained_ = false;
};

}  // namespace sallyport
