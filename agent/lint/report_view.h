// SPDX-License-Identifier: Apache-2.0
// The report of `sallyport lint`: for people, for programs, and for code scanners.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "agent/cli/human.h"
#include "agent/lint/finding.h"
#include "base/now.h"
#include "base/result.h"

namespace sallyport {

// What is new, by file, what was not read, and a line that counts. What a comment or the baseline
// bears is counted, not shown.
std::string LintText(const ConfigReport& report, const Style& style);

// Schema sallyport.lint/v1.
std::string LintJson(const ConfigReport& report, Millis now_wall);

// SARIF 2.1.0. Paths are relative to %SRCROOT%, the folder where it was run. What cannot be judged
// is of kind "open"; what a comment allows is suppressed inSource, what the baseline bears
// externally; files that were not read are notifications.
std::string LintSarif(const ConfigReport& report);

// --explain. kNotFound: no such rule; the message lists those that there are.
Result<std::string> ExplainRule(const ConfigReport& report, std::string_view rule);

// Findings for people, as LintText shows each; `indent` before every line.
std::string FindingText(const ConfigFinding& finding, const Style& style,
                        std::string_view indent = "");

// As LintJson has it.
nlohmann::ordered_json FindingJson(const ConfigFinding& finding);

}  // namespace sallyport
