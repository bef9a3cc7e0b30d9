// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn_connections.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "collectors/vpn/proposals.h"
#include "collectors/vpn/swanctl.h"

namespace sallyport {
namespace {

constexpr char kStartFile[] = "/etc/swanctl/swanctl.conf";

// strongSwan's spellings: settings_value_as_bool().
bool IsYes(const std::string& value) {
  const std::string word = Lower(value);
  return word == "yes" || word == "true" || word == "enabled" || word == "1";
}

std::vector<std::string> ListOf(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view part : Split(text, ',')) {
    if (!Trim(part).empty()) out.emplace_back(Trim(part));
  }
  return out;
}

void AddOnce(const std::vector<std::string>& from, std::vector<std::string>* to) {
  for (const std::string& text : from) {
    if (std::ranges::find(*to, text) == to->end()) to->push_back(text);
  }
}

Value JoinedOrNull(const std::vector<std::string>& parts) {
  return parts.empty() ? Cell(std::nullopt) : Cell(Join(parts, ","));
}

// Sections "local", "local-2", ... in the order of their `round`, else of the file.
std::vector<const SettingsSection*> Rounds(const SettingsSection& connection,
                                           std::string_view side) {
  std::vector<const SettingsSection*> out;
  for (const SettingsSection& section : connection.sections) {
    if (section.name.starts_with(side)) out.push_back(&section);
  }
  std::ranges::stable_sort(out, {}, [](const SettingsSection* section) {
    return ParseInt(section->Get("round", "0")).value_or(0);
  });
  return out;
}

// A side without a section authenticates by public key; so does a round that does not say how.
std::vector<std::string> AuthOf(const std::vector<const SettingsSection*>& rounds) {
  std::vector<std::string> out;
  for (const SettingsSection* round : rounds) out.push_back(round->Get("auth", "pubkey"));
  if (out.empty()) out.emplace_back("pubkey");
  return out;
}

std::vector<std::string> IdsOf(const std::vector<const SettingsSection*>& rounds) {
  std::vector<std::string> out;
  for (const SettingsSection* round : rounds) {
    if (const Setting* id = round->Find("id")) out.push_back(id->value);
  }
  return out;
}

bool HasPsk(const std::vector<std::string>& auth) {
  return std::ranges::any_of(auth, [](const std::string& a) { return a.starts_with("psk"); });
}

// "pubkey", "rsa-2048-sha256", "ecdsa", "eap-tls", "any": the peer shows a certificate.
bool ShowsCertificate(const std::string& auth) {
  return !auth.starts_with("psk") && !auth.starts_with("xauth") &&
         (!auth.starts_with("eap") || auth == "eap-tls" || auth == "eap-ttls");
}

// The laxest of the rounds in which the peer shows a certificate.
Value RevocationOf(const std::vector<const SettingsSection*>& rounds) {
  constexpr std::string_view kFromStrict[] = {"strict", "ifuri", "relaxed"};
  std::optional<std::string> worst;
  if (rounds.empty()) worst = "relaxed";
  for (const SettingsSection* round : rounds) {
    if (!ShowsCertificate(round->Get("auth", "pubkey"))) continue;
    const std::string here = Lower(round->Get("revocation", "relaxed"));
    const auto rank = [&](const std::string& word) {
      return std::ranges::find(kFromStrict, word) - std::begin(kFromStrict);
    };
    if (!worst || rank(here) > rank(*worst)) worst = here;
  }
  return worst ? Cell(*worst) : Cell(std::nullopt);
}

// One named peer, and not a range, a subnet or anyone.
bool IsNamedPeer(const std::string& address) {
  if (address.starts_with('%') || address.find('/') != std::string::npos) return false;
  return address.find('-') == std::string::npos ||
         address.find_first_not_of("0123456789abcdefABCDEF.:-") != std::string::npos;
}

bool IsClient(const SettingsSection& connection) {
  if (connection.Find("vips")) return true;
  return std::ranges::any_of(ListOf(connection.Get("remote_addrs", "%any")), IsNamedPeer);
}

// What the children of a connection say, each thing once.
struct Children {
  bool any = false;
  bool pfs = true;
  std::vector<std::string> esp, ah, modes, remote_ts, start_actions;
};

Children ChildrenOf(const SettingsSection& connection) {
  Children out;
  const SettingsSection* children = connection.FindSection("children");
  if (!children) return out;
  for (const SettingsSection& child : children->sections) {
    out.any = true;
    const bool only_ah = child.Find("ah_proposals") && !child.Find("esp_proposals");
    const std::string esp = child.Get("esp_proposals", only_ah ? "" : "default");
    const std::string ah = child.Get("ah_proposals");
    out.pfs = out.pfs && (esp.empty() || AllHaveKeyExchange(esp)) &&
              (ah.empty() || AllHaveKeyExchange(ah));
    AddOnce(ListOf(esp), &out.esp);
    AddOnce(ListOf(ah), &out.ah);
    AddOnce({child.Get("mode", "tunnel")}, &out.modes);
    AddOnce(ListOf(child.Get("remote_ts", "dynamic")), &out.remote_ts);
    AddOnce({child.Get("start_action", "none")}, &out.start_actions);
  }
  return out;
}

// AH encrypts nothing at all (RFC 4302).
std::string WeakOf(const std::string& ike, const Children& children) {
  std::vector<std::string> out = WeakAlgorithms(ike, ProposalKind::kIke);
  AddOnce(WeakAlgorithms(Join(children.esp, ","), ProposalKind::kEsp), &out);
  AddOnce(WeakAlgorithms(Join(children.ah, ","), ProposalKind::kEsp), &out);
  if (!children.ah.empty()) AddOnce({"ah"}, &out);
  return Join(out, ",");
}

Value ProtocolOf(const std::string& version) {
  if (version == "2") return Cell("ikev2");
  if (version == "1") return Cell("ikev1");
  return version == "0" ? Cell("any") : Cell(Unknown{});
}

Row ConnectionRow(const SettingsSection& connection) {
  const std::string version = connection.Get("version", "0");
  const std::optional<int64_t> number = ParseInt(version);
  const bool client = IsClient(connection);
  const auto local = Rounds(connection, "local");
  const auto remote = Rounds(connection, "remote");
  const std::vector<std::string> local_auth = AuthOf(local);
  const std::vector<std::string> remote_auth = AuthOf(remote);
  const std::string ike = Join(ListOf(connection.Get("proposals", "default")), ",");
  const Children children = ChildrenOf(connection);
  const bool full = std::ranges::find(children.remote_ts, "0.0.0.0/0") != children.remote_ts.end();
  return {
      Cell(connection.name),
      Cell("strongswan"),
      ProtocolOf(version),
      number ? Cell(*number) : Cell(Unknown{}),
      Cell(client ? "client" : "server"),
      Cell(Join(ListOf(connection.Get("remote_addrs", "%any")), ",")),
      JoinedOrNull(IdsOf(local)),
      JoinedOrNull(IdsOf(remote)),
      Cell(Join(local_auth, ",")),
      Cell(Join(remote_auth, ",")),
      Cell(HasPsk(local_auth) || HasPsk(remote_auth)),
      Cell(IsYes(connection.Get("aggressive", "no"))),
      Cell(ike),
      JoinedOrNull(children.esp),
      JoinedOrNull(children.ah),
      Cell(WeakOf(ike, children)),
      children.any ? Cell(children.pfs) : Cell(std::nullopt),
      JoinedOrNull(children.modes),
      JoinedOrNull(children.remote_ts),
      client ? Cell(!full) : Cell(std::nullopt),
      JoinedOrNull(children.start_actions),
      RevocationOf(remote),
      Cell(connection.file + ":" + std::to_string(connection.line)),
  };
}

}  // namespace

Result<Rows> VpnConnectionsLinux(const Host& host, const Keys&) {
  const Result<SettingsSection> root = LoadSettings(host, kStartFile);
  if (!root) {
    if (root.error().code == Code::kNotFound) return Rows{};
    return tl::unexpected(root.error());
  }
  const SettingsSection* connections = root->FindSection("connections");
  if (!connections) return Rows{};
  const Result<SettingsSection> resolved = WithInherited(*root, *connections);
  if (!resolved) return tl::unexpected(resolved.error());

  Rows rows;
  for (const SettingsSection& connection : resolved->sections) {
    rows.push_back(ConnectionRow(connection));
  }
  return rows;
}

}  // namespace sallyport
