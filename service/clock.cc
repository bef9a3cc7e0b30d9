// SPDX-License-Identifier: Apache-2.0
#include "service/clock.h"

#include <ctime>

namespace sallyport {
namespace {

Millis Read(clockid_t id) {
  timespec at{};
  clock_gettime(id, &at);
  return Millis{static_cast<int64_t>(at.tv_sec) * 1000 + at.tv_nsec / 1'000'000};
}

}  // namespace

Now SystemNow() { return Now{.boot = Read(CLOCK_BOOTTIME), .wall = Read(CLOCK_REALTIME)}; }

}  // namespace sallyport
