// SPDX-License-Identifier: Apache-2.0
// The processes of Windows, as one snapshot has them.
#pragma once

#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// kTooLarge over 100,000 processes.
Result<std::vector<ProcessInfo>> ListProcesses();

}  // namespace sallyport
