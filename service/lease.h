// SPDX-License-Identifier: Apache-2.0
// Leases: how long access may stand, in elapsed time (rule 2 of the design).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/now.h"
#include "policy/policy.h"
#include "sallyport/v1/gate.pb.h"

namespace sallyport {

struct LeaseTerms {
  Millis lease{600'000};
  Millis beat_interval{60'000};
  Millis full_interval{900'000};

  // A device that said nothing authentic for so long gets no new lease.
  Millis SilenceBorne() const;
};

// What a gate may be told of a device: the outcome of its newest committed judgement, or a lower
// one that is being committed. Times are of the service's CLOCK_BOOTTIME.
struct Access {
  Tier tier = Tier::kNone;
  uint64_t decision_id = 0;
  Millis facts_until{0};  // facts and graces bear the judgement until then

  friend bool operator==(const Access&, const Access&) = default;
};

// The time left at `now`: the least of lease length, facts and graces, and certificate; never
// negative.
Millis TimeLeft(const LeaseTerms& terms, const Access& access, Millis leaf_until, Now now);

// The ttl for a request that was received at `requested`. It counts from the sending of the
// request, which was before that, so an old request may bear a longer ttl than a new one, but
// never one that ends later than TimeLeft() from now nor a lease length after the request.
Millis LeaseTtl(const LeaseTerms& terms, const Access& access, Millis leaf_until, Millis requested,
                Now now);

// TIER_UNSPECIFIED and 0 when there is no access to tell, or none of it is left.
v1::Lease MakeLease(const std::string& device_id, const std::optional<Access>& access, Millis ttl);

}  // namespace sallyport
