// SPDX-License-Identifier: Apache-2.0
// What `sallyport lint` has to say about files: findings, files that were not read, and the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace sallyport {

enum class Severity { kNote, kWarning, kError };  // ordered
const char* SeverityName(Severity severity);      // SARIF's words: "note", "warning", "error"
std::optional<Severity> SeverityFromName(std::string_view name);

// block and critical are errors, warn is a warning, notify and report are notes.
Severity SeverityOf(const Policy& policy);

enum class FindingKind {
  kFail,     // the policy fails here
  kUnknown,  // the policy cannot be judged here: never a pass
  kFile,     // of the file itself: a suppression that has ended
};
const char* FindingKindName(FindingKind kind);  // "fail", "unknown", "file"

struct ConfigFinding {
  std::string rule;
  Severity severity = Severity::kWarning;
  FindingKind kind = FindingKind::kFail;
  std::string path;  // as ConfigFile has it
  int line = 0;      // 0: the whole file
  int column = 0;    // bytes, from 1; 0: the whole line
  std::string message;
  std::string observed;                     // "corp: uses_psk=1"; empty: nothing to show
  std::string expected;                     // of the policy
  std::string remedy;                       // of the policy
  std::string fingerprint;                  // 32 hex digits; see Fingerprints
  std::optional<std::string> allowed = {};  // the reason that a comment in the file gives
  bool in_baseline = false;

  // It counts for the exit code.
  bool IsNew() const { return !allowed && !in_baseline; }
};

// A file that may configure a VPN, or that was named, and was not judged.
struct UnreadFile {
  std::string path;
  std::string kind;  // name of the kind; "" where that cannot be told
  std::string why;
  int line = 0;  // 0: not of a line
  std::string fingerprint;
  bool in_baseline = false;
};

struct ReadFile {
  std::string path;
  std::string kind;
  std::string included_by;  // the file that it belongs to; "": none
};

// A policy of the pack or a rule of ours, as it is shown.
struct ConfigRule {
  std::string id;
  Severity severity = Severity::kWarning;
  std::string about;
  std::string expected;
  std::string remedy;
};

struct ConfigReport {
  std::vector<ConfigRule> rules;  // all that were looked for
  std::vector<ReadFile> files_read;
  std::vector<UnreadFile> files_unread;
  std::vector<ConfigFinding> findings;  // by path, line, column, rule
  size_t files_other = 0;               // that configure no VPN that we know of
};

// Sorts the findings and unread files and gives each its fingerprint: of rule, path and what was
// seen, without the place in the file, so that it stays when lines move. The second of the same is
// told apart by its number.
void FinishReport(ConfigReport* report);

}  // namespace sallyport
