// SPDX-License-Identifier: Apache-2.0
#include "platform/answer_in_time.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace sallyport {
namespace {

struct Question {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Result<Rows>> answer;
  bool given_up = false;
};

}  // namespace

Result<Rows> AnswerInTime::Ask(const std::string& thing, std::function<Result<Rows>()> ask,
                               std::chrono::milliseconds deadline) const {
  if (late_->load() >= most_) {
    return Fail(Code::kTimeout,
                thing + ": " + std::to_string(most_) + " earlier questions hang still");
  }
  const auto question = std::make_shared<Question>();
  std::thread([question, ask = std::move(ask), late = late_] {
    Result<Rows> answer = ask();
    const std::lock_guard lock(question->mutex);
    question->answer = std::move(answer);
    if (question->given_up) --*late;
    question->answered.notify_one();
  }).detach();

  std::unique_lock lock(question->mutex);
  if (question->answered.wait_for(lock, deadline, [&] { return question->answer.has_value(); })) {
    return *std::move(question->answer);
  }
  question->given_up = true;
  ++*late_;
  return Fail(Code::kTimeout,
              thing + ": no answer after " + std::to_string(deadline.count()) + " ms");
}

}  // namespace sallyport
