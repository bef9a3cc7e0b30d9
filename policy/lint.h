// SPDX-License-Identifier: Apache-2.0
// What is wrong with a policy, and what is weak: found by compiling it, by running it over made-up
// evidence, and from the program that SQLite makes of it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "policy/policy.h"

namespace sallyport {

struct Finding {
  std::string rule;  // one of kLintRules
  std::string policy;
  std::string file;
  int line = 0;      // of the policy; 0: not told
  std::string text;  // for people, one line

  friend bool operator==(const Finding&, const Finding&) = default;
};

struct LintRule {
  std::string_view id;
  std::string_view about;
};
// All there are. Those before `passes-on-empty` can keep a policy from ever being judged.
inline constexpr LintRule kLintRules[] = {
    {"file", "the file or this policy cannot be read"},
    {"unknown-table", "no such table"},
    {"unknown-column", "no such column"},
    {"many-statements", "something follows the SELECT"},
    {"not-compiled", "SQLite or the guard refuses the statement"},
    {"regex", "a regular expression that RE2 does not take: unknown where it is reached"},
    {"missing-key", "a table that is asked for by a key, asked without one: unknown"},
    {"passed-over", "not judged here: of chrome alone, Fleet makes its query, or it is no policy"},
    {"unknown-key", "a key that nobody here knows: read past"},
    {"passes-on-empty", "passes when every table is empty"},
    {"reads-nothing", "passes without reading any table"},
    {"passes-on-null", "passes when what it reads is NULL"},
    {"never-fails", "has a row whatever the tables hold"},
    {"text-as-number", "a text column in order with a number: '10' comes before '5'"},
    {"whole-table", "reads a whole table although a key would do"},
    {"labels", "names labels, which are not known here: judged on every device"},
};

struct LintReport {
  size_t policies = 0;    // that were read
  size_t unprepared = 0;  // of these, do not prepare
  std::vector<Finding> findings;
};

class Linter {
 public:
  // `schemas` must outlive it.
  static Result<std::unique_ptr<Linter>> Make(std::span<const Schema> schemas);
  virtual ~Linter() = default;

  // Adds one policy. What was found is in the order of kLintRules.
  virtual void Lint(const Policy& policy, std::string_view file, LintReport* report) = 0;
};

// What `policy apply` warns about, a line for each: "vpn: passes when every table is empty". Of a
// set that compiles.
std::vector<std::string> FindWeaknesses(const PolicySet& set, std::span<const Schema> schemas);

}  // namespace sallyport
