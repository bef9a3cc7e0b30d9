// SPDX-License-Identifier: Apache-2.0
// Table vpn_connections: what the configured VPN clients would do when they dial.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnConnectionsColumns[] = {
    {"name", Type::kText, "of the connection"},
    {"client", Type::kText,
     "program that reads this configuration: strongswan, openvpn, wireguard, networkmanager-l2tp "
     "..."},
    {"protocol", Type::kText,
     "ikev2, ikev1, any: either; l2tp_ipsec, l2tp: in the clear; pptp, openvpn, openconnect, "
     "wireguard, ppp"},
    {"ike_version", Type::kInteger, "2, 1, 0: either; NULL: no IKE"},
    {"side", Type::kText, "client: dials a named peer; server: answers anyone; peer: both"},
    {"remote_addrs", Type::kText, "peers"},
    {"local_id", Type::kText, "own identities, in order of rounds"},
    {"remote_id", Type::kText, "accepted identities, in order of rounds; NULL: any"},
    {"local_auth", Type::kText, "own authentication rounds: pubkey psk eap-* xauth*"},
    {"remote_auth", Type::kText, "the peer's authentication rounds"},
    {"uses_psk", Type::kInteger,
     "1: a round of either side is a pre-shared key; OpenVPN: a static key"},
    {"aggressive", Type::kInteger, "1: IKEv1 aggressive mode; NULL: no IKE"},
    {"proposals", Type::kText, "IKE; \"default\" where none are written"},
    {"esp_proposals", Type::kText, "of all children; \"default\" where none are written"},
    {"ah_proposals", Type::kText, "of all children; NULL: no AH"},
    {"weak_proposals", Type::kText,
     "weak algorithms that are offered, defaults included; empty: none"},
    {"pfs", Type::kInteger, "1: every ESP proposal has a key exchange; NULL: no children"},
    {"mode", Type::kText, "of the children: tunnel, transport, ..."},
    {"remote_ts", Type::kText, "what the tunnel reaches"},
    {"split_tunnel", Type::kInteger, "1: not all IPv4 traffic goes into the tunnel; NULL: server"},
    {"start_action", Type::kText, "of the children"},
    {"revocation", Type::kText,
     "strict, ifuri, relaxed: how the peer's certificate is checked; NULL: it has none"},
    {"source", Type::kText, "file:line"},
    {"path", Type::kText, "the file of `source`"},
    {"line", Type::kInteger, "its line"},
    {"col", Type::kInteger, "its column, counted in bytes from 1"},
    {"eap_method", Type::kText,
     "of the client's authentication; any: whatever is asked; NULL: none"},
    {"server_check", Type::kText,
     "how a client tells the server from another: name: certificate and name; chain: any "
     "certificate of the CAs; key: this certificate or key; psk; eap; none; NULL: a server"},
    {"fallback", Type::kInteger,
     "1: a weaker protocol may be used without anybody's doing: IKEv1, cleartext"},
    {"autostart", Type::kInteger, "1: dials by itself, or when traffic comes"},
    {"problem", Type::kText,
     "why the client would not load it, or what could not be understood; NULL: nothing"},
};
inline constexpr Schema kVpnConnections{"vpn_connections", kVpnConnectionsColumns,
                                        "configured VPN connections"};
// What the tables of VPNs are read from. What these include is among the paths that were read.
inline constexpr Trigger kVpnLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/swanctl/swanctl.conf"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/strongswan.conf"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/ipsec.conf"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/NetworkManager/system-connections"},
    {.kind = Trigger::Kind::kPath, .what = "/run/NetworkManager/system-connections"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/wireguard"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/openvpn"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/openvpn/client"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/openvpn/server"},
    {.kind = Trigger::Kind::kReadPaths},
};

// One row per connection. No configuration: no rows. Files of a program that loads all of them or
// none (swanctl.conf, ipsec.conf) and that cannot be read or parsed are an error that names file
// and line, never fewer rows. A file that is one connection and cannot be parsed is a row of
// unknown cells. Secrets are never read into a cell.
Result<Rows> VpnConnectionsLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
