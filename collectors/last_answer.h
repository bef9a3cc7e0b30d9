// SPDX-License-Identifier: Apache-2.0
// The last answer to a question that is dear, given again while what it was made from stays the
// same. Many threads may ask. Not per thread: what a thread keeps with a destructor is freed too
// early on Windows (attestation/thread_contexts_windows.cc).
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace sallyport {

template <typename Answer>
class LastAnswer {
 public:
  // nullopt: the one that is kept was made from something else, or there is none.
  std::optional<Answer> For(const std::string& fingerprint) const {
    const std::lock_guard lock(mutex_);
    return kept_ && kept_->first == fingerprint ? std::optional(kept_->second) : std::nullopt;
  }

  void Keep(std::string fingerprint, Answer answer) {
    const std::lock_guard lock(mutex_);
    kept_.emplace(std::move(fingerprint), std::move(answer));
  }

 private:
  mutable std::mutex mutex_;
  std::optional<std::pair<std::string, Answer>> kept_;
};

}  // namespace sallyport
