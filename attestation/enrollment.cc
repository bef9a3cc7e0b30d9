// SPDX-License-Identifier: Apache-2.0
#include "attestation/enrollment.h"

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "attestation/dsse.h"
#include "attestation/durable_file.h"
#include "attestation/tls13.h"
#include "base/text.h"
#include "sallyport/v1/enrollment.grpc.pb.h"

namespace sallyport {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::chrono::seconds kEnrollDeadline{30};
constexpr const char* kSchema = "sallyport.enrollment/v1";

struct Paths {
  explicit Paths(const std::string& folder)
      : record(folder + "/enrollment.json"),
        identity_key(folder + "/identity.key"),
        ca(folder + "/ca.crt"),
        service_key(folder + "/service.spki"),
        vpn_key(folder + "/vpn.key"),
        vpn_certificate(folder + "/vpn.crt") {}
  std::string record;
  std::string identity_key;
  std::string ca;
  std::string service_key;
  std::string vpn_key;
  std::string vpn_certificate;
};

// ---- gRPC -----------------------------------------------------------------------------------

using Stub = v1::Enrollment::Stub;

Result<std::unique_ptr<Stub>> StubFor(const std::string& address, const std::string& ca_pem) {
  if (const Status s = RequireTls13(); !s) return tl::unexpected(s.error());
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca_pem;
  return v1::Enrollment::NewStub(grpc::CreateChannel(address, grpc::SslCredentials(options)));
}

// gRPC folds a failed handshake into UNAVAILABLE and leaves only OpenSSL's words to tell it by.
bool IsForeignServer(const std::string& message) {
  return message.find("certificate verify failed") != std::string::npos ||
         message.find("Hostname Verification Check failed") != std::string::npos ||
         message.find("is not in peer certificate") != std::string::npos;
}

Error ErrorOf(const grpc::Status& status, const std::string& address) {
  const std::string message = address + ": " + Excerpt(status.error_message(), 400);
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      if (IsForeignServer(status.error_message())) {
        return {Code::kBadSignature, address +
                                         ": the server's certificate is not of this CA, or "
                                         "not for this name"};
      }
      return {Code::kUnavailable, message};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {Code::kUnavailable, message};
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::UNIMPLEMENTED:
      return {Code::kInternal, message};
    default:
      return {Code::kDenied, message};
  }
}

using Deadline = std::chrono::system_clock::time_point;

// One call, with a context of its own.
template <typename Request, typename Response>
Status Call(Stub& stub,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            const Request& request, Response* response, Deadline deadline,
            const std::string& address) {
  grpc::ClientContext context;
  context.set_deadline(deadline);
  const grpc::Status status = (stub.*method)(&context, request, response);
  if (!status.ok()) return tl::unexpected(ErrorOf(status, address));
  return {};
}

// ---- the folder -----------------------------------------------------------------------------

// A key that an enrollment which never completed has left is as good as a new one.
Result<SigningKey> OpenOrCreate(const std::string& path) {
  const std::string uri = FileUri(fs::absolute(path).string());
  return fs::exists(path) ? SigningKey::Open(uri) : SigningKey::Create(uri);
}

Json ToJson(const EnrollmentRecord& record) {
  const bool is_device = record.name.role == LeafName::Role::kDevice;
  return Json{{"schema", kSchema},
              {"role", is_device ? "device" : "gateway"},
              {"id", record.name.id},
              {"trust_domain", record.name.trust_domain},
              {"identity_key_uri", record.identity_key_uri},
              {"enrollment_address", record.enrollment_address},
              {"attestation_address", record.attestation_address}};
}

Result<EnrollmentRecord> FromJson(const std::string& text) {
  EnrollmentRecord record;
  std::string role;
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != kSchema)
      return Fail(Code::kMalformed, "not of schema " + std::string(kSchema));
    json.at("role").get_to(role);
    json.at("id").get_to(record.name.id);
    json.at("trust_domain").get_to(record.name.trust_domain);
    json.at("identity_key_uri").get_to(record.identity_key_uri);
    json.at("enrollment_address").get_to(record.enrollment_address);
    json.at("attestation_address").get_to(record.attestation_address);
  } catch (const Json::exception& e) {
    return Fail(Code::kMalformed, e.what());
  }
  if (role != "device" && role != "gateway") return Fail(Code::kMalformed, "role " + Excerpt(role));
  record.name.role = role == "device" ? LeafName::Role::kDevice : LeafName::Role::kGateway;
  if (const Status s = CheckLeafName(record.name); !s) {
    return Fail(Code::kMalformed, s.error().message);
  }
  return record;
}

