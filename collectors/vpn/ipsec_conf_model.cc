// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/ike_connection.h"
#include "collectors/vpn/ipsec_conf.h"

namespace sallyport {
namespace {

constexpr char kClient[] = "strongswan-ipsec";

// keywords.txt of starter 5.9.8, without those of "config setup" and "ca".
constexpr std::string_view kConnKeys[] = {
    "keyexchange",   "type",       "compress",  "auth",           "authby",        "aggressive",
    "aaa_identity",  "ah",         "also",      "auto",           "closeaction",   "dpdaction",
    "dpddelay",      "dpdtimeout", "eap",       "eap_identity",   "esp",           "forceencaps",
    "fragmentation", "ike",        "ikedscp",   "ikelifetime",    "inactivity",    "installpolicy",
    "keyingtries",   "keylife",    "lifebytes", "lifepackets",    "lifetime",      "marginbytes",
    "marginpackets", "margintime", "mark",      "mark_in",        "mark_out",      "me_peerid",
    "mediated_by",   "mediation",  "mobike",    "modeconfig",     "pfs",           "pfsgroup",
    "reauth",        "rekey",      "rekeyfuzz", "rekeymargin",    "replay_window", "reqid",
    "sha256_96",     "tfc",        "xauth",     "xauth_identity", "interface",     "ocsp"};
// Each with "left" and "right" before it.
constexpr std::string_view kEndKeys[] = {
    "",       "allowany",   "auth",      "auth2",    "ca",           "ca2",       "cert",
    "cert2",  "certpolicy", "dns",       "firewall", "groups",       "groups2",   "hostaccess",
    "id",     "id2",        "ikeport",   "nexthop",  "protoport",    "rsasigkey", "sendcert",
    "sigkey", "sourceip",   "sourceip6", "subnet",   "subnetwithin", "updown"};

bool IsKnownKey(std::string_view name) {
  if (std::ranges::find(kConnKeys, name) != std::end(kConnKeys)) return true;
  for (std::string_view side : {"left", "right"}) {
    if (name.starts_with(side) &&
        std::ranges::find(kEndKeys, name.substr(side.size())) != std::end(kEndKeys)) {
      return true;
    }
  }
  return false;
}

class Conn {
 public:
  explicit Conn(const IpsecSection& section) : section_(section) {}

  const Setting* Find(std::string_view name) const {
    const auto found = std::ranges::find(section_.settings, name, &Setting::name);
    return found == section_.settings.end() || found->cleared ? nullptr : &*found;
  }
  std::string Get(std::string_view name, std::string_view fallback) const {
    const Setting* found = Find(name);
    return found ? found->value : std::string(fallback);
  }
  const Span& Where(std::string_view name) const {
    const Setting* found = Find(name);
    return found ? found->where : section_.where;
  }

