// SPDX-License-Identifier: Apache-2.0
#include "service/enrollment_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "attestation/dsse.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kNonceBytes = 32;
constexpr size_t kNameBytes = 255;  // of a host name, RFC 1035

grpc::ServerUnaryReactor* FinishNow(grpc::CallbackServerContext* context, grpc::Status status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(std::move(status));
  return reactor;
}

grpc::StatusCode StatusCodeOf(Code code) {
  switch (code) {
    case Code::kMalformed:
    case Code::kInvalidArgument:
    case Code::kUnsupported:
    case Code::kTooLarge:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Code::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case Code::kExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Code::kInternal:
      return grpc::StatusCode::INTERNAL;
    default:
      return grpc::StatusCode::PERMISSION_DENIED;
  }
}

Status CheckRequest(const v1::EnrollRequest& request) {
  if (request.token().empty()) return Fail(Code::kInvalidArgument, "token: empty");
  if (request.hostname().size() > kNameBytes) return Fail(Code::kTooLarge, "hostname: too long");
  if (!request.platform().empty() && !OsFromName(request.platform())) {
    return Fail(Code::kInvalidArgument, "platform: " + Excerpt(request.platform(), 40));
  }
  return {};
}

// "not found" -> "not_found": counters are one word.
std::string CounterWord(Code code) {
  std::string word = CodeName(code);
  std::ranges::replace(word, ' ', '_');
  return word;
}

bool IsTokenError(const Error& error) { return error.message.starts_with("token: "); }

}  // namespace

std::string ChallengeBook::Make(Now now) {
  std::string nonce = RandomBytes(kNonceBytes);
  const std::lock_guard lock(mutex_);
  while (!out_.empty() &&
         (out_.size() >= kOutstanding || now.boot - out_.front().given >= kLifetime)) {
    out_.pop_front();
  }
  out_.push_back({nonce, now.boot});
  return nonce;
}

Status ChallengeBook::Spend(std::string_view nonce, Now now) {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(out_, nonce, &Out::nonce);
  if (at == out_.end()) return Fail(Code::kConflict, "nonce: spent or not given here");
  const bool late = now.boot - at->given >= kLifetime;
  out_.erase(at);
  if (late) return Fail(Code::kConflict, "nonce: older than a minute");
  return {};
}

grpc::Status EnrollmentService::Refused(const Error& error, const char* what) {
  counters_.Add(std::string(what) + "_refused_" + CounterWord(error.code));
  spdlog::warn("{} refused: {}", what, error.message);
  return {StatusCodeOf(error.code), error.message};
}

grpc::ServerUnaryReactor* EnrollmentService::Enroll(grpc::CallbackServerContext* context,
                                                    const v1::EnrollRequest* request,
                                                    v1::EnrollResponse* response) {
  const Now now = clock_();
  const std::string host = PeerHost(context->peer());
  if (!guesses_.Allows(host, now)) {
    return FinishNow(context,
                     Refused({Code::kExhausted, "token: too many wrong ones, wait"}, "enroll"));
  }
  if (Status well = CheckRequest(*request); !well) {
    return FinishNow(context, Refused(well.error(), "enroll"));
  }
  const Result<PublicKey> identity = VerifyRequest(request->identity_csr());
  if (!identity) {
    return FinishNow(
        context,
        Refused({identity.error().code, "identity_csr: " + identity.error().message}, "enroll"));
  }
  if (in_flight_.fetch_add(1) >= kInFlight) {
    --in_flight_;
    return FinishNow(context, Refused({Code::kExhausted, "busy: too many at once"}, "enroll"));
  }
  DeviceRecord device{.id = DeviceIdOf(identity->spki()),
                      .role = LeafName::Role::kDevice,
                      .spki = identity->spki(),
                      .key_id = identity->key_id(),
                      .hostname = request->hostname(),
                      .platform = request->platform(),
                      .enrolled_at = now.wall};
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  store_.Enroll(HashToken(request->token()), std::move(device),
                [this, reactor, host, vpn_csr = request->vpn_csr(),
                 response](const Result<DeviceRecord>& enrolled) {
                  Enrolled(reactor, host, vpn_csr, enrolled, response);
                  --in_flight_;
                });
  return reactor;
}

