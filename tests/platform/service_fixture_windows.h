// SPDX-License-Identifier: Apache-2.0
// FakeService: a service that the service manager knows for one test.
#pragma once

#include <windows.h>

#include <stdexcept>
#include <string>

namespace sallyport {

class FakeService {
 public:
  // Its program lies beside this one, or is a copy of that at `program`.
  explicit FakeService(const std::wstring& name, const std::wstring& program = {})
      : manager_(OpenSCManagerW(nullptr, nullptr, SC_MANAGER_ALL_ACCESS)) {
    wchar_t self[MAX_PATH];
    GetModuleFileNameW(nullptr, self, MAX_PATH);
    const std::wstring here(self);
    program_ = here.substr(0, here.rfind(L'\\')) + L"\\fake_service_windows.exe";
    if (!program.empty()) {
      CopyFileW(program_.c_str(), program.c_str(), FALSE);
      program_ = program;
    }
    service_ = CreateServiceW(manager_, name.c_str(), name.c_str(), SERVICE_ALL_ACCESS,
                              SERVICE_WIN32_OWN_PROCESS, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL,
                              program_.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr);
    if (service_ == nullptr) {
      throw std::runtime_error("CreateService: " + std::to_string(GetLastError()));
    }
  }
  ~FakeService() {
    const HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, pid());
    Stop();
    if (process != nullptr) {
      WaitForSingleObject(process, 10'000);
      CloseHandle(process);
    }
    DeleteService(service_);
    CloseServiceHandle(service_);
    CloseServiceHandle(manager_);
  }
  FakeService(const FakeService&) = delete;
  FakeService& operator=(const FakeService&) = delete;

  bool Start() { return StartServiceW(service_, 0, nullptr); }
  void Stop() {
    SERVICE_STATUS status{};
    ControlService(service_, SERVICE_CONTROL_STOP, &status);
  }
  // Its state by NotifyServiceStatusChange, which calls back in a thread that waits alertably.
  bool AwaitRunning() {
    SERVICE_NOTIFYW notice{};
    notice.dwVersion = SERVICE_NOTIFY_STATUS_CHANGE;
    notice.pfnNotifyCallback = [](void*) {};
    return NotifyServiceStatusChangeW(service_, SERVICE_NOTIFY_RUNNING, &notice) == ERROR_SUCCESS &&
           SleepEx(10'000, TRUE) == WAIT_IO_COMPLETION;
  }
  // And waits until it is gone.
  bool Kill() {
    const HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, pid());
    if (process == nullptr) return false;
    const bool killed =
        TerminateProcess(process, 1) && WaitForSingleObject(process, 10'000) == WAIT_OBJECT_0;
    CloseHandle(process);
    return killed;
  }
  DWORD state() { return Status().dwCurrentState; }
  DWORD pid() { return Status().dwProcessId; }
  const std::wstring& program() const { return program_; }

 private:
  SERVICE_STATUS_PROCESS Status() {
    SERVICE_STATUS_PROCESS status{};
    DWORD size = 0;
    QueryServiceStatusEx(service_, SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status),
                         sizeof status, &size);
    return status;
  }

  SC_HANDLE manager_;
  SC_HANDLE service_ = nullptr;
  std::wstring program_;
};

}  // namespace sallyport