 private:
  const IpsecSection& section_;
};

// "!" at the end: only these. Else charon takes its default too, stroke_config.c.
IkeProposals ProposalsOf(const Conn& conn, std::string_view name) {
  IkeProposals out;
  out.where = conn.Where(name);
  const Setting* setting = conn.Find(name);
  if (!setting) return out;
  out.written = true;
  out.text = setting->value;
  out.strict = out.text.ends_with('!');
  if (out.strict) {
    out.text.pop_back();
  } else {
    out.text += ",default";
  }
  return out;
}

// ipsec.conf(5): keyexchange=ike begins with IKEv2 and accepts both.
std::string VersionOf(const Conn& conn) {
  const std::string word = conn.Get("keyexchange", "ike");
  if (word == "ike") return "0";
  if (word == "ikev1") return "1";
  return word == "ikev2" ? "2" : word;
}

// What authby= says of both sides; leftauth= and rightauth= say it better.
std::string AuthBy(const Conn& conn) {
  const std::string word = conn.Get("authby", "pubkey");
  if (word == "psk" || word == "secret" || word == "xauthpsk") return "psk";
  if (word == "rsasig" || word == "ecdsasig" || word == "xauthrsasig") return "pubkey";
  return word;
}

// The second round of xauthpsk and xauthrsasig: the client's.
bool AuthByXauth(const Conn& conn) {
  return conn.Get("authby", "").starts_with("xauth") && !conn.Find("leftauth") &&
         !conn.Find("rightauth");
}

std::vector<IkeRound> RoundsOf(const Conn& conn, const std::string& side,
                               const std::string& revocation) {
  std::vector<IkeRound> out;
  IkeRound first;
  first.name = side + "auth";
  first.auth = conn.Get(side + "auth", AuthBy(conn));
  if (first.auth == "secret") first.auth = "psk";
  if (const Setting* id = conn.Find(side + "id")) first.id = id->value;
  first.pinned = conn.Find(side + "cert") || conn.Find(side + "sigkey");
  first.revocation = revocation;
  first.where = conn.Where(conn.Find(side + "auth") ? side + "auth" : "authby");
  out.push_back(first);
  if (const Setting* second = conn.Find(side + "auth2")) {
    IkeRound round{.auth = second->value, .revocation = revocation, .where = second->where};
    round.name = side + "auth2";
    if (const Setting* id = conn.Find(side + "id2")) round.id = id->value;
    round.pinned = conn.Find(side + "cert2") != nullptr;
    out.push_back(std::move(round));
  }
  const bool xauth_client = conn.Get("xauth", "client") == "client";
  if (AuthByXauth(conn) && (side == "left") == xauth_client) {
    out.push_back({.auth = "xauth", .name = side + "auth2", .where = conn.Where("authby")});
  }
  return out;
}

// rightsubnet with rightprotoport behind each network, as swanctl.conf writes it.
std::vector<std::string> RemoteTs(const Conn& conn) {
  std::vector<std::string> out = CommaList(conn.Get("rightsubnet", "dynamic"));
  const Setting* protoport = conn.Find("rightprotoport");
  if (!protoport) return out;
  for (std::string& selector : out) {
    if (selector.find('[') == std::string::npos) selector += "[" + protoport->value + "]";
  }
  return out;
}

void AddConn(const IpsecSection& section, const std::string& revocation, VpnConfiguration* out) {
  const Conn conn(section);
  IkeConnection it;
  it.client = kClient;
  it.name = section.name;
  it.where = section.where;
  it.version = VersionOf(conn);
  it.remote_addrs = CommaList(conn.Get("right", "%any"));
  it.asks_address = conn.Find("leftsourceip") != nullptr;
  it.aggressive = conn.Get("aggressive", "no");
  it.proposals = ProposalsOf(conn, "ike");
  it.local = RoundsOf(conn, "left", revocation);
  it.remote = RoundsOf(conn, "right", revocation);
  IkeChild child;
  child.name = section.name;
  child.esp = ProposalsOf(conn, "esp");
  if (conn.Find("ah")) child.ah = ProposalsOf(conn, "ah");
  child.only_ah = child.ah && !child.esp.written;
  child.mode = conn.Get("type", "tunnel");
  if (child.mode == "passthrough") child.mode = "pass";
  child.remote_ts = RemoteTs(conn);
  child.start_action = conn.Get("auto", "ignore");
  child.where = section.where;
  child.ts_where = conn.Where("rightsubnet");
  it.children.push_back(std::move(child));
  for (const Setting& setting : section.settings) {
    if (setting.cleared || IsKnownKey(setting.name)) continue;
    VpnSwitch row;
    row.client = kClient;
    row.connection = Cell(section.name);
    row.name = Cell(ShownName(setting.name));
    row.known = Cell(0);
    row.where = setting.where;
    out->switches.push_back(std::move(row));
  }
  AddIkeConnection(it, out);
}

// strictcrlpolicy of "config setup": for all connections.
std::string RevocationOf(const std::vector<IpsecSection>& all, VpnConfiguration* out) {
  std::string word = "no";
  VpnSwitch row;
  row.client = kClient;
  row.name = Cell("setup.strictcrlpolicy");
  row.from_default = true;
  if (!all.empty()) row.where = all.front().where;
  for (const IpsecSection& section : all) {
    if (section.type != "config") continue;
    const Conn setup(section);
    const Setting* setting = setup.Find("strictcrlpolicy");
    if (!setting) continue;
    word = setting->value;
    row.where = setting->where;
    row.from_default = false;
  }
  row.value = Cell(word);
  row.weak = Cell(word != "yes");
  if (!all.empty()) out->switches.push_back(std::move(row));
  if (word == "yes") return "strict";
  return word == "ifuri" ? "ifuri" : "relaxed";
}

}  // namespace

Status AddIpsecConf(const std::vector<IpsecSection>& all, VpnConfiguration* out) {
  const std::string revocation = RevocationOf(all, out);
  size_t bytes_left = kMaxInheritedBytes;
  for (const IpsecSection& section : all) {
    if (section.type != "conn" || section.name == "%default") continue;
    const Result<IpsecSection> resolved = WithAlso(all, section, &bytes_left);
    if (!resolved) return tl::unexpected(resolved.error());
    AddConn(*resolved, revocation, out);
  }
  return {};
}

}  // namespace sallyport
