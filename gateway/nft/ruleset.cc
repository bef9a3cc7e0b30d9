// SPDX-License-Identifier: Apache-2.0
#include "gateway/nft/ruleset.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <net/if.h>

#include "base/bytes.h"
#include "gateway/nft/socket.h"

namespace sallyport::gateway::nft {
namespace {

// nft's numbers for what a key is made of (nftables: include/datatype.h); the kernel only keeps
// them for whoever lists the set.
constexpr uint32_t kTypeIpv4 = 7;
constexpr uint32_t kTypeIfname = 41;
constexpr uint32_t kTypePlace = kTypeIfname << 6 | kTypeIpv4;
constexpr uint32_t kPlaceBytes = IFNAMSIZ + 4;
// An element without a timeout of its own would stay for good; this one ends it.
constexpr uint64_t kDefaultTimeoutMillis = 1000;

constexpr Port kIke{Protocol::kUdp, 500, 500};
constexpr Port kIkeNat{Protocol::kUdp, 4500, 4500};

constexpr char kBySource[] = "by_source";
constexpr char kByDestination[] = "by_destination";

struct Chain {
  std::string name;
  int hook = -1;  // a regular chain
  int priority = 0;
  uint32_t policy = NF_ACCEPT;
};

std::vector<Chain> Chains() {
  return {{"always"},
          {TierChain(Tier::kQuarantine)},
          {TierChain(Tier::kLimited)},
          {TierChain(Tier::kFull)},
          {kBySource},
          {kByDestination},
          {"from_tunnel"},
          {"leftover"},
          {"forward", NF_INET_FORWARD, 0, NF_DROP},
          {"input", NF_INET_LOCAL_IN, 0, NF_ACCEPT},
          {"proof", NF_INET_FORWARD, 10, NF_ACCEPT}};
}

struct Set {
  std::string name;
  bool counters = false;
};

std::vector<Set> Sets() {
  std::vector<Set> out;
  for (Tier tier : kLeaseTiers) out.push_back({LeaseSet(tier)});
  out.push_back({kWatched});
  out.push_back({kPassed, true});
  return out;
}

// To the service in the direction of who began, back from it in the other: a service's host can
// begin nothing towards a laptop.
void AddServiceRules(std::vector<Rule>& rules, const std::string& chain, const Access& access,
                     const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const Service& service = access.service(name);
    for (const Network& host : service.hosts) {
      for (const Port& port : service.ports) {
        rules.push_back(Rule(chain)
                            .Host(Side::kDestination, host)
                            .Service(Side::kDestination, port)
                            .OriginalDirection()
                            .Accept());
        rules.push_back(Rule(chain)
                            .Host(Side::kSource, host)
                            .Service(Side::kSource, port)
                            .ReplyDirection()
                            .Accept());
      }
    }
  }
}

// The transaction that moves an element to a lower tier may be committed between two lookups of one
// packet: the lower set is asked after the higher one. Against a move to a higher tier the sets are
// asked once more, upwards. So the packet sees the old tier or the new one, never neither.
void AddLeaseRules(std::vector<Rule>& rules, const std::string& chain, Side side) {
  std::vector<Tier> order(std::begin(kLeaseTiers), std::end(kLeaseTiers));
  order.insert(order.end(), std::rbegin(kLeaseTiers) + 1, std::rend(kLeaseTiers));
  for (Tier tier : order) {
    rules.push_back(Rule(chain).InSet(side, LeaseSet(tier)).Goto(TierChain(tier)));
  }
}

void AddForwardRules(std::vector<Rule>& rules, const std::vector<std::string>& interfaces) {
  for (const std::string& interface : interfaces) {
    rules.push_back(Rule("forward").From(interface).Ipv6().Counter().Drop());
    rules.push_back(Rule("forward").To(interface).Ipv6().Counter().Drop());
  }
  rules.push_back(Rule("forward").Jump("always"));
  for (const std::string& interface : interfaces) {
    rules.push_back(Rule("forward").From(interface).Jump(kBySource));
  }
  for (const std::string& interface : interfaces) {
    rules.push_back(Rule("forward").To(interface).Jump(kByDestination));
  }
  rules.push_back(Rule("forward").Counter().Drop());
}

void AddInputRules(std::vector<Rule>& rules, const std::vector<std::string>& interfaces) {
  for (const std::string& interface : interfaces) {
    rules.push_back(Rule("input").From(interface).Jump("from_tunnel"));
  }
  rules.push_back(Rule("from_tunnel").Ipv6().Counter().Drop());
  rules.push_back(Rule("from_tunnel").Jump("always"));
  rules.push_back(Rule("from_tunnel").Service(Side::kDestination, kIke).Accept());
  rules.push_back(Rule("from_tunnel").Service(Side::kDestination, kIkeNat).Accept());
  rules.push_back(Rule("from_tunnel").Esp().Accept());
  rules.push_back(Rule("from_tunnel").Counter().Drop());
}

void AddProofRules(std::vector<Rule>& rules) {
  rules.push_back(Rule("proof").InSet(Side::kSource, kWatched).Jump("leftover"));
  rules.push_back(Rule("proof").InSet(Side::kDestination, kWatched).Jump("leftover"));
  rules.push_back(Rule("leftover").Jump("always"));
  rules.push_back(Rule("leftover").Jump(kBySource));
  rules.push_back(Rule("leftover").Jump(kByDestination));
  rules.push_back(Rule("leftover").InSet(Side::kSource, kPassed));
  rules.push_back(Rule("leftover").InSet(Side::kDestination, kPassed));
}

void AddTable(Transaction& out, uint32_t flags) {
  Attributes table;
  table.Text(NFTA_TABLE_NAME, kTable);
  if (flags != 0) table.U32(NFTA_TABLE_FLAGS, flags);
  out.Add(NFT_MSG_NEWTABLE, NLM_F_CREATE, table, "table inet sallyport");
}

void AddChain(Transaction& out, const Chain& chain) {
  Attributes attributes;
  attributes.Text(NFTA_CHAIN_TABLE, kTable);
  attributes.Text(NFTA_CHAIN_NAME, chain.name);
  if (chain.hook >= 0) {
    Attributes hook;
    hook.U32(NFTA_HOOK_HOOKNUM, static_cast<uint32_t>(chain.hook));
    hook.U32(NFTA_HOOK_PRIORITY, static_cast<uint32_t>(chain.priority));
    attributes.Nested(NFTA_CHAIN_HOOK, hook);
    attributes.U32(NFTA_CHAIN_POLICY, chain.policy);
    attributes.Text(NFTA_CHAIN_TYPE, "filter");
  }
  out.Add(NFT_MSG_NEWCHAIN, NLM_F_CREATE, attributes, "chain inet sallyport " + chain.name);
  Attributes flush;  // a DELRULE that names no rule takes all of the chain
  flush.Text(NFTA_RULE_TABLE, kTable);
  flush.Text(NFTA_RULE_CHAIN, chain.name);
  out.Add(NFT_MSG_DELRULE, 0, flush, "rules of inet sallyport " + chain.name);
}

void AddSet(Transaction& out, const Set& set, uint32_t id) {
  Attributes attributes;
  attributes.Text(NFTA_SET_TABLE, kTable);
  attributes.Text(NFTA_SET_NAME, set.name);
  attributes.U32(NFTA_SET_FLAGS, NFT_SET_TIMEOUT);
  attributes.U32(NFTA_SET_KEY_TYPE, kTypePlace);
  attributes.U32(NFTA_SET_KEY_LEN, kPlaceBytes);
  attributes.U32(NFTA_SET_ID, id);
  attributes.U64(NFTA_SET_TIMEOUT, kDefaultTimeoutMillis);
  if (set.counters) {
    Attributes counter;
    counter.Text(NFTA_EXPR_NAME, "counter");
    attributes.Nested(NFTA_SET_EXPR, counter);
  }
  out.Add(NFT_MSG_NEWSET, NLM_F_CREATE, attributes, "set inet sallyport " + set.name);
}

}  // namespace

