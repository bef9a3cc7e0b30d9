// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/networkmanager.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/ike_connection.h"
#include "collectors/vpn/ini_text.h"
#include "collectors/vpn/openvpn.h"
#include "collectors/vpn/ppp.h"
#include "collectors/vpn/proposals.h"
#include "collectors/vpn/wireguard.h"

namespace sallyport {
namespace {

constexpr std::string_view kServicePrefix = "org.freedesktop.NetworkManager.";

class Keyfile {
 public:
  explicit Keyfile(const std::vector<IniSection>& sections) : sections_(sections) {}

  const IniSection* Section(std::string_view name) const {
    for (const IniSection& section : sections_) {
      if (section.name == name) return &section;
    }
    return nullptr;
  }
  const Setting* Find(std::string_view section, std::string_view name) const {
    const IniSection* found = Section(section);
    return found ? found->Find(name) : nullptr;
  }
  std::string Get(std::string_view section, std::string_view name,
                  std::string_view fallback = "") const {
    const Setting* found = Find(section, name);
    return found ? found->value : std::string(fallback);
  }
  bool IsYes(std::string_view section, std::string_view name) const {
    return YesOrNo(Get(section, name, "no")).value_or(false);
  }
  const std::vector<IniSection>& sections() const { return sections_; }

 private:
  const std::vector<IniSection>& sections_;
};

struct Context {
  const Keyfile& file;
  std::string client;
  std::string name;
  Span where;
  VpnConfiguration* out;

