// SPDX-License-Identifier: Apache-2.0
// What policies would have leave a laptop, in words and as JSON: `sallyportctl policy manifest`.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "base/result.h"
#include "policy/policy.h"
#include "policy/reads.h"

namespace sallyport {

// The policies of all these files as one set. The error names the file.
Result<PolicySet> ReadPolicyFiles(std::span<const std::string> files);

Result<Reads> ReadsOf(const PolicySet& set);  // of all tables that there are

std::string ManifestText(const PolicySet& set, const Reads& reads);
nlohmann::json ManifestJson(const PolicySet& set,
                            const Reads& reads);  // sallyport.policy-manifest/v1

}  // namespace sallyport
