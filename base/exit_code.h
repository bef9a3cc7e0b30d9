// SPDX-License-Identifier: Apache-2.0
// The one table of exit codes of `sallyport` and `sallyportctl`.
#pragma once

namespace sallyport {

enum class ExitCode : int {
  kOk = 0,            // compliant, or done
  kFindings = 1,      // findings, or a check failed
  kUsage = 2,         // the command line was wrong
  kNotCompliant = 3,  // access is refused or reduced
  kInGrace = 4,       // access stands, a deadline runs
  kCannotTell = 5,    // no verdict: evidence missing, service unreachable, verdict stale
  kNotRunning = 6,    // the agent does not answer
  kNotEnrolled = 7,
  kPermission = 8,
  kBadSignature = 9,
  kInternal = 70,
};

}  // namespace sallyport
