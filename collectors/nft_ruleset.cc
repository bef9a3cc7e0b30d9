// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
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
enum class End { kBlocked, kAccepted, kOpen, kUnknown };

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

// Packets that come in by an interface, or go out by it.
struct Way {
  std::string hook;
  std::string interface;  // "": one that no rule names
};

// nullopt: what a set of its own holds is not listed with the rule.
std::optional<bool> IsNamed(const Json& right, const std::string& interface) {
  if (right.is_string()) {
    const std::string name = right.get<std::string>();
    if (name.starts_with('@')) return std::nullopt;
    return name.ends_with('*') ? interface.starts_with(name.substr(0, name.size() - 1))
                               : name == interface;
  }
  const auto set = right.is_object() ? right.find("set") : right.end();
  return right.is_object() && set != right.end() && set->is_array() &&
         std::ranges::any_of(*set,
                             [&](const Json& name) { return IsNamed(name, interface) == true; });
}

// Is it the interface of the way: "iifname" or "iif" of input?
bool IsInterface(const Json& expression, const Way& way) {
  if (!expression.is_object()) return false;
  const auto meta = expression.find("meta");
  if (meta == expression.end() || !meta->is_object()) return false;
  const std::string key = Text(*meta, "key");
  const std::string side(1, way.hook == "input" ? 'i' : 'o');
  return key == side + "ifname" || key == side + "if";
}

enum class Condition { kHolds, kFails, kUnknown, kOfPackets };

Condition ConditionOf(const Json& match, const Way& way) {
  if (!match.is_object()) return Condition::kOfPackets;
  const auto left = match.find("left");
  const auto right = match.find("right");
  const std::string op = Text(match, "op");
  if (left == match.end() || !IsInterface(*left, way)) return Condition::kOfPackets;
  if (right == match.end() || (op != "==" && op != "!=")) return Condition::kUnknown;
  const std::optional<bool> named = IsNamed(*right, way.interface);
  if (!named) return Condition::kUnknown;
  return *named == (op == "==") ? Condition::kHolds : Condition::kFails;
}

// A map of verdicts by interface.
bool IsMapOfInterfaces(const Json& vmap, const Way& way) {
  if (!vmap.is_object()) return false;
  const auto key = vmap.find("key");
  return key != vmap.end() && IsInterface(*key, way);
}

struct Judge {
  const Chains& chains;
  Way way;

  // What a rule does with every packet of the way: `end` when it `decides`.
  struct Verdict {
    bool decides = false;
    End end = End::kOpen;
  };
  Verdict OfRule(const ChainKey& key, const Json& rule, int depth) const;
  End OfChain(const ChainKey& key, int depth) const;
};

// A rule whose condition on the interface is not understood may decide: what it decides is unknown.
Judge::Verdict Judge::OfRule(const ChainKey& key, const Json& rule, int depth) const {
  bool certain = true;
  const auto decided = [&certain](End end) { return Verdict{true, certain ? end : End::kUnknown}; };
  for (const Json& statement : rule) {
    if (!statement.is_object() || statement.empty()) return {};
    const std::string& name = statement.begin().key();
    const Json& value = statement.begin().value();
    if (name == "drop" || name == "reject") return decided(End::kBlocked);
    if (name == "accept") return decided(End::kAccepted);
    if (name == "return") return decided(End::kOpen);  // to the chain before, or to the policy
    if (name == "vmap" && IsMapOfInterfaces(value, way)) return {true, End::kUnknown};
    if (name == "match") {
      const Condition condition = ConditionOf(value, way);
      if (condition == Condition::kUnknown) certain = false;
      if (condition == Condition::kHolds || condition == Condition::kUnknown) continue;
    }
    if (name == "jump" || name == "goto") {
      if (!value.is_object()) return {};
      const ChainKey folder = key.substr(0, key.rfind(' ') + 1);
      const End end = OfChain(folder + Text(value, "target"), depth + 1);
      if (name == "jump" && end == End::kOpen) return {};
      return decided(end);  // from a goto nothing comes back here
    }
    if (!IsRemark(name)) return {};
  }
  return {};
}

End Judge::OfChain(const ChainKey& key, int depth) const {
  const auto chain = chains.find(key);
  if (chain == chains.end() || depth > 16) return End::kOpen;
  for (const Json& rule : chain->second.rules) {
    const Verdict verdict = OfRule(key, rule, depth);
    if (verdict.decides) return verdict.end;
  }
  return End::kOpen;
}

// One base chain that blocks is enough: an accept ends only its own chain. nullopt: not known.
std::optional<bool> Blocks(const Chains& chains, const Way& way, const std::string& family) {
  const Judge judge{chains, way};
  std::optional<bool> blocks = false;
  for (const auto& [key, chain] : chains) {
    if (chain.hook != way.hook || (chain.family != family && chain.family != "inet")) continue;
    const End end = judge.OfChain(key, 0);
    if (end == End::kBlocked || (end == End::kOpen && chain.policy_drop)) return true;
    if (end == End::kUnknown) blocks = std::nullopt;
  }
  return blocks;
}

Value Effect(const Chains& chains, const std::string& hook,
             const std::vector<std::string>& interfaces) {
  size_t blocked = 0;
  for (const std::string& interface : interfaces) {
    for (const char* family : {"ip", "ip6"}) {
      const std::optional<bool> blocks = Blocks(chains, {hook, interface}, family);
      if (!blocks) return Unknown{};
      blocked += *blocks;
    }
  }
  if (blocked == 2 * interfaces.size()) return Cell("blocked");
  return blocked > 0 ? Cell("partial") : Cell("open");
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

Result<Ruleset> ParseNftRuleset(std::string_view text, std::vector<std::string> interfaces) {
  if (interfaces.empty()) interfaces = {""};
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
  out.inbound = Effect(chains, "input", interfaces);
  out.outbound = Effect(chains, "output", interfaces);
  return out;
}

}  // namespace sallyport
