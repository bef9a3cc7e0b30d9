// SPDX-License-Identifier: Apache-2.0
// The listening socket that the system's service keeper made for this process.
#pragma once

#include <optional>

#include "base/result.h"

namespace sallyport {

// Linux: sd_listen_fds(3); the one stream socket, or nothing when this process was started without.
// macOS: nothing; launchd makes no socket for us. kInvalidArgument: something else was handed over.
Result<std::optional<int>> ActivationSocket();

}  // namespace sallyport