// The record goes last: its presence says that all the others are there and whole.
Status WriteFolder(const Paths& paths, const EnrollmentRecord& record,
                   const std::string& vpn_certificate_der) {
  Status s = ReplaceSmallFile(paths.ca, record.ca_pem, FileAccess::kEveryoneReads);
  if (s)
    s = ReplaceSmallFile(paths.service_key, record.service_key_spki, FileAccess::kEveryoneReads);
  if (s && !vpn_certificate_der.empty()) {
    s = ReplaceSmallFile(paths.vpn_certificate, CertificatePem(vpn_certificate_der),
                         FileAccess::kEveryoneReads);
  }
  if (s) s = CreateSmallFile(paths.record, ToJson(record).dump(2) + "\n", FileAccess::kOwner);
  return s;
}

// ---- what the service answered --------------------------------------------------------------

Status CheckCertificate(const std::string& der, const LeafName& name, const PublicKey& key,
                        const char* what) {
  const auto info = ParseCertificate(der);
  if (!info) return Wrap(info.error(), what);
  const auto found = LeafNameOf(*info);
  if (!found) return Wrap(found.error(), what);
  if (*found != name) {
    return Fail(Code::kConflict,
                std::string(what) + ": is for " + LeafUri(*found) + ", not " + LeafUri(name));
  }
  if (info->spki != key.spki())
    return Fail(Code::kConflict, std::string(what) + ": of another key");
  return {};
}

Result<EnrollmentRecord> RecordOf(const v1::EnrollResponse& response,
                                  const EnrollmentOptions& options) {
  EnrollmentRecord record;
  record.name = {options.role, response.trust_domain(), response.device_id()};
  record.identity_key_uri = FileUri(fs::absolute(Paths(options.folder).identity_key).string());
  record.enrollment_address = options.service;
  record.attestation_address = response.attestation_address();
  record.ca_pem = CertificatePem(response.ca_certificate());
  record.service_key_spki = response.service_key();
  if (const Status s = CheckLeafName(record.name); !s) {
    return Fail(Code::kMalformed, "enrollment answer: " + s.error().message);
  }
  if (const auto ca = ParseCertificate(response.ca_certificate()); !ca) {
    return Wrap(ca.error(), "enrollment answer: CA");
  }
  if (const auto key = PublicKey::FromSpki(record.service_key_spki); !key) {
    return Wrap(key.error(), "enrollment answer: service key");
  }
  if (record.attestation_address.empty()) {
    return Fail(Code::kMalformed, "enrollment answer: no attestation address");
  }
  return record;
}

struct RequestKeys {
  SigningKey identity;
  std::optional<SigningKey> vpn;
};

Result<RequestKeys> PrepareKeys(const Paths& paths, bool want_vpn) {
  auto identity = OpenOrCreate(paths.identity_key);
  if (!identity) return tl::unexpected(identity.error());
  RequestKeys keys{*std::move(identity), std::nullopt};
  if (!want_vpn) return keys;
  auto vpn = OpenOrCreate(paths.vpn_key);
  if (!vpn) return tl::unexpected(vpn.error());
  keys.vpn = *std::move(vpn);
  return keys;
}

Result<v1::EnrollRequest> MakeEnrollRequest(const EnrollmentOptions& options,
                                            const RequestKeys& keys) {
  v1::EnrollRequest request;
  request.set_token(options.token);
  request.set_hostname(options.hostname);
  request.set_platform(options.platform);
  // The CA writes the name; a request has to have one.
  const auto identity = MakeRequest(keys.identity, "sallyport");
  if (!identity) return tl::unexpected(identity.error());
  request.set_identity_csr(*identity);
  if (keys.vpn) {
    const auto vpn = MakeRequest(*keys.vpn, "sallyport");
    if (!vpn) return tl::unexpected(vpn.error());
    request.set_vpn_csr(*vpn);
  }
  return request;
}

}  // namespace

