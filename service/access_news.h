// SPDX-License-Identifier: Apache-2.0
// What gates are told of a device. The caller holds the device's lock, so that each gate hears the
// answers about a device in the order in which they became true.
#pragma once

#include <string>

#include "service/device.h"
#include "service/gate_book.h"
#include "service/lease.h"

namespace sallyport {

// Nothing (TIER_UNSPECIFIED, 0) for a device without a verdict or that has fallen silent: its lease
// ends by itself.
v1::Lease LeaseFor(const Device& device, const LeaseTerms& terms, GateBook::Request request,
                   Now now);

// Each returns how many gates were told.
size_t TellGrant(GateBook& gates, const Device& device, const LeaseTerms& terms, Now now);
size_t TellCut(GateBook& gates, const Device& device, const LeaseTerms& terms,
               const std::string& reason, Now now);

}  // namespace sallyport
