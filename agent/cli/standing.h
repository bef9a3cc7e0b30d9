// SPDX-License-Identifier: Apache-2.0
// Standing: what an AgentStatus means for the owner of the laptop, as one of the exit codes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/exit_code.h"
#include "base/now.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

struct Standing {
  ExitCode code = ExitCode::kCannotTell;
  v1::Tier tier = v1::TIER_UNSPECIFIED;
  Millis deadline{0};  // wall: the first that runs; 0: none
  std::string why;     // of kCannotTell, for people
};

// kNotEnrolled, kCannotTell, kNotCompliant, kInGrace or kOk; never anything better than what the
// service said last and the lease still covers.
Standing StandingOf(const v1::AgentStatus& status);

// "FULL", "LIMITED", ...; of an unspecified one "UNKNOWN".
const char* TierWord(v1::Tier tier);
// What a tier leaves open: "full access", "only remediation hosts", ...
const char* TierMeaning(v1::Tier tier);
// "PASS", "FAIL", "UNKNOWN", "STALE"
const char* OutcomeWord(v1::Outcome::Verdict verdict);

// Those that do not pass: what holds the tier down first, then by deadline.
std::vector<v1::Outcome> Concerns(const v1::AttestationResult& result);

}  // namespace sallyport
