// SPDX-License-Identifier: Apache-2.0
// What the kernel tells through descriptors of its own: exits of processes, addresses and routes,
// mounts and swaps.
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/fd_posix.h"

namespace sallyport {

// pidfd_open(2): no polling, and never taken in by a pid that is used again.
class ExitWatch {
 public:
  using OnExit = std::function<void(int64_t pid, const std::string& about)>;

  explicit ExitWatch(OnExit on_exit) : on_exit_(std::move(on_exit)) {}

  // Replaces the set. A pid that is gone is told from the Qt loop, as soon as it runs. Each pid is
  // told once for as long as it stays in the set.
  Status Watch(const std::set<int64_t>& pids);

 private:
  struct One {
    Fd pidfd;
    std::unique_ptr<QSocketNotifier> notifier;
  };

  Result<One> Open(int64_t pid);
  void Exited(int64_t pid);

  OnExit on_exit_;
  QObject context_;  // events that are queued die with it
  std::map<int64_t, One> watched_;
};

// rtnetlink(7) groups of addresses and routes, of the network namespace it was made in.
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

// Files of /proc that tell of changes by POLLPRI, proc_pid_mountinfo(5), proc_swaps(5): inotify
// is silent about them.
class ProcWatch {
 public:
  using OnChange = std::function<void(const std::string& path, const std::string& about)>;

  explicit ProcWatch(OnChange on_change) : on_change_(std::move(on_change)) {}

  static bool Tells(const std::string& path);
  Status Watch(const std::set<std::string>& paths);

 private:
  struct One {
    Fd file;
    std::unique_ptr<QSocketNotifier> notifier;
  };

  OnChange on_change_;
  std::map<std::string, One> watched_;
};

}  // namespace sallyport
