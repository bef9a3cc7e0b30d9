// SPDX-License-Identifier: Apache-2.0
#include "agent/service/watchdog_windows.h"

// clang-format off
#include <windows.h>
#include <psapi.h>
// clang-format on

#include <algorithm>
#include <utility>

#include "agent/collector/progress.h"
#include "agent/collector/progress_file.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kLookEvery{10'000};

uint64_t PrivateBytes() {
  PROCESS_MEMORY_COUNTERS_EX counters{};
  counters.cb = sizeof counters;
  if (!K32GetProcessMemoryInfo(GetCurrentProcess(),
                               reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&counters),
                               sizeof counters)) {
    return 0;
  }
  return std::max(counters.PrivateUsage, counters.PagefileUsage);  // the same; Wine fills one in
}

}  // namespace

Watchdog::Watchdog(Limits limits, OnFault on_fault)
    : limits_(std::move(limits)), on_fault_(std::move(on_fault)), thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  end_.notify_all();
  thread_.join();
}

void Watchdog::Run() {
  std::unique_lock lock(mutex_);
  while (!end_.wait_for(lock, std::min(kLookEvery, limits_.table_deadline / 3),
                        [this] { return ending_; })) {
    lock.unlock();
    const bool well = Look();
    lock.lock();
    if (!well) return;
  }
}

bool Watchdog::Look() const {
  const auto work = ParseProgress(ReadOwnFile(limits_.progress));
  if (work && std::chrono::steady_clock::now() - work->since > limits_.table_deadline) {
    on_fault_("the collector is ended: " + work->name + " takes too long", kHung);
    return false;
  }
  const uint64_t bytes = PrivateBytes();
  if (bytes > limits_.max_bytes) {
    on_fault_("the collector is ended: it has grown to " + std::to_string(bytes >> 20) + " MiB",
              kGrown);
    return false;
  }
  return true;
}

}  // namespace sallyport
