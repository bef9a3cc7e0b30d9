// SPDX-License-Identifier: Apache-2.0
#include "agent/service/service_control_windows.h"

#include <string>
#include <utility>

namespace sallyport {
namespace {

// Longer than what is waited for at a time, shorter than the service manager's own patience.
constexpr DWORD kWaitHintMs = 15'000;

ServiceControl* the_service = nullptr;  // of Main

}  // namespace

ServiceControl::ServiceControl(std::function<void()> on_stop)
    : on_stop_(std::move(on_stop)),
      begun_(CreateEventW(nullptr, TRUE, FALSE, nullptr)),
      over_(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
  the_service = this;
}

ServiceControl::~ServiceControl() {
  Stopped(ERROR_PROCESS_ABORTED);
  if (dispatcher_.joinable()) dispatcher_.join();
}

Status ServiceControl::Begin() {
  dispatcher_ = std::thread([this] {
    wchar_t any[] = L"";  // SERVICE_WIN32_OWN_PROCESS: the name is not looked at
    const SERVICE_TABLE_ENTRYW table[] = {{any, Main}, {nullptr, nullptr}};
    if (!StartServiceCtrlDispatcherW(table)) {
      const std::lock_guard lock(mutex_);
      dispatcher_error_ = GetLastError();
    }
    SetEvent(begun_.get());
  });
  WaitForSingleObject(begun_.get(), INFINITE);
  const std::lock_guard lock(mutex_);
  if (dispatcher_error_ == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
    return Fail(Code::kUnavailable, "not started by the service manager");
  }
  if (dispatcher_error_ != 0) return FailWindows(dispatcher_error_, "service dispatcher");
  return {};
}

void WINAPI ServiceControl::Main(DWORD, wchar_t**) { the_service->Serve(); }

void ServiceControl::Serve() {
  {
    const std::lock_guard lock(mutex_);
    reported_ = RegisterServiceCtrlHandlerExW(L"", OnControl, this);
    Report(SERVICE_START_PENDING, 0);
  }
  SetEvent(begun_.get());
  // The process may be ended once this has returned and STOPPED was said.
  WaitForSingleObject(over_.get(), INFINITE);
}

bool EndsService(DWORD control) {
  return control == SERVICE_CONTROL_STOP || control == SERVICE_CONTROL_SHUTDOWN ||
         control == SERVICE_CONTROL_PRESHUTDOWN;
}

DWORD WINAPI ServiceControl::OnControl(DWORD control, DWORD, void*, void* self) {
  if (EndsService(control)) {
    static_cast<ServiceControl*>(self)->StopAsked();
    return NO_ERROR;
  }
  return control == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

void ServiceControl::StopAsked() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == SERVICE_STOP_PENDING || state_ == SERVICE_STOPPED) return;
    Report(SERVICE_STOP_PENDING, 0);
  }
  on_stop_();
}

void ServiceControl::Running() {
  const std::lock_guard lock(mutex_);
  if (state_ == SERVICE_START_PENDING) Report(SERVICE_RUNNING, 0);
}

void ServiceControl::Busy() {
  const std::lock_guard lock(mutex_);
  if (state_ == SERVICE_START_PENDING || state_ == SERVICE_STOP_PENDING) Report(state_, 0);
}

void ServiceControl::Stopped(DWORD exit_code) {
  const std::lock_guard lock(mutex_);
  if (state_ == SERVICE_STOPPED) return;
  Report(SERVICE_STOPPED, exit_code);
  SetEvent(over_.get());
}

void ServiceControl::Report(DWORD state, DWORD exit_code) {
  const bool pending = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
  step_ = pending && state == state_ ? step_ + 1 : 1;
  state_ = state;
  SERVICE_STATUS status{};
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  if (state == SERVICE_RUNNING) {
    status.dwControlsAccepted =
        SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN;
  }
  status.dwWin32ExitCode = exit_code == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
  status.dwServiceSpecificExitCode = exit_code;
  status.dwCheckPoint = pending ? step_ : 0;
  status.dwWaitHint = pending ? kWaitHintMs : 0;
  if (reported_ != nullptr) SetServiceStatus(reported_, &status);
}

}  // namespace sallyport
