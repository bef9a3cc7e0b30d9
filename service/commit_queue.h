// SPDX-License-Identifier: Apache-2.0
// CommitQueue: writes of many callers, committed together by one thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "service/sqlite.h"

namespace sallyport {

// An idle queue commits at once. A busy one commits every kSpacing: a commit costs as much CPU as
// sixteen writes, so what comes meanwhile goes together (at most kBatch writes, or 20 ms of them).
// `work` runs on the writing thread inside a transaction; when it fails, its own effects are undone
// and the others stay. It may be run a second time: the others of a batch with a failure are.
// `done` runs on a second thread, in the order of submission, after the commit is on disk (or has
// failed).
class CommitQueue {
 public:
  using Work = std::function<Status(Database&)>;
  using Done = std::function<void(const Status&)>;
  static constexpr size_t kBatch = 1000;
  static constexpr std::chrono::milliseconds kSpacing{15};  // from the start of one to the next

  explicit CommitQueue(Database database);
  ~CommitQueue();  // commits what is queued and answers everyone
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  void Submit(Work work, Done done);
  Status SubmitAndWait(Work work);
  void Flush();  // returns when all that was submitted before is committed and answered

 private:
  struct Job {
    Work work;
    Done done;
    Status outcome;
  };
  std::vector<Job> TakeBatch(std::unique_lock<std::mutex>& lock);
  void WriteLoop();
  void AnswerLoop();
  size_t CommitTogether(std::vector<Job>& jobs, size_t from);
  void CommitAlone(Job& job);

  Database database_;
  std::mutex mutex_;
  std::condition_variable queued_some_;
  std::condition_variable committed_some_;
  std::vector<Job> queued_;
  std::vector<Job> committed_;
  std::chrono::steady_clock::time_point last_start_;  // of a commit
  bool urgent_ = false;                               // somebody waits in Flush or SubmitAndWait
  bool stopping_ = false;
  bool writer_done_ = false;
  std::thread writer_;
  std::thread answerer_;
};

}  // namespace sallyport