  std::string Vpn(std::string_view setting, std::string_view fallback = "") const {
    return file.Get("vpn", setting, fallback);
  }
};

// The peer without what may stand before it: "user:password@".
std::string PeerOf(const std::string& written) {
  const std::string text = WithoutUserInfo(written);
  const size_t at = text.rfind('@');
  return at == std::string::npos ? text : text.substr(at + 1);
}

VpnConnection Begin(const Context& at) {
  VpnConnection row;
  row.client = at.client;
  row.name = at.name;
  row.where = at.where;
  row.side = Cell("client");
  // NetworkManager starts no VPN by itself but as another connection's secondary.
  row.autostart = at.file.IsYes("connection", "autoconnect") ? Cell(Unknown{}) : Cell(0);
  row.fallback = Cell(0);
  return row;
}

// ipv4.never-default and the routes that are written: the same for every plug-in.
void AddRoutes(const Context& at, VpnConnection* row) {
  const bool split = at.file.IsYes("ipv4", "never-default");
  row->split_tunnel = Cell(split);
  std::vector<std::string> networks;
  const auto add = [&](const std::string& network, const Span& where) {
    VpnRoute route;
    route.connection = at.name;
    route.client = at.client;
    route.destination = Cell(network);
    route.everything = Cell(IsEverything(network));
    route.where = where;
    at.out->routes.push_back(std::move(route));
    networks.push_back(network);
  };
  if (!split) add("0.0.0.0/0", at.where);
  for (std::string_view family : {"ipv4", "ipv6"}) {
    const IniSection* section = at.file.Section(family);
    if (!section) continue;
    for (const Setting& setting : section->settings) {
      const bool numbered = setting.name.size() > 5 && setting.name.starts_with("route") &&
                            setting.name.find_first_not_of("0123456789", 5) == std::string::npos;
      if (!numbered) continue;
      add(std::string(Trim(Split(setting.value, ',').front())), setting.where);
    }
    if (split && !at.file.IsYes(family, "ignore-auto-routes") && family == "ipv4") {
      networks.emplace_back("pushed");
    }
  }
  row->remote_ts = networks.empty() ? Cell(std::nullopt) : Cell(Join(networks, ","));
}

const char* SecretKind(std::string_view name) {
  const std::string word = Lower(name);
  if (word.find("psk") != word.npos || word == "preshared-key") return "psk";
  if (word == "private-key") return "private_key";
  const bool key = word.find("cert-pass") != word.npos || word.find("key-pass") != word.npos;
  if (key) return "key_passphrase";
  if (word.find("pin") != word.npos) return "pin";
  return word.find("cookie") != word.npos || word.find("gwcert") != word.npos ? "cookie"
                                                                              : "password";
}

// nm-settings(5), secret flags: 0 in this file, 1 an agent's key ring, 2 asked for each time, 4 not
// needed.
void AddSecret(const Context& at, const std::string& secret, const Setting& from, int64_t flags,
               bool known, bool in_file) {
  if (known && (flags & 4) && !in_file) return;
  VpnCredential row;
  row.connection = Cell(at.name);
  row.client = at.client;
  row.kind = Cell(SecretKind(secret));
  if (row.kind == Cell("psk")) row.any_peer = Cell(Unknown{});
  row.where = from.where;
  if (in_file) {
    row.storage = Cell("config");
    row.sealed = Cell(0);
    row.path = Cell(from.where.file);
  } else if (known) {
    row.storage = Cell((flags & 1) ? "keyring" : (flags & 2) ? "prompt" : "none");
    row.sealed = Cell(1);
  }
  at.out->credentials.push_back(std::move(row));
}

void AddSecrets(const Context& at) {
  const IniSection* stored = at.file.Section("vpn-secrets");
  if (stored) {
    for (const Setting& setting : stored->settings) {
      if (!setting.cleared) AddSecret(at, setting.name, setting, 0, true, true);
    }
  }
  for (const IniSection& section : at.file.sections()) {
    const bool ours = section.name == "vpn" || section.name.starts_with("wireguard");
    if (!ours) continue;
    for (const Setting& setting : section.settings) {
      if (IsSecretSetting(setting.name) && !setting.cleared) {
        AddSecret(at, setting.name, setting, 0, true, true);
      }
      constexpr std::string_view kFlags = "-flags";
      if (!setting.name.ends_with(kFlags)) continue;
      const std::string secret = setting.name.substr(0, setting.name.size() - kFlags.size());
      const bool in_file = (stored && stored->Find(secret)) || section.Find(secret);
      const std::optional<int64_t> flags = ParseInt(setting.value);
      if (!in_file) AddSecret(at, secret, setting, flags.value_or(0), flags.has_value(), false);
    }
  }
}

void AddPppMethods(const Context& at, VpnConnection* row, std::vector<std::string>* weak) {
  PppAuth auth;
  auth.where = at.where;
  for (std::string& method : auth.allowed) {
    if (at.file.IsYes("vpn", "refuse-" + method)) method.clear();
  }
  std::erase(auth.allowed, "");
  const std::vector<std::string> here = AddPppAuth(auth, at.client, at.name, at.out);
  weak->insert(weak->end(), here.begin(), here.end());
  row->local_auth = Cell(Join(auth.allowed, "|"));
}

// Proposals as strongSwan or Libreswan write them; Libreswan parts the group by ";".
void AddWritten(const Context& at, std::string_view setting, ProposalPhase phase,
                std::vector<std::string>* weak, bool* unknown) {
  const Setting* written = at.file.Find("vpn", setting);
  if (!written) return;
  std::string text = written->value;
  std::ranges::replace(text, ';', '-');
  text.erase(std::remove(text.begin(), text.end(), '!'), text.end());
  AddAlgorithmsOf({.text = text, .written = true, .where = written->where}, phase, at.client,
                  at.name, Cell(std::nullopt), at.out);
  for (std::string& word : WeakAlgorithms(text, phase)) {
    if (std::ranges::find(*weak, word) == weak->end()) weak->push_back(std::move(word));
  }
  *unknown = *unknown || HasUnknownAlgorithm(text, phase);
}

// nm-l2tp-service.c: what is offered where nothing is written ends with these.
void AddL2tpDefault(const Context& at, ProposalPhase phase, std::vector<std::string>* weak) {
  std::vector<std::string> words = {"3des", "sha1"};
  if (phase == ProposalPhase::kIke) words.emplace_back("modp1024");
  for (const std::string& word : words) {
    VpnAlgorithm row;
    row.connection = at.name;
    row.client = at.client;
    row.phase = Cell(phase == ProposalPhase::kIke ? "ike" : "esp");
    row.algorithm = Cell(word);
    const auto algorithm = FindAlgorithm(word);
    row.kind = Cell(AlgorithmKindName(algorithm->kind));
    row.key_bits = algorithm->key_bits ? Cell(algorithm->key_bits) : Cell(std::nullopt);
    row.weak = Cell(1);
    row.from_default = true;
    row.where = at.where;
    at.out->algorithms.push_back(std::move(row));
    if (std::ranges::find(*weak, word) == weak->end()) weak->push_back(word);
  }
}

void AddL2tp(const Context& at) {
  VpnConnection row = Begin(at);
  const bool ipsec = at.file.IsYes("vpn", "ipsec-enabled");
  const bool certificate = at.Vpn("machine-auth-type", "psk") == "tls";
  std::vector<std::string> weak;
  bool unknown = false;
  row.protocol = Cell(ipsec ? "l2tp_ipsec" : "l2tp");
  row.remote_addrs = Cell(PeerOf(at.Vpn("gateway")));
  AddPppMethods(at, &row, &weak);
  const std::string ppp = std::get<std::string>(row.local_auth);
  row.remote_auth = ipsec ? Cell(certificate ? "pubkey" : "psk") : Cell("none");
  row.uses_psk = Cell(ipsec && !certificate);
  row.server_check = ipsec ? Cell(certificate ? "chain" : "psk") : Cell("none");
  if (ipsec) {
    row.local_auth = Cell(std::string(certificate ? "pubkey," : "psk,") + ppp);
    row.ike_version = Cell(at.file.IsYes("vpn", "ipsec-ikev2") ? 2 : 1);
    row.aggressive = at.file.Find("vpn", "ipsec-group-name") ? Cell(Unknown{}) : Cell(0);
    row.mode = Cell("transport");
    const Setting* ike = at.file.Find("vpn", "ipsec-ike");
    const Setting* esp = at.file.Find("vpn", "ipsec-esp");
    row.proposals = Cell(ike ? ike->value : "default");
    row.esp_proposals = Cell(esp ? esp->value : "default");
    if (!ike) AddL2tpDefault(at, ProposalPhase::kIke, &weak);
    if (!esp) AddL2tpDefault(at, ProposalPhase::kEsp, &weak);
    AddWritten(at, "ipsec-ike", ProposalPhase::kIke, &weak, &unknown);
    AddWritten(at, "ipsec-esp", ProposalPhase::kEsp, &weak, &unknown);
    row.pfs = YesOrNo(at.Vpn("ipsec-pfs", "yes")) == false ? Cell(0) : Cell(Unknown{});
    if (const Setting* id = at.file.Find("vpn", "ipsec-remote-id")) row.remote_id = Cell(id->value);
  } else {
    weak.insert(weak.begin(), "cleartext");
    row.pfs = Cell(0);
  }
  row.weak_proposals = weak.empty() && unknown ? Cell(Unknown{}) : Cell(Join(weak, ","));
  AddRoutes(at, &row);
  at.out->connections.push_back(std::move(row));
}

void AddPptp(const Context& at) {
  VpnConnection row = Begin(at);
  std::vector<std::string> weak = {"mppe"};  // RC4, its key from MS-CHAP
  row.protocol = Cell("pptp");
  row.remote_addrs = Cell(PeerOf(at.Vpn("gateway")));
  AddPppMethods(at, &row, &weak);
  row.remote_auth = Cell("none");
  row.server_check = Cell("none");
  row.uses_psk = Cell(0);
  row.weak_proposals = Cell(Join(weak, ","));
  row.pfs = Cell(0);
  AddRoutes(at, &row);
  at.out->connections.push_back(std::move(row));
}

void AddStrongswan(const Context& at) {
  const std::string method = at.Vpn("method");
  IkeConnection it;
  it.client = at.client;
  it.name = at.name;
  it.where = at.where;
  it.version = "2";
  it.remote_addrs = {PeerOf(at.Vpn("address"))};
  it.asks_address = true;
  it.proposals.where = at.where;
  IkeChild child;
  child.name = at.name;
  child.where = child.esp.where = child.ts_where = at.where;
  if (at.file.IsYes("vpn", "proposal")) {
    for (auto [setting, list] : {std::pair("ike", &it.proposals), std::pair("esp", &child.esp)}) {
      if (const Setting* written = at.file.Find("vpn", setting)) {
        *list = {.text = written->value, .written = true, .where = written->where};
        std::ranges::replace(list->text, ';', ',');
      }
    }
  }
  const bool eap = method.starts_with("eap");
  IkeRound local{.auth = eap ? method : method == "psk" ? "psk" : "pubkey", .where = at.where};
  constexpr std::string_view kKeys[] = {"cert", "key", "agent", "smartcard"};
  if (!eap && method != "psk" && std::ranges::find(kKeys, method) == std::end(kKeys)) {
    local.auth = method.empty() ? "?" : method;  // not understood
  }
  if (const Setting* id = at.file.Find("vpn", "local-identity")) local.id = id->value;
  IkeRound remote{.auth = method == "psk" ? "psk" : "pubkey", .where = at.where};
  // charon-nm: the address, where no other identity is written.
  remote.id = at.Vpn("remote-identity", PeerOf(at.Vpn("address")));
  it.local = {local};
  it.remote = {remote};
  child.remote_ts = CommaList(at.Vpn("remote-ts", "0.0.0.0/0,::/0"));
  for (std::string& selector : child.remote_ts) std::ranges::replace(selector, ';', ',');
  it.children = {child};
  AddIkeConnection(it, at.out);
  VpnConnection& row = at.out->connections.back();
  row.autostart = Begin(at).autostart;
  if (at.file.IsYes("ipv4", "never-default")) row.split_tunnel = Cell(1);
}

// Libreswan's default follows the system's crypto policy.
void AddLibreswanDefault(const Context& at, const char* phase) {
  VpnAlgorithm row;
  row.connection = at.name;
  row.client = at.client;
  row.phase = Cell(phase);
  row.algorithm = Cell("default");
  row.from_default = true;
  row.where = at.where;
  at.out->algorithms.push_back(std::move(row));
}

void AddLibreswan(const Context& at) {
  VpnConnection row = Begin(at);
  const std::string ikev2 = Lower(at.Vpn("ikev2", "never"));
  const bool two = ikev2 == "insist" || ikev2 == "yes" || ikev2 == "propose";
  const bool certificate = at.file.Find("vpn", "leftcert") != nullptr;
  std::vector<std::string> weak;
  bool unknown = false;
  row.protocol = Cell(two ? "ikev2" : "ikev1");
  row.ike_version = Cell(two ? 2 : 1);
  row.remote_addrs = Cell(PeerOf(at.Vpn("right")));
  row.local_auth = Cell(certificate ? "pubkey" : two ? "psk" : "psk,xauth");
  row.remote_auth = Cell(certificate ? "pubkey" : "psk");
  row.uses_psk = Cell(!certificate);
  row.server_check = Cell(certificate ? "chain" : "psk");
  if (const Setting* id = at.file.Find("vpn", "leftid")) row.local_id = Cell(id->value);
  // The plug-in writes aggressive=yes for a group's name.
  row.aggressive = Cell(!two && !certificate && at.file.Find("vpn", "leftid"));
  row.proposals = Cell(at.Vpn("ike", "default"));
  row.esp_proposals = Cell(at.Vpn("esp", "default"));
  row.mode = Cell("tunnel");
  AddWritten(at, "ike", ProposalPhase::kIke, &weak, &unknown);
  AddWritten(at, "esp", ProposalPhase::kEsp, &weak, &unknown);
  for (const char* phase : {"ike", "esp"}) {
    if (!at.file.Find("vpn", phase)) AddLibreswanDefault(at, phase);
  }
  const bool written = at.file.Find("vpn", "ike") && at.file.Find("vpn", "esp");
  const bool cannot_tell = weak.empty() && (unknown || !written);
  row.weak_proposals = cannot_tell ? Cell(Unknown{}) : Cell(Join(weak, ","));
  AddRoutes(at, &row);
  at.out->connections.push_back(std::move(row));
}

void AddOpenconnect(const Context& at) {
  VpnConnection row = Begin(at);
  row.protocol = Cell("openconnect");
  row.remote_addrs = Cell(PeerOf(at.Vpn("gateway")));
  row.local_auth = Cell(at.file.Find("vpn", "usercert") ? "pubkey,password" : "password");
  row.remote_auth = Cell("pubkey");
  row.server_check = Cell("name");  // TLS with the name of the gateway
  row.uses_psk = Cell(0);
  row.weak_proposals = Cell("");
  row.pfs = Cell(Unknown{});
  row.mode = Cell("tunnel");
  AddRoutes(at, &row);
  at.out->connections.push_back(std::move(row));
}

// The plug-in's settings are OpenVPN's options by the same names, but these.
void AddOpenvpnPlugin(const Context& at) {
  std::vector<OpenvpnOption> options;
  const std::string type = at.Vpn("connection-type", "tls");
  const IniSection* vpn = at.file.Section("vpn");
  for (const Setting& setting : vpn->settings) {
    if (setting.cleared || setting.name.ends_with("-flags")) continue;
    std::string name = setting.name;
    if (name == "ta") name = "tls-auth";
    if (name == "static-key") name = "secret";
    if (name == "verify-x509-name" || name == "remote-cert-tls" || name == "cipher" ||
        name == "data-ciphers" || name == "auth" || name == "tls-version-min" || name == "ca" ||
        name == "cert" || name == "key" || name == "tls-auth" || name == "tls-crypt" ||
        name == "secret" || name == "comp-lzo" || name == "compress" || name == "crl-verify" ||
        name == "data-ciphers-fallback" || name == "ncp-ciphers" || name == "tls-remote" ||
        name == "ns-cert-type") {
      options.push_back({name, {setting.value}, false, setting.where});
    }
    if (name == "remote") {
      for (const std::string& remote : CommaList(setting.value)) {
        options.push_back({"remote", {remote}, false, setting.where});
      }
    }
  }
  if (type.starts_with("password")) options.push_back({"auth-user-pass", {}, false, at.where});
  if (type != "static-key") options.push_back({"client", {}, false, at.where});
  const size_t credentials = at.out->credentials.size();
  const size_t routes = at.out->routes.size();
  AddOpenvpn(options, at.client, at.name, at.where, at.out);
  std::erase_if(at.out->credentials, [&, i = size_t{0}](const VpnCredential& row) mutable {
    return i++ >= credentials && row.kind == Cell("password");  // its flags tell more
  });
  at.out->routes.resize(routes);
  VpnConnection& row = at.out->connections.back();
  row.autostart = Begin(at).autostart;
  AddRoutes(at, &row);
}

void AddWireguardKeyfile(const Context& at) {
  WireguardTunnel tunnel;
  tunnel.client = at.client;
  tunnel.name = at.name;
  tunnel.where = at.where;
  tunnel.listens = at.file.Find("wireguard", "listen-port") != nullptr;
  tunnel.routes = YesOrNo(at.file.Get("wireguard", "peer-routes", "yes")).value_or(true);
  const std::optional<bool> automatic = YesOrNo(at.file.Get("connection", "autoconnect", "yes"));
  tunnel.autostart = automatic ? Cell(*automatic) : Cell(Unknown{});
  for (const IniSection& section : at.file.sections()) {
    if (!section.name.starts_with("wireguard-peer.")) continue;
    WireguardPeer peer;
    if (const Setting* endpoint = section.Find("endpoint")) peer.endpoint = endpoint->value;
    const std::string ips = section.Get("allowed-ips");
    for (std::string_view part : Split(ips, ';')) {
      if (!Trim(part).empty()) peer.allowed_ips.emplace_back(Trim(part));
    }
    peer.where = section.where;
    peer.ips_where = section.Where("allowed-ips");
    tunnel.peers.push_back(std::move(peer));
  }
  AddWireguard(tunnel, at.out);
}

void AddUnknownPlugin(const Context& at) {
  VpnConnection row = Begin(at);
  row.aggressive = Unknown{};
  row.problem = Cell("a plug-in that is not known");
  at.out->connections.push_back(std::move(row));
}

void AddByService(const Context& at, std::string_view service) {
  constexpr std::pair<std::string_view, void (*)(const Context&)> kServices[] = {
      {"l2tp", AddL2tp},
      {"pptp", AddPptp},
      {"strongswan", AddStrongswan},
      {"libreswan", AddLibreswan},
      {"openswan", AddLibreswan},
      {"openconnect", AddOpenconnect},
      {"openvpn", AddOpenvpnPlugin}};
  for (const auto& [name, add] : kServices) {
    if (name == service) return add(at);
  }
  AddUnknownPlugin(at);
}

}  // namespace

Status AddKeyfile(std::string_view text, const std::string& file, VpnConfiguration* out) {
  const auto sections = ParseIniText(text, file, IniKind::kKeyfile);
  if (!sections) return tl::unexpected(sections.error());
  const Keyfile keyfile(*sections);
  const IniSection* connection = keyfile.Section("connection");
  const std::string type = keyfile.Get("connection", "type");
  if (!connection || (type != "vpn" && type != "wireguard")) return {};
  std::string fallback = BaseName(file);
  if (fallback.ends_with(".nmconnection")) fallback.resize(fallback.size() - 13);
  Context at{keyfile, "networkmanager-wireguard", keyfile.Get("connection", "id", fallback),
             connection->where, out};
  if (type == "wireguard") {
    AddWireguardKeyfile(at);
  } else {
    std::string service = keyfile.Get("vpn", "service-type");
    if (service.starts_with(kServicePrefix)) service.erase(0, kServicePrefix.size());
    at.client = "networkmanager-" + ShownName(service);
    AddByService(at, service);
  }
  AddSecrets(at);
  return {};
}

}  // namespace sallyport