// After the commit.
void EnrollmentService::Enrolled(grpc::ServerUnaryReactor* reactor, const std::string& host,
                                 const std::string& vpn_csr, const Result<DeviceRecord>& device,
                                 v1::EnrollResponse* response) {
  if (!device) {
    if (IsTokenError(device.error())) guesses_.Wrong(host, clock_());
    return reactor->Finish(Refused(device.error(), "enroll"));
  }
  response->set_device_id(device->id);
  response->set_ca_certificate(ca_.certificate_der());
  response->set_service_key(terms_.service_spki);
  response->set_trust_domain(ca_.trust_domain());
  response->set_attestation_address(terms_.attestation_address);
  if (!vpn_csr.empty()) {
    Result<std::string> vpn = VpnFor(vpn_csr, *device);
    if (!vpn) return reactor->Finish(Refused(vpn.error(), "enroll"));
    response->set_vpn_certificate(*std::move(vpn));
  }
  counters_.Add("enrolled");
  spdlog::info("enrolled {}={} hostname=\"{}\"",
               device->role == LeafName::Role::kGateway ? "gateway" : "device", device->id,
               Excerpt(device->hostname, 80));
  reactor->Finish(grpc::Status::OK);
}

Result<std::string> EnrollmentService::VpnFor(const std::string& csr, const DeviceRecord& device) {
  const Result<PublicKey> key = VerifyRequest(csr);
  if (!key) return Wrap(key.error(), "vpn_csr");
  return ca_.IssueVpn(*key, {device.role, ca_.trust_domain(), device.id}, clock_(),
                      terms_.vpn_lifetime);
}

grpc::ServerUnaryReactor* EnrollmentService::Challenge(grpc::CallbackServerContext* context,
                                                       const v1::ChallengeRequest*,
                                                       v1::ChallengeResponse* response) {
  response->set_nonce(challenges_.Make(clock_()));
  return FinishNow(context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* EnrollmentService::RenewLeaf(grpc::CallbackServerContext* context,
                                                       const v1::Envelope* request,
                                                       v1::RenewLeafResponse* response) {
  Result<std::string> leaf = LeafFor(*request);
  if (!leaf) return FinishNow(context, Refused(leaf.error(), "renew_leaf"));
  counters_.Add("leaves_issued");
  response->set_leaf_certificate(*std::move(leaf));
  return FinishNow(context, grpc::Status::OK);
}

Result<std::string> EnrollmentService::LeafFor(const v1::Envelope& envelope) {
  if (envelope.signatures_size() != 1) {
    return Fail(Code::kBadSignature, "envelope: not exactly one signature");
  }
  // The key id only chooses the key that the signature must verify under.
  const Result<DeviceRecord> device = store_.FindByKey(envelope.signatures(0).keyid());
  if (!device) return tl::unexpected(device.error());
  const Result<PublicKey> identity = PublicKey::FromSpki(device->spki);
  if (!identity) return tl::unexpected(identity.error());
  if (Status verified = VerifyEnvelope(*identity, kRenewLeafType, envelope); !verified) {
    return tl::unexpected(verified.error());
  }
  v1::RenewLeafRequest request;
  if (!request.ParseFromString(envelope.payload())) {
    return Fail(Code::kMalformed, "renew-leaf request: not a message of its type");
  }
  if (request.device_id() != device->id) {
    return Fail(Code::kDenied, "renew-leaf request: of " + Excerpt(request.device_id(), 64) +
                                   " by the key of " + device->id);
  }
  if (Status spent = challenges_.Spend(request.nonce(), clock_()); !spent) {
    return tl::unexpected(spent.error());
  }
  const Result<PublicKey> key = VerifyRequest(request.leaf_csr());
  if (!key) return Wrap(key.error(), "leaf_csr");
  return ca_.IssueLeaf(*key, {device->role, ca_.trust_domain(), device->id}, clock_(),
                       terms_.leaf_lifetime);
}

}  // namespace sallyport
