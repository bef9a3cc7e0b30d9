// SPDX-License-Identifier: Apache-2.0
// Watchdog: sees that the collector, in another thread of this process, hangs or grows.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace sallyport {

class Watchdog {
 public:
  // Exit codes of a process that its watchdog ended.
  static constexpr int kHung = 81;
  static constexpr int kGrown = 82;

  struct Limits {
    std::string progress;  // of the ProgressMarker
    std::chrono::milliseconds table_deadline{30'000};
    uint64_t max_bytes = 256 << 20;
    std::function<uint64_t()> bytes;  // memory of this process; called on the watchdog's thread
  };
  // On the watchdog's thread, once; is to end the process.
  using OnFault = std::function<void(const std::string& why, int exit_code)>;

  // Looks each ten seconds, or three times per table deadline. What it counts is looks that found
  // the same work: a machine that slept in the middle of a table makes it one look older at most,
  // whether the clock counts sleep or not.
  Watchdog(Limits limits, OnFault on_fault);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Run();
  bool Look();

  Limits limits_;
  OnFault on_fault_;
  std::chrono::milliseconds look_every_;
  std::string work_;   // the marker as of the last look; empty: nothing was being read
  int64_t looks_ = 0;  // that found it so, after the first
  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::thread thread_;  // the last: it uses the others
};

}  // namespace sallyport
