// SPDX-License-Identifier: Apache-2.0
// Table vpn_revocation: does a VPN connection notice that a certificate was revoked?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnRevocationColumns[] = {
    {"connection", Type::kText, "its name, as in vpn_connections"},
    {"client", Type::kText, "as in vpn_connections"},
    {"round", Type::kText, "of strongSwan's authentication; NULL: there is but one"},
    {"policy", Type::kText, "strict, ifuri, relaxed; crl: a list that is written; none"},
    {"enforced", Type::kInteger, "1: a certificate whose state cannot be told is refused"},
    {"source", Type::kText, "file:line"},
    {"path", Type::kText, "the file of `source`"},
    {"line", Type::kInteger, "its line"},
    {"col", Type::kInteger, "its column, counted in bytes from 1"},
};
inline constexpr Schema kVpnRevocation{
    "vpn_revocation", kVpnRevocationColumns,
    "how VPN connections check that a peer's certificate is not revoked"};

// A row for each round in which a peer shows a certificate. Errors as VpnConnectionsLinux.
Result<Rows> VpnRevocationLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
