// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/ike_connection.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "collectors/vpn/proposals.h"

namespace sallyport {
namespace {

// Each text once, in the order of its first appearance.
struct Once {
  std::vector<std::string> texts = {};
  std::set<std::string> seen = {};
};

void AddOnce(const std::vector<std::string>& from, Once* to) {
  for (const std::string& text : from) {
    if (to->seen.insert(text).second) to->texts.push_back(text);
  }
}

Value JoinedOrNull(const std::vector<std::string>& parts) {
  return parts.empty() ? Cell(std::nullopt) : Cell(Join(parts, ","));
}

std::vector<std::string> AuthOf(const std::vector<IkeRound>& rounds) {
  std::vector<std::string> out;
  for (const IkeRound& round : rounds) out.push_back(round.auth);
  return out;
}

std::vector<std::string> IdsOf(const std::vector<IkeRound>& rounds) {
  std::vector<std::string> out;
  for (const IkeRound& round : rounds) {
    if (round.id) out.push_back(*round.id);
  }
  return out;
}

// auth_cfg.c takes any word that it does not know for a failure; these it knows, or they begin so.
bool IsKnownAuth(std::string_view auth) {
  constexpr std::string_view kBegin[] = {"pubkey", "psk",   "eap",     "xauth", "any",
                                         "rsa",    "ecdsa", "ed25519", "ed448", "bliss",
                                         "ike:",   "never", "secret"};
  return std::ranges::any_of(kBegin, [&](std::string_view word) { return auth.starts_with(word); });
}

Value UsesPsk(const IkeConnection& connection) {
  Once all;
  AddOnce(AuthOf(connection.local), &all);
  AddOnce(AuthOf(connection.remote), &all);
  bool known = true;
  for (const std::string& auth : all.texts) {
    if (auth.starts_with("psk") || auth == "secret") return Cell(true);
    known = known && IsKnownAuth(auth) && auth != "any";
  }
  return known ? Cell(false) : Cell(Unknown{});
}

// "pubkey", "rsa-2048-sha256", "ecdsa", "eap-tls", "any": the peer shows a certificate.
bool ShowsCertificate(const IkeRound& round) {
  const std::string& auth = round.auth;
  return !auth.starts_with("psk") && auth != "secret" && !auth.starts_with("xauth") &&
         (!auth.starts_with("eap") || auth.starts_with("eap-tls") || auth.starts_with("eap-ttls"));
}

// From the strictest; a word that is none of them is taken for the laxest, as charon does.
constexpr std::string_view kRevocation[] = {"strict", "ifuri", "relaxed"};

std::string RevocationWord(const std::string& written) {
  const std::string word = Lower(written);
  return std::ranges::find(kRevocation, word) == std::end(kRevocation) ? "relaxed" : word;
}

// The laxest of the rounds in which the peer shows a certificate.
Value LaxestRevocation(const std::vector<IkeRound>& rounds) {
  const std::string_view* worst = nullptr;
  for (const IkeRound& round : rounds) {
    if (!ShowsCertificate(round)) continue;
    const auto here = std::ranges::find(kRevocation, RevocationWord(round.revocation));
    if (worst == nullptr || here > worst) worst = here;
  }
  return worst ? Cell(*worst) : Cell(std::nullopt);
}

// The method of the own side, else what is demanded of the peer.
Value EapMethodOf(const IkeConnection& connection) {
  Once methods;
  for (const auto* rounds : {&connection.local, &connection.remote}) {
    for (const IkeRound& round : *rounds) {
      if (round.auth == "eap") AddOnce({"any"}, &methods);
      if (round.auth.starts_with("eap-")) AddOnce({round.auth.substr(4)}, &methods);
    }
    if (!methods.texts.empty()) break;
  }
  return JoinedOrNull(methods.texts);
}

// How the peer is told from another: the first round counts, since it comes before any secret of
// the user's goes out.
Value ServerCheckOf(const std::vector<IkeRound>& remote) {
  if (remote.empty()) return Cell("chain");
  const IkeRound& first = remote.front();
  if (!IsKnownAuth(first.auth) || first.auth == "any") return Unknown{};
  if (first.auth.starts_with("psk") || first.auth == "secret") return Cell("psk");
  if (!ShowsCertificate(first)) return Cell("eap");
  if (first.pinned) return Cell("key");
  const bool named = first.id && *first.id != "%any" && first.id->find('*') == std::string::npos;
  return Cell(named ? "name" : "chain");
}

bool IsClient(const IkeConnection& connection) {
  return connection.asks_address || std::ranges::any_of(connection.remote_addrs, IsNamedPeer);
}

struct Children {
  bool pfs = true;
  bool pfs_known = true;
  bool unknown_words = false;
  Once esp, ah, modes, remote_ts, start_actions, weak;
};

// AH encrypts nothing at all (RFC 4302).
void AddProposals(const IkeProposals& list, ProposalPhase phase, Children* out) {
  const bool known = !HasUnknownAlgorithm(list.text, phase);
  const bool pfs = AllHaveKeyExchange(list.text, phase);
  out->unknown_words = out->unknown_words || !known;
  if (!pfs && known) out->pfs = false;
  if (!pfs && !known) out->pfs_known = false;
  AddOnce(WeakAlgorithms(list.text, phase), &out->weak);
  std::vector<std::string> words = CommaList(list.text);
  if (words.empty()) words.emplace_back("default");
  AddOnce(words, phase == ProposalPhase::kAh ? &out->ah : &out->esp);
}

Children ChildrenOf(const IkeConnection& connection) {
  Children out;
  for (const IkeChild& child : connection.children) {
    if (!child.only_ah) AddProposals(child.esp, ProposalPhase::kEsp, &out);
    if (child.ah) AddProposals(*child.ah, ProposalPhase::kAh, &out);
    AddOnce({child.mode}, &out.modes);
    AddOnce(child.remote_ts, &out.remote_ts);
    AddOnce({child.start_action}, &out.start_actions);
  }
  if (!out.ah.texts.empty()) AddOnce({"ah"}, &out.weak);
  return out;
}

// Empty is a promise: only where every word is known.
Value WeakOf(const IkeConnection& connection, const Children& children) {
  Once weak;
  AddOnce(WeakAlgorithms(connection.proposals.text, ProposalPhase::kIke), &weak);
  AddOnce(children.weak.texts, &weak);
  const bool unknown =
      children.unknown_words || HasUnknownAlgorithm(connection.proposals.text, ProposalPhase::kIke);
  return weak.texts.empty() && unknown ? Cell(Unknown{}) : Cell(Join(weak.texts, ","));
}

Value ProtocolOf(const std::string& version) {
  if (version == "2") return Cell("ikev2");
  if (version == "1") return Cell("ikev1");
  return version == "0" ? Cell("any") : Cell(Unknown{});
}

// "start", "trap", "trap|start", "none", and ipsec.conf's words.
Value AutostartOf(const std::vector<std::string>& actions) {
  bool known = true;
  for (const std::string& action : actions) {
    for (std::string_view part : Split(action, '|')) {
      const std::string word = Lower(Trim(part));
      if (word == "start" || word == "trap" || word == "route") return Cell(true);
      known = known && (word == "none" || word == "add" || word == "ignore");
    }
  }
  return known ? Cell(false) : Cell(Unknown{});
}

VpnConnection RowOf(const IkeConnection& from) {
  const std::optional<int64_t> number = ParseInt(from.version);
  const bool client = IsClient(from);
  const Children children = ChildrenOf(from);
  const bool full =
      std::ranges::find(children.remote_ts.texts, "0.0.0.0/0") != children.remote_ts.texts.end();
  VpnConnection out;
  out.client = from.client;
  out.name = from.name;
  out.where = from.where;
  out.protocol = ProtocolOf(from.version);
  out.ike_version = number ? Cell(*number) : Cell(Unknown{});
  out.side = Cell(client ? "client" : "server");
  out.remote_addrs = Cell(Join(from.remote_addrs, ","));
  out.local_id = JoinedOrNull(IdsOf(from.local));
  out.remote_id = JoinedOrNull(IdsOf(from.remote));
  out.local_auth = Cell(Join(AuthOf(from.local), ","));
  out.remote_auth = Cell(Join(AuthOf(from.remote), ","));
  out.eap_method = EapMethodOf(from);
  out.server_check = client ? ServerCheckOf(from.remote) : Cell(std::nullopt);
  out.uses_psk = UsesPsk(from);
  out.aggressive = Cell(YesOrNo(from.aggressive).value_or(false));
  const std::vector<std::string> ike = CommaList(from.proposals.text);
  out.proposals = Cell(ike.empty() ? "default" : Join(ike, ","));
  out.esp_proposals = JoinedOrNull(children.esp.texts);
  out.ah_proposals = JoinedOrNull(children.ah.texts);
  out.weak_proposals = WeakOf(from, children);
  out.pfs = from.children.empty() ? Cell(std::nullopt)
            : !children.pfs       ? Cell(false)
            : !children.pfs_known ? Cell(Unknown{})
                                  : Cell(true);
  out.mode = JoinedOrNull(children.modes.texts);
  out.remote_ts = JoinedOrNull(children.remote_ts.texts);
  out.split_tunnel = client ? Cell(!full) : Cell(std::nullopt);
  // Whoever accepts either version lets the peer choose IKEv1.
  out.fallback = client ? Cell(false) : from.version == "0" ? Cell(true) : Cell(false);
  if (IsUnknown(out.protocol)) out.fallback = Unknown{};
  out.start_action = JoinedOrNull(children.start_actions.texts);
  out.autostart = AutostartOf(children.start_actions.texts);
  out.revocation = LaxestRevocation(from.remote);
  if (!from.problem.empty()) out.problem = Cell(from.problem);
  return out;
}

// "10.0.0.0/8[tcp/80]": the network and what of it.
void AddRoutes(const IkeConnection& from, const IkeChild& child, VpnConfiguration* out) {
  if (child.mode == "pass" || child.mode == "drop") return;  // past the tunnel
  for (const std::string& selector : child.remote_ts) {
    VpnRoute route;
    route.connection = from.name;
    route.client = from.client;
    route.child = Cell(child.name);
    const size_t bracket = selector.find('[');
    const std::string network(Trim(std::string_view(selector).substr(0, bracket)));
    route.destination = Cell(network);
    if (bracket != std::string::npos && selector.ends_with(']')) {
      route.protocol = Cell(selector.substr(bracket + 1, selector.size() - bracket - 2));
    }
    route.everything = Cell(IsEverything(network));
    route.where = child.ts_where;
    out->routes.push_back(std::move(route));
  }
}

void AddRevocations(const IkeConnection& from, VpnConfiguration* out) {
  for (const IkeRound& round : from.remote) {
    if (!ShowsCertificate(round)) continue;
    VpnRevocation row;
    row.connection = from.name;
    row.client = from.client;
    row.round = Cell(round.name);
    const std::string word = RevocationWord(round.revocation);
    row.policy = Cell(word);
    row.enforced = Cell(word == "strict");
    row.where = round.where;
    out->revocations.push_back(std::move(row));
  }
}

}  // namespace

void AddAlgorithmsOf(const IkeProposals& list, ProposalPhase phase, const std::string& client,
                     const std::string& connection, const Value& child, VpnConfiguration* out) {
  const std::vector<OfferedAlgorithm> all = OfferedBy(list.text, phase);
  const char* phase_name = phase == ProposalPhase::kIke   ? "ike"
                           : phase == ProposalPhase::kEsp ? "esp"
                                                          : "ah";
  for (const OfferedAlgorithm& offered : all) {
    if (offered.algorithm && offered.algorithm->kind == AlgorithmKind::kSequence) continue;
    VpnAlgorithm row;
    row.connection = connection;
    row.client = client;
    row.phase = Cell(phase_name);
    row.child = child;
    row.proposal = offered.proposal;
    row.algorithm = Cell(offered.keyword);
    if (offered.algorithm) {
      const int bits = offered.algorithm->key_bits;
      row.kind = Cell(AlgorithmKindName(offered.algorithm->kind));
      row.key_bits = bits > 0 ? Cell(bits) : Cell(std::nullopt);
    }
    row.weak = IsWeak(offered, phase);
    row.from_default = offered.from_default;
    row.where = list.where;
    out->algorithms.push_back(std::move(row));
  }
  if (phase != ProposalPhase::kEsp) return;
  for (int proposal : UnauthenticatedProposals(all)) {
    VpnAlgorithm row;
    row.connection = connection;
    row.client = client;
    row.phase = Cell(phase_name);
    row.child = child;
    row.proposal = proposal;
    row.algorithm = Cell("none");
    row.kind = Cell(AlgorithmKindName(AlgorithmKind::kIntegrity));
    row.key_bits = Cell(std::nullopt);
    row.weak = Cell(1);
    row.where = list.where;
    out->algorithms.push_back(std::move(row));
  }
}

void AddIkeConnection(const IkeConnection& connection, VpnConfiguration* out) {
  out->connections.push_back(RowOf(connection));
  AddAlgorithmsOf(connection.proposals, ProposalPhase::kIke, connection.client, connection.name,
                  Cell(std::nullopt), out);
  for (const IkeChild& child : connection.children) {
    const Value name = Cell(child.name);
    if (!child.only_ah)
      AddAlgorithmsOf(child.esp, ProposalPhase::kEsp, connection.client, connection.name, name,
                      out);
    if (child.ah)
      AddAlgorithmsOf(*child.ah, ProposalPhase::kAh, connection.client, connection.name, name, out);
    AddRoutes(connection, child, out);
  }
  AddRevocations(connection, out);
}

std::optional<bool> YesOrNo(std::string_view text) {
  const std::string word = Lower(text);
  if (word == "yes" || word == "true" || word == "enabled" || word == "1") return true;
  if (word == "no" || word == "false" || word == "disabled" || word == "0") return false;
  return std::nullopt;
}

std::vector<std::string> CommaList(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view part : Split(text, ',')) {
    if (!Trim(part).empty()) out.emplace_back(Trim(part));
  }
  return out;
}

bool IsNamedPeer(std::string_view address) {
  if (address.starts_with('%') || address.find('/') != std::string_view::npos) return false;
  return address.find('-') == std::string_view::npos ||
         address.find_first_not_of("0123456789abcdefABCDEF.:-") != std::string_view::npos;
}

bool IsForAnyPeer(const std::vector<std::string>& owners) {
  constexpr std::string_view kAnyone[] = {"", "%any", "%any6", "0.0.0.0", "*", "::", "0::0"};
  return owners.empty() || std::ranges::any_of(owners, [&](const std::string& owner) {
           return std::ranges::find(kAnyone, owner) != std::end(kAnyone);
         });
}

bool IsEverything(std::string_view network) { return network == "0.0.0.0/0" || network == "::/0"; }

}  // namespace sallyport
