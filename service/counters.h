// SPDX-License-Identifier: Apache-2.0
// Counters: how often each thing happened since the start, by a stable name.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace sallyport {

// Names come from code, never from a peer, so their number is bounded. Any thread.
class Counters {
 public:
  void Add(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto at = counts_.find(name);
    if (at != counts_.end()) {
      ++at->second;
    } else {
      counts_.emplace(name, 1);
    }
  }
  std::map<std::string, uint64_t, std::less<>> Snapshot() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> counts_;
};

}  // namespace sallyport
