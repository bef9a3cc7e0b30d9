// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/swanctl_model.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/vpn/algorithms.h"
#include "collectors/vpn/config_text.h"
#include "collectors/vpn/ike_connection.h"

namespace sallyport {
namespace {

constexpr char kClient[] = "strongswan";

// vici_config.c of 5.9.8: a connection with any other setting is discarded. Sections are matched by
// their beginning.
constexpr std::string_view kConnectionKeys[] = {
    "version",     "local_addrs",   "remote_addrs",  "local_port", "remote_port",  "proposals",
    "vips",        "aggressive",    "pull",          "dscp",       "encap",        "mobike",
    "dpd_delay",   "dpd_timeout",   "fragmentation", "childless",  "send_certreq", "send_cert",
    "keyingtries", "unique",        "reauth_time",   "rekey_time", "over_time",    "rand_time",
    "pools",       "ppk_id",        "ppk_required",  "if_id_in",   "if_id_out",    "mediation",
    "mediated_by", "mediation_peer"};
constexpr std::string_view kAuthKeys[] = {
    "round",  "certs",  "cacerts",  "pubkeys", "auth",        "id",        "ca_id",
    "eap_id", "aaa_id", "xauth_id", "groups",  "cert_policy", "revocation"};
constexpr std::string_view kChildKeys[] = {
    "updown",        "hostaccess",   "mode",          "policies",     "policies_fwd_out",
    "replay_window", "rekey_time",   "life_time",     "rand_time",    "rekey_bytes",
    "life_bytes",    "rand_bytes",   "rekey_packets", "life_packets", "rand_packets",
    "dpd_action",    "start_action", "close_action",  "ipcomp",       "inactivity",
    "reqid",         "mark_in",      "mark_in_sa",    "mark_out",     "set_mark_in",
    "set_mark_out",  "if_id_in",     "if_id_out",     "tfc_padding",  "priority",
    "interface",     "hw_offload",   "sha256_96",     "copy_df",      "copy_ecn",
    "copy_dscp",     "label",        "label_mode",    "ah_proposals", "esp_proposals",
    "local_ts",      "remote_ts"};

template <size_t n>
bool IsOneOf(const std::string_view (&words)[n], std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

void NoteUnknown(const SettingsSection& section, const Setting& setting,
                 const std::string& connection, VpnConfiguration* out) {
  VpnSwitch row;
  row.client = kClient;
  row.connection = Cell(connection);
  row.name = Cell(section.name + "." + ShownName(setting.name));
  row.known = Cell(0);
  row.where = setting.where;
  out->switches.push_back(std::move(row));
}

// The first setting that is not known; all of them are noted.
template <size_t n>
void CheckKeys(const SettingsSection& section, const std::string_view (&known)[n],
               const std::string& connection, std::string* problem, VpnConfiguration* out) {
  for (const Setting& setting : section.settings) {
    if (setting.cleared || IsOneOf(known, setting.name)) continue;
    if (problem->empty()) *problem = "unknown option: " + ShownName(setting.name);
    NoteUnknown(section, setting, connection, out);
  }
}

IkeProposals ProposalsOf(const SettingsSection& section, std::string_view name) {
  IkeProposals out;
  out.where = section.where;
  if (const Setting* setting = section.Find(name)) {
    out = {.text = setting->value, .written = true, .where = setting->where};
  }
  return out;
}

IkeRound RoundOf(const SettingsSection& section) {
  IkeRound out;
  out.name = section.name;
  out.auth = section.Get("auth", "pubkey");
  if (const Setting* id = section.Find("id")) out.id = id->value;
  out.pinned = section.Find("certs") || section.Find("pubkeys");
  out.revocation = section.Get("revocation", "relaxed");
  out.where = section.where;
  return out;
}

// Sections "local", "local-2", ... in the order of their `round`, else of the file. A side without
// a section authenticates by public key.
std::vector<IkeRound> RoundsOf(const SettingsSection& connection, std::string_view side) {
  std::vector<const SettingsSection*> sections;
  for (const SettingsSection& section : connection.sections) {
    if (section.name.starts_with(side)) sections.push_back(&section);
  }
  std::ranges::stable_sort(sections, {}, [](const SettingsSection* section) {
    return ParseInt(section->Get("round", "0")).value_or(0);
  });
  std::vector<IkeRound> out;
  for (const SettingsSection* section : sections) out.push_back(RoundOf(*section));
  if (out.empty()) out.push_back({.name = std::string(side), .where = connection.where});
  return out;
}

IkeChild ChildOf(const SettingsSection& section) {
  IkeChild out;
  out.name = section.name;
  out.where = section.where;
  out.esp = ProposalsOf(section, "esp_proposals");
  if (section.Find("ah_proposals")) out.ah = ProposalsOf(section, "ah_proposals");
  out.only_ah = out.ah && !out.esp.written;
  out.mode = Lower(section.Get("mode", "tunnel"));
  out.remote_ts = CommaList(section.Get("remote_ts", "dynamic"));
  out.start_action = section.Get("start_action", "none");
  const Setting* ts = section.Find("remote_ts");
  out.ts_where = ts ? ts->where : section.where;
  return out;
}

std::string RefusedProposals(const IkeConnection& connection) {
  std::string why = WhyRefused(connection.proposals.text, ProposalPhase::kIke);
  if (!why.empty()) return "proposals: " + why;
  for (const IkeChild& child : connection.children) {
    why = child.only_ah ? "" : WhyRefused(child.esp.text, ProposalPhase::kEsp);
    if (!why.empty()) return "esp_proposals: " + why;
    why = child.ah ? WhyRefused(child.ah->text, ProposalPhase::kAh) : "";
    if (!why.empty()) return "ah_proposals: " + why;
  }
  return "";
}

void AddConnection(const SettingsSection& section, VpnConfiguration* out) {
  IkeConnection it;
  it.client = kClient;
  it.name = section.name;
  it.where = section.where;
  it.version = section.Get("version", "0");
  it.remote_addrs = CommaList(section.Get("remote_addrs", "%any"));
  it.asks_address = section.Find("vips") != nullptr;
  it.aggressive = section.Get("aggressive", "no");
  it.proposals = ProposalsOf(section, "proposals");
  it.local = RoundsOf(section, "local");
  it.remote = RoundsOf(section, "remote");
  CheckKeys(section, kConnectionKeys, it.name, &it.problem, out);
  for (const SettingsSection& inner : section.sections) {
    if (inner.name.starts_with("local") || inner.name.starts_with("remote")) {
      CheckKeys(inner, kAuthKeys, it.name, &it.problem, out);
    }
  }
  if (const SettingsSection* children = section.FindSection("children")) {
    for (const SettingsSection& child : children->sections) {
      it.children.push_back(ChildOf(child));
      CheckKeys(child, kChildKeys, it.name, &it.problem, out);
    }
  }
  if (it.problem.empty()) it.problem = RefusedProposals(it);
  AddIkeConnection(it, out);
}

// load_creds.c: sections of "secrets" by their beginning.
Value SecretKind(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {{"ike", "psk"},
                                                                      {"eap", "password"},
                                                                      {"xauth", "password"},
                                                                      {"ntlm", "nt_hash"},
                                                                      {"ppk", "ppk"},
                                                                      {"private", "key_passphrase"},
                                                                      {"rsa", "key_passphrase"},
                                                                      {"ecdsa", "key_passphrase"},
                                                                      {"pkcs8", "key_passphrase"},
                                                                      {"pkcs12", "key_passphrase"},
                                                                      {"token", "pin"}};
  for (const auto& [begin, kind] : kKinds) {
    if (name.starts_with(begin)) return Cell(kind);
  }
  return Unknown{};
}

void AddSecret(const SettingsSection& section, VpnConfiguration* out) {
  VpnCredential row;
  row.client = kClient;
  row.kind = SecretKind(section.name);
  std::vector<std::string> owners;
  const Setting* secret = section.Find("secret");
  if (row.kind == Cell("pin")) secret = section.Find("pin");
  for (const Setting& setting : section.settings) {
    if (setting.name.starts_with("id") && !setting.cleared) owners.push_back(setting.value);
  }
  if (row.kind == Cell("psk")) row.any_peer = Cell(IsForAnyPeer(owners));
  const Setting* file = section.Find("file");
  if (owners.empty() && file) owners.push_back(file->value);
  if (!owners.empty()) row.owner = Cell(Join(owners, ","));
  row.storage = Cell(secret ? "config" : "prompt");
  row.sealed = Cell(secret ? 0 : 1);
  row.where = secret ? secret->where : section.where;
  if (secret) row.path = Cell(row.where.file);
  out->credentials.push_back(std::move(row));
}

struct Switch {
  const char* name;
  bool by_default;
  bool weak_when;  // the value that weakens
};

// strongswan.conf(5).
constexpr Switch kSwitches[] = {
    {"i_dont_care_about_security_and_use_aggressive_mode_psk", false, true},
    {"accept_unencrypted_mainmode_messages", false, true},
    {"accept_private_algs", false, true},
    {"signature_authentication", true, false},
    {"signature_authentication_constraints", true, false},
};

void AddSwitch(const SettingsSection& charon, const Switch& from, VpnConfiguration* out) {
  const Setting* written = charon.Find(from.name);
  const std::optional<bool> value = written ? YesOrNo(written->value) : std::nullopt;
  VpnSwitch row;
  row.client = kClient;
  row.name = Cell(charon.name + "." + from.name);
  row.from_default = !value;
  const bool effective = value.value_or(from.by_default);
  row.value = Cell(effective ? "yes" : "no");
  row.weak = Cell(effective == from.weak_when);
  row.where = written ? written->where : charon.where;
  out->switches.push_back(std::move(row));
}

const SettingsSection* At(const SettingsSection& root, std::string_view dotted) {
  const SettingsSection* at = &root;
  for (std::string_view name : Split(dotted, '.')) {
    at = at->FindSection(name);
    if (!at) return nullptr;
  }
  return at;
}

// Without the plug-in, or with both of its sources off, nothing is ever revoked.
void AddRevocationPlugin(const SettingsSection& charon, VpnConfiguration* out) {
  const SettingsSection* plugin = At(charon, "plugins.revocation");
  constexpr std::string_view kNames[] = {"load", "enable_crl", "enable_ocsp"};
  for (std::string_view name : kNames) {
    const Setting* written = plugin ? plugin->Find(name) : nullptr;
    // load may be a priority, which means yes.
    const bool on = !written || YesOrNo(written->value).value_or(true);
    VpnSwitch row;
    row.client = kClient;
    row.name = Cell(charon.name + ".plugins.revocation." + std::string(name));
    row.from_default = !written;
    row.value = Cell(on ? "yes" : "no");
    row.weak = Cell(!on);
    row.where = written ? written->where : charon.where;
    out->switches.push_back(std::move(row));
  }
}

}  // namespace

Status AddSwanctl(const SettingsSection& root, VpnConfiguration* out) {
  if (const SettingsSection* connections = root.FindSection("connections")) {
    const Result<SettingsSection> resolved = WithInherited(root, *connections);
    if (!resolved) return tl::unexpected(resolved.error());
    for (const SettingsSection& section : resolved->sections) AddConnection(section, out);
  }
  if (const SettingsSection* secrets = root.FindSection("secrets")) {
    const Result<SettingsSection> resolved = WithInherited(root, *secrets);
    if (!resolved) return tl::unexpected(resolved.error());
    for (const SettingsSection& section : resolved->sections) AddSecret(section, out);
  }
  return {};
}

Status AddStrongswanSwitches(const SettingsSection& root, VpnConfiguration* out) {
  // charon-systemd asks its own section and then that of charon.
  for (std::string_view name : {"charon", "charon-systemd"}) {
    const SettingsSection* section = root.FindSection(name);
    SettingsSection none;
    none.name = name;
    none.where = root.where;
    const Result<SettingsSection> resolved = WithInherited(root, section ? *section : none);
    if (!resolved) return tl::unexpected(resolved.error());
    const bool with_defaults = name == "charon";
    for (const Switch& each : kSwitches) {
      if (with_defaults || resolved->Find(each.name)) AddSwitch(*resolved, each, out);
    }
    if (with_defaults || At(*resolved, "plugins.revocation")) AddRevocationPlugin(*resolved, out);
  }
  return {};
}

}  // namespace sallyport
