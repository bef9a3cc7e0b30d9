// SPDX-License-Identifier: Apache-2.0
// Comments that allow what a rule finds:  # sallyport: allow RULE reason="..." [until=YYYY-MM-DD]
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/lint/finding.h"
#include "base/now.h"

namespace sallyport {

struct Suppression {
  std::string rule;
  std::string reason;
  std::string until;    // "2027-01-31": the last day that it counts; "": no end
  int line = 0;         // of the comment
  int covers = 0;       // the line that it speaks of: its own, or the next that is no comment
  std::string problem;  // why it allows nothing; "": it is in order
};

// Those of one file. A comment begins with #, ;, // or <!--, at the start of a line or after a
// blank. A reason is required: who reads the file later must know why.
// Past kMaxSuppressions none is read: the last one then says so, as its problem.
std::vector<Suppression> FindSuppressions(std::string_view text);

inline constexpr size_t kMaxSuppressions = 1000;  // of one file
inline constexpr std::string_view kSuppressionRule = "suppression";

// Marks what the comments of `path` allow, and adds a finding for each comment that is not in
// order, has ended (UTC), or names no rule of `rules`.
void ApplySuppressions(const std::string& path, std::span<const Suppression> suppressions,
                       std::span<const ConfigRule> rules, Millis now_wall,
                       std::vector<ConfigFinding>* findings);

}  // namespace sallyport
