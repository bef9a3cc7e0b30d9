// SPDX-License-Identifier: Apache-2.0
#include "service/commit_queue.h"

#include <chrono>
#include <future>
#include <iterator>

namespace sallyport {

CommitQueue::CommitQueue(Database database)
    : database_(std::move(database)),
      writer_([this] { WriteLoop(); }),
      answerer_([this] { AnswerLoop(); }) {}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_some_.notify_one();
  writer_.join();
  answerer_.join();
}

void CommitQueue::Submit(Work work, Done done) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = queued_.empty();
    queued_.push_back(Job{std::move(work), std::move(done), {}});
  }
  if (first) queued_some_.notify_one();
}

Status CommitQueue::SubmitAndWait(Work work) {
  std::promise<Status> outcome;
  Submit(std::move(work), [&outcome](const Status& status) { outcome.set_value(status); });
  {
    const std::lock_guard lock(mutex_);
    urgent_ = true;
  }
  queued_some_.notify_one();
  return outcome.get_future().get();
}

void CommitQueue::Flush() {
  (void)SubmitAndWait([](Database&) { return Status(); });
}

// Empty only at the end.
std::vector<CommitQueue::Job> CommitQueue::TakeBatch(std::unique_lock<std::mutex>& lock) {
  queued_some_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
  queued_some_.wait_until(lock, last_start_ + kSpacing,
                          [this] { return stopping_ || urgent_ || queued_.size() >= kBatch; });
  last_start_ = std::chrono::steady_clock::now();
  urgent_ = false;
  return std::exchange(queued_, {});
}

void CommitQueue::WriteLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    std::vector<Job> jobs = TakeBatch(lock);
    if (jobs.empty()) break;
    for (size_t at = 0; at < jobs.size();) {
      lock.unlock();
      const size_t end = CommitTogether(jobs, at);
      lock.lock();
      std::move(jobs.begin() + static_cast<std::ptrdiff_t>(at),
                jobs.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(committed_));
      committed_some_.notify_one();
      at = end;
    }
  }
  writer_done_ = true;
  committed_some_.notify_one();
}

void CommitQueue::AnswerLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    committed_some_.wait(lock, [this] { return writer_done_ || !committed_.empty(); });
    if (committed_.empty()) return;
    std::vector<Job> jobs = std::exchange(committed_, {});
    lock.unlock();
    for (Job& job : jobs) {
      if (job.done) job.done(job.outcome);
    }
    jobs.clear();  // what the callbacks hold is let go outside the lock
    lock.lock();
  }
}

// Returns the index after the last job of the batch, all of which have their outcome.
size_t CommitQueue::CommitTogether(std::vector<Job>& jobs, size_t from) {
  constexpr std::chrono::milliseconds kLongest{20};
  const auto start = std::chrono::steady_clock::now();
  Status together = database_.Execute("BEGIN IMMEDIATE");
  size_t end = from;
  for (; end < jobs.size() && end - from < kBatch; ++end) {
    if (std::chrono::steady_clock::now() - start > kLongest && end > from) break;
    if (together) together = jobs[end].work(database_);
  }
  if (together) together = database_.Execute("COMMIT");
  if (together) return end;
  // One of them failed and took the transaction with it: each again by itself.
  (void)database_.Execute("ROLLBACK");
  for (size_t i = from; i < end; ++i) CommitAlone(jobs[i]);
  return end;
}

void CommitQueue::CommitAlone(Job& job) {
  job.outcome = database_.Execute("BEGIN IMMEDIATE");
  if (job.outcome) job.outcome = job.work(database_);
  if (job.outcome) job.outcome = database_.Execute("COMMIT");
  if (!job.outcome) (void)database_.Execute("ROLLBACK");
}

}  // namespace sallyport
