// SPDX-License-Identifier: Apache-2.0
// Table vpn_settings: which switches of VPN programs weaken all of their connections, and which
// settings are not understood?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnSettingsColumns[] = {
    {"client", Type::kText, "as in vpn_connections"},
    {"connection", Type::kText, "NULL: of the whole program"},
    {"name", Type::kText, "with its sections: charon.accept_private_algs"},
    {"value", Type::kText, "as it counts; NULL: the setting is not known, and may be a secret"},
    {"known", Type::kInteger, "0: no setting that is known"},
    {"from_default", Type::kInteger, "1: not written"},
    {"weak", Type::kInteger, "1: as it stands it weakens; NULL: not known"},
    {"source", Type::kText, "file:line"},
    {"path", Type::kText, "the file of `source`"},
    {"line", Type::kInteger, "its line"},
    {"col", Type::kInteger, "its column, counted in bytes from 1"},
};
inline constexpr Schema kVpnSettings{"vpn_settings", kVpnSettingsColumns,
                                     "switches of VPN programs; settings that are not understood"};

// Errors as VpnConnectionsLinux.
Result<Rows> VpnSettingsLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
