// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <ws2ipdef.h>
#include <iphlpapi.h>
#include <netioapi.h>
// clang-format on

#include "platform/watch_kernel_windows.h"

#include <array>
#include <limits>
#include <utility>

namespace sallyport {
namespace {

std::string ProgramOf(HANDLE process) {
  std::array<wchar_t, 1024> path;
  auto size = static_cast<DWORD>(path.size());
  if (!QueryFullProcessImageNameW(process, 0, path.data(), &size)) return {};
  const std::wstring_view whole(path.data(), size);
  const auto name = Narrow(whole.substr(whole.rfind(L'\\') + 1), "");
  return name ? " " + *name : "";
}

// On threads of the system. Posted runs in ours.
void WINAPI OnInterface(void* told, PMIB_IPINTERFACE_ROW, MIB_NOTIFICATION_TYPE) {
  static_cast<Posted*>(told)->Ask();
}
void WINAPI OnAddress(void* told, PMIB_UNICASTIPADDRESS_ROW, MIB_NOTIFICATION_TYPE) {
  static_cast<Posted*>(told)->Ask();
}
void WINAPI OnRoute(void* told, PMIB_IPFORWARD_ROW2, MIB_NOTIFICATION_TYPE) {
  static_cast<Posted*>(told)->Ask();
}

}  // namespace

ExitWatch::ExitWatch(OnExit on_exit) : on_exit_(std::move(on_exit)), tell_([this] { Tell(); }) {}

Result<ExitWatch::One> ExitWatch::Open(int64_t pid) {
  const std::string thing = "pid " + std::to_string(pid);
  if (pid <= 0 || pid > std::numeric_limits<DWORD>::max()) return Fail(Code::kNotFound, thing);
  const auto id = static_cast<DWORD>(pid);
  One one{Handle(OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id)), {}, {}};
  if (!one.process) one.process = Handle(OpenProcess(SYNCHRONIZE, FALSE, id));
  if (!one.process) {
    const DWORD error = GetLastError();
    if (error == ERROR_INVALID_PARAMETER) return Fail(Code::kNotFound, thing);  // no such process
    return FailWindows(error, thing);
  }
  one.program = ProgramOf(one.process.get());
  one.notifier = std::make_unique<QWinEventNotifier>(one.process.get());
  QObject::connect(one.notifier.get(), &QWinEventNotifier::activated, [this, pid] {
    watched_.at(pid).notifier->setEnabled(false);  // it stays signalled
    exited_.insert(pid);
    tell_.Ask();
  });
  return one;
}

void ExitWatch::Tell() {
  for (const int64_t pid : std::exchange(exited_, {})) {
    const auto found = watched_.find(pid);
    if (found == watched_.end()) continue;
    on_exit_(pid, "exit " + std::to_string(pid) + found->second.program);
  }
}

Status ExitWatch::Watch(const std::set<int64_t>& pids) {
  std::erase_if(watched_, [&](const auto& one) { return !pids.contains(one.first); });
  Status first;
  for (const int64_t pid : pids) {
    if (watched_.contains(pid)) continue;
    auto opened = Open(pid);
    if (!opened && opened.error().code != Code::kNotFound) {
      if (first) first = tl::unexpected(opened.error());
      continue;
    }
    if (!opened) {
      exited_.insert(pid);
      tell_.Ask();
    }
    watched_.emplace(pid, opened ? std::move(*opened) : One{});
  }
  return first;
}

Status NetworkWatch::Watch(bool wanted) {
  if (!wanted) {
    Stop();
    return {};
  }
  if (!asked_.empty()) return {};
  const auto keep = [this](DWORD error, HANDLE handle, const char* what) -> Status {
    if (error != NO_ERROR) return FailWindows(error, what);
    if (handle == nullptr)
      return Fail(Code::kUnsupported, std::string(what) + ": does nothing here");
    asked_.push_back(handle);
    return {};
  };
  HANDLE handle = nullptr;
  DWORD error = NotifyIpInterfaceChange(AF_UNSPEC, OnInterface, &told_, FALSE, &handle);
  Status status = keep(error, handle, "NotifyIpInterfaceChange");
  handle = nullptr;
  error = NotifyUnicastIpAddressChange(AF_UNSPEC, OnAddress, &told_, FALSE, &handle);
  if (status) status = keep(error, handle, "NotifyUnicastIpAddressChange");
  handle = nullptr;
  error = NotifyRouteChange2(AF_UNSPEC, OnRoute, &told_, FALSE, &handle);
  if (status) status = keep(error, handle, "NotifyRouteChange2");
  if (!status) Stop();
  return status;
}

// Waits for callbacks that run.
void NetworkWatch::Stop() {
  for (HANDLE handle : std::exchange(asked_, {})) CancelMibChangeNotify2(handle);
}

}  // namespace sallyport
