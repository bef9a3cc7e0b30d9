// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/vpn_file_kinds.h"

#include <algorithm>
#include <optional>

#include "agent/lint/placed_host.h"
#include "base/text.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

constexpr std::string_view kTables[] = {"vpn_connections", "vpn_proposals",  "vpn_credentials",
                                        "vpn_routes",      "vpn_revocation", "vpn_settings"};

std::string_view NameOf(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool IsIn(std::string_view path, std::string_view folder) {
  return path.find("/" + std::string(folder) + "/") != std::string_view::npos;
}

template <size_t n>
bool IsOneOf(std::string_view word, const std::string_view (&words)[n]) {
  return std::ranges::find(words, word) != std::end(words);
}

// Lines without comments and blanks at both ends, the first ones; what tells a format is early.
std::vector<std::string_view> Statements(std::string_view text) {
  constexpr size_t kEnough = 200;
  std::vector<std::string_view> out;
  for (std::string_view line : Lines(text.substr(0, 64 << 10))) {
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty() || trimmed[0] == '#' || trimmed[0] == ';') continue;
    out.push_back(trimmed);
    if (out.size() == kEnough) break;
  }
  return out;
}

bool HasStatement(std::string_view text, std::string_view wanted) {
  const std::vector<std::string_view> statements = Statements(text);
  return std::ranges::find(statements, wanted) != statements.end();
}

// A section of swanctl.conf at the top: "connections {".
bool HasSwanctlSection(std::string_view text) {
  constexpr std::string_view kSections[] = {"connections", "secrets", "authorities", "pools"};
  int depth = 0;
  for (std::string_view line : Statements(text)) {
    const std::string_view name = Trim(line.substr(0, line.find_first_of("{:")));
    if (depth == 0 && line.find('{') != std::string_view::npos && IsOneOf(name, kSections)) {
      return true;
    }
    depth += static_cast<int>(std::ranges::count(line, '{') - std::ranges::count(line, '}'));
  }
  return false;
}

bool HasIpsecSection(std::string_view text) {
  constexpr std::string_view kKeys[] = {"keyexchange", "authby",   "left",        "right",
                                        "leftauth",    "leftcert", "rightsubnet", "ike"};
  bool section = false;
  for (std::string_view line : Statements(text)) {
    section = section || line.starts_with("conn ") || line.starts_with("conn\t");
    if (section && IsOneOf(Trim(line.substr(0, line.find('='))), kKeys)) return true;
  }
  return false;
}

bool IsWireGuard(std::string_view text) {
  if (!HasStatement(text, "[Interface]") && !HasStatement(text, "[Peer]")) return false;
  return std::ranges::any_of(Statements(text), [](std::string_view line) {
    return Lower(line).starts_with("privatekey") || Lower(line).starts_with("publickey");
  });
}

bool IsOpenVpn(std::string_view text) {
  int remote = 0;
  int tunnel = 0;
  for (std::string_view line : Statements(text)) {
    const auto words = Fields(line);
    remote += words[0] == "remote" || words[0] == "server" || words[0] == "tls-server";
    tunnel += words[0] == "dev" && words.size() > 1 &&
              (words[1].starts_with("tun") || words[1].starts_with("tap"));
  }
  return remote > 0 && tunnel > 0;
}

bool IsNetworkManagerVpn(std::string_view text) {
  return HasStatement(text, "[connection]") &&
         (HasStatement(text, "[vpn]") || HasStatement(text, "[wireguard]"));
}

bool IsXl2tpd(std::string_view text) {
  return std::ranges::any_of(Statements(text), [](std::string_view line) {
    return line.starts_with("[lns ") || line.starts_with("[lac ");
  });
}

// Every table of VPNs, read from a machine that has these files and no others.
Result<std::vector<TableResult>> ReadPlaced(const Host& host, std::vector<Placed> placed) {
  const PlacedHost machine(host, Os::kLinux, std::move(placed));
  std::vector<TableResult> tables;
  for (std::string_view name : kTables) {
    const Collector* collector = FindCollector(machine.os(), name);
    if (collector == nullptr) continue;
    Result<Rows> rows = collector->collect(machine, {});
    if (!rows) return Fail(rows.error().code, machine.InTree(rows.error().message));
    TableResult& table = tables.emplace_back();
    table.table = name;
    for (const Column& column : collector->schema.columns) {
      table.columns.emplace_back(column.name);
    }
    table.rows = std::move(*rows);
    machine.PlaceInTree(&table);
  }
  return tables;
}

Result<std::vector<TableResult>> ReadSwanctl(const Host& host, const std::string& path) {
  return ReadPlaced(host, {{"/etc/swanctl/swanctl.conf", path}, {"/etc/swanctl", FolderOf(path)}});
}

Result<std::vector<TableResult>> ReadStrongswan(const Host& host, const std::string& path) {
  return ReadPlaced(host, {{"/etc/strongswan.conf", path},
                           {"/etc/strongswan.d", FolderOf(path) + "/strongswan.d"}});
}

// The other programs' files, which are judged by themselves.
std::vector<Placed> WithoutOthers(std::vector<Placed> placed) {
  for (const char* path : {"/etc/swanctl", "/etc/strongswan.conf", "/etc/strongswan.d",
                           "/etc/ipsec.conf", "/etc/ipsec.secrets", "/etc/NetworkManager",
                           "/etc/openvpn", "/etc/ppp", "/etc/wireguard", "/etc/xl2tpd"}) {
    placed.push_back({path, ""});
  }
  return placed;
}

