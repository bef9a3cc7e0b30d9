// SPDX-License-Identifier: Apache-2.0
#include "agent/service/install_windows.h"

#include <windows.h>

#include <array>
#include <utility>

#include "agent/service/event_log_windows.h"
#include "platform/handle_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

constexpr DWORD kStopPatienceMs = 30'000;
constexpr DWORD kDay = 24 * 60 * 60;

tl::unexpected<Error> FailService(DWORD error, const std::string& name) {
  switch (error) {
    case ERROR_SERVICE_EXISTS:
      return Fail(Code::kConflict, "service " + name + ": there is one of this name");
    case ERROR_SERVICE_DOES_NOT_EXIST:
      return Fail(Code::kNotFound, "service " + name + ": there is none");
    case ERROR_SERVICE_MARKED_FOR_DELETE:
      return Fail(Code::kConflict, "service " + name + ": is being deleted");
    default:
      return FailWindows(error, "service " + name);
  }
}

Result<ServiceHandle> OpenManager(DWORD rights) {
  ServiceHandle manager(OpenSCManagerW(nullptr, nullptr, rights));
  if (!manager) return FailWindows(GetLastError(), "service manager");
  return manager;
}

struct Setting {
  DWORD level;
  void* value;
  const char* name;
};

// An error that says that this system knows no such setting, as Wine does.
bool IsUnknownSetting(DWORD error) {
  return error == ERROR_INVALID_LEVEL || error == ERROR_CALL_NOT_IMPLEMENTED;
}

// REG_MULTI_SZ.
std::wstring PrivilegeList() {
  std::wstring list;
  for (const wchar_t* name : kServicePrivileges) {
    list += name;
    list.push_back(L'\0');
  }
  list.push_back(L'\0');
  return list;
}

Status Configure(SC_HANDLE service, const std::string& name,
                 const std::function<void(const std::string&)>& notice) {
  wchar_t about[] =
      L"Tells the company's policy service, signed, what state this laptop is in, so that its VPN "
      L"lets it through.";
  SERVICE_DESCRIPTIONW description{about};
  SERVICE_DELAYED_AUTO_START_INFO delayed{TRUE};
  std::array<SC_ACTION, 3> again{
      SC_ACTION{SC_ACTION_RESTART, 1'000}, {SC_ACTION_RESTART, 5'000}, {SC_ACTION_RESTART, 60'000}};
  SERVICE_FAILURE_ACTIONSW actions{kDay, nullptr, nullptr, again.size(), again.data()};
  SERVICE_FAILURE_ACTIONS_FLAG also_errors{TRUE};
  SERVICE_SID_INFO sid{SERVICE_SID_TYPE_UNRESTRICTED};
  std::wstring list = PrivilegeList();
  SERVICE_REQUIRED_PRIVILEGES_INFOW privileges{list.data()};
  SERVICE_PRESHUTDOWN_INFO preshutdown{20'000};
  const Setting settings[] = {
      {SERVICE_CONFIG_DESCRIPTION, &description, "description"},
      {SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed, "delayed start"},
      {SERVICE_CONFIG_FAILURE_ACTIONS, &actions, "recovery"},
      {SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also_errors, "recovery after an error"},
      {SERVICE_CONFIG_SERVICE_SID_INFO, &sid, "SID"},
      {SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &privileges, "required privileges"},
      {SERVICE_CONFIG_PRESHUTDOWN_INFO, &preshutdown, "time at shutdown"}};
  for (const Setting& setting : settings) {
    if (ChangeServiceConfig2W(service, setting.level, setting.value)) continue;
    const DWORD error = GetLastError();
    if (!IsUnknownSetting(error)) return FailService(error, name + ", " + setting.name);
    notice(std::string("this system's service manager knows no setting: ") + setting.name);
  }
  return {};
}

Status StopAndWait(SC_HANDLE service, const std::string& name) {
  SERVICE_STATUS_PROCESS status{};
  DWORD size = 0;
  if (!QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status),
                            sizeof status, &size)) {
    return FailService(GetLastError(), name);
  }
  if (status.dwCurrentState == SERVICE_STOPPED) return {};
  const Handle process(OpenProcess(SYNCHRONIZE, FALSE, status.dwProcessId));
  const bool gone = process ? WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0
                            : GetLastError() == ERROR_INVALID_PARAMETER;
  if (gone) return {};  // killed, and the service manager does not know it yet
  SERVICE_STATUS answer{};
  if (!ControlService(service, SERVICE_CONTROL_STOP, &answer)) {
    const DWORD error = GetLastError();
    if (error != ERROR_SERVICE_NOT_ACTIVE) return FailService(error, name);
  }
  if (process && WaitForSingleObject(process.get(), kStopPatienceMs) != WAIT_OBJECT_0) {
    return Fail(Code::kTimeout, "service " + name + ": does not stop");
  }
  return {};
}

}  // namespace

Status InstallService(const Installation& what,
                      const std::function<void(const std::string&)>& notice) {
  std::vector<std::string> argv{what.program};
  argv.insert(argv.end(), what.arguments.begin(), what.arguments.end());
  const auto line = CommandLine(argv);
  if (!line) return tl::unexpected(line.error());
  const auto wide_line = Wide(*line);
  const auto wide_name = Wide(what.name);
  if (!wide_line) return tl::unexpected(wide_line.error());
  if (!wide_name) return tl::unexpected(wide_name.error());
  const auto manager = OpenManager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
  if (!manager) return tl::unexpected(manager.error());
  const ServiceHandle service(
      CreateServiceW(manager->get(), wide_name->c_str(), wide_name->c_str(), SERVICE_ALL_ACCESS,
                     SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                     wide_line->c_str(), nullptr, nullptr, nullptr, nullptr, nullptr));
  if (!service) return FailService(GetLastError(), what.name);
  Status done = Configure(service.get(), what.name, notice);
  if (done) done = AddEventSource(what.program);
  if (!done) DeleteService(service.get());
  return done;
}

Status UninstallService(const std::string& name) {
  const auto wide = Wide(name);
  if (!wide) return tl::unexpected(wide.error());
  const auto manager = OpenManager(SC_MANAGER_CONNECT);
  if (!manager) return tl::unexpected(manager.error());
  const ServiceHandle service(
      OpenServiceW(manager->get(), wide->c_str(), SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE));
  if (!service) return FailService(GetLastError(), name);
  if (Status stopped = StopAndWait(service.get(), name); !stopped) return stopped;
  if (!DeleteService(service.get())) return FailService(GetLastError(), name);
  return RemoveEventSource();
}

}  // namespace sallyport
