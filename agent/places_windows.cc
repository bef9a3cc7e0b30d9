// SPDX-License-Identifier: Apache-2.0
// FOLDERID_ProgramData, not %ProgramData%: whoever starts a program chooses its environment.
// clang-format off
#include <initguid.h>  // before what declares FOLDERID_ProgramData: defines it
#include <windows.h>
#include <knownfolders.h>
#include <shlobj.h>
// clang-format on

#include "agent/places.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

// "C:\ProgramData"; empty when the system does not say: then everything that is to lie there fails.
std::string ProgramData() {
  wchar_t* path = nullptr;
  const HRESULT told = SHGetKnownFolderPath(FOLDERID_ProgramData, 0, nullptr, &path);
  std::string narrow = SUCCEEDED(told) ? Narrow(path, "ProgramData").value_or("") : "";
  CoTaskMemFree(path);
  return narrow;
}

}  // namespace

Places DefaultPlaces() {
  const std::string root = ProgramData() + "\\Sallyport";
  return {root + "\\agent", root + "\\collector", "\\\\.\\pipe\\sallyport"};
}

std::string AgentSocket(const std::string& run) { return run + "-agent"; }
std::string CollectorSocket(const std::string& run) { return run + "-collector"; }

std::string ProgressPath(const std::string&, const std::string& collector_state) {
  return collector_state + "\\collector.progress";
}

std::string HowToStart() { return "sc start Sallyport"; }

}  // namespace sallyport
