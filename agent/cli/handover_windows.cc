// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
// clang-format on

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "agent/cli/handover.h"
#include "agent/cli/handover_windows.h"
#include "base/utf8_path.h"
#include "platform/handle_windows.h"
#include "platform/security_descriptor_windows.h"

namespace sallyport {
namespace {

constexpr LONGLONG kMaxErased = 1 << 20;
constexpr DWORD kMaxDomain = 256;  // of LookupAccountName, with its end

Status SetAccess(const std::filesystem::path& path, const void* descriptor) {
  const DWORD what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
  if (SetFileSecurityW(path.c_str(), what, const_cast<void*>(descriptor))) return {};
  return FailWindows(GetLastError(), Utf8Of(path));
}

}  // namespace

std::string HandoverSddl(const UserId& user, bool folder) {
  const std::string grant = std::string("(A;") + (folder ? "OICI" : "") + ";FA;;;";
  return "D:P" + grant + "SY)" + grant + "BA)" + grant + user + ")";
}

struct Handover::Owner {
  UserId sid;
};

Result<Handover> Handover::To(const std::string& user) {
  Handover out;
  if (user.empty()) return out;
  const auto wide = Wide(user);
  if (!wide) return tl::unexpected(wide.error());
  alignas(SID) unsigned char sid[SECURITY_MAX_SID_SIZE];
  DWORD sid_size = sizeof(sid);
  wchar_t domain[kMaxDomain];
  DWORD domain_size = kMaxDomain;
  SID_NAME_USE kind{};
  if (!LookupAccountNameW(nullptr, wide->c_str(), sid, &sid_size, domain, &domain_size, &kind)) {
    const DWORD error = GetLastError();
    if (error == ERROR_NONE_MAPPED) return Fail(Code::kNotFound, "no user " + user);
    return FailWindows(error, "user " + user);
  }
  wchar_t* text = nullptr;
  if (!ConvertSidToStringSidW(sid, &text)) return FailWindows(GetLastError(), "user " + user);
  const LocalPtr<wchar_t> freed(text);
  auto id = Narrow(text, "user " + user);
  if (!id) return tl::unexpected(id.error());
  out.owner_ = std::make_shared<const Owner>(Owner{*std::move(id)});
  return out;
}

// The access lists, not the owner: that one needs a privilege, and gives no right that they do not.
Status Handover::Give(const std::string& folder) const {
  if (!owner_) return {};
  const auto of_file = DescriptorOf(HandoverSddl(owner_->sid, false));
  if (!of_file) return tl::unexpected(of_file.error());
  const auto of_folder = DescriptorOf(HandoverSddl(owner_->sid, true));
  if (!of_folder) return tl::unexpected(of_folder.error());
  std::error_code error;
  const std::filesystem::path path = PathOf(folder);
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    const Status given =
        SetAccess(entry.path(), entry.is_directory() ? of_folder->get() : of_file->get());
    if (!given) return given;
  }
  if (error) return Fail(Code::kDenied, folder + ": " + error.message());
  return SetAccess(path, of_folder->get());
}

Status EraseFile(const std::string& path) {
  const auto wide = Wide(path);
  if (!wide) return tl::unexpected(wide.error());
  const DWORD flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_WRITE_THROUGH;
  Handle file =
      Owned(CreateFileW(wide->c_str(), GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, flags, nullptr));
  BY_HANDLE_FILE_INFORMATION info{};
  LARGE_INTEGER size{};
  if (file && GetFileInformationByHandle(file.get(), &info) &&
      (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0 &&
      GetFileSizeEx(file.get(), &size) && size.QuadPart <= kMaxErased) {
    const std::string zeros(static_cast<size_t>(size.QuadPart), '\0');
    DWORD written = 0;
    WriteFile(file.get(), zeros.data(), static_cast<DWORD>(zeros.size()), &written, nullptr);
  }
  file.reset();
  if (DeleteFileW(wide->c_str())) return {};
  return FailWindows(GetLastError(), path);
}

}  // namespace sallyport
