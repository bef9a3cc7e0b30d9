// SPDX-License-Identifier: Apache-2.0
#include "platform/services_windows.h"

#include <algorithm>
#include <array>

#include "platform/handle_windows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxServices = 20'000;

ServiceInfo::State StateOf(DWORD state) {
  using State = ServiceInfo::State;
  switch (state) {
    case SERVICE_START_PENDING:
      return State::kStartPending;
    case SERVICE_STOP_PENDING:
      return State::kStopPending;
    case SERVICE_RUNNING:
      return State::kRunning;
    case SERVICE_CONTINUE_PENDING:
      return State::kContinuePending;
    case SERVICE_PAUSE_PENDING:
      return State::kPausePending;
    case SERVICE_PAUSED:
      return State::kPaused;
    default:
      return State::kStopped;
  }
}

std::optional<ServiceInfo::Start> StartOf(DWORD start) {
  using Start = ServiceInfo::Start;
  constexpr std::array<Start, 5> kStarts = {Start::kBoot, Start::kSystem, Start::kAutomatic,
                                            Start::kDemand, Start::kDisabled};
  if (start >= kStarts.size()) return std::nullopt;
  return kStarts[start];  // winsvc.h: SERVICE_BOOT_START 0 to SERVICE_DISABLED 4
}

// What may not be asked stays empty.
void DescribeConfiguration(SC_HANDLE manager, const wchar_t* name, ServiceInfo* out) {
  const ServiceHandle service(OpenServiceW(manager, name, SERVICE_QUERY_CONFIG));
  if (!service) return;
  constexpr DWORD kMost = 8 << 10;  // QueryServiceConfig: "the maximum size of this array is 8K"
  alignas(QUERY_SERVICE_CONFIGW) std::array<unsigned char, kMost> buffer;
  auto* const config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
  DWORD size = 0;
  if (!QueryServiceConfigW(service.get(), config, kMost, &size)) return;
  out->start = StartOf(config->dwStartType);
  if (config->lpBinaryPathName == nullptr) return;
  const auto command = Narrow(config->lpBinaryPathName, out->name);
  if (command) out->command = *command;
}

Result<ServiceInfo> InfoOf(SC_HANDLE manager, const ENUM_SERVICE_STATUS_PROCESSW& found) {
  auto name = Narrow(found.lpServiceName, "a service's name");
  if (!name) return tl::unexpected(name.error());
  const SERVICE_STATUS_PROCESS& status = found.ServiceStatusProcess;
  ServiceInfo info{.name = *std::move(name),
                   .state = StateOf(status.dwCurrentState),
                   .driver = (status.dwServiceType & SERVICE_DRIVER) != 0,
                   .pid = status.dwProcessId};
  DescribeConfiguration(manager, found.lpServiceName, &info);
  return info;
}

}  // namespace

Result<std::vector<ServiceInfo>> ListServices() {
  const ServiceHandle manager(
      OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE));
  if (!manager) return FailWindows(GetLastError(), "services");
  // 256 KiB is the most that one answer may have.
  std::vector<ENUM_SERVICE_STATUS_PROCESSW> buffer((256 << 10) /
                                                   sizeof(ENUM_SERVICE_STATUS_PROCESSW));
  std::vector<ServiceInfo> services;
  DWORD resume = 0;
  for (bool more = true; more;) {
    DWORD needed = 0;
    DWORD count = 0;
    more =
        !EnumServicesStatusExW(manager.get(), SC_ENUM_PROCESS_INFO, SERVICE_WIN32 | SERVICE_DRIVER,
                               SERVICE_STATE_ALL, reinterpret_cast<BYTE*>(buffer.data()),
                               static_cast<DWORD>(buffer.size() * sizeof buffer.front()), &needed,
                               &count, &resume, nullptr);
    if (more && GetLastError() != ERROR_MORE_DATA) return FailWindows(GetLastError(), "services");
    if (more && count == 0) return Fail(Code::kTooLarge, "services: one is over 256 KiB");
    if (services.size() + count > kMaxServices) return Fail(Code::kTooLarge, "services: too many");
    for (DWORD i = 0; i < count; ++i) {
      auto info = InfoOf(manager.get(), buffer[i]);
      if (!info) return tl::unexpected(info.error());
      services.push_back(*std::move(info));
    }
  }
  std::ranges::sort(services, {}, &ServiceInfo::name);
  return services;
}

}  // namespace sallyport
