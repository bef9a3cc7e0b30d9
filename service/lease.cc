// SPDX-License-Identifier: Apache-2.0
#include "service/lease.h"

#include <algorithm>

#include "service/wire.h"

namespace sallyport {

// Two beats may be lost; half a beat more for jitter.
Millis LeaseTerms::SilenceBorne() const {
  return beat_interval * 2 + std::clamp(beat_interval / 2, Millis{500}, Millis{10'000});
}

Millis TimeLeft(const LeaseTerms& terms, const Access& access, Millis leaf_until, Now now) {
  const Millis left = std::min({terms.lease, access.facts_until - now.boot, leaf_until - now.boot});
  return std::max(left, Millis{0});
}

Millis LeaseTtl(const LeaseTerms& terms, const Access& access, Millis leaf_until, Millis requested,
                Now now) {
  const Millis left = TimeLeft(terms, access, leaf_until, now);
  if (left.count() == 0) return left;
  const Millis since_request = std::max(now.boot - requested, Millis{0});
  return std::min(terms.lease, since_request + left);
}

v1::Lease MakeLease(const std::string& device_id, const std::optional<Access>& access, Millis ttl) {
  v1::Lease lease;
  lease.set_device_id(device_id);
  if (!access || ttl.count() <= 0) return lease;
  lease.set_tier(ToWire(access->tier));
  lease.set_ttl_ms(static_cast<uint64_t>(ttl.count()));
  lease.set_decision_id(access->decision_id);
  return lease;
}

}  // namespace sallyport
