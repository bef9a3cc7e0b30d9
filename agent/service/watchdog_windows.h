// SPDX-License-Identifier: Apache-2.0
// Watchdog: sees that the collector, in the main thread of this process, hangs or grows.
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
  // Exit codes of a process that its watchdog ended; the service manager's recovery starts it
  // again.
  static constexpr int kHung = 81;
  static constexpr int kGrown = 82;

  struct Limits {
    std::string progress;  // of the ProgressMarker
    std::chrono::milliseconds table_deadline{30'000};
    uint64_t max_bytes = 256 << 20;  // private memory of this process
  };
  // On the watchdog's thread, once; is to end the process.
  using OnFault = std::function<void(const std::string& why, int exit_code)>;

  // Looks each ten seconds, or three times per table deadline.
  Watchdog(Limits limits, OnFault on_fault);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Run();
  bool Look() const;

  Limits limits_;
  OnFault on_fault_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::thread thread_;  // the last: it uses the others
};

}  // namespace sallyport
