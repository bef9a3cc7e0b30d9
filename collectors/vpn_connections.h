// SPDX-License-Identifier: Apache-2.0
// Table vpn_connections: what the configured VPN clients would do when they dial.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnConnectionsColumns[] = {
    {"name", Type::kText, "of the connection"},
    {"client", Type::kText, "program that reads this configuration: strongswan"},
    {"protocol", Type::kText, "ikev2, ikev1, any: either, whatever the peer begins with"},
    {"ike_version", Type::kInteger, "2, 1, 0: either"},
    {"side", Type::kText, "client: dials a named peer; server: answers anyone"},
    {"remote_addrs", Type::kText, "peers"},
    {"local_id", Type::kText, "own identities, in order of rounds"},
    {"remote_id", Type::kText, "accepted identities, in order of rounds; NULL: any"},
    {"local_auth", Type::kText, "own authentication rounds: pubkey psk eap-* xauth*"},
    {"remote_auth", Type::kText, "the peer's authentication rounds"},
    {"uses_psk", Type::kInteger, "1: a round of either side is a pre-shared key"},
    {"aggressive", Type::kInteger, "1: IKEv1 aggressive mode"},
    {"proposals", Type::kText, "IKE; \"default\" where none are written"},
    {"esp_proposals", Type::kText, "of all children; \"default\" where none are written"},
    {"ah_proposals", Type::kText, "of all children; NULL: no AH"},
    {"weak_proposals", Type::kText, "weak algorithms that are offered; empty: none"},
    {"pfs", Type::kInteger, "1: every ESP proposal has a key exchange; NULL: no children"},
    {"mode", Type::kText, "of the children: tunnel, transport, ..."},
    {"remote_ts", Type::kText, "what the tunnel reaches"},
    {"split_tunnel", Type::kInteger, "1: not all IPv4 traffic goes into the tunnel; NULL: server"},
    {"start_action", Type::kText, "of the children"},
    {"revocation", Type::kText,
     "strict, ifuri, relaxed: how the peer's certificate is checked; NULL: it has none"},
    {"source", Type::kText, "file:line"},
};
inline constexpr Schema kVpnConnections{"vpn_connections", kVpnConnectionsColumns,
                                        "configured VPN connections"};
inline constexpr Trigger kVpnConnectionsLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/swanctl/swanctl.conf"},
    {.kind = Trigger::Kind::kReadPaths},
};

// One row per connection. No swanctl.conf: no rows. A file that cannot be read or parsed is an
// error that names file and line, never fewer rows. Secrets are never read into a cell.
Result<Rows> VpnConnectionsLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
