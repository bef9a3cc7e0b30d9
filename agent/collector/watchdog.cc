// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/watchdog.h"

#include <algorithm>
#include <utility>

#include "agent/collector/progress_file.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kLookEvery{10'000};

}  // namespace

Watchdog::Watchdog(Limits limits, OnFault on_fault)
    : limits_(std::move(limits)),
      on_fault_(std::move(on_fault)),
      look_every_(std::clamp(limits_.table_deadline / 3, std::chrono::milliseconds(1), kLookEvery)),
      thread_([this] { Run(); }) {}

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
  while (!end_.wait_for(lock, look_every_, [this] { return ending_; })) {
    lock.unlock();
    const bool well = Look();
    lock.lock();
    if (!well) return;
  }
}

bool Watchdog::Look() {
  std::string work = ReadOwnFile(limits_.progress);
  if (work.starts_with('\n')) work.clear();
  looks_ = !work.empty() && work == work_ ? looks_ + 1 : 0;
  work_ = std::move(work);
  if (looks_ * look_every_ > limits_.table_deadline) {
    on_fault_("the collector is ended: " + Excerpt(Lines(work_)[0]) + " takes too long", kHung);
    return false;
  }
  const uint64_t bytes = limits_.bytes();
  if (bytes > limits_.max_bytes) {
    on_fault_("the collector is ended: it has grown to " + std::to_string(bytes >> 20) + " MiB",
              kGrown);
    return false;
  }
  return true;
}

}  // namespace sallyport