std::string TierChain(Tier tier) { return std::string("tier_") + TierName(tier); }

std::string LeaseSet(Tier tier) { return std::string("leases_") + TierName(tier); }

std::vector<Rule> RulesOf(const Ruleset& ruleset) {
  std::vector<Rule> rules;
  AddServiceRules(rules, "always", ruleset.access, ruleset.access.always);
  for (const auto& [tier, names] : ruleset.access.tiers) {
    AddServiceRules(rules, TierChain(tier), ruleset.access, names);
    // Path MTU discovery: errors about the laptop's own flows, towards the laptop only.
    rules.push_back(Rule(TierChain(tier)).ReplyDirection().RelatedIcmp().Accept());
  }
  AddLeaseRules(rules, kBySource, Side::kSource);
  AddLeaseRules(rules, kByDestination, Side::kDestination);
  AddForwardRules(rules, ruleset.interfaces);
  AddInputRules(rules, ruleset.interfaces);
  AddProofRules(rules);
  return rules;
}

Transaction InstallTransaction(const Ruleset& ruleset, uint32_t flags) {
  Transaction out;
  AddTable(out, flags);
  for (const Chain& chain : Chains()) AddChain(out, chain);
  uint32_t id = 1;
  for (const Set& set : Sets()) AddSet(out, set, id++);
  for (const Rule& rule : RulesOf(ruleset)) {
    Attributes attributes;
    attributes.Text(NFTA_RULE_TABLE, kTable);
    attributes.Text(NFTA_RULE_CHAIN, rule.chain());
    attributes.Nested(NFTA_RULE_EXPRESSIONS, rule.expressions());
    out.Add(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, attributes,
            "rule inet sallyport " + rule.chain() + " " + rule.text());
  }
  return out;
}

std::string Print(const Ruleset& ruleset) {
  const std::vector<Rule> rules = RulesOf(ruleset);
  std::string out = "table inet sallyport {\n";
  for (const Set& set : Sets()) {
    out += "\tset " + set.name + " {\n\t\ttype ifname . ipv4_addr\n\t\tflags timeout\n" +
           (set.counters ? "\t\tcounter\n" : "") + "\t\ttimeout 1s\n\t}\n";
  }
  for (const Chain& chain : Chains()) {
    out += "\tchain " + chain.name + " {\n";
    if (chain.hook >= 0) {
      out += std::string("\t\ttype filter hook ") +
             (chain.hook == NF_INET_FORWARD ? "forward" : "input") + " priority " +
             (chain.priority == 0 ? "filter" : "filter + " + std::to_string(chain.priority)) +
             "; policy " + (chain.policy == NF_DROP ? "drop" : "accept") + ";\n";
    }
    for (const Rule& rule : rules) {
      if (rule.chain() == chain.name) out += "\t\t" + rule.text() + "\n";
    }
    out += "\t}\n";
  }
  return out + "}\n";
}

std::string KeyBytes(const Place& place) {
  std::string out = place.interface.substr(0, IFNAMSIZ - 1);
  out.resize(IFNAMSIZ);
  PutU32(out, place.address.bits);
  return out;
}

}  // namespace sallyport::gateway::nft
