// SPDX-License-Identifier: Apache-2.0
// ServiceWatch: hears of Windows services that start, stop, come or go.
#pragma once

#include <windows.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/handle_windows.h"
#include "platform/posted.h"
#include "platform/watch_registry_windows.h"

namespace sallyport {

// NotifyServiceStatusChangeW for services that exist. It calls back in the thread that asked, when
// that waits alertably, as Qt's loop does (MsgWaitForMultipleObjectsEx, MWMO_ALERTABLE). One that
// does not exist yet comes with a key of its name in the registry's list of services, which is
// watched. A service that is to be deleted stays until the last handle to it is closed: ours is
// when the system says so. Wine does not; there it stays for as long as it is watched.
class ServiceWatch {
 public:
  using OnChange = std::function<void(const std::string& service, const std::string& about)>;

  // `on_change` comes from the Qt loop, once per service and burst.
  explicit ServiceWatch(OnChange on_change);
  ~ServiceWatch();

  // Replaces the set. The error is the first service's that could not be watched; the others are.
  Status Watch(const std::set<std::string>& services);

 private:
  // What the system writes to. It may do so, and call back, after the handle was closed, so one
  // that was asked for and is no longer wanted is left to itself; it goes when it is called back.
  struct Notice {
    SERVICE_NOTIFYW buffer{};
    ServiceWatch* owner = nullptr;  // null: nobody's any more
    bool asked = false;
    bool heard = false;
  };
  struct One {
    ServiceHandle service;  // null: does not exist
    std::unique_ptr<Notice> notice;
    DWORD state = 0;  // as it was last seen
    DWORD pid = 0;
  };

  static void CALLBACK OnNotice(void* buffer);
  Status Open(const std::string& name, One& one);
  Status Ask(const std::string& name, One& one);
  static void Close(One& one);
  bool SeeState(One& one);
  std::string Look(const std::string& name, One& one);
  void Tell();

  OnChange on_change_;
  ServiceHandle manager_;
  std::map<std::string, One> watched_;
  bool listed_ = false;  // the list of services changed
  Posted tell_;
  RegistryWatch list_;
};

}  // namespace sallyport
