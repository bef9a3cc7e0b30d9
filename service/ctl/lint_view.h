// SPDX-License-Identifier: Apache-2.0
// What is wrong or weak in files of policies: `sallyportctl policy lint`.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "base/result.h"
#include "policy/lint.h"

namespace sallyport {

// Each file by itself, against all tables there are; one that cannot be read is a finding too. The
// findings are in the order of the files. A name that an earlier file has as well is a finding:
// together they would be refused.
Result<LintReport> LintPolicyFiles(std::span<const std::string> files);

// "policies.yml:12: disk: passes when every table is empty [passes-on-empty]", and a sum.
std::string LintText(const LintReport& report);
nlohmann::json LintJson(const LintReport& report);  // sallyport.policy-lint/v1

}  // namespace sallyport
