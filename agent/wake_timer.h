// SPDX-License-Identifier: Apache-2.0
// WakeTimer: calls back at a moment of boot time (Now::boot, which counts sleep), so a laptop that
// slept is not late; QTimer counts none. Linux: timerfd_create(2). macOS: kqueue(2). Windows: a
// timer that looks at the clock again at least every ten seconds, and when the machine resumes.
// Belongs to the Qt event loop of its thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/now.h"

namespace sallyport {

class WakeTimer {
 public:
  explicit WakeTimer(std::function<void()> on_time);
  ~WakeTimer();
  WakeTimer(const WakeTimer&) = delete;
  WakeTimer& operator=(const WakeTimer&) = delete;

  // Replaces the moment; nothing: never. A moment that has passed comes in the next turn of the
  // loop, never from inside Set.
  void Set(std::optional<Millis> at);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport
