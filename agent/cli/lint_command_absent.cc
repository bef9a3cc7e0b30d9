// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/lint_command.h"

namespace sallyport {

// Policies are YAML.
Result<CommandAnswer> RunLint(const LintArguments&, const Style&, Millis) {
  return Fail(Code::kUnsupported, "lint: this build reads no policies");
}

Result<CommandAnswer> RunVpnList(const VpnListArguments&, const Style&, Millis) {
  return Fail(Code::kUnsupported, "vpn list: this build reads no policies");
}

}  // namespace sallyport
