// SPDX-License-Identifier: Apache-2.0
#include "service/service.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "attestation/durable_file.h"
#include "service/server_identity.h"

namespace sallyport {
namespace {

constexpr int kEnrollMessageBytes = 64 << 10;
// Up to twice our own bound arrives and is refused by name; more than that gRPC refuses itself,
// with RESOURCE_EXHAUSTED.
constexpr int kAttestMessageBytes = 2 << 20;
constexpr int kAdminMessageBytes = 8 << 20;
// Agents that were told to go come back spread over this.
constexpr Millis kRetryAfterDrain{1000};

size_t EngineCount() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 2, 16); }

Result<SigningKey> OpenManifestKey(const std::string& state) {
  const std::string path = state + "/service.key";
  std::error_code none;
  if (std::filesystem::exists(path, none)) return SigningKey::Open(FileUri(path));
  return SigningKey::Create(FileUri(path));
}

std::vector<std::string> NamesOf(const ServiceOptions& options) {
  std::vector<std::string> names = options.server_names;
  for (const std::string& address : {options.enroll_listen, options.attest_listen,
                                     options.advertise_enroll, options.advertise_attest}) {
    const std::string host = HostOf(address);
    if (host.empty() || host == "0.0.0.0" || host == "::") continue;
    if (std::ranges::find(names, host) == names.end()) names.push_back(host);
  }
  return names;
}

// The address with the port that the system chose.
std::string WithPort(const std::string& listen, int port) {
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

void SetKeepalive(grpc::ServerBuilder* builder) {
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 120'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

PolicyService::PolicyService(const ServiceOptions& options, CertificateAuthority ca, SigningKey key,
                             std::unique_ptr<Store> store)
    : state_(options.state),
      ca_(std::move(ca)),
      manifest_key_(std::move(key)),
      terms_(options.terms),
      store_(std::move(store)) {
  admin_socket_ = options.admin_socket.empty() ? state_ + "/admin.sock" : options.admin_socket;
  devices_ = std::make_unique<DeviceBook>(*store_);
  gate_leaf_ends_ = std::make_unique<Agenda>(
      SystemNow, [this](const std::string& gate) { gates_.EndGate(gate, "leaf_expired"); });
  verdicts_ = std::make_unique<Verdicts>(Parts());
  appraiser_ = std::make_unique<Appraiser>(Parts(), *verdicts_);
  policies_ =
      std::make_unique<PolicyFile>(options.policies, EngineCount(), manifest_key_, *store_, rules_);
  enrollment_ = std::make_unique<EnrollmentService>(
      *store_, ca_, counters_, SystemNow,
      EnrollmentService::Terms{.attestation_address = options.advertise_attest,
                               .service_spki = manifest_key_.public_key().spki(),
                               .leaf_lifetime = options.leaf_lifetime,
                               .vpn_lifetime = options.vpn_lifetime});
  attestation_ = std::make_unique<AttestationService>(*appraiser_, ca_, counters_, SystemNow);
  gateway_ = std::make_unique<GatewayService>(Parts(), *gate_leaf_ends_, ca_);
  admin_ = std::make_unique<AdminService>(Parts(), *appraiser_, *policies_);
}

ServiceParts PolicyService::Parts() {
  return ServiceParts{*store_, *devices_, gates_, rules_, counters_, SystemNow, terms_};
}

Result<std::unique_ptr<PolicyService>> PolicyService::Start(const ServiceOptions& given) {
  const Now now = SystemNow();
  ServiceOptions options = given;
  for (std::string* path : {&options.state, &options.policies, &options.admin_socket}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).string();
  }
  if (Status made = MakeOwnerFolder(options.state); !made) return tl::unexpected(made.error());
  Result<CertificateAuthority> ca =
      CertificateAuthority::Open(options.state + "/ca", options.trust_domain, now);
  if (!ca) return Wrap(ca.error(), "CA");
  Result<SigningKey> key = OpenManifestKey(options.state);
  if (!key) return Wrap(key.error(), "service key");
  Result<std::unique_ptr<Store>> store = Store::Open(options.state + "/service.db");
  if (!store) return tl::unexpected(store.error());
  std::unique_ptr<PolicyService> service(
      new PolicyService(options, *std::move(ca), *std::move(key), *std::move(store)));
  if (Status loaded = service->policies_->LoadFirst(); !loaded) {
    return tl::unexpected(loaded.error());
  }
  if (Status listening = service->StartListeners(options); !listening) {
    return tl::unexpected(listening.error());
  }
  PolicyService* self = service.get();
  service->policies_->Watch([self] { self->verdicts_->RejudgeAll("policies changed"); });
  if (Status listening = service->StartAdmin(); !listening) {
    return tl::unexpected(listening.error());
  }
  return service;
}

Status PolicyService::StartListeners(const ServiceOptions& options) {
  identity_ = std::make_unique<ServerIdentity>(state_, NamesOf(options));
  if (Status issued = identity_->Refresh(ca_, SystemNow()); !issued) return issued;
  grpc::EnableDefaultHealthCheckService(true);

  grpc::ServerBuilder attest;
  int attest_port = 0;
  attest.AddListeningPort(options.attest_listen, identity_->MutualTls(), &attest_port);
  attest.SetMaxReceiveMessageSize(kAttestMessageBytes);
  SetKeepalive(&attest);
  attest.RegisterService(attestation_.get());
  attest.RegisterService(gateway_.get());
  attest_server_ = attest.BuildAndStart();
  if (!attest_server_ || attest_port == 0) {
    return Fail(Code::kUnavailable, "cannot listen on " + options.attest_listen);
  }
  attest_address_ = WithPort(options.attest_listen, attest_port);
  if (options.advertise_attest.empty()) enrollment_->set_attestation_address(attest_address_);

  grpc::ServerBuilder enroll;
  int enroll_port = 0;
  enroll.AddListeningPort(options.enroll_listen, identity_->ServerOnly(), &enroll_port);
  enroll.SetMaxReceiveMessageSize(kEnrollMessageBytes);
  enroll.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, EnrollmentService::kInFlight);
  SetKeepalive(&enroll);
  enroll.RegisterService(enrollment_.get());
  enroll_server_ = enroll.BuildAndStart();
  if (!enroll_server_ || enroll_port == 0) {
    return Fail(Code::kUnavailable, "cannot listen on " + options.enroll_listen);
  }
  enroll_address_ = WithPort(options.enroll_listen, enroll_port);
  return {};
}

