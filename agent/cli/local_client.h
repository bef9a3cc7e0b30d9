// SPDX-License-Identifier: Apache-2.0
// One question to the running agent. Blocks.
#pragma once

#include <chrono>
#include <functional>
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

// The agent's status now, and after each change. The first within `patience`, the others for as
// long as the agent lives; returns why there are no more, never an answer.
AskError Watch(const std::string& socket_path, std::chrono::milliseconds patience,
               const std::function<void(const v1::AgentStatus&)>& on_status);

}  // namespace sallyport
