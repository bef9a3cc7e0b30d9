// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
// clang-format on

#include <array>

#include "agent/collector/progress_file.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

// What this process makes belongs to its user or, with administrators' rights, to Administrators
// (TOKEN_OWNER).
bool MadeByUs(void* sid) {
  HANDLE raw = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw)) return false;
  const Handle token(raw);
  alignas(TOKEN_USER) std::array<unsigned char, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> user;
  alignas(TOKEN_OWNER) std::array<unsigned char, sizeof(TOKEN_OWNER) + SECURITY_MAX_SID_SIZE> owner;
  DWORD size = 0;
  return GetTokenInformation(raw, TokenUser, user.data(), user.size(), &size) &&
         GetTokenInformation(raw, TokenOwner, owner.data(), owner.size(), &size) &&
         (EqualSid(sid, reinterpret_cast<const TOKEN_USER*>(user.data())->User.Sid) ||
          EqualSid(sid, reinterpret_cast<const TOKEN_OWNER*>(owner.data())->Owner));
}

bool IsPlainFileOfOurs(HANDLE file) {
  BY_HANDLE_FILE_INFORMATION about{};
  constexpr DWORD kNoFile = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
  if (GetFileType(file) != FILE_TYPE_DISK || !GetFileInformationByHandle(file, &about) ||
      (about.dwFileAttributes & kNoFile) != 0) {
    return false;
  }
  void* owner = nullptr;
  void* descriptor = nullptr;
  if (GetSecurityInfo(file, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, nullptr, nullptr,
                      nullptr, &descriptor) != ERROR_SUCCESS) {
    return false;
  }
  const LocalPtr<void> freed(descriptor);
  return MadeByUs(owner);
}

}  // namespace

std::string ReadOwnFile(const std::string& path) {
  const auto wide = Wide(path);
  if (!wide) return "";
  const Handle file = Owned(CreateFileW(
      wide->c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
      OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!file || !IsPlainFileOfOurs(file.get())) return "";
  std::array<char, 512> text;
  DWORD got = 0;
  if (!ReadFile(file.get(), text.data(), static_cast<DWORD>(text.size()), &got, nullptr)) return "";
  return std::string(text.data(), got);
}

Result<ProgressFile> ProgressFile::MakeAnew(const std::string& path) {
  const auto wide = Wide(path);
  if (!wide) return tl::unexpected(wide.error());
  // Of a link it deletes the link. Not a file that another collector is writing: it is not shared
  // for deletion.
  if (!DeleteFileW(wide->c_str()) && GetLastError() != ERROR_FILE_NOT_FOUND) {
    return FailWindows(GetLastError(), path);
  }
  // SDDL (MS-DTYP 2.5.1): nothing inherited; SYSTEM, Administrators and the owner everything.
  void* descriptor = nullptr;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
          L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;OW)", SDDL_REVISION_1, &descriptor, nullptr)) {
    return FailWindows(GetLastError(), path + ": access list");
  }
  const LocalPtr<void> freed(descriptor);
  SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor, FALSE};
  Handle made = Owned(CreateFileW(wide->c_str(), GENERIC_WRITE, FILE_SHARE_READ, &attributes,
                                  CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!made) return FailWindows(GetLastError(), path);
  ProgressFile file;
  file.path_ = path;
  file.native_ = reinterpret_cast<intptr_t>(made.release());
  return file;
}

ProgressFile::~ProgressFile() {
  if (native_ != -1) CloseHandle(reinterpret_cast<HANDLE>(native_));
}

Status ProgressFile::Write(std::string_view text) {
  OVERLAPPED from_beginning{};
  DWORD wrote = 0;
  if (!WriteFile(reinterpret_cast<HANDLE>(native_), text.data(), static_cast<DWORD>(text.size()),
                 &wrote, &from_beginning) ||
      wrote != text.size()) {
    return FailWindows(GetLastError(), path_);
  }
  return {};
}

}  // namespace sallyport
