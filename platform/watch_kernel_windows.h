// SPDX-License-Identifier: Apache-2.0
// What the kernel tells through handles and callbacks of its own: exits of processes, addresses and
// routes.
#pragma once

#include <QWinEventNotifier>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/handle_windows.h"
#include "platform/posted.h"

namespace sallyport {

// A process's handle is signalled when it ends: no polling, and never taken in by an identifier
// that is used again.
class ExitWatch {
 public:
  using OnExit = std::function<void(int64_t pid, const std::string& about)>;

  explicit ExitWatch(OnExit on_exit);

  // Replaces the set. A pid that is gone is told from the Qt loop, as soon as it runs. Each pid is
  // told once for as long as it stays in the set.
  Status Watch(const std::set<int64_t>& pids);

 private:
  struct One {
    Handle process;
    std::string program;  // " clamd.exe"; empty when it was gone or may not be asked
    std::unique_ptr<QWinEventNotifier> notifier;
  };

  Result<One> Open(int64_t pid);
  void Tell();

  OnExit on_exit_;
  std::map<int64_t, One> watched_;
  std::set<int64_t> exited_;
  Posted tell_;
};

// NotifyIpInterfaceChange, NotifyUnicastIpAddressChange and NotifyRouteChange2.
class NetworkWatch {
 public:
  using OnChange = std::function<void(const std::string& about)>;

  explicit NetworkWatch(OnChange on_change)
      : told_([on_change = std::move(on_change)] { on_change("addresses or routes changed"); }) {}
  ~NetworkWatch() { Stop(); }
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

  // kUnsupported where the functions are there and do nothing (Wine 8).
  Status Watch(bool wanted);

 private:
  void Stop();

  Posted told_;
  std::vector<HANDLE> asked_;
};

}  // namespace sallyport
