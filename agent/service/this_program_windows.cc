// SPDX-License-Identifier: Apache-2.0
#include "agent/service/this_program_windows.h"

#include "platform/handle_windows.h"

namespace sallyport {

Result<std::string> ThisProgram() {
  std::wstring path(MAX_PATH, L'\0');
  for (;;) {
    const DWORD size = GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
    if (size == 0) return FailWindows(GetLastError(), "path of this program");
    if (size < path.size()) return Narrow({path.data(), size}, "path of this program");
    path.resize(path.size() * 2);  // it was cut
  }
}

Result<std::string> ThisFolder() {
  auto program = ThisProgram();
  if (program) program->resize(program->rfind('\\'));
  return program;
}

}  // namespace sallyport
