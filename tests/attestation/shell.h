// SPDX-License-Identifier: Apache-2.0
// For tests: the real command-line tools, in a folder that vanishes with the test.
#pragma once

#include <string>

#include "tests/attestation/temporary_folder.h"

namespace sallyport {

struct ShellOutput {
  int exit_code = -1;
  std::string text;  // stdout and stderr together
};

// Runs `script` by bash -e in `folder`.
ShellOutput RunShell(const std::string& folder, const std::string& script);

}  // namespace sallyport
