// SPDX-License-Identifier: Apache-2.0
#include "agent/status_change.h"

#include <string>

namespace sallyport {
namespace {

std::string Lasting(v1::AgentStatus status) {
  status.clear_now_boot_ms();
  status.clear_lease_left_ms();  // its end clears the tier
  status.clear_leaf_not_after_ms();
  status.clear_last_result_boot_ms();
  status.clear_clock_skew_ms();
  for (v1::CollectorState& state : *status.mutable_collectors()) {
    state.clear_took_us();
    state.clear_age_ms();
  }
  if (status.has_last_result()) {
    v1::AttestationResult* result = status.mutable_last_result();
    result->clear_evidence_digest();
    result->clear_lease_ttl_ms();
    result->clear_judged_at_ms();
    result->clear_decision_id();
    result->clear_nonces();
  }
  return status.SerializeAsString();
}

}  // namespace

bool SaysTheSame(const v1::AgentStatus& one, const v1::AgentStatus& other) {
  return Lasting(one) == Lasting(other);
}

}  // namespace sallyport
