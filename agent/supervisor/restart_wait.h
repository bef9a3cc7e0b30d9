// SPDX-License-Identifier: Apache-2.0
// RestartWait: when a program that is to run all the time is started again.
#pragma once

#include <algorithm>
#include <chrono>

namespace sallyport {

using SteadyTime = std::chrono::steady_clock::time_point;

// At once after a run of kCalm or more, else after a wait that doubles from kFirstWait to
// kLongestWait.
class RestartWait {
 public:
  static constexpr std::chrono::milliseconds kFirstWait{250};
  static constexpr std::chrono::milliseconds kLongestWait{60'000};
  static constexpr std::chrono::milliseconds kCalm{60'000};

  void Started(SteadyTime now) { started_ = now; }
  void Ended(SteadyTime now) {
    if (now - started_ >= kCalm) wait_ = std::chrono::milliseconds(0);
    NotStarted(now);
  }
  void NotStarted(SteadyTime now) {
    due_ = now + wait_;
    wait_ = std::clamp(wait_ * 2, kFirstWait, kLongestWait);
  }

  SteadyTime due() const { return due_; }

 private:
  SteadyTime started_;
  SteadyTime due_;
  std::chrono::milliseconds wait_{0};
};

}  // namespace sallyport
