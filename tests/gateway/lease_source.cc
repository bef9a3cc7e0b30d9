// SPDX-License-Identifier: Apache-2.0
// A peer for the gate in the lab: speaks the contract of gate.proto over real mutual TLS, and says
// exactly what it is told on stdin, also what no sane policy service would say.
//
//   lease DEVICE TIER TTL_MS DECISION   the answer from now on to requests for this device
//   push DEVICE                         that answer now, on the device's newest request
//   push-on ID DEVICE                   the same on a request of this id, whatever it was
//   cut ID DEVICE TIER TTL_MS DECISION  a cut, on the device's newest request
//   hold | release                      keep answers back; send what was kept
//   lease-length MS                     for the welcome of later streams
//   leaf-lifetime SECONDS               of leaves from now on
//   hang-up                             ends the stream
//
// Says on stdout, one line each: ready | stream up | stream down | request ID DEVICE... |
// up|down DEVICE ADDRESS SESSION | report ID proven=.. element=.. sa=.. counter=.. took_us=..
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <vector>

#include "attestation/certificates.h"
#include "attestation/dsse.h"
#include "attestation/tls13.h"
#include "base/text.h"
#include "sallyport/v1/enrollment.grpc.pb.h"
#include "sallyport/v1/gate.grpc.pb.h"

namespace sallyport {
namespace {

constexpr std::chrono::hours kLifetime{24};

Now WallNow() {
  return {Millis{0},
          std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())};
}

std::mutex out_mutex;
void Say(const std::string& line) {
  const std::lock_guard lock(out_mutex);
  std::cout << line << std::endl;
}

class Enrollment final : public v1::Enrollment::Service {
 public:
  // Who enrolled is remembered in `folder`, as a service remembers it in its store.
  Enrollment(const CertificateAuthority& ca, const std::string& folder,
             std::string attestation_address)
      : ca_(ca),
        identity_file_(folder + "/identity.spki"),
        attestation_address_(std::move(attestation_address)) {
    std::ostringstream spki;
    spki << std::ifstream(identity_file_, std::ios::binary).rdbuf();
    if (const auto known = PublicKey::FromSpki(spki.str())) identity_ = *known;
  }

  void SetLeafLifetime(std::chrono::seconds lifetime) {
    const std::lock_guard lock(mutex_);
    leaf_lifetime_ = lifetime;
  }

 private:
  grpc::Status Enroll(grpc::ServerContext*, const v1::EnrollRequest* request,
                      v1::EnrollResponse* response) override {
    const std::lock_guard lock(mutex_);
    const auto identity = VerifyRequest(request->identity_csr());
    const auto vpn = VerifyRequest(request->vpn_csr());
    if (!identity || !vpn) return {grpc::StatusCode::INVALID_ARGUMENT, "request"};
    identity_ = *identity;
    std::ofstream(identity_file_, std::ios::binary) << identity->spki();
    response->set_device_id(name_.id);
    response->set_trust_domain(ca_.trust_domain());
    response->set_attestation_address(attestation_address_);
    response->set_ca_certificate(ca_.certificate_der());
    response->set_service_key(service_key_.public_key().spki());
    response->set_vpn_certificate(ca_.IssueVpn(*vpn, name_, WallNow(), kLifetime).value());
    return grpc::Status::OK;
  }

  grpc::Status Challenge(grpc::ServerContext*, const v1::ChallengeRequest*,
                         v1::ChallengeResponse* response) override {
    const std::lock_guard lock(mutex_);
    response->set_nonce(nonce_ = RandomBytes(32));
    return grpc::Status::OK;
  }

  grpc::Status RenewLeaf(grpc::ServerContext*, const v1::Envelope* envelope,
                         v1::RenewLeafResponse* response) override {
    const std::lock_guard lock(mutex_);
    v1::RenewLeafRequest request;
    if (!identity_ || !VerifyEnvelope(*identity_, kRenewLeafType, *envelope) ||
        !request.ParseFromString(envelope->payload()) || request.nonce() != nonce_) {
      return {grpc::StatusCode::PERMISSION_DENIED, "renewal"};
    }
    const auto key = VerifyRequest(request.leaf_csr());
    if (!key) return {grpc::StatusCode::INVALID_ARGUMENT, key.error().message};
    response->set_leaf_certificate(ca_.IssueLeaf(*key, name_, WallNow(), leaf_lifetime_).value());
    return grpc::Status::OK;
  }

  const CertificateAuthority& ca_;
  const std::string identity_file_;
  const std::string attestation_address_;
  const LeafName name_{LeafName::Role::kGateway, ca_.trust_domain(), "gw1"};
  const SigningKey service_key_ = SigningKey::Generate().value();
  std::mutex mutex_;
  std::optional<PublicKey> identity_;
  std::string nonce_;
  std::chrono::seconds leaf_lifetime_ = kLifetime;
};

class Gateway final : public v1::Gateway::Service {
 public:
  explicit Gateway(Enrollment& enrollment) : enrollment_(enrollment) {}

  void Obey(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    const std::lock_guard lock(mutex_);
    if (verb == "lease") {
      const v1::Lease lease = ReadLease(words);
      answers_[lease.device_id()] = lease;
    } else if (verb == "push" || verb == "push-on") {
      uint64_t id = 0;
      std::string device;
      if (verb == "push-on") words >> id;
      words >> device;
      Send(Grant(verb == "push" ? newest_[device] : id, device));
    } else if (verb == "cut") {
      uint64_t id = 0;
      words >> id;
      Send(CutOf(id, ReadLease(words)));
    } else if (verb == "hold") {
      holding_ = true;
    } else if (verb == "release") {
      holding_ = false;
      for (const v1::GateCommand& command : kept_) Send(command);
      kept_.clear();
    } else if (verb == "lease-length") {
      words >> lease_ms_;
    } else if (verb == "leaf-lifetime") {
      int64_t seconds = 0;
      words >> seconds;
      enrollment_.SetLeafLifetime(std::chrono::seconds(seconds));
    } else if (verb == "hang-up") {
      if (context_ != nullptr) context_->TryCancel();
    } else {
      Say("what? " + line);
    }
  }

 private:
  using Stream = grpc::ServerReaderWriter<v1::GateCommand, v1::GateMessage>;

  static v1::Lease ReadLease(std::istringstream& words) {
    std::string device;
    std::string tier;
    uint64_t ttl = 0;
    uint64_t decision = 0;
    words >> device >> tier >> ttl >> decision;
    static const std::map<std::string, v1::Tier> kTiers = {{"full", v1::TIER_FULL},
                                                           {"limited", v1::TIER_LIMITED},
                                                           {"quarantine", v1::TIER_QUARANTINE},
                                                           {"none", v1::TIER_NONE}};
    v1::Lease lease;
    lease.set_device_id(device);
    const auto known = kTiers.find(tier);
    lease.set_tier(known == kTiers.end() ? v1::TIER_UNSPECIFIED : known->second);
    lease.set_ttl_ms(ttl);
    lease.set_decision_id(decision);
    return lease;
  }

  v1::GateCommand Grant(uint64_t request, const std::string& device) {
    v1::GateCommand command;
    command.mutable_grant()->set_request_id(request);
    v1::Lease& lease = *command.mutable_grant()->add_leases();
    lease = answers_[device];
    lease.set_device_id(device);
    return command;
  }

  v1::GateCommand CutOf(uint64_t id, const v1::Lease& left) {
    v1::GateCommand command;
    v1::Cut& cut = *command.mutable_cut();
    cut.set_command_id(id);
    cut.set_device_id(left.device_id());
    cut.set_tier(left.tier());
    cut.set_ttl_ms(left.ttl_ms());
    cut.set_decision_id(left.decision_id());
    cut.set_request_id(newest_[left.device_id()]);
    cut.set_reason("told so");
    return command;
  }

  void Send(const v1::GateCommand& command) {
    if (stream_ != nullptr) stream_->Write(command);
  }

