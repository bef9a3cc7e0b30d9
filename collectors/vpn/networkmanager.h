// SPDX-License-Identifier: Apache-2.0
// NetworkManager's keyfiles, nm-settings-keyfile(5): its VPN connections, by their plug-in, and
// WireGuard.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "collectors/vpn/model.h"

namespace sallyport {

// The connection of one file; one that is no VPN adds nothing. A plug-in that is not known gives a
// row of unknown cells. Errors: ParseIniText's.
Status AddKeyfile(std::string_view text, const std::string& file, VpnConfiguration* out);

}  // namespace sallyport
