// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <psapi.h>
#include <realtimeapiset.h>

#include "platform/own_usage.h"

namespace sallyport {
namespace {

// FILETIME and unbiased time count 100 ns.
using Ticks = std::chrono::duration<int64_t, std::ratio<1, 10'000'000>>;

Ticks TicksOf(const FILETIME& time) {
  return Ticks((static_cast<int64_t>(time.dwHighDateTime) << 32) | time.dwLowDateTime);
}

uint64_t PrivateBytes() {
  PROCESS_MEMORY_COUNTERS_EX counters{};
  counters.cb = sizeof counters;
  if (!K32GetProcessMemoryInfo(GetCurrentProcess(),
                               reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&counters),
                               sizeof counters)) {
    return 0;
  }
  return counters.PrivateUsage > counters.PagefileUsage ? counters.PrivateUsage
                                                        : counters.PagefileUsage;
}

}  // namespace

OwnUsage UsageOfThisThread() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  FILETIME created{};
  FILETIME exited{};
  FILETIME kernel{};
  FILETIME user{};
  GetThreadTimes(GetCurrentThread(), &created, &exited, &kernel, &user);
  ULONGLONG awake = 0;
  QueryUnbiasedInterruptTime(&awake);
  OwnUsage usage;
  usage.awake = duration_cast<milliseconds>(Ticks(static_cast<int64_t>(awake)));
  usage.cpu = duration_cast<milliseconds>(TicksOf(kernel) + TicksOf(user));
  usage.bytes = PrivateBytes();
  return usage;
}

}  // namespace sallyport
