// SPDX-License-Identifier: Apache-2.0
// What Windows' own firewall is told, and what of it counts: for each of its three profiles a group
// policy stands over a device management server's settings, and these over the machine's own
// ([MS-GPFAS] 2.2.3, [MS-FASP] 2.2.38, Firewall CSP).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

struct FirewallProfile {
  Value enabled = Unknown{};   // 1 or 0
  Value inbound = Unknown{};   // blocked, open; partial: not so on an interface that is exempt
  Value outbound = Unknown{};  // likewise

  friend bool operator==(const FirewallProfile&, const FirewallProfile&) = default;
};

// By NetworkCategory of MSFT_NetConnectionProfile: public, private, domain.
using FirewallProfiles = std::array<FirewallProfile, 3>;

FirewallProfiles ReadFirewallProfiles(const Host& host);

// The profiles of the networks that are connected; empty when that cannot be told, or none is.
std::vector<size_t> ConnectedProfiles(const Host& host);

// What a profile says counts only while this service runs. kNotFound: this Windows has none.
Result<bool> FirewallServiceRuns(const Host& host);

// Is another product's firewall registered as on? nullopt: may not be told. Where there is no
// Security Center none can be.
std::optional<bool> OtherFirewallIsOn(const Host& host);

}  // namespace sallyport
