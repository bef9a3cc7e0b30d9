// SPDX-License-Identifier: Apache-2.0
// A laptop in grace, as the agent would describe it; tests change what they are about.
#pragma once

#include "base/now.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

// 2026-11-23T06:00:00Z
inline constexpr Millis kSampleNow{1'795'413'600'000};
inline constexpr Millis kHour{3'600'000};

inline uint64_t Ms(Millis time) { return static_cast<uint64_t>(time.count()); }

inline v1::AgentStatus SampleStatus() {
  v1::AgentStatus status;
  status.set_device_id("laptop-4711");
  status.set_agent_version("0.1.0");
  status.set_service_address("posture.corp.example:8443");
  status.set_connected(true);
  status.set_connected_since_ms(Ms(kSampleNow - kHour * 2 - Millis(600'000)));
  status.set_leaf_not_after_ms(Ms(kSampleNow + kHour * 6));
  status.set_key_uri("file:/var/lib/sallyport/identity.key");
  status.set_manifest_policy_set("2026-11-20.3");
  status.set_now_boot_ms(1'000'000);
  status.set_has_result(true);
  status.set_last_result_boot_ms(960'000);
  status.set_lease_left_ms(260'000);
  status.set_tier(v1::TIER_FULL);
  status.set_clock_skew_ms(-200);
  status.set_collector_connected(true);
  v1::CollectorState* state = status.add_collectors();
  state->set_table("disk_volumes");
  state->set_state(v1::TableResult::STATE_VALUE);
  state->set_rows(2);
  state->set_took_us(3'400);
  state->set_age_ms(40'000);

  v1::AttestationResult* result = status.mutable_last_result();
  result->set_verdict(v1::AttestationResult::VERDICT_ACCEPTED);
  result->set_tier(v1::TIER_FULL);
  result->set_evidence_digest(std::string(32, '\x11'));
  result->set_decision_id(7);
  result->set_judged_at_ms(Ms(kSampleNow - Millis(40'000)));
  v1::Outcome* pass = result->add_outcomes();
  pass->set_policy("edr-running");
  pass->set_verdict(v1::Outcome::VERDICT_PASS);
  pass->set_mode("block");
  pass->set_demands(v1::TIER_FULL);
  v1::Outcome* fail = result->add_outcomes();
  fail->set_policy("disk-encryption");
  fail->set_verdict(v1::Outcome::VERDICT_FAIL);
  fail->set_mode("block");
  fail->set_demands(v1::TIER_QUARANTINE);
  fail->set_description("The disk is encrypted");
  fail->set_observed("/: device=/dev/sda2, protection=off");
  fail->set_expected("protection on");
  fail->set_resolution("https://help.corp.example/luks");
  fail->set_since_ms(Ms(kSampleNow - kHour * 45));
  fail->set_deadline_ms(Ms(kSampleNow + kHour * 27));
  fail->set_case_code("SP-7F3K21");
  fail->add_tables("disk_volumes");
  return status;
}

// The same laptop after the grace.
inline v1::AgentStatus SampleQuarantined() {
  v1::AgentStatus status = SampleStatus();
  status.set_tier(v1::TIER_QUARANTINE);
  status.mutable_last_result()->set_tier(v1::TIER_QUARANTINE);
  status.mutable_last_result()->mutable_outcomes(1)->set_blocking(true);
  status.mutable_last_result()->mutable_outcomes(1)->set_deadline_ms(0);
  return status;
}

inline v1::AgentStatus SampleCompliant() {
  v1::AgentStatus status = SampleStatus();
  status.mutable_last_result()->mutable_outcomes()->RemoveLast();
  return status;
}

}  // namespace sallyport
