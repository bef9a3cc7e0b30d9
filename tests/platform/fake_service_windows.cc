// SPDX-License-Identifier: Apache-2.0
// A Windows service that does nothing but run until it is told to stop. It goes by whatever name it
// was created with.
#include <windows.h>

namespace {

SERVICE_STATUS_HANDLE reported = nullptr;
HANDLE stop = nullptr;

void Report(DWORD state) {
  SERVICE_STATUS status{};
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0;
  SetServiceStatus(reported, &status);
}

DWORD WINAPI OnControl(DWORD control, DWORD, void*, void*) {
  if (control == SERVICE_CONTROL_STOP) SetEvent(stop);
  return NO_ERROR;
}

void WINAPI Serve(DWORD, wchar_t** arguments) {
  stop = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  reported = RegisterServiceCtrlHandlerExW(arguments[0], OnControl, nullptr);
  Report(SERVICE_RUNNING);
  WaitForSingleObject(stop, INFINITE);
  Report(SERVICE_STOPPED);
}

}  // namespace

int main() {
  wchar_t any[] = L"";  // SERVICE_WIN32_OWN_PROCESS: the name is not looked at
  const SERVICE_TABLE_ENTRYW table[] = {{any, Serve}, {nullptr, nullptr}};
  return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
