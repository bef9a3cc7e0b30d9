// SPDX-License-Identifier: Apache-2.0
// Lints files and trees: recognises what configures a VPN, reads it, judges it by a pack.
#pragma once

#include <span>
#include <string>

#include "agent/lint/file_kind.h"
#include "agent/lint/finding.h"
#include "agent/lint/pack_judge.h"
#include "agent/lint/tree.h"
#include "base/now.h"
#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct LintTask {
  std::vector<std::string> paths;
  std::string folder;  // where relative paths begin; absolute
  std::span<const FileKind> kinds = {};
  TreeLimits limits = {};
  Millis now_wall{0};
};

// What a configuration includes belongs to it and is not judged a second time by itself. A file
// that cannot be read, parsed or judged is in files_unread, never in silence. Errors: WalkTree's.
Result<ConfigReport> LintPaths(const Host& host, const LintTask& task, PackJudge* judge);

// Our own rules, beside those of the pack: kSuppressionRule.
std::span<const ConfigRule> FileRules();

// 0: nothing; 1: a new finding of at least `fail_on`; 5: none, but something new could not be read
// or judged. `fail_on` without a value: always 0.
int LintExitCode(const ConfigReport& report, std::optional<Severity> fail_on);

}  // namespace sallyport
