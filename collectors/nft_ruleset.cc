// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "collectors/host_firewall.h"

namespace sallyport {
namespace {

using Json = nlohmann::json;
using ChainKey = std::string;  // "inet filter input"

struct Chain {
  std::string family;
  std::string hook;
  bool policy_drop = false;
  std::vector<Json> rules;  // expressions of each
};
using Chains = std::map<ChainKey, Chain>;

// Where a packet ends that no condition applies to.
enum class End { kBlocked, kAccepted, kOpen };

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

ChainKey KeyOf(const Json& object, const char* chain) {
  return Text(object, "family") + " " + Text(object, "table") + " " + Text(object, chain);
}

// Statements that decide nothing and hold for every packet.
bool IsRemark(const std::string& name) {
  return name == "counter" || name == "log" || name == "xt" || name == "mangle" || name == "meta" ||
         name == "notrack";
}

End EndOf(const Chains& chains, const ChainKey& key, int depth);

// A rule for every packet; kOpen: it decides nothing, or only of some.
End EndOfRule(const Chains& chains, const ChainKey& key, const Json& rule, int depth) {
  for (const Json& statement : rule) {
    if (!statement.is_object() || statement.empty()) return End::kOpen;
    const std::string& name = statement.begin().key();
    if (name == "drop" || name == "reject") return End::kBlocked;
    if (name == "accept") return End::kAccepted;
    if (name == "jump" || name == "goto") {
      const ChainKey folder = key.substr(0, key.rfind(' ') + 1);
      const Json& target = statement.begin().value();
      return target.is_object() ? EndOf(chains, folder + Text(target, "target"), depth + 1)
                                : End::kOpen;
    }
    if (!IsRemark(name)) return End::kOpen;
  }
  return End::kOpen;
}

End EndOf(const Chains& chains, const ChainKey& key, int depth) {
  const auto chain = chains.find(key);
  if (chain == chains.end() || depth > 16) return End::kOpen;
  for (const Json& rule : chain->second.rules) {
    const End end = EndOfRule(chains, key, rule, depth);
    if (end != End::kOpen) return end;
  }
  return End::kOpen;
}

// One base chain that blocks is enough: an accept ends only its own chain.
bool Blocks(const Chains& chains, const std::string& hook, const std::string& family) {
  for (const auto& [key, chain] : chains) {
    if (chain.hook != hook || (chain.family != family && chain.family != "inet")) continue;
    const End end = EndOf(chains, key, 0);
    if (end == End::kBlocked || (end == End::kOpen && chain.policy_drop)) return true;
  }
  return false;
}

Value Effect(const Chains& chains, const std::string& hook) {
  const bool four = Blocks(chains, hook, "ip");
  const bool six = Blocks(chains, hook, "ip6");
  if (four && six) return Cell("blocked");
  return four || six ? Cell("partial") : Cell("open");
}

void NoteChain(const Json& chain, Chains* chains) {
  Chain& out = (*chains)[KeyOf(chain, "name")];
  out.family = Text(chain, "family");
  out.hook = Text(chain, "type") == "filter" ? Text(chain, "hook") : "";
  out.policy_drop = Text(chain, "policy") == "drop";
}

void NoteRule(const Json& rule, Chains* chains) {
  const auto statements = rule.find("expr");
  const bool listed = statements != rule.end() && statements->is_array();
  (*chains)[KeyOf(rule, "chain")].rules.push_back(listed ? *statements : Json::array());
}

}  // namespace

Result<Ruleset> ParseNftRuleset(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto list = json.is_object() ? json.find("nftables") : json.end();
  if (list == json.end() || !list->is_array()) {
    return Fail(Code::kMalformed, "nft: no list of objects");
  }
  Ruleset out;
  Chains chains;
  for (const Json& object : *list) {
    if (!object.is_object()) return Fail(Code::kMalformed, "nft: an object is none");
    if (const auto chain = object.find("chain"); chain != object.end() && chain->is_object()) {
      NoteChain(*chain, &chains);
      out.has_ufw = out.has_ufw || Text(*chain, "name").starts_with("ufw");
    }
    if (const auto rule = object.find("rule"); rule != object.end() && rule->is_object()) {
      NoteRule(*rule, &chains);
    }
  }
  out.inbound = Effect(chains, "input");
  out.outbound = Effect(chains, "output");
  return out;
}

}  // namespace sallyport