Result<EnrollmentRecord> Enroll(const EnrollmentOptions& options) {
  const Paths paths(options.folder);
  if (fs::exists(paths.record)) {
    return Fail(Code::kConflict, options.folder + ": is enrolled already");
  }
  const auto ca_pem = ReadSmallFile(options.ca_file);
  if (!ca_pem) return tl::unexpected(ca_pem.error());
  // gRPC would take the system's roots in place of an empty or unreadable list.
  if (const auto der = CertificateDer(*ca_pem); !der) return Wrap(der.error(), options.ca_file);
  if (const Status s = MakeOwnerFolder(options.folder); !s) return tl::unexpected(s.error());
  const auto keys = PrepareKeys(paths, options.want_vpn);
  if (!keys) return tl::unexpected(keys.error());
  const auto request = MakeEnrollRequest(options, *keys);
  if (!request) return tl::unexpected(request.error());

  const auto stub = StubFor(options.service, *ca_pem);
  if (!stub) return tl::unexpected(stub.error());
  v1::EnrollResponse response;
  const Status called = Call(**stub, &Stub::Enroll, *request, &response,
                             std::chrono::system_clock::now() + kEnrollDeadline, options.service);
  if (!called) return tl::unexpected(called.error());

  auto record = RecordOf(response, options);
  if (!record) return record;
  if (keys->vpn) {
    const Status s = CheckCertificate(response.vpn_certificate(), record->name,
                                      keys->vpn->public_key(), "VPN certificate");
    if (!s) return tl::unexpected(s.error());
  }
  const std::string& vpn_certificate = keys->vpn ? response.vpn_certificate() : std::string();
  if (const Status s = WriteFolder(paths, *record, vpn_certificate); !s) {
    return tl::unexpected(s.error());
  }
  return record;
}

Result<EnrollmentRecord> LoadEnrollment(const std::string& folder) {
  const Paths paths(folder);
  const auto json = ReadSmallFile(paths.record);
  if (!json) {
    if (json.error().code != Code::kNotFound) return tl::unexpected(json.error());
    return Fail(Code::kNotFound, folder + ": not enrolled");
  }
  auto record = FromJson(*json);
  if (!record) return Wrap(record.error(), paths.record);
  auto ca = ReadSmallFile(paths.ca);
  auto service_key = ReadSmallFile(paths.service_key);
  // The record is there, so these were: a loss, not "never enrolled".
  for (const auto* part : {&ca, &service_key}) {
    if (!*part) return Fail(Code::kMalformed, part->error().message);
  }
  if (const auto der = CertificateDer(*ca); !der) return Wrap(der.error(), paths.ca);
  record->ca_pem = *std::move(ca);
  record->service_key_spki = *std::move(service_key);
  return record;
}

Result<Leaf> FetchLeaf(const EnrollmentRecord& record, const SigningKey& identity,
                       std::chrono::milliseconds deadline) {
  const Deadline until = std::chrono::system_clock::now() + deadline;
  const auto stub = StubFor(record.enrollment_address, record.ca_pem);
  if (!stub) return tl::unexpected(stub.error());
  v1::ChallengeResponse challenge;
  Status called = Call(**stub, &Stub::Challenge, v1::ChallengeRequest(), &challenge, until,
                       record.enrollment_address);
  if (!called) return tl::unexpected(called.error());

  const auto key = SigningKey::Generate();
  if (!key) return tl::unexpected(key.error());
  const auto csr = MakeRequest(*key, record.name.id);
  if (!csr) return tl::unexpected(csr.error());
  v1::RenewLeafRequest request;
  request.set_device_id(record.name.id);
  request.set_nonce(challenge.nonce());
  request.set_leaf_csr(*csr);
  const auto envelope = SignEnvelope(identity, kRenewLeafType, request.SerializeAsString());
  if (!envelope) return tl::unexpected(envelope.error());

  v1::RenewLeafResponse response;
  called = Call(**stub, &Stub::RenewLeaf, *envelope, &response, until, record.enrollment_address);
  if (!called) return tl::unexpected(called.error());
  const std::string& der = response.leaf_certificate();
  const Status fits = CheckCertificate(der, record.name, key->public_key(), "leaf");
  if (!fits) return tl::unexpected(fits.error());
  auto pem = key->PrivatePem();
  if (!pem) return tl::unexpected(pem.error());
  return Leaf{der, *std::move(pem), ParseCertificate(der)->not_after};
}

std::shared_ptr<grpc::ChannelCredentials> LeafCredentials(const EnrollmentRecord& record,
                                                          const Leaf& leaf) {
  // Without it OpenSSL would go on with 1.2: credentials that connect to nothing are better.
  if (!RequireTls13()) return grpc::SslCredentials({"none", "", ""});
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = record.ca_pem;
  options.pem_private_key = leaf.key_pem;
  options.pem_cert_chain = CertificatePem(leaf.certificate_der);
  return grpc::SslCredentials(options);
}

}  // namespace sallyport