// The folder is closed to others before the socket is in it.
Status PolicyService::StartAdmin() {
  // A folder that is there already may be shared (/run) and stays as it is.
  const std::filesystem::path folder = std::filesystem::path(admin_socket_).parent_path();
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) {
    if (Status made = MakeOwnerFolder(folder.string()); !made) return made;
  }
  unlink(admin_socket_.c_str());
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + admin_socket_,
                           grpc::experimental::LocalServerCredentials(UDS));
  builder.SetMaxReceiveMessageSize(kAdminMessageBytes);
  builder.RegisterService(admin_.get());
  // The socket is nobody else's from its first moment on: mode 0600 by bind(2) itself.
  const mode_t mask = umask(0177);
  admin_server_ = builder.BuildAndStart();
  umask(mask);
  if (!admin_server_) {
    return Fail(Code::kUnavailable, "cannot listen on " + admin_socket_);
  }
  return {};
}

Status PolicyService::KeepFresh() {
  const Now now = SystemNow();
  const Status server = identity_->Refresh(ca_, now);
  const Status crl = ca_.RefreshCrl(state_ + "/ca", now);
  return server ? crl : server;
}

void PolicyService::Drain(Millis deadline) {
  if (std::exchange(drained_, true)) return;
  spdlog::info("draining: devices={} gateways={}", appraiser_->connected(), gates_.connected());
  if (attest_server_ && attest_server_->GetHealthCheckService() != nullptr) {
    attest_server_->GetHealthCheckService()->SetServingStatus(false);
  }
  for (const std::shared_ptr<Device>& device : devices_->All()) {
    std::shared_ptr<Session> session;
    {
      const std::lock_guard lock(device->mutex);
      session = device->session;
    }
    if (session) session->end("draining", kRetryAfterDrain);
  }
  gates_.EndAll("draining");
  const auto until = std::chrono::system_clock::now() + deadline;
  for (const auto& server : {&enroll_server_, &attest_server_, &admin_server_}) {
    if (*server) (*server)->Shutdown(until);
  }
  store_->Flush();
}

// The store's threads call back into verdicts and devices: whatever could write is stopped first,
// then all that was written is answered, then the parts go.
PolicyService::~PolicyService() {
  Drain(Millis{2000});
  for (const auto& server : {&enroll_server_, &attest_server_, &admin_server_}) {
    if (*server) (*server)->Wait();
    server->reset();
  }
  admin_.reset();
  policies_.reset();
  verdicts_->StopDeadlines();
  gate_leaf_ends_->Stop();
  store_->Flush();
}

}  // namespace sallyport
