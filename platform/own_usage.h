// SPDX-License-Identifier: Apache-2.0
// OwnUsage: what this program has used so far, for bounding a piece of its work.
#pragma once

#include <chrono>
#include <cstdint>

namespace sallyport {

struct OwnUsage {
  std::chrono::milliseconds awake{0};  // monotonic; stands still while the machine sleeps
  std::chrono::milliseconds cpu{0};    // of this thread, and of ended programs that it started
  uint64_t bytes = 0;                  // memory of this process; 0 when it cannot be told
};

// Windows counts no programs that were started.
OwnUsage UsageOfThisThread();

}  // namespace sallyport
