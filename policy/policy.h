// SPDX-License-Identifier: Apache-2.0
// Policies: Fleet's YAML (both dialects), with our settings under the one key `sallyport`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/now.h"
#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// Ordered: a smaller tier is less access; the worst that any policy demands wins.
enum class Tier { kNone = 0, kQuarantine = 1, kLimited = 2, kFull = 3 };
const char* TierName(Tier tier);
std::optional<Tier> TierFromName(std::string_view name);

enum class Mode { kReport, kNotify, kWarn, kBlock };
const char* ModeName(Mode mode);

struct Policy {
  std::string name;
  std::string query;
  std::string description;
  std::string resolution;
  std::vector<Os> platforms;  // empty: all
  bool critical = false;      // no grace
  // Names of Fleet's labels. The service knows none: such a policy is judged on every device of its
  // platforms, and may only report.
  std::vector<std::string> labels_include_any;
  std::vector<std::string> labels_include_all;
  std::vector<std::string> labels_exclude_any;

  // The key `sallyport`. A Fleet policy without it is report only.
  Mode mode = Mode::kReport;
  Millis grace{0};                       // from first failure, by the service's clock
  Tier tier = Tier::kQuarantine;         // what is left when it blocks
  Millis unknown_after{15 * 60 * 1000};  // how long unknown or stale is borne
  Tier unknown_tier = Tier::kLimited;
  Millis max_age{15 * 60 * 1000};  // facts older than this make it stale
  std::string observe;             // optional SELECT whose rows say what was seen
  std::string expected;            // for people
  int line = 0;                    // in its file

  bool AppliesTo(Os os) const;
  bool HasLabels() const;
};

struct PolicySet {
  std::vector<Policy> policies;  // in file order; names are unique
  std::string id;                // first 12 hex digits of the SHA-256 of the file's bytes
};

// Something in a file that keeps one of its policies, or the file, from being read.
struct PolicyProblem {
  std::string policy;  // its name, as far as it has one
  int line = 0;        // 0: not told
  std::string text;    // names the key
};

// What can be read of a file, and what cannot: one bad policy does not hide the others.
struct PolicyFileContent {
  std::vector<Policy> policies;
  std::vector<PolicyProblem> problems;
  // What is in order and not judged here: policies of chrome alone, or with a query that Fleet
  // itself makes (`type: patch`); reports and labels of Fleet.
  std::vector<PolicyProblem> passed_over;
  // Keys that nobody here knows. Their policies are among `policies`.
  std::vector<PolicyProblem> unknown_keys;
};
PolicyFileContent ReadPolicies(std::string_view yaml, std::string_view file_name);

// Parses and checks one file: budgets on bytes, nodes and alias expansion (kTooLarge), YAML syntax,
// unknown keys under `sallyport`, duplicate names, durations ("72h", "15m", "5s", "2d"), tiers.
// Keys of Fleet's that mean nothing here are kept silent, others are read past; but one that is
// nearly a key that means something ("platfrom"), or one of ours in the wrong place, is an error.
// Every error names file, line and key. SQL is not looked at: that is Engine::Compile.
Result<PolicySet> ParsePolicies(std::string_view yaml, std::string_view file_name);

// "72h", "15m", "90s", "250ms", "2d"; a bare number is refused.
Result<Millis> ParseDuration(std::string_view text);
std::string DurationText(Millis duration);  // "72h", "15m", "1m 30s"

}  // namespace sallyport
