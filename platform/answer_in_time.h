// SPDX-License-Identifier: Apache-2.0
// AnswerInTime: a question to an interface that may never return and cannot be stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// Each question gets a thread. One that is late is left to itself: its answer is dropped whenever
// it comes, and the asker has kTimeout at the deadline. While `most` are late, the next is kTimeout
// at once, so that a broken service does not fill the process with threads.
class AnswerInTime {
 public:
  explicit AnswerInTime(int most = 4) : most_(most) {}

  // `ask` may outlive this call and this object: it must own what it uses.
  Result<Rows> Ask(const std::string& thing, std::function<Result<Rows>()> ask,
                   std::chrono::milliseconds deadline) const;

 private:
  int most_;
  std::shared_ptr<std::atomic<int>> late_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace sallyport
