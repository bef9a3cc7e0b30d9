// SPDX-License-Identifier: Apache-2.0
#include "service/agenda.h"

#include <algorithm>

namespace sallyport {

Agenda::Agenda(Clock clock, Due due)
    : clock_(std::move(clock)), due_(std::move(due)), thread_([this] { Loop(); }) {}

Agenda::~Agenda() { Stop(); }

void Agenda::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Agenda::Erase(const std::string& name) {
  const auto at = by_name_.find(name);
  if (at == by_name_.end()) return;
  by_time_.erase({at->second, name});
  by_name_.erase(at);
}

void Agenda::Set(const std::string& name, Millis at) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    Erase(name);
    by_name_[name] = at;
    by_time_.insert({at, name});
    first = by_time_.begin()->second == name;
  }
  if (first) changed_.notify_all();
}

void Agenda::Drop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  Erase(name);
}

std::optional<std::string> Agenda::TakeDue(Millis now) {
  if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
  std::string name = by_time_.begin()->second;
  Erase(name);
  return name;
}

// The wait is on the monotonic clock, which does not count sleep, so it is never longer than a
// second of it; the deadline itself is of CLOCK_BOOTTIME.
void Agenda::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (const std::optional<std::string> name = TakeDue(clock_().boot)) {
      lock.unlock();
      due_(*name);
      lock.lock();
    } else if (by_time_.empty()) {
      changed_.wait(lock);
    } else {
      const Millis left = by_time_.begin()->first - clock_().boot;
      changed_.wait_for(lock, std::clamp(left, Millis{1}, Millis{1000}));
    }
  }
}

}  // namespace sallyport
