// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <shellapi.h>
// clang-format on

#include <memory>

#include "agent/arguments.h"
#include "platform/handle_windows.h"

namespace sallyport {
Arguments::Arguments(int, char**) {
  int count = 0;
  const LocalPtr<wchar_t*> wide(CommandLineToArgvW(GetCommandLineW(), &count));
  for (int i = 0; wide && i < count; ++i) {
    // No file is called "?".
    texts_.push_back(Narrow(wide.get()[i], "argument").value_or("?"));
  }
  for (const std::string& text : texts_) pointers_.push_back(text.c_str());
  pointers_.push_back(nullptr);
}

}  // namespace sallyport
