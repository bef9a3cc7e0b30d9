// SPDX-License-Identifier: Apache-2.0
#include "gateway/gate_core.h"

#include <algorithm>
#include <utility>

namespace sallyport::gateway {
namespace {

constexpr size_t kRequestsRemembered = 16'384;
constexpr size_t kMaxLeases = 200'000;
constexpr Millis kShortestLease{1000};
// The kernel counts in jiffies; a dump that differs by less is the same.
constexpr Millis kTolerance{100};

Tier FromProto(v1::Tier tier) {
  switch (tier) {
    case v1::TIER_FULL:
      return Tier::kFull;
    case v1::TIER_LIMITED:
      return Tier::kLimited;
    case v1::TIER_QUARANTINE:
      return Tier::kQuarantine;
    default:
      return Tier::kNone;
  }
}

Millis Bounded(uint64_t ttl_ms) {
  return Millis(
      static_cast<int64_t>(std::min<uint64_t>(ttl_ms, static_cast<uint64_t>(kMaxTimeout.count()))));
}

}  // namespace

// --- sessions

void GateCore::ListingBegins() {
  listing_ = true;
  since_listing_.clear();
}

Actions GateCore::Listed(std::vector<IkeSa> sas, Millis now) {
  Actions out;
  std::set<std::string> ask;
  std::set<uint64_t> there;
  // Unique ids grow: the order in which the holders came.
  std::ranges::sort(sas, {}, &IkeSa::id);
  for (IkeSa& sa : sas) {
    if (!sa.established) continue;
    there.insert(sa.id);
    Stand(std::move(sa), out, ask);
  }
  std::vector<uint64_t> gone;
  for (const auto& [id, sa] : sas_) {
    if (!there.contains(id)) gone.push_back(id);
  }
  for (uint64_t id : gone) Go(id, out);
  for (const SaEvent& event : std::exchange(since_listing_, {})) Replay(event, out, ask);
  listing_ = false;
  Settle(now, out);
  Ask(ask, now, out);
  return out;
}

Actions GateCore::Heard(const SaEvent& event, Millis now) {
  if (listing_) since_listing_.push_back(event);
  Actions out;
  std::set<std::string> ask;
  Replay(event, out, ask);
  Settle(now, out);
  Ask(ask, now, out);
  return out;
}

void GateCore::Replay(const SaEvent& event, Actions& out, std::set<std::string>& ask) {
  if (const auto* stands = std::get_if<SaStands>(&event)) {
    // Events tell of one CHILD_SA; the others of this SA stay.
    IkeSa sa = stands->sa;
    if (const auto it = sas_.find(sa.id); it != sas_.end()) {
      for (uint32_t spi : it->second.sa.spis) {
        if (!std::ranges::count(sa.spis, spi)) sa.spis.push_back(spi);
      }
    }
    Stand(std::move(sa), out, ask);
  } else if (const auto* gone = std::get_if<SaGone>(&event)) {
    Go(gone->id, out);
  } else if (const auto* rekeyed = std::get_if<SaRekeyed>(&event)) {
    Rekey(*rekeyed, out, ask);
  } else if (const auto* child = std::get_if<ChildRekeyed>(&event)) {
    const auto it = sas_.find(child->id);
    if (it == sas_.end()) return;
    auto& spis = it->second.sa.spis;
    std::erase_if(spis, [child](uint32_t spi) { return std::ranges::count(child->gone, spi) > 0; });
    spis.insert(spis.end(), child->come.begin(), child->come.end());
  }
}

void GateCore::Stand(IkeSa sa, Actions& out, std::set<std::string>& ask) {
  const std::string device = DeviceOf(sa.identity, settings_.trust_domain).value_or(std::string());
  const auto known = sas_.find(sa.id);
  const bool is_new = known == sas_.end() || known->second.device != device;
  if (known != sas_.end() && is_new) Go(sa.id, out);  // an id that charon uses anew
  Sa& entry = sas_[sa.id];
  for (Ipv4 address : entry.sa.addresses) {
    if (!std::ranges::count(sa.addresses, address)) Release(address, sa.id);
  }
  entry.device = device;
  entry.sa = std::move(sa);
  if (is_new) entry.arrival = next_arrival_++;
  for (Ipv4 address : entry.sa.addresses) Hold(address, entry.sa.id);
  if (device.empty() || !is_new) return;
  sas_of_device_[device].insert(entry.sa.id);
  ask.insert(device);
  Report(entry, v1::SessionEvent::KIND_UP, out);
}

void GateCore::Go(uint64_t id, Actions& out) {
  const auto it = sas_.find(id);
  if (it == sas_.end()) return;
  const Sa sa = std::move(it->second);
  sas_.erase(it);
  for (Ipv4 address : sa.sa.addresses) Release(address, id);
  if (sa.device.empty()) return;
  const auto of_device = sas_of_device_.find(sa.device);
  of_device->second.erase(id);
  if (of_device->second.empty()) sas_of_device_.erase(of_device);
  Report(sa, v1::SessionEvent::KIND_DOWN, out);
}

void GateCore::Rekey(const SaRekeyed& event, Actions& out, std::set<std::string>& ask) {
  IkeSa now = event.now;
  if (const auto it = sas_.find(event.old_id); it != sas_.end()) {
    // The CHILD_SAs move over unchanged, and the event does not name them.
    if (now.spis.empty()) now.spis = it->second.sa.spis;
    if (now.addresses.empty()) now.addresses = it->second.sa.addresses;
  }
  // The new one first: the address is never without its holder.
  if (now.established) Stand(std::move(now), out, ask);
  Go(event.old_id, out);
}

Actions GateCore::SessionsLost(Millis now) {
  Actions out;
  listing_ = false;
  since_listing_.clear();
  while (!sas_.empty()) Go(sas_.begin()->first, out);
  Settle(now, out);
  return out;
}

void GateCore::Hold(Ipv4 address, uint64_t id) {
  auto& ids = holders_[address];
  if (std::ranges::count(ids, id)) return;
  ids.push_back(id);
  touched_.insert(address);
}

void GateCore::Release(Ipv4 address, uint64_t id) {
  const auto it = holders_.find(address);
  if (it == holders_.end()) return;
  std::erase(it->second, id);
  if (it->second.empty()) holders_.erase(it);
  touched_.insert(address);
}

std::string GateCore::OwnerOf(Ipv4 address) const {
  const auto it = holders_.find(address);
  if (it == holders_.end()) return "";
  return sas_.at(it->second.back()).device;
}

void GateCore::TouchDevice(const std::string& device) {
  const auto ids = sas_of_device_.find(device);
  if (ids == sas_of_device_.end()) return;
  for (uint64_t id : ids->second) {
    for (Ipv4 address : sas_.at(id).sa.addresses) touched_.insert(address);
  }
}

// --- elements

void GateCore::Settle(Millis now, Actions& out) {
  for (Ipv4 address : std::exchange(touched_, {})) {
    for (const std::string& interface : settings_.interfaces) {
      SettlePlace({interface, address}, now, out);
    }
  }
}

void GateCore::SettlePlace(const Place& place, Millis now, Actions& out) {
  const std::string owner = OwnerOf(place.address);
  const auto lease = owner.empty() ? leases_.end() : leases_.find(owner);
  const bool live =
      lease != leases_.end() && lease->second.tier != Tier::kNone && lease->second.end > now;
  const auto there = installed_.find(place);
  std::optional<Tier> before = Tier::kNone;
  if (there != installed_.end()) {
    // What others put there may be in more sets than one.
    before = there->second.device.empty() ? std::nullopt : std::optional(there->second.tier);
  }
  if (!live) {
    if (there == installed_.end()) return;
    out.moves.push_back({place, before, Tier::kNone, Millis{0}, ""});
    installed_.erase(there);
    return;
  }
  const Installed wanted{lease->second.tier, lease->second.end, owner};
  if (there != installed_.end() && there->second.tier == wanted.tier &&
      there->second.device == wanted.device && there->second.end == wanted.end) {
    return;
  }
  out.moves.push_back({place, before, wanted.tier, wanted.end - now, owner});
  installed_[place] = wanted;
}

Actions GateCore::Dumped(const std::vector<Element>& elements, Millis now) {
  Actions out;
  const auto knew = std::exchange(installed_, {});
  for (const Element& element : elements) {
    touched_.insert(element.place.address);
    Installed there{element.tier, now + element.left, element.device};
    const auto as_granted = knew.find(element.place);
    if (as_granted != knew.end() &&
        std::chrono::abs(as_granted->second.end - there.end) <= kTolerance) {
      there.end = as_granted->second.end;
    }
    installed_[element.place] = there;
    // Of an interface that is not ours any more: Settle does not look there.
    if (!std::ranges::count(settings_.interfaces, element.place.interface)) {
      out.moves.push_back({element.place, std::nullopt, Tier::kNone, Millis{0}, ""});
      installed_.erase(element.place);
      continue;
    }
    if (adopted_ || element.device.empty() || element.tier == Tier::kNone ||
        OwnerOf(element.place.address) != element.device) {
      continue;
    }
    Lease lease{element.tier, there.end, 0, 0};
    if (const auto it = leases_.find(element.device); it != leases_.end()) {
      lease.tier = std::min(lease.tier, it->second.tier);
      lease.end = std::min(lease.end, it->second.end);
    }
    PutLease(element.device, lease);
    TouchDevice(element.device);
  }
  adopted_ = true;
  for (const auto& [address, ids] : holders_) touched_.insert(address);
  Settle(now, out);
  return out;
}

// --- leases

Actions GateCore::StreamUp(Millis now) {
  Actions out;
  stream_up_ = true;
  requests_.clear();
  for (auto& [device, lease] : leases_) {
    lease.request_id = 0;
    lease.decision_id = 0;
  }
  v1::GateMessage message;
  v1::GateHello& hello = *message.mutable_hello();
  hello.set_gateway(settings_.gateway);
  hello.set_version(SALLYPORT_VERSION);
  for (const auto& [id, sa] : sas_) {
    if (!sa.device.empty()) *hello.add_sessions() = ToMessage(sa);
  }
  out.send.push_back(std::move(message));
  Ask(DevicesWithSessions(), now, out);
  next_renewal_ = now + lease_ / 3;
  return out;
}

Actions GateCore::Commanded(const v1::GateCommand& command, Millis now) {
  Actions out;
  switch (command.kind_case()) {
    case v1::GateCommand::kWelcome:
      lease_ = std::max(kShortestLease, Bounded(command.welcome().lease_ms()));
      next_renewal_ = now + lease_ / 3;
      break;
    case v1::GateCommand::kGrant:
      Grant(command.grant(), now, out);
      break;
    case v1::GateCommand::kCut:
      Cut(command.cut(), now, out);
      break;
    default:
      break;
  }
  Settle(now, out);
  return out;
}

void GateCore::Grant(const v1::LeaseGrant& grant, Millis now, Actions& out) {
  const auto sent = requests_.find(grant.request_id());
  if (sent == requests_.end()) {
    ++ignored_grants_;
    return;
  }
  for (const v1::Lease& lease : grant.leases()) {
    if (lease.tier() == v1::TIER_UNSPECIFIED) continue;  // no verdict: nothing begins or ends
    TakeLease(lease.device_id(),
              Lease{FromProto(lease.tier()), sent->second + Bounded(lease.ttl_ms()),
                    grant.request_id(), lease.decision_id()},
              now, out);
  }
}

void GateCore::TakeLease(const std::string& device, Lease lease, Millis now, Actions& out) {
  if (lease.end <= now) ++ignored_grants_;
  const auto held = leases_.find(device);
  if (held == leases_.end() && leases_.size() >= kMaxLeases) return;
  if (held != leases_.end()) {
    const Lease& newest = held->second;
    const bool older = lease.request_id < newest.request_id ||
                       (lease.decision_id != 0 && lease.decision_id < newest.decision_id);
    if (older) {
      // An answer that was overtaken may still take away, and never give.
      if (lease.tier >= newest.tier) return;
      lease.end = std::min(lease.end, newest.end);
      lease.request_id = newest.request_id;
      lease.decision_id = newest.decision_id;
    }
  }
  // A refusal is remembered for a while, so that an answer from before it stays without effect.
  if (lease.tier == Tier::kNone) lease.end = now + lease_;
  PutLease(device, lease);
  TouchDevice(device);
  if (lease.tier == Tier::kNone) TerminateAll(device, out);
}

void GateCore::Cut(const v1::Cut& cut, Millis now, Actions& out) {
  const std::string& device = cut.device_id();
  const auto held = leases_.find(device);
  Lease left;
  left.tier = FromProto(cut.tier());
  left.decision_id = cut.decision_id();
  if (held != leases_.end()) {
    left.request_id = held->second.request_id;
    left.decision_id = std::max(left.decision_id, held->second.decision_id);
    left.end = held->second.end;
    if (held->second.end > now) left.tier = std::min(left.tier, held->second.tier);
  }
  if (const auto sent = requests_.find(cut.request_id()); sent != requests_.end()) {
    left.end = sent->second + Bounded(cut.ttl_ms());
    left.request_id = std::max(left.request_id, cut.request_id());
  }
  if (left.tier == Tier::kNone) left.end = now + lease_;
  Proof proof{cut.command_id(), device, left.tier, {}, {}, {}};
  if (const auto ids = sas_of_device_.find(device); ids != sas_of_device_.end()) {
    for (uint64_t id : ids->second) {
      const IkeSa& sa = sas_.at(id).sa;
      for (Ipv4 address : sa.addresses) {
        if (OwnerOf(address) != device) continue;
        for (const std::string& interface : settings_.interfaces) {
          proof.places.push_back({interface, address});
        }
      }
      if (left.tier != Tier::kNone) continue;
      proof.ike_ids.push_back(id);
      proof.spis.insert(proof.spis.end(), sa.spis.begin(), sa.spis.end());
    }
  }
  if (held != leases_.end() || leases_.size() < kMaxLeases) PutLease(device, left);
  TouchDevice(device);
  if (left.tier == Tier::kNone) TerminateAll(device, out);
  out.proofs.push_back(std::move(proof));
}

void GateCore::PutLease(const std::string& device, const Lease& lease) {
  DropLease(device);
  leases_[device] = lease;
  ends_.insert({lease.end, device});
}

void GateCore::DropLease(const std::string& device) {
  const auto it = leases_.find(device);
  if (it == leases_.end()) return;
  ends_.erase({it->second.end, device});
  leases_.erase(it);
}

void GateCore::TerminateAll(const std::string& device, Actions& out) const {
  const auto ids = sas_of_device_.find(device);
  if (ids == sas_of_device_.end()) return;
  out.terminate.insert(out.terminate.end(), ids->second.begin(), ids->second.end());
}

void GateCore::Ask(const std::set<std::string>& devices, Millis now, Actions& out) {
  if (!stream_up_) return;
  auto next = devices.begin();
  while (next != devices.end()) {
    v1::GateMessage message;
    v1::LeaseRequest& request = *message.mutable_lease_request();
    request.set_request_id(next_request_);
    for (int i = 0; i < kDevicesPerRequest && next != devices.end(); ++i) {
      request.add_device_ids(*next++);
    }
    requests_[next_request_++] = now;
    if (requests_.size() > kRequestsRemembered) requests_.erase(requests_.begin());
    out.send.push_back(std::move(message));
  }
}

// --- time

Actions GateCore::Tick(Millis now) {
  Actions out;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const std::string device = ends_.begin()->second;
    TouchDevice(device);
    DropLease(device);
  }
  Settle(now, out);
  if (stream_up_ && now >= next_renewal_) {
    Ask(DevicesWithSessions(), now, out);
    next_renewal_ = now + lease_ / 3;
  }
  return out;
}

