// SPDX-License-Identifier: Apache-2.0
// WireGuard: configurations of wg-quick(8), and of NetworkManager.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/model.h"

namespace sallyport {

struct WireguardPeer {
  std::optional<std::string> endpoint = {};
  std::vector<std::string> allowed_ips = {};
  bool preshared_key = false;
  Span where;
  Span ips_where;
};

struct WireguardTunnel {
  std::string client;
  std::string name;
  Span where;
  bool listens = false;  // on a port that is written
  Value autostart = Unknown{};
  bool routes = true;  // allowed IPs become routes
  std::vector<WireguardPeer> peers = {};
};

// Its row and routes. WireGuard has one set of algorithms, none of them weak.
void AddWireguard(const WireguardTunnel& tunnel, VpnConfiguration* out);

// A file of /etc/wireguard, named after the interface. Errors: ParseIniText's.
Status AddWgQuick(std::string_view text, const std::string& file, VpnConfiguration* out);

}  // namespace sallyport
