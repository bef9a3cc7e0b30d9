// SPDX-License-Identifier: Apache-2.0
// Where a machine keeps its VPN configurations.
#pragma once

#include "base/result.h"
#include "collectors/vpn/model.h"
#include "platform/host.h"

namespace sallyport {

// All of them, those of each program in turn. What is not there adds nothing; errors as
// vpn_connections.h says.
// Files that hold nothing but secrets are read `with_secrets` only.
Result<VpnConfiguration> ReadVpnLinux(const Host& host, bool with_secrets);

}  // namespace sallyport
