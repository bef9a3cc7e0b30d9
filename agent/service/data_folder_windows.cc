// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <aclapi.h>
// clang-format on

#include "agent/service/data_folder_windows.h"
#include "agent/service/access_windows.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "platform/handle_windows.h"
#include "platform/security_descriptor_windows.h"

namespace sallyport {
namespace {

// The descriptor has no owner: what a process makes belongs to its user or to Administrators.
Status Make(const std::string& path, const std::wstring& wide, void* descriptor) {
  SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor, FALSE};
  if (CreateDirectoryW(wide.c_str(), &attributes)) return {};
  const DWORD error = GetLastError();
  if (error == ERROR_ALREADY_EXISTS) return Fail(Code::kConflict, path);
  return FailWindows(error, path + ": cannot be made");
}

Result<Trust> JudgeThere(const std::string& path, const std::wstring& wide, const UserId& own,
                         const std::optional<UserId>& agent) {
  const Handle folder = Owned(
      CreateFileW(wide.c_str(), READ_CONTROL | FILE_READ_ATTRIBUTES,
                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                  FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!folder) {
    const DWORD error = GetLastError();
    if (error == ERROR_ACCESS_DENIED) return Trust::kForeign;  // ours would let us in
    return FailWindows(error, path);
  }
  BY_HANDLE_FILE_INFORMATION about{};
  if (!GetFileInformationByHandle(folder.get(), &about)) return FailWindows(GetLastError(), path);
  if ((about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
      (about.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    return Trust::kForeign;
  }
  void* descriptor = nullptr;
  const DWORD error = GetSecurityInfo(folder.get(), SE_FILE_OBJECT,
                                      OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                      nullptr, nullptr, nullptr, nullptr, &descriptor);
  if (error != ERROR_SUCCESS) return FailWindows(error, path + ": access list");
  const LocalPtr<void> freed(descriptor);
  return Judge(descriptor, own, agent);
}

// Also of what lies in it and inherits.
Status PutRight(const std::string& path, std::wstring wide, void* descriptor) {
  ACL* list = nullptr;
  BOOL present = FALSE;
  BOOL defaulted = FALSE;
  GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted);
  const DWORD error = SetNamedSecurityInfoW(
      wide.data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
      nullptr, nullptr, list, nullptr);
  if (error != ERROR_SUCCESS) return FailWindows(error, path + ": access list");
  return {};
}

}  // namespace

Result<std::string> PrepareFolder(const std::string& path, const UserId& own,
                                  const std::optional<UserId>& agent) {
  const auto wide = Wide(path);
  if (!wide) return tl::unexpected(wide.error());
  const auto descriptor = DescriptorOf(FolderSddl(own, agent));
  if (!descriptor) return tl::unexpected(descriptor.error());
  const Status made = Make(path, *wide, descriptor->get());
  if (made) return "";
  if (made.error().code != Code::kConflict) return tl::unexpected(made.error());
  const auto trust = JudgeThere(path, *wide, own, agent);
  if (!trust) return tl::unexpected(trust.error());
  if (*trust == Trust::kOurs) return "";
  if (*trust == Trust::kReadable) {
    if (Status right = PutRight(path, *wide, descriptor->get()); !right) {
      return tl::unexpected(right.error());
    }
    return "";
  }
  const std::string aside = path + ".foreign-" + ToHex(RandomBytes(4));
  const auto wide_aside = Wide(aside);
  if (!wide_aside) return tl::unexpected(wide_aside.error());
  if (!MoveFileExW(wide->c_str(), wide_aside->c_str(), 0)) {
    return FailWindows(GetLastError(),
                       path + ": others own it or may write there, and it cannot be set aside");
  }
  const Status again = Make(path, *wide, descriptor->get());
  if (!again) return tl::unexpected(again.error());
  return aside;
}

}  // namespace sallyport
