// SPDX-License-Identifier: Apache-2.0
#include "service/wire.h"

namespace sallyport {
namespace {

v1::Outcome::Verdict ToWire(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return v1::Outcome::VERDICT_PASS;
    case Verdict::kFail:
      return v1::Outcome::VERDICT_FAIL;
    case Verdict::kUnknown:
      return v1::Outcome::VERDICT_UNKNOWN;
    case Verdict::kStale:
      return v1::Outcome::VERDICT_STALE;
  }
  return v1::Outcome::VERDICT_UNSPECIFIED;
}

uint64_t Unsigned(Millis time) { return static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)); }

}  // namespace

v1::Tier ToWire(Tier tier) {
  switch (tier) {
    case Tier::kNone:
      return v1::TIER_NONE;
    case Tier::kQuarantine:
      return v1::TIER_QUARANTINE;
    case Tier::kLimited:
      return v1::TIER_LIMITED;
    case Tier::kFull:
      return v1::TIER_FULL;
  }
  return v1::TIER_UNSPECIFIED;
}

void ToWire(const Outcome& outcome, v1::Outcome* out) {
  out->set_policy(outcome.policy);
  out->set_verdict(ToWire(outcome.verdict));
  out->set_mode(ModeName(outcome.mode));
  out->set_blocking(outcome.blocking);
  out->set_demands(ToWire(outcome.demands));
  out->set_observed(outcome.observed);
  out->set_expected(outcome.expected);
  out->set_resolution(outcome.resolution);
  out->set_since_ms(Unsigned(outcome.since));
  out->set_deadline_ms(Unsigned(outcome.deadline));
  out->set_case_code(outcome.case_code);
  out->set_description(outcome.description);
  for (const std::string& table : outcome.tables) out->add_tables(table);
}

}  // namespace sallyport
