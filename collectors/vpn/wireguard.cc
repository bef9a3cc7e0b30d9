// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/wireguard.h"

#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/ike_connection.h"
#include "collectors/vpn/ini_text.h"

namespace sallyport {
namespace {

constexpr std::string_view kInterfaceKeys[] = {
    "privatekey", "listenport", "fwmark", "address", "dns",      "mtu",
    "table",      "preup",      "postup", "predown", "postdown", "saveconfig"};
constexpr std::string_view kPeerKeys[] = {"publickey", "presharedkey", "allowedips", "endpoint",
                                          "persistentkeepalive"};

void AddCredential(const std::string& client, const std::string& name, const char* kind,
                   const Setting& setting, VpnConfiguration* out) {
  VpnCredential row;
  row.connection = Cell(name);
  row.client = client;
  row.kind = Cell(kind);
  row.storage = Cell("config");
  row.sealed = Cell(0);
  row.path = Cell(setting.where.file);
  row.where = setting.where;
  out->credentials.push_back(std::move(row));
}

// Commands that wg-quick runs as root.
void AddHooks(const IniSection& interface, const std::string& name, VpnConfiguration* out) {
  for (const Setting& setting : interface.settings) {
    constexpr std::string_view kHooks[] = {"preup", "postup", "predown", "postdown"};
    if (std::ranges::find(kHooks, setting.name) == std::end(kHooks)) continue;
    VpnSwitch row;
    row.client = "wireguard";
    row.connection = Cell(name);
    row.name = Cell("interface." + setting.name);
    row.weak = Cell(Unknown{});  // what it runs is not judged, and may hold a secret
    row.where = setting.where;
    out->switches.push_back(std::move(row));
  }
}

template <size_t n>
void NoteUnknown(const IniSection& section, const std::string_view (&known)[n],
                 const std::string& name, VpnConfiguration* out) {
  for (const Setting& setting : section.settings) {
    if (std::ranges::find(known, setting.name) != std::end(known)) continue;
    VpnSwitch row;
    row.client = "wireguard";
    row.connection = Cell(name);
    const std::string shown = section.name + "." + ShownName(setting.name);
    row.name = Cell(shown);
    row.known = Cell(0);
    row.where = setting.where;
    // wg(8) refuses the whole file.
    out->connections.back().problem = Cell("unknown setting: " + shown);
    out->switches.push_back(std::move(row));
  }
}

WireguardPeer PeerOf(const IniSection& section) {
  WireguardPeer peer;
  if (const Setting* endpoint = section.Find("endpoint")) peer.endpoint = endpoint->value;
  peer.preshared_key = section.Find("presharedkey") != nullptr;
  peer.where = section.where;
  peer.ips_where = section.Where("allowedips");
  for (const Setting& setting : section.settings) {  // each line adds
    if (setting.name != "allowedips") continue;
    const auto more = CommaList(setting.value);
    peer.allowed_ips.insert(peer.allowed_ips.end(), more.begin(), more.end());
  }
  return peer;
}

}  // namespace

void AddWireguard(const WireguardTunnel& tunnel, VpnConfiguration* out) {
  std::vector<std::string> endpoints;
  std::vector<std::string> networks;
  for (const WireguardPeer& peer : tunnel.peers) {
    if (peer.endpoint) endpoints.push_back(*peer.endpoint);
    networks.insert(networks.end(), peer.allowed_ips.begin(), peer.allowed_ips.end());
  }
  const bool full = std::ranges::find(networks, "0.0.0.0/0") != networks.end() ||
                    (std::ranges::find(networks, "0.0.0.0/1") != networks.end() &&
                     std::ranges::find(networks, "128.0.0.0/1") != networks.end());
  VpnConnection row;
  row.client = tunnel.client;
  row.name = tunnel.name;
  row.where = tunnel.where;
  row.protocol = Cell("wireguard");
  row.side = Cell(endpoints.empty() ? "server" : tunnel.listens ? "peer" : "client");
  row.remote_addrs = endpoints.empty() ? Cell(std::nullopt) : Cell(Join(endpoints, ","));
  row.local_auth = Cell("key");
  row.remote_auth = Cell("key");
  row.server_check = Cell("key");
  row.uses_psk = Cell(0);  // its preshared key comes on top of the keys
  row.weak_proposals = Cell("");
  row.pfs = Cell(1);
  row.mode = Cell("tunnel");
  row.remote_ts = networks.empty() ? Cell(std::nullopt) : Cell(Join(networks, ","));
  row.split_tunnel = endpoints.empty() ? Cell(std::nullopt) : Cell(!(full && tunnel.routes));
  row.fallback = Cell(0);
  row.autostart = tunnel.autostart;
  out->connections.push_back(std::move(row));
  for (const WireguardPeer& peer : tunnel.peers) {
    for (const std::string& network : peer.allowed_ips) {
      VpnRoute route;
      route.connection = tunnel.name;
      route.client = tunnel.client;
      route.destination = Cell(network);
      route.everything = Cell(IsEverything(network));
      route.where = peer.ips_where;
      out->routes.push_back(std::move(route));
    }
  }
}

Status AddWgQuick(std::string_view text, const std::string& file, VpnConfiguration* out) {
  const auto sections = ParseIniText(text, file, IniKind::kWgQuick);
  if (!sections) return tl::unexpected(sections.error());
  WireguardTunnel tunnel;
  tunnel.client = "wireguard";
  tunnel.name = BaseName(file);
  if (tunnel.name.ends_with(".conf")) tunnel.name.resize(tunnel.name.size() - 5);
  tunnel.where = {.file = file, .line = 1, .column = 1};
  for (const IniSection& section : *sections) {
    if (section.name == "interface") {
      tunnel.where = section.where;
      tunnel.listens = section.Find("listenport") != nullptr;
      tunnel.routes = tunnel.routes && Lower(section.Get("table")) != "off";
    } else if (section.name == "peer") {
      tunnel.peers.push_back(PeerOf(section));
    } else {
      return Fail(Code::kMalformed, FileAndLine(section.where) + ": no section of wg-quick");
    }
  }
  AddWireguard(tunnel, out);
  for (const IniSection& section : *sections) {
    const bool peer = section.name == "peer";
    if (peer) {
      NoteUnknown(section, kPeerKeys, tunnel.name, out);
    } else {
      NoteUnknown(section, kInterfaceKeys, tunnel.name, out);
      AddHooks(section, tunnel.name, out);
    }
    const Setting* key = section.Find(peer ? "presharedkey" : "privatekey");
    if (key) {
      AddCredential(tunnel.client, tunnel.name, peer ? "psk" : "private_key", *key, out);
    }
  }
  return {};
}

}  // namespace sallyport
