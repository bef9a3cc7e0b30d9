// SPDX-License-Identifier: Apache-2.0
#include "platform/handle_windows.h"

#include "base/text.h"
#include "base/utf16.h"

namespace sallyport {

Code CodeOfWindows(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_NOT_READY:  // a drive without a medium
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
      return Code::kNotFound;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_PRIVILEGE_NOT_HELD:
      return Code::kDenied;
    case ERROR_DIRECTORY:
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_PARAMETER:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_NOT_A_REPARSE_POINT:
      return Code::kInvalidArgument;
    case ERROR_NOT_SUPPORTED:
    case ERROR_CALL_NOT_IMPLEMENTED:
    case ERROR_INVALID_FUNCTION:
      return Code::kUnsupported;
    case ERROR_CANT_RESOLVE_FILENAME:  // links in a circle
      return Code::kMalformed;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
      return Code::kExhausted;
    case ERROR_TIMEOUT:
    case ERROR_SEM_TIMEOUT:
      return Code::kTimeout;
    default:
      return Code::kInternal;
  }
}

tl::unexpected<Error> FailWindows(DWORD error, const std::string& thing) {
  return Fail(CodeOfWindows(error), thing + ": Windows error " + std::to_string(error));
}

Result<std::wstring> Wide(std::string_view utf8) {
  const auto wide = ToUtf16(utf8);
  if (!wide) return Fail(Code::kInvalidArgument, Excerpt(utf8) + ": " + wide.error().message);
  if (wide->find(u'\0') != std::u16string::npos) {
    return Fail(Code::kInvalidArgument, Excerpt(utf8) + ": a NUL in it");
  }
  return std::wstring(wide->begin(), wide->end());
}

Result<std::string> Narrow(std::wstring_view wide, const std::string& thing) {
  auto text = ToUtf8(std::u16string(wide.begin(), wide.end()));
  if (!text) return Wrap(text.error(), thing);
  return text;
}

}  // namespace sallyport
