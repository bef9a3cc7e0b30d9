// SPDX-License-Identifier: Apache-2.0
// Table vpn_proposals: what does each VPN connection offer to its peer, algorithm by algorithm?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnProposalsColumns[] = {
    {"connection", Type::kText, "its name, as in vpn_connections"},
    {"client", Type::kText, "as in vpn_connections"},
    {"phase", Type::kText, "ike, esp, ah; data: OpenVPN's channel; ppp"},
    {"child", Type::kText, "of strongSwan; NULL: of the connection itself"},
    {"proposal", Type::kInteger, "number of the proposal, the preferred one first"},
    {"algorithm", Type::kText, "as the client's configuration names it: aes256gcm16, modp2048"},
    {"kind", Type::kText,
     "encryption, integrity, prf, key_exchange, authentication: PPP; unknown: no algorithm that is "
     "known"},
    {"key_bits", Type::kInteger, "NULL: it has no length of its own"},
    {"weak", Type::kInteger,
     "1: as in vpn_connections.weak_proposals; unknown: no algorithm that is known"},
    {"from_default", Type::kInteger,
     "1: not written; the client adds it, strongSwan 5.9.8 with the plug-ins of Debian 12"},
    {"source", Type::kText, "file:line"},
    {"path", Type::kText, "the file of `source`"},
    {"line", Type::kInteger, "its line"},
    {"col", Type::kInteger, "its column, counted in bytes from 1"},
};
inline constexpr Schema kVpnProposals{
    "vpn_proposals", kVpnProposalsColumns,
    "algorithms that VPN connections offer, defaults made explicit"};

// A row for each algorithm of each proposal. Errors as VpnConnectionsLinux.
Result<Rows> VpnProposalsLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
