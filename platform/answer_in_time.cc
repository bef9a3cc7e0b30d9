// SPDX-License-Identifier: Apache-2.0
#include "platform/answer_in_time.h"

#include <condition_variable>
#include <mutex>
#include <optional>

namespace sallyport {

struct AnswerInTime::Question {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Result<Rows>> answer;
};

// Threads are joined, not detached, while there is somebody to join them: of those that were
// detached as soon as they were made, winpthreads lost one in twenty before it had asked.
AnswerInTime::~AnswerInTime() {
  ForgetThoseThatAnswered();
  for (Late& late : late_) late.thread.detach();
}

void AnswerInTime::ForgetThoseThatAnswered() const {
  for (auto late = late_.begin(); late != late_.end();) {
    std::unique_lock lock(late->question->mutex);
    const bool answered = late->question->answer.has_value();
    lock.unlock();
    if (answered) late->thread.join();
    late = answered ? late_.erase(late) : std::next(late);
  }
}

Result<Rows> AnswerInTime::Ask(const std::string& thing, std::function<Result<Rows>()> ask,
                               std::chrono::milliseconds deadline) const {
  ForgetThoseThatAnswered();
  if (late_.size() >= most_) {
    return Fail(Code::kTimeout,
                thing + ": " + std::to_string(most_) + " earlier questions hang still");
  }
  const auto question = std::make_shared<Question>();
  std::thread thread([question, ask = std::move(ask)] {
    Result<Rows> answer = ask();
    const std::lock_guard lock(question->mutex);
    question->answer = std::move(answer);
    question->answered.notify_one();
  });

  std::unique_lock lock(question->mutex);
  if (!question->answered.wait_for(lock, deadline, [&] { return question->answer.has_value(); })) {
    late_.push_back({question, std::move(thread)});
    return Fail(Code::kTimeout,
                thing + ": no answer after " + std::to_string(deadline.count()) + " ms");
  }
  lock.unlock();
  thread.join();
  return *std::move(question->answer);
}

}  // namespace sallyport
