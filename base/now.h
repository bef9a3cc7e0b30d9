// SPDX-License-Identifier: Apache-2.0
// Time is an argument. `boot` measures (CLOCK_BOOTTIME: counts through sleep, never steps);
// `wall` is only for showing and for dates that came from outside.
#pragma once

#include <chrono>
#include <cstdint>

namespace sallyport {

using Millis = std::chrono::milliseconds;

struct Now {
  Millis boot{0};  // since boot
  Millis wall{0};  // since 1970-01-01T00:00:00Z
};

}  // namespace sallyport
