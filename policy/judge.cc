// SPDX-License-Identifier: Apache-2.0
#include "policy/judge.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace sallyport {
namespace {

bool IsBlind(Verdict verdict) { return verdict == Verdict::kUnknown || verdict == Verdict::kStale; }

// Wall time by which the clock has stepped back since it was last seen.
Millis StepBack(const PolicyMemory& memory, Millis wall) {
  const Millis seen =
      std::max({memory.judged, memory.since, memory.failing_since, memory.unknown_since});
  return std::max(seen - wall, Millis(0));
}

// Zero means "not running", so a clock that runs never stands at it.
Millis MovedBack(Millis since, Millis by) {
  return since.count() == 0 ? since : std::max(since - by, Millis(1));
}

PolicyMemory Remember(const PolicyMemory* before, Verdict verdict, Millis wall) {
  PolicyMemory memory = before == nullptr ? PolicyMemory{} : *before;
  const Millis by = StepBack(memory, wall);
  const bool changed = before == nullptr || before->verdict != verdict;
  memory.since = changed ? wall : MovedBack(memory.since, by);
  memory.failing_since = MovedBack(memory.failing_since, by);
  memory.unknown_since = MovedBack(memory.unknown_since, by);
  memory.verdict = verdict;
  const Millis start = std::max(wall, Millis(1));
  if (verdict == Verdict::kPass) memory.failing_since = Millis(0);
  if (verdict == Verdict::kFail && memory.failing_since.count() == 0) memory.failing_since = start;
  if (!IsBlind(verdict)) memory.unknown_since = Millis(0);
  if (IsBlind(verdict) && memory.unknown_since.count() == 0) memory.unknown_since = start;
  const bool runs = memory.failing_since.count() != 0 || memory.unknown_since.count() != 0;
  memory.judged = runs ? wall : Millis(0);
  return memory;
}

// What is demanded of the tier by one policy, and when that gets worse.
struct Demand {
  Tier tier = Tier::kFull;
  Millis left = Millis::max();  // until the next clock runs out; max: none runs

  void Add(Tier worse, Millis since, Millis bearable, Millis wall) {
    const Millis remaining = bearable - (wall - since);
    if (remaining.count() <= 0) {
      tier = std::min(tier, worse);
    } else if (worse < Tier::kFull) {
      left = std::min(left, remaining);
    }
  }
};

Demand DemandOf(const Policy& policy, const PolicyMemory& memory, Millis wall) {
  Demand demand;
  if (policy.mode != Mode::kBlock) return demand;
  if (memory.failing_since.count() != 0) {
    const Millis grace = policy.critical ? Millis(0) : policy.grace;
    demand.Add(policy.tier, memory.failing_since, grace, wall);
  }
  if (memory.unknown_since.count() != 0) {
    demand.Add(policy.unknown_tier, memory.unknown_since, policy.unknown_after, wall);
  }
  return demand;
}

// How long a policy that demands nothing yet may be leaned on.
Millis GoodFor(const Policy& policy, const RawOutcome& raw, const Demand& demand) {
  if (policy.mode != Mode::kBlock) return Millis::max();
  if (demand.tier < Tier::kFull || IsBlind(raw.verdict)) return demand.left;
  return std::min(demand.left, raw.facts_left);
}

std::string Seen(const RawOutcome& raw) {
  if (raw.reason.empty()) return raw.observed;
  if (raw.observed.empty() || raw.observed == raw.reason) return raw.reason;
  return raw.reason + "; seen: " + raw.observed;
}

// 30 bits of SHA-256: enough to tell one device's troubles apart on the telephone.
std::string CaseCode(const std::string& policy, Verdict verdict, const std::string& observed) {
  constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const std::string text = policy + '\0' + VerdictName(verdict) + '\0' + observed;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  uint32_t bits = 0;
  for (size_t i = 0; i < 4; ++i) bits = bits << 8 | digest[i];
  std::string code = "SP-";
  for (int shift = 27; shift >= 2; shift -= 5) code += kCrockford[bits >> shift & 31U];
  return code;
}

Outcome OutcomeOf(const Policy& policy, const RawOutcome& raw, const PolicyMemory& memory,
                  const Demand& demand, Millis wall) {
  Outcome outcome;
  outcome.policy = policy.name;
  outcome.verdict = raw.verdict;
  outcome.mode = policy.mode;
  outcome.blocking = demand.tier < Tier::kFull;
  outcome.demands = demand.tier;
  outcome.observed = Seen(raw);
  outcome.expected = policy.expected;
  outcome.resolution = policy.resolution;
  outcome.description = policy.description;
  outcome.since = memory.since;
  if (demand.left != Millis::max()) outcome.deadline = wall + demand.left;
  if (raw.verdict != Verdict::kPass) {
    outcome.case_code = CaseCode(policy.name, raw.verdict, outcome.observed);
  }
  outcome.tables = raw.tables;
  return outcome;
}

// Whatever OutcomeOf shows that the policy alone does not say.
void Mix(size_t& sum, size_t policy, const RawOutcome& raw, const PolicyMemory& memory,
         const Demand& demand, Millis wall) {
  const auto mix = [&sum](size_t value) { sum = sum * 1099511628211U ^ value; };
  mix(policy);
  mix(static_cast<size_t>(raw.verdict));
  mix(static_cast<size_t>(demand.tier));
  mix(std::hash<std::string>()(raw.observed));
  mix(std::hash<std::string>()(raw.reason));
  for (const std::string& table : raw.tables) mix(std::hash<std::string>()(table));
  mix(static_cast<size_t>(memory.since.count()));
  if (demand.left != Millis::max()) mix(static_cast<size_t>((wall + demand.left).count()));
}

}  // namespace

