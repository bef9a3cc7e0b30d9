// SPDX-License-Identifier: Apache-2.0
#include "service/admin_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "service/token.h"
#include "service/wire.h"

namespace sallyport {
namespace {

constexpr int kShownDecisions = 50;
constexpr uint32_t kMostUses = 1'000'000;
constexpr Millis kLongestToken{366LL * 24 * 3600 * 1000};
constexpr Millis kUsualToken{3600 * 1000};

uint64_t Unsigned(Millis time) { return static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)); }

grpc::Status StatusOf(const Error& error) {
  switch (error.code) {
    case Code::kNotFound:
      return {grpc::StatusCode::NOT_FOUND, error.message};
    case Code::kInvalidArgument:
    case Code::kMalformed:
    case Code::kTooLarge:
    case Code::kUnsupported:
      return {grpc::StatusCode::INVALID_ARGUMENT, error.message};
    case Code::kDenied:
      return {grpc::StatusCode::PERMISSION_DENIED, error.message};
    default:
      return {grpc::StatusCode::INTERNAL, error.message};
  }
}

tl::unexpected<Error> Invalid(const std::string& message) {
  return Fail(Code::kInvalidArgument, message);
}

grpc::ServerUnaryReactor* Finished(grpc::CallbackServerContext* context, const Status& outcome) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(outcome ? grpc::Status::OK : StatusOf(outcome.error()));
  return reactor;
}

}  // namespace

Status AdminService::Describe(const DeviceRecord& record, v1::Device* out) {
  out->set_device_id(record.id);
  out->set_hostname(record.hostname);
  out->set_platform(record.platform);
  out->set_enrolled_at_ms(Unsigned(record.enrolled_at));
  out->set_last_seen_ms(Unsigned(record.last_seen));
  out->set_key_protection("file");
  const Result<std::optional<VerdictRecord>> verdict = parts_.store.LastVerdict(record.id);
  if (!verdict) return tl::unexpected(verdict.error());
  if (*verdict) {
    out->set_has_verdict(true);
    out->set_tier(ToWire((*verdict)->tier));
  }
  if (const std::shared_ptr<Device> device = parts_.devices.Find(record.id)) {
    const std::lock_guard lock(device->mutex);
    out->set_connected(device->session != nullptr);
    out->set_last_seen_ms(std::max(out->last_seen_ms(), Unsigned(device->last_seen)));
  }
  return {};
}

Status AdminService::List(v1::ListDevicesResponse* response) {
  const Result<std::vector<DeviceRecord>> devices = parts_.store.Devices();
  if (!devices) return tl::unexpected(devices.error());
  for (const DeviceRecord& record : *devices) {
    if (Status said = Describe(record, response->add_devices()); !said) {
      return tl::unexpected(said.error());
    }
  }
  return {};
}

Status AdminService::Show(const std::string& id, v1::ShowDeviceResponse* response) {
  const Result<StoredDevice> stored = parts_.store.Load(id);
  if (!stored) return tl::unexpected(stored.error());
  if (Status said = Describe(stored->device, response->mutable_device()); !said) {
    return tl::unexpected(said.error());
  }
  v1::AttestationResult result;
  if (stored->verdict && result.ParseFromString(stored->verdict->result)) {
    *response->mutable_outcomes() = result.outcomes();
  }
  const Result<std::vector<DecisionRecord>> decisions = parts_.store.Decisions(id, kShownDecisions);
  if (!decisions) return tl::unexpected(decisions.error());
  for (const DecisionRecord& decision : *decisions) {
    v1::Decision* out = response->add_decisions();
    out->set_decision_id(decision.id);
    out->set_at_ms(Unsigned(decision.at));
    if (decision.from) out->set_from(ToWire(*decision.from));
    if (decision.to) out->set_to(ToWire(*decision.to));
    out->set_reason(decision.reason);
  }
  return {};
}

