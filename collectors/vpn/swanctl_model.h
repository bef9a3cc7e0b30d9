// SPDX-License-Identifier: Apache-2.0
// swanctl.conf(5) and strongswan.conf(5) as the model of VPN configurations.
#pragma once

#include "base/result.h"
#include "collectors/vpn/model.h"
#include "collectors/vpn/swanctl.h"

namespace sallyport {

// The connections and the secrets of `root`, what it inherits resolved. Errors: WithInherited's.
Status AddSwanctl(const SettingsSection& root, VpnConfiguration* out);

// The switches of strongswan.conf that weaken or strengthen every connection of charon, with their
// defaults made explicit. Settings that are not among them are not shown.
Status AddStrongswanSwitches(const SettingsSection& root, VpnConfiguration* out);

}  // namespace sallyport