Judgement Judge(const PolicySet& set, const RawOutcomes& raw, DeviceMemory memory, Now now,
                Millis longest) {
  Judgement judgement;
  judgement.ttl = longest;
  size_t judged = 0;
  for (size_t i = 0; i < set.policies.size() && i < raw.size(); ++i) {
    if (!raw[i]) continue;
    const Policy& policy = set.policies[i];
    const auto [held, is_new] = memory.try_emplace(policy.name);
    held->second = Remember(is_new ? nullptr : &held->second, raw[i]->verdict, now.wall);
    ++judged;
    const Demand demand = DemandOf(policy, held->second, now.wall);
    judgement.tier = std::min(judgement.tier, demand.tier);
    judgement.ttl = std::min(judgement.ttl, GoodFor(policy, *raw[i], demand));
    judgement.in_grace = judgement.in_grace || demand.left != Millis::max();
    Mix(judgement.fingerprint, i, *raw[i], held->second, demand, now.wall);
  }
  judgement.ttl = std::max(judgement.ttl, Millis(0));
  // Of policies that are no longer in the set, or not for this system.
  if (memory.size() != judged) {
    const auto is_judged = [&](const std::string& name) {
      for (size_t i = 0; i < set.policies.size() && i < raw.size(); ++i) {
        if (raw[i] && set.policies[i].name == name) return true;
      }
      return false;
    };
    std::erase_if(memory, [&](const auto& entry) { return !is_judged(entry.first); });
  }
  judgement.memory = std::move(memory);
  return judgement;
}

std::vector<Outcome> Explain(const PolicySet& set, const RawOutcomes& raw,
                             const DeviceMemory& memory, Now now) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(set.policies.size());
  for (size_t i = 0; i < set.policies.size() && i < raw.size(); ++i) {
    const auto held = memory.find(set.policies[i].name);
    if (!raw[i] || held == memory.end()) continue;
    const Demand demand = DemandOf(set.policies[i], held->second, now.wall);
    outcomes.push_back(OutcomeOf(set.policies[i], *raw[i], held->second, demand, now.wall));
  }
  return outcomes;
}

}  // namespace sallyport
