// SPDX-License-Identifier: Apache-2.0
#include "service/access_news.h"

#include "service/wire.h"

namespace sallyport {

v1::Lease LeaseFor(const Device& device, const LeaseTerms& terms, GateBook::Request request,
                   Now now) {
  if (!device.access || !device.IsLive(terms, now)) return MakeLease(device.id, {}, Millis{0});
  return MakeLease(device.id, device.access,
                   LeaseTtl(terms, *device.access, device.leaf_until, request.received, now));
}

size_t TellGrant(GateBook& gates, const Device& device, const LeaseTerms& terms, Now now) {
  return gates.Push(device.id, [&](const GateBook::Request& request) {
    v1::GateCommand command;
    command.mutable_grant()->set_request_id(request.id);
    *command.mutable_grant()->add_leases() = LeaseFor(device, terms, request, now);
    return command;
  });
}

size_t TellCut(GateBook& gates, const Device& device, const LeaseTerms& terms,
               const std::string& reason, Now now) {
  const uint64_t decision_id = device.access ? device.access->decision_id : 0;
  return gates.Push(device.id, [&](const GateBook::Request& request) {
    const v1::Lease left = LeaseFor(device, terms, request, now);
    v1::GateCommand command;
    v1::Cut* cut = command.mutable_cut();
    // One decision, one command: each gate's report names the decision by it.
    cut->set_command_id(decision_id);
    cut->set_device_id(device.id);
    // Without time left the tier lapses at once; only a verdict of none ends the tunnel.
    cut->set_tier(device.access ? ToWire(device.access->tier) : v1::TIER_NONE);
    cut->set_ttl_ms(cut->tier() == v1::TIER_NONE ? 0 : left.ttl_ms());
    cut->set_request_id(request.id);
    cut->set_decision_id(decision_id);
    cut->set_reason(reason);
    return command;
  });
}

}  // namespace sallyport
