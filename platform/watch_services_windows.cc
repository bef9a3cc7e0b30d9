// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_services_windows.h"

#include <utility>
#include <vector>

namespace sallyport {
namespace {

constexpr const char* kServices = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services)";
constexpr DWORD kEveryState = SERVICE_NOTIFY_STOPPED | SERVICE_NOTIFY_START_PENDING |
                              SERVICE_NOTIFY_STOP_PENDING | SERVICE_NOTIFY_RUNNING |
                              SERVICE_NOTIFY_CONTINUE_PENDING | SERVICE_NOTIFY_PAUSE_PENDING |
                              SERVICE_NOTIFY_PAUSED | SERVICE_NOTIFY_DELETE_PENDING;

bool IsMissing(DWORD error) {
  return error == ERROR_SERVICE_DOES_NOT_EXIST || error == ERROR_SERVICE_MARKED_FOR_DELETE;
}

}  // namespace

ServiceWatch::ServiceWatch(OnChange on_change)
    : on_change_(std::move(on_change)), tell_([this] { Tell(); }), list_([this](auto&, auto&) {
        listed_ = true;
        Tell();
      }) {}

ServiceWatch::~ServiceWatch() {
  for (auto& [name, one] : watched_) Close(one);
}

// In our thread, while it waits.
void CALLBACK ServiceWatch::OnNotice(void* buffer) {
  auto* const notice = static_cast<Notice*>(static_cast<SERVICE_NOTIFYW*>(buffer)->pContext);
  if (notice->owner == nullptr) {
    delete notice;
    return;
  }
  notice->asked = false;
  notice->heard = true;
  notice->owner->tell_.Ask();
}

void ServiceWatch::Close(One& one) {
  one.service.reset();
  if (one.notice == nullptr || !one.notice->asked) return;
  one.notice->owner = nullptr;
  static_cast<void>(one.notice.release());
}

// Whether it is another state, or another process, than when it was last seen.
bool ServiceWatch::SeeState(One& one) {
  SERVICE_STATUS_PROCESS status{};
  DWORD size = 0;
  if (!QueryServiceStatusEx(one.service.get(), SC_STATUS_PROCESS_INFO,
                            reinterpret_cast<BYTE*>(&status), sizeof status, &size)) {
    return true;
  }
  const bool other = status.dwCurrentState != one.state || status.dwProcessId != one.pid;
  one.state = status.dwCurrentState;
  one.pid = status.dwProcessId;
  return other;
}

Status ServiceWatch::Open(const std::string& name, One& one) {
  const auto wide = Wide(name);
  if (!wide) return tl::unexpected(wide.error());
  one.service = ServiceHandle(OpenServiceW(manager_.get(), wide->c_str(), SERVICE_QUERY_STATUS));
  if (!one.service) {
    const DWORD error = GetLastError();
    return IsMissing(error) ? Status() : FailWindows(error, "service " + name);
  }
  one.notice = std::make_unique<Notice>();
  one.notice->owner = this;
  SeeState(one);
  return Ask(name, one);
}

Status ServiceWatch::Ask(const std::string& name, One& one) {
  Notice& notice = *one.notice;
  notice.heard = false;
  notice.buffer = {};
  notice.buffer.dwVersion = SERVICE_NOTIFY_STATUS_CHANGE;
  notice.buffer.pfnNotifyCallback = OnNotice;
  notice.buffer.pContext = &notice;
  const DWORD error = NotifyServiceStatusChangeW(one.service.get(), kEveryState, &notice.buffer);
  notice.asked = error == ERROR_SUCCESS;
  return notice.asked ? Status() : FailWindows(error, "service " + name);
}

Status ServiceWatch::Watch(const std::set<std::string>& services) {
  for (auto at = watched_.begin(); at != watched_.end();) {
    if (!services.contains(at->first)) Close(at->second);
    at = services.contains(at->first) ? std::next(at) : watched_.erase(at);
  }
  if (services.empty()) return list_.Watch({});
  if (!manager_) manager_ = ServiceHandle(OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
  if (!manager_) return FailWindows(GetLastError(), "services");
  // Before the first look: what comes after it must be heard of.
  Status first = list_.Watch({kServices});
  for (const std::string& name : services) {
    if (watched_.contains(name)) continue;
    One one;
    const Status opened = Open(name, one);
    if (!opened) Close(one);
    if (!opened && first) first = opened;
    if (opened) watched_.emplace(name, std::move(one));
  }
  return first;
}

// What there is to be told of a service that may have changed; empty: nothing.
std::string ServiceWatch::Look(const std::string& name, One& one) {
  if (!one.service) {
    if (!Open(name, one)) Close(one);
    return one.service ? "created" : "";
  }
  if (!one.notice->heard) return "";
  const bool deleted = (one.notice->buffer.dwNotificationTriggered & SERVICE_NOTIFY_DELETE_PENDING);
  // Asked again before it is looked at: nothing can change in between unseen. Too many changes at
  // once (ERROR_SERVICE_NOTIFY_CLIENT_LAGGING) make the handle deaf.
  if (!deleted && one.notice->buffer.dwNotificationStatus == ERROR_SUCCESS && Ask(name, one)) {
    return SeeState(one) ? "changed" : "";
  }
  Close(one);
  if (!Open(name, one)) Close(one);
  return deleted ? "deleted" : "changed";
}

void ServiceWatch::Tell() {
  std::vector<std::pair<std::string, std::string>> heard;
  const bool listed = std::exchange(listed_, false);
  for (auto& [name, one] : watched_) {
    if (!one.service && !listed) continue;
    const std::string what = Look(name, one);
    if (!what.empty()) heard.emplace_back(name, "service " + name + ": " + what);
  }
  for (const auto& [name, about] : heard) {
    if (watched_.contains(name)) on_change_(name, about);
  }
}

}  // namespace sallyport
