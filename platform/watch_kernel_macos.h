// SPDX-License-Identifier: Apache-2.0
// What the kernel tells through descriptors of its own: exits of processes, addresses and routes.
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/fd_posix.h"

namespace sallyport {

// kqueue(2), EVFILT_PROC with NOTE_EXIT: bound to the process, never taken in by a pid that is used
// again.
class ExitWatch {
 public:
  using OnExit = std::function<void(int64_t pid, const std::string& about)>;

  explicit ExitWatch(OnExit on_exit);

  // Replaces the set. A pid that is gone is told from the Qt loop, as soon as it runs. Each pid is
  // told once for as long as it stays in the set.
  Status Watch(const std::set<int64_t>& pids);

 private:
  Status Change(int64_t pid, uint16_t action);
  void Drain();
  void Exited(int64_t pid);

  OnExit on_exit_;
  Fd kqueue_;
  std::unique_ptr<QSocketNotifier> notifier_;
  QObject context_;  // events that are queued die with it
  std::set<int64_t> watched_;
  std::set<int64_t> told_;
};

// route(4): what a routing socket is told without asking.
class NetworkWatch {
 public:
  using OnChange = std::function<void(const std::string& about)>;

  explicit NetworkWatch(OnChange on_change) : on_change_(std::move(on_change)) {}

  Status Watch(bool wanted);

 private:
  void Drain();

  OnChange on_change_;
  Fd socket_;
  std::unique_ptr<QSocketNotifier> notifier_;
};

}  // namespace sallyport