// Both include by paths relative to /etc.
Result<std::vector<TableResult>> ReadAsEtc(const Host& host, const char* name,
                                           const std::string& path) {
  std::vector<Placed> placed = WithoutOthers({{name, path}});
  placed.push_back({"/etc", FolderOf(path)});
  return ReadPlaced(host, std::move(placed));
}

Result<std::vector<TableResult>> ReadIpsecConf(const Host& host, const std::string& path) {
  return ReadAsEtc(host, "/etc/ipsec.conf", path);
}

Result<std::vector<TableResult>> ReadIpsecSecrets(const Host& host, const std::string& path) {
  return ReadAsEtc(host, "/etc/ipsec.secrets", path);
}

// Why the one connection of a file was not understood at all.
std::optional<std::string> WhyNotUnderstood(const std::vector<TableResult>& tables) {
  for (const TableResult& table : tables) {
    if (table.table != "vpn_connections" || table.rows.size() != 1) continue;
    const auto at = [&](std::string_view column) -> const Value& {
      const auto found = std::ranges::find(table.columns, column);
      return table.rows[0][static_cast<size_t>(found - table.columns.begin())];
    };
    const auto* problem = std::get_if<std::string>(&at("problem"));
    if (problem != nullptr && IsUnknown(at("protocol"))) return *problem;
  }
  return std::nullopt;
}

// A file that is one connection. On a machine such a file that cannot be understood is a row of
// unknown cells; here it is a file that was not read.
Result<std::vector<TableResult>> ReadSingle(const Host& host, const std::string& place,
                                            const std::string& path) {
  if (const Result<std::string> text = host.ReadFile(path); !text) {
    return tl::unexpected(text.error());
  }
  auto tables = ReadPlaced(host, {{place, path}});
  if (!tables) return tables;
  const std::optional<std::string> why = WhyNotUnderstood(*tables);
  if (!why) return tables;
  const PlacedHost names(host, Os::kLinux, {{place, path}});
  return Fail(Code::kMalformed, names.InTree(*why));
}

// The name without its ending, which is that of the connection.
std::string StemOf(const std::string& path) {
  const std::string_view name = NameOf(path);
  return std::string(name.substr(0, name.rfind('.')));
}

Result<std::vector<TableResult>> ReadKeyfile(const Host& host, const std::string& path) {
  const std::string name(NameOf(path));
  return ReadSingle(host, "/etc/NetworkManager/system-connections/" + name, path);
}

Result<std::vector<TableResult>> ReadWireGuard(const Host& host, const std::string& path) {
  return ReadSingle(host, "/etc/wireguard/" + StemOf(path) + ".conf", path);
}

Result<std::vector<TableResult>> ReadOpenVpn(const Host& host, const std::string& path) {
  return ReadSingle(host, "/etc/openvpn/" + StemOf(path) + ".conf", path);
}

Result<std::vector<TableResult>> ReadPppSecrets(const Host& host, const std::string& path) {
  return ReadPlaced(host, {{"/etc/ppp/" + std::string(NameOf(path)), path}});
}

constexpr FileKind kKinds[] = {
    {"swanctl.conf", Os::kLinux, [](auto path) { return NameOf(path) == "swanctl.conf"; },
     HasSwanctlSection, ReadSwanctl},
    {"strongswan.conf", Os::kLinux, [](auto path) { return NameOf(path) == "strongswan.conf"; },
     nullptr, ReadStrongswan},
    {"ipsec.conf", Os::kLinux, [](auto path) { return NameOf(path) == "ipsec.conf"; },
     HasIpsecSection, ReadIpsecConf},
    {"ipsec.secrets", Os::kLinux,
     [](auto path) {
       return NameOf(path) == "ipsec.secrets" ||
              (IsIn(path, "ipsec.d") && path.ends_with(".secrets"));
     },
     nullptr, ReadIpsecSecrets},
    {"NetworkManager connection", Os::kLinux, [](auto) { return false; },  // most are no VPN
     IsNetworkManagerVpn, ReadKeyfile},
    {"xl2tpd.conf", Os::kLinux, [](auto path) { return NameOf(path) == "xl2tpd.conf"; }, IsXl2tpd,
     nullptr},
    {"ppp options", Os::kLinux,
     [](auto path) {
       return IsIn(path, "ppp") && (NameOf(path).starts_with("options") || IsIn(path, "peers"));
     },
     nullptr, nullptr},
    {"ppp secrets", Os::kLinux,
     [](auto path) { return NameOf(path) == "chap-secrets" || NameOf(path) == "pap-secrets"; },
     nullptr, ReadPppSecrets},
    {"WireGuard", Os::kLinux,
     [](auto path) { return IsIn(path, "wireguard") && path.ends_with(".conf"); }, IsWireGuard,
     ReadWireGuard},
    {"OpenVPN", Os::kLinux, [](auto path) { return path.ends_with(".ovpn"); }, IsOpenVpn,
     ReadOpenVpn},
    {"phonebook", Os::kWindows, [](auto path) { return Lower(path).ends_with(".pbk"); }, nullptr,
     nullptr},
    {"configuration profile", Os::kMacos,
     [](auto path) { return Lower(path).ends_with(".mobileconfig"); },
     [](auto text) { return text.find("com.apple.vpn.managed") != std::string_view::npos; },
     nullptr},
};

}  // namespace

std::span<const FileKind> VpnFileKinds() { return kKinds; }
std::span<const std::string_view> VpnTables() { return kTables; }

}  // namespace sallyport
