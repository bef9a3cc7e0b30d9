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
  wake_.notify_all();
  writer_.join();
  answerer_.join();
}

void CommitQueue::Submit(Work work, Done done) {
  {
    const std::lock_guard lock(mutex_);
    queued_.push_back(Job{std::move(work), std::move(done), {}});
  }
  wake_.notify_all();
}

Status CommitQueue::SubmitAndWait(Work work) {
  std::promise<Status> outcome;
  Submit(std::move(work), [&outcome](const Status& status) { outcome.set_value(status); });
  return outcome.get_future().get();
}

void CommitQueue::Flush() {
  std::promise<void> reached;
  Submit([](Database&) { return Status(); }, [&reached](const Status&) { reached.set_value(); });
  reached.get_future().wait();
}

void CommitQueue::WriteLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
    if (queued_.empty()) break;
    std::vector<Job> jobs = std::exchange(queued_, {});
    lock.unlock();
    for (size_t at = 0; at < jobs.size();) {
      const size_t end = CommitTogether(jobs, at);
      lock.lock();
      std::move(jobs.begin() + static_cast<std::ptrdiff_t>(at),
                jobs.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(committed_));
      lock.unlock();
      wake_.notify_all();
      at = end;
    }
    lock.lock();
  }
  writer_done_ = true;
  wake_.notify_all();
}

void CommitQueue::AnswerLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return writer_done_ || !committed_.empty(); });
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
