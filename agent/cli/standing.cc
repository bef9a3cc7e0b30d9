// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/standing.h"

#include <algorithm>
#include <tuple>

namespace sallyport {
namespace {

using Result = v1::AttestationResult;

std::string WhyNoVerdict(const v1::AgentStatus& status) {
  if (!status.connected()) {
    return status.connection_error().empty()
               ? "the policy service is not reached yet"
               : "the policy service is not reached: " + status.connection_error();
  }
  if (!status.has_result()) return "the first verdict is not here yet";
  if (status.last_result().verdict() != Result::VERDICT_ACCEPTED) {
    return "the last evidence was refused: " + status.last_result().reason() +
           (status.last_result().detail().empty() ? "" : ", " + status.last_result().detail());
  }
  return "the last verdict is too old to count";
}

// A verdict without any access needs no lease to stand.
bool VerdictStands(const v1::AgentStatus& status) {
  if (!status.has_result() || status.last_result().verdict() != Result::VERDICT_ACCEPTED) {
    return false;
  }
  if (status.lease_left_ms() > 0) return true;
  return status.connected() && status.last_result().tier() == v1::TIER_NONE;
}

}  // namespace

Standing StandingOf(const v1::AgentStatus& status) {
  Standing standing;
  if (status.device_id().empty()) {
    standing.code = ExitCode::kNotEnrolled;
    return standing;
  }
  if (!VerdictStands(status)) {
    standing.why = WhyNoVerdict(status);
    return standing;
  }
  standing.tier =
      status.tier() == v1::TIER_UNSPECIFIED ? status.last_result().tier() : status.tier();
  for (const v1::Outcome& outcome : status.last_result().outcomes()) {
    if (outcome.verdict() == v1::Outcome::VERDICT_PASS || outcome.blocking()) continue;
    if (outcome.deadline_ms() == 0) continue;
    const Millis deadline(static_cast<Millis::rep>(outcome.deadline_ms()));
    if (standing.deadline.count() == 0 || deadline < standing.deadline) {
      standing.deadline = deadline;
    }
  }
  if (standing.tier == v1::TIER_UNSPECIFIED) {
    standing.why = "the service named no tier";
  } else if (standing.tier != v1::TIER_FULL) {
    standing.code = ExitCode::kNotCompliant;
  } else {
    standing.code = standing.deadline.count() > 0 ? ExitCode::kInGrace : ExitCode::kOk;
  }
  return standing;
}

const char* TierWord(v1::Tier tier) {
  switch (tier) {
    case v1::TIER_FULL:
      return "FULL";
    case v1::TIER_LIMITED:
      return "LIMITED";
    case v1::TIER_QUARANTINE:
      return "QUARANTINE";
    case v1::TIER_NONE:
      return "NONE";
    default:
      return "UNKNOWN";
  }
}

const char* TierMeaning(v1::Tier tier) {
  switch (tier) {
    case v1::TIER_FULL:
      return "full access";
    case v1::TIER_LIMITED:
      return "limited access";
    case v1::TIER_QUARANTINE:
      return "only what helps to mend this laptop is reachable";
    case v1::TIER_NONE:
      return "no access";
    default:
      return "access is not known";
  }
}

const char* OutcomeWord(v1::Outcome::Verdict verdict) {
  switch (verdict) {
    case v1::Outcome::VERDICT_PASS:
      return "PASS";
    case v1::Outcome::VERDICT_FAIL:
      return "FAIL";
    case v1::Outcome::VERDICT_STALE:
      return "STALE";
    default:
      return "UNKNOWN";
  }
}

std::vector<v1::Outcome> Concerns(const v1::AttestationResult& result) {
  std::vector<v1::Outcome> concerns;
  for (const v1::Outcome& outcome : result.outcomes()) {
    if (outcome.verdict() != v1::Outcome::VERDICT_PASS) concerns.push_back(outcome);
  }
  // No deadline (zero) comes after every deadline.
  const auto rank = [](const v1::Outcome& outcome) {
    return std::tuple(!outcome.blocking(), outcome.deadline_ms() - 1, outcome.policy());
  };
  std::ranges::sort(concerns, {}, rank);
  return concerns;
}

}  // namespace sallyport
