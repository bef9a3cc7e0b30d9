// SPDX-License-Identifier: Apache-2.0
// Table vpn_routes: what is reachable through each VPN connection?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnRoutesColumns[] = {
    {"connection", Type::kText, "its name, as in vpn_connections"},
    {"client", Type::kText, "as in vpn_connections"},
    {"child", Type::kText, "of strongSwan; NULL: of the connection itself"},
    {"destination", Type::kText,
     "network; dynamic: the address of the peer; pushed: what the server says"},
    {"protocol", Type::kText, "only that: 17/1701; NULL: all"},
    {"everything", Type::kInteger, "1: all of IPv4, or all of IPv6"},
    {"source", Type::kText, "file:line"},
    {"path", Type::kText, "the file of `source`"},
    {"line", Type::kInteger, "its line"},
    {"col", Type::kInteger, "its column, counted in bytes from 1"},
};
inline constexpr Schema kVpnRoutes{"vpn_routes", kVpnRoutesColumns,
                                   "what VPN connections send into their tunnels"};

// A row for each network that a connection routes. Errors as VpnConnectionsLinux.
Result<Rows> VpnRoutesLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
