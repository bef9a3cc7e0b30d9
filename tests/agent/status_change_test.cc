// SPDX-License-Identifier: Apache-2.0
#include "agent/status_change.h"

#include <gtest/gtest.h>

#include "tests/agent/cli_samples.h"

namespace sallyport {
namespace {

TEST(StatusChange, TimeThatPassesAndRoutineThatRenewsAreNoChange) {
  v1::AgentStatus later = SampleStatus();
  later.set_now_boot_ms(later.now_boot_ms() + 60'000);
  later.set_lease_left_ms(600'000);
  later.set_leaf_not_after_ms(later.leaf_not_after_ms() + 1);
  later.set_last_result_boot_ms(later.now_boot_ms());
  later.set_clock_skew_ms(3);
  later.mutable_collectors(0)->set_age_ms(1);
  later.mutable_collectors(0)->set_took_us(1);
  v1::AttestationResult* result = later.mutable_last_result();
  result->set_evidence_digest(std::string(32, '\x22'));
  result->set_lease_ttl_ms(1);
  result->set_judged_at_ms(1);
  result->set_decision_id(8);
  result->add_nonces("nonce");
  EXPECT_TRUE(SaysTheSame(SampleStatus(), later));
}

TEST(StatusChange, WhatAReaderWouldActOnIsAChange) {
  const auto differs = [](auto change) {
    v1::AgentStatus changed = SampleStatus();
    change(changed);
    return !SaysTheSame(SampleStatus(), changed);
  };
  EXPECT_TRUE(differs([](auto& s) { s.set_connected(false); }));
  EXPECT_TRUE(differs([](auto& s) { s.set_connection_error("Connection refused"); }));
  EXPECT_TRUE(differs([](auto& s) { s.set_tier(v1::TIER_UNSPECIFIED); })) << "the lease ended";
  EXPECT_TRUE(differs([](auto& s) { s.set_collector_connected(false); }));
  EXPECT_TRUE(differs([](auto& s) { s.set_spooled(1); }));
  EXPECT_TRUE(differs([](auto& s) { s.set_manifest_policy_set("other"); }));
  EXPECT_TRUE(differs([](auto& s) { s.mutable_collectors(0)->set_rows(3); }));
  EXPECT_TRUE(
      differs([](auto& s) { s.mutable_collectors(0)->set_state(v1::TableResult::STATE_TIMEOUT); }));
  EXPECT_TRUE(differs([](auto& s) {
    s.mutable_last_result()->mutable_outcomes(1)->set_verdict(v1::Outcome::VERDICT_PASS);
  }));
  EXPECT_TRUE(differs([](auto& s) { s.mutable_last_result()->set_reason("fork"); }));
}

}  // namespace
}  // namespace sallyport
