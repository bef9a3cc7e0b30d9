// SPDX-License-Identifier: Apache-2.0
// Agenda: one thread that wakes for the earliest of many deadlines, instead of a timer each.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/now.h"
#include "service/clock.h"

namespace sallyport {

// Each name has at most one deadline (boot time). `due` runs on the agenda's thread, without its
// lock, once per deadline.
class Agenda {
 public:
  using Due = std::function<void(const std::string& name)>;
  Agenda(Clock clock, Due due);
  ~Agenda();
  Agenda(const Agenda&) = delete;
  Agenda& operator=(const Agenda&) = delete;

  void Set(const std::string& name, Millis at);
  void Drop(const std::string& name);
  void Stop();  // returns when nothing runs any more; deadlines set later never come

 private:
  void Loop();
  void Erase(const std::string& name);
  // The first name whose deadline has come, taken off the list.
  std::optional<std::string> TakeDue(Millis now);

  Clock clock_;
  Due due_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::pair<Millis, std::string>> by_time_;
  std::unordered_map<std::string, Millis> by_name_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sallyport
