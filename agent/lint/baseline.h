// SPDX-License-Identifier: Apache-2.0
// A baseline: what was found before and is borne, by fingerprint, so that only what is new counts.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "agent/lint/finding.h"
#include "base/result.h"

namespace sallyport {

// Schema sallyport.lint-baseline/v1: of each finding and file not read its fingerprint, and rule
// and path for who reviews the file. What a comment allows is not in it.
std::string BaselineJson(const ConfigReport& report);

// The fingerprints. kMalformed names what is wrong.
Result<std::set<std::string>> ParseBaseline(std::string_view json);

// Marks what `baseline` has.
void ApplyBaseline(const std::set<std::string>& baseline, ConfigReport* report);

}  // namespace sallyport