  grpc::Status Connect(grpc::ServerContext* context, Stream* stream) override {
    {
      const std::lock_guard lock(mutex_);
      stream_ = stream;
      context_ = context;
      kept_.clear();
      v1::GateCommand welcome;
      welcome.mutable_welcome()->set_lease_ms(lease_ms_);
      Send(welcome);
    }
    Say("stream up");
    v1::GateMessage message;
    while (stream->Read(&message)) Hear(message);
    {
      const std::lock_guard lock(mutex_);
      if (stream_ == stream) {
        stream_ = nullptr;
        context_ = nullptr;
      }
    }
    Say("stream down");
    return grpc::Status::OK;
  }

  void Hear(const v1::GateMessage& message) {
    if (message.has_lease_request()) return Answer(message.lease_request());
    if (message.has_session()) {
      const v1::Session& session = message.session().session();
      const bool up = message.session().kind() == v1::SessionEvent::KIND_UP;
      Say(std::string(up ? "up " : "down ") + session.device_id() + " " +
          (session.addresses().empty() ? "-" : session.addresses(0)) + " " + session.session_id());
    } else if (message.has_cut_report()) {
      const v1::CutReport& report = message.cut_report();
      Say("report " + std::to_string(report.command_id()) + " proven=" +
          std::to_string(report.proven()) + " element=" + std::to_string(report.element_absent()) +
          " sa=" + std::to_string(report.sa_absent()) + " counter=" +
          std::to_string(report.counter_still()) + " took_us=" + std::to_string(report.took_us()));
    }
  }

  void Answer(const v1::LeaseRequest& request) {
    const std::lock_guard lock(mutex_);
    std::string said = "request " + std::to_string(request.request_id());
    for (const std::string& device : request.device_ids()) {
      said += " " + device;
      newest_[device] = request.request_id();
      const v1::GateCommand grant = Grant(request.request_id(), device);
      if (holding_) {
        kept_.push_back(grant);
      } else {
        Send(grant);
      }
    }
    Say(said);
  }

  Enrollment& enrollment_;
  std::mutex mutex_;
  Stream* stream_ = nullptr;
  grpc::ServerContext* context_ = nullptr;
  std::map<std::string, v1::Lease> answers_;
  std::map<std::string, uint64_t> newest_;
  bool holding_ = false;
  std::vector<v1::GateCommand> kept_;
  uint64_t lease_ms_ = 3000;
};

int Main(const std::string& folder, const std::string& address) {
  const auto ca = CertificateAuthority::Open(folder, "lab.example", WallNow()).value();
  const SigningKey key = SigningKey::Generate().value();
  const std::string certificate =
      ca.IssueServer(key.public_key(), {}, {address}, WallNow(), kLifetime).value();
  const std::string ca_pem = CertificatePem(ca.certificate_der());
  std::ofstream(folder + "/ca.pem") << ca_pem;

  const auto credentials = [&](grpc_ssl_client_certificate_request_type request) {
    grpc::SslServerCredentialsOptions options(request);
    options.pem_root_certs = ca_pem;
    options.pem_key_cert_pairs.push_back({key.PrivatePem().value(), CertificatePem(certificate)});
    return grpc::SslServerCredentials(options);
  };
  Enrollment enrollment(ca, folder, address + ":8443");
  Gateway gateway(enrollment);
  grpc::ServerBuilder open;
  open.AddListeningPort(address + ":8442", credentials(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE));
  open.RegisterService(&enrollment);
  const auto open_server = open.BuildAndStart();
  grpc::ServerBuilder closed;
  closed.AddListeningPort(address + ":8443",
                          credentials(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY));
  closed.RegisterService(&gateway);
  const auto closed_server = closed.BuildAndStart();
  if (!open_server || !closed_server) return 1;
  Say("ready");
  for (std::string line; std::getline(std::cin, line);) gateway.Obey(line);
  closed_server->Shutdown(std::chrono::system_clock::now());
  open_server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (argc != 3 || !sallyport::RequireTls13()) {
    std::cerr << "usage: lease_source CA-FOLDER ADDRESS\n";
    return 2;
  }
  return sallyport::Main(argv[1], argv[2]);
}
