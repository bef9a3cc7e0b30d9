// SPDX-License-Identifier: Apache-2.0
// One question to the running agent. Blocks.
#pragma once

#include <chrono>
#include <string>

#include "base/exit_code.h"
#include "base/result.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

// Why there is no answer, and what `sallyport` exits with.
struct AskError {
  ExitCode code = ExitCode::kInternal;
  std::string message;
};

// kNotRunning when nobody answers within `patience`; kPermission when the socket or the agent says
// so; else what the agent's LocalError says.
tl::expected<v1::LocalResponse, AskError> Ask(const std::string& socket_path,
                                              const v1::LocalRequest& request,
                                              std::chrono::milliseconds patience);

}  // namespace sallyport
