// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <io.h>

#include "agent/cli/terminal.h"

namespace sallyport {

// A console shows UTF-8 and colours ("Console Virtual Terminal Sequences") only to those who say
// so.
bool IsTerminal(std::FILE* stream) {
  HANDLE const console = reinterpret_cast<HANDLE>(_get_osfhandle(_fileno(stream)));
  DWORD mode = 0;
  if (!GetConsoleMode(console, &mode)) return false;
  SetConsoleOutputCP(CP_UTF8);
  return SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != FALSE;
}

}  // namespace sallyport