Status AdminService::MakeTokenFor(const v1::CreateTokenRequest& request,
                                  v1::CreateTokenResponse* response) {
  const bool gateway = request.role() == v1::ROLE_GATEWAY;
  if (!gateway && request.role() != v1::ROLE_DEVICE) return Invalid("role: device or gateway");
  if (gateway && !IsValidId(request.name())) {
    return Invalid("name: a gateway's is lower-case letters, digits and inner hyphens, 1 to 63");
  }
  // So that no token can make a gateway that bears a device's id.
  if (gateway && request.name().starts_with("d-")) return Invalid("name: d- is for devices");
  if (!gateway && !request.name().empty()) return Invalid("name: a device's id is of its key");
  if (request.uses() > kMostUses) return Invalid("uses: at most a million");
  const Millis ttl =
      request.ttl_ms() == 0 ? kUsualToken : Millis{static_cast<int64_t>(request.ttl_ms())};
  if (ttl.count() < 0 || ttl > kLongestToken) return Invalid("ttl: at most 366 days");

  const std::string token = MakeToken();
  const Millis expires = parts_.clock().wall + ttl;
  const uint32_t uses = std::max<uint32_t>(request.uses(), 1);
  const Status added =
      parts_.store.AddToken({.hash = HashToken(token),
                             .role = gateway ? LeafName::Role::kGateway : LeafName::Role::kDevice,
                             .name = request.name(),
                             .uses_left = static_cast<int>(uses),
                             .expires_at = expires});
  if (!added) return tl::unexpected(added.error());
  spdlog::info("token made role={} uses={}", gateway ? "gateway" : "device", uses);
  response->set_token(token);
  response->set_expires_at_ms(Unsigned(expires));
  return {};
}

Status AdminService::Apply(const v1::ApplyPolicyRequest& request,
                           v1::ApplyPolicyResponse* response) {
  const Result<PolicyFile::Summary> applied = policies_.Apply(request.yaml(), request.dry_run());
  if (!applied) return tl::unexpected(applied.error());
  response->set_policy_set(applied->policy_set);
  response->set_policies(static_cast<uint32_t>(applied->policies));
  for (const std::string& warning : applied->warnings) response->add_warnings(warning);
  return {};
}

grpc::ServerUnaryReactor* AdminService::ListDevices(grpc::CallbackServerContext* context,
                                                    const v1::ListDevicesRequest*,
                                                    v1::ListDevicesResponse* response) {
  return Finished(context, List(response));
}

grpc::ServerUnaryReactor* AdminService::ShowDevice(grpc::CallbackServerContext* context,
                                                   const v1::ShowDeviceRequest* request,
                                                   v1::ShowDeviceResponse* response) {
  return Finished(context, Show(request->device_id(), response));
}

grpc::ServerUnaryReactor* AdminService::CreateToken(grpc::CallbackServerContext* context,
                                                    const v1::CreateTokenRequest* request,
                                                    v1::CreateTokenResponse* response) {
  return Finished(context, MakeTokenFor(*request, response));
}

grpc::ServerUnaryReactor* AdminService::ApplyPolicy(grpc::CallbackServerContext* context,
                                                    const v1::ApplyPolicyRequest* request,
                                                    v1::ApplyPolicyResponse* response) {
  return Finished(context, Apply(*request, response));
}

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* context,
                                                  const v1::GetStatusRequest*,
                                                  v1::GetStatusResponse* response) {
  response->set_version(SALLYPORT_VERSION);
  response->set_policy_set(parts_.rules.now()->set->policies().id);
  response->set_policy_error(policies_.error());
  response->set_connected_devices(static_cast<uint32_t>(appraiser_.connected()));
  response->set_connected_gates(static_cast<uint32_t>(parts_.gates.connected()));
  for (const auto& [name, count] : parts_.counters.Snapshot()) {
    (*response->mutable_counters())[name] = count;
  }
  return Finished(context, {});
}

}  // namespace sallyport
