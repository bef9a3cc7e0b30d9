// SPDX-License-Identifier: Apache-2.0
// accepted_controls_windows NAME: prints the controls that a service accepts now (SERVICE_STATUS,
// dwControlsAccepted) as a number; `sc` of Wine does not.
#include <windows.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const SC_HANDLE manager = OpenSCManagerA(nullptr, nullptr, SC_MANAGER_CONNECT);
  const SC_HANDLE service = OpenServiceA(manager, argv[1], SERVICE_QUERY_STATUS);
  SERVICE_STATUS status{};
  if (!QueryServiceStatus(service, &status)) return 1;
  std::printf("%lu\n", status.dwControlsAccepted);
  return 0;
}