std::optional<Millis> GateCore::NextDeadline() const {
  std::optional<Millis> next;
  if (!ends_.empty()) next = ends_.begin()->first;
  if (stream_up_) next = std::min(next.value_or(next_renewal_), next_renewal_);
  return next;
}

// --- messages

std::set<std::string> GateCore::DevicesWithSessions() const {
  std::set<std::string> out;
  for (const auto& [device, ids] : sas_of_device_) out.insert(device);
  return out;
}

v1::Session GateCore::ToMessage(const Sa& sa) const {
  v1::Session out;
  out.set_device_id(sa.device);
  out.set_kind(sa.sa.kind);
  out.set_identity(sa.sa.identity);
  for (Ipv4 address : sa.sa.addresses) out.add_addresses(ToText(address));
  for (uint32_t spi : sa.sa.spis) out.add_spis(spi);
  out.set_session_id("ike-" + std::to_string(sa.sa.id));
  out.set_remote_host(sa.sa.remote_host);
  return out;
}

void GateCore::Report(const Sa& sa, v1::SessionEvent::Kind kind, Actions& out) const {
  if (!stream_up_) return;
  v1::GateMessage message;
  message.mutable_session()->set_kind(kind);
  *message.mutable_session()->mutable_session() = ToMessage(sa);
  out.send.push_back(std::move(message));
}

}  // namespace sallyport::gateway
