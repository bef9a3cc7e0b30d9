// SPDX-License-Identifier: Apache-2.0
// `sallyport lint` and `sallyport vpn list`.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/human.h"
#include "base/now.h"
#include "base/result.h"

namespace sallyport {

struct LintArguments {
  std::vector<std::string> paths = {};
  std::string format = "text";      // text, json, sarif
  std::string fail_on = "warning";  // error, warning, note, never
  std::string pack = {};            // file; "": the one that is built in
  std::string baseline = {};
  std::string write_baseline = {};
  std::string explain = {};  // a rule; then no path is needed
};

struct VpnListArguments {
  std::string machine = {};  // folder of a recorded one; "": this one
  std::string limit = {};    // as sallyport-collector's --limit
  bool json = false;
};

struct CommandAnswer {
  std::string out;
  int exit_code = 0;
};

// kInvalidArgument and kNotFound: what was asked for; kUnsupported: this build reads no policies.
Result<CommandAnswer> RunLint(const LintArguments& arguments, const Style& style, Millis now_wall);
Result<CommandAnswer> RunVpnList(const VpnListArguments& arguments, const Style& style,
                                 Millis now_wall);

}  // namespace sallyport
