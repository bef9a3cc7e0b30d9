// SPDX-License-Identifier: Apache-2.0
// What the files for Windows share: handles that close themselves, errors, text at the border.
#pragma once

#include <windows.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace sallyport {

struct CloseHandleOf {
  void operator()(HANDLE handle) const { CloseHandle(handle); }
};
using Handle = std::unique_ptr<void, CloseHandleOf>;

struct CloseServiceOf {
  void operator()(SC_HANDLE service) const { CloseServiceHandle(service); }
};
// Of a service, or of the service manager.
using ServiceHandle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, CloseServiceOf>;

struct LocalFreeOf {
  template <typename T>
  void operator()(T* memory) const {
    LocalFree(memory);
  }
};
// What a function of Windows has made with LocalAlloc.
template <typename T>
using LocalPtr = std::unique_ptr<T, LocalFreeOf>;

// Takes ownership. CreateFile says INVALID_HANDLE_VALUE where others say null.
inline Handle Owned(HANDLE handle) {
  return Handle(handle == INVALID_HANDLE_VALUE ? nullptr : handle);
}

Code CodeOfWindows(DWORD error);

// "thing: Windows error 5". The number: FormatMessage's words are in the language of the machine.
tl::unexpected<Error> FailWindows(DWORD error, const std::string& thing);

// kInvalidArgument for text that is no UTF-8 or has a NUL in it.
Result<std::wstring> Wide(std::string_view utf8);
// kMalformed, "thing: not UTF-16 at unit 3".
Result<std::string> Narrow(std::wstring_view wide, const std::string& thing);

}  // namespace sallyport
