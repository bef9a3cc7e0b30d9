// SPDX-License-Identifier: Apache-2.0
// AnswerInTime: a question to an interface that may never return and cannot be stopped.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

// Each question gets a thread. One that is late is left to itself: its answer is dropped whenever
// it comes, and the asker has kTimeout at the deadline. While `most` are late, the next is kTimeout
// at once, so that a broken service does not fill the process with threads. May be asked from one
// thread at a time.
class AnswerInTime {
 public:
  explicit AnswerInTime(size_t most = 4) : most_(most) {}
  ~AnswerInTime();
  AnswerInTime(const AnswerInTime&) = delete;
  AnswerInTime& operator=(const AnswerInTime&) = delete;

  // `ask` may outlive this call and this object: it must own what it uses.
  Result<Rows> Ask(const std::string& thing, std::function<Result<Rows>()> ask,
                   std::chrono::milliseconds deadline) const;

 private:
  struct Question;
  struct Late {
    std::shared_ptr<Question> question;
    std::thread thread;
  };

  void ForgetThoseThatAnswered() const;

  size_t most_;
  mutable std::vector<Late> late_;
};

}  // namespace sallyport
