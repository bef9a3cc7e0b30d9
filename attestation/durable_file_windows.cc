// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
// clang-format on

#include <algorithm>
#include <memory>
#include <vector>

#include "attestation/durable_file.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "base/utf16.h"

namespace sallyport {
namespace {

struct CloseHandleOf {
  void operator()(HANDLE handle) const { CloseHandle(handle); }
};
using Handle = std::unique_ptr<void, CloseHandleOf>;

struct LocalFreeOf {
  void operator()(void* memory) const { LocalFree(memory); }
};
template <typename T>
using LocalPtr = std::unique_ptr<T, LocalFreeOf>;

Handle Owned(HANDLE handle) { return Handle(handle == INVALID_HANDLE_VALUE ? nullptr : handle); }

// The number, not FormatMessage's words: those are in the language of the machine.
tl::unexpected<Error> FailWindows(const std::string& path, const char* what, DWORD error) {
  Code code = Code::kInternal;
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_DIRECTORY:
      code = Code::kNotFound;
      break;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_WRITE_PROTECT:
      code = Code::kDenied;
      break;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
      code = Code::kConflict;
      break;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      code = Code::kExhausted;
      break;
    default:
      break;
  }
  return Fail(code, path + ": " + what + ": Windows error " + std::to_string(error));
}

Result<std::wstring> WidePath(const std::string& path) {
  const auto wide = ToUtf16(path);
  if (!wide) return Fail(Code::kInvalidArgument, "a path: " + wide.error().message);
  if (wide->find(u'\0') != std::u16string::npos) {
    return Fail(Code::kInvalidArgument, "a path with a NUL in it");
  }
  return std::wstring(wide->begin(), wide->end());
}

// ---- who may read --------------------------------------------------------------------------

using SidBytes = std::vector<unsigned char>;

Result<SidBytes> CurrentUser() {
  HANDLE raw = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw)) {
    return FailWindows("this process", "token", GetLastError());
  }
  const Handle token(raw);
  alignas(TOKEN_USER) unsigned char buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
  DWORD size = 0;
  if (!GetTokenInformation(token.get(), TokenUser, buffer, sizeof buffer, &size)) {
    return FailWindows("this process", "user", GetLastError());
  }
  const auto* const sid =
      static_cast<const unsigned char*>(reinterpret_cast<const TOKEN_USER*>(buffer)->User.Sid);
  return SidBytes(sid, sid + GetLengthSid(reinterpret_cast<const TOKEN_USER*>(buffer)->User.Sid));
}

Result<std::wstring> SidText(const SidBytes& sid) {
  wchar_t* text = nullptr;
  if (!ConvertSidToStringSidW(const_cast<unsigned char*>(sid.data()), &text)) {
    return FailWindows("this process", "user", GetLastError());
  }
  const LocalPtr<wchar_t> freed(text);
  return std::wstring(text);
}

enum class Kind { kOwnersFile, kPublicFile, kOwnersFolder };

// SDDL (MS-DTYP 2.5.1): P, nothing is inherited; SY SYSTEM, BA Administrators, WD everyone; FA all,
// FR read; OICI, for what is made inside.
Result<LocalPtr<void>> DescriptorOf(Kind kind) {
  const auto user = CurrentUser();
  if (!user) return tl::unexpected(user.error());
  const auto name = SidText(*user);
  if (!name) return tl::unexpected(name.error());
  const std::wstring flags = kind == Kind::kOwnersFolder ? L"OICI" : L"";
  std::wstring sddl = L"D:P";
  for (const std::wstring& who : {std::wstring(L"SY"), std::wstring(L"BA"), *name}) {
    sddl += L"(A;" + flags + L";FA;;;" + who + L")";
  }
  if (kind == Kind::kPublicFile) sddl += L"(A;;FR;;;WD)";
  void* descriptor = nullptr;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl.c_str(), SDDL_REVISION_1,
                                                            &descriptor, nullptr)) {
    return FailWindows("an access list", "SDDL", GetLastError());
  }
  return LocalPtr<void>(descriptor);
}

// LOCAL SERVICE is whom `sallyport enroll --user` gives the files to: the agent runs as it.
bool MayAlwaysRead(void* sid) {
  return IsWellKnownSid(sid, WinLocalSystemSid) ||
         IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
         IsWellKnownSid(sid, WinLocalServiceSid);
}

// Any ACE that allows something to a stranger. An ACE of a kind that is not known may be one.
bool LetsStrangersIn(ACL* dacl, void* owner, const SidBytes& user) {
  if (dacl == nullptr) return true;  // no list at all: everybody
  for (DWORD i = 0; i < dacl->AceCount; ++i) {
    void* raw = nullptr;
    if (!GetAce(dacl, i, &raw)) return true;
    const auto* const header = static_cast<const ACE_HEADER*>(raw);
    if (header->AceType == ACCESS_DENIED_ACE_TYPE) continue;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE) return true;
    auto* const ace = static_cast<ACCESS_ALLOWED_ACE*>(raw);
    if (ace->Mask == 0) continue;
    void* const sid = &ace->SidStart;
    if (!MayAlwaysRead(sid) && !EqualSid(sid, owner) &&
        !EqualSid(sid, const_cast<unsigned char*>(user.data()))) {
      return true;
    }
  }
  return false;
}

Result<bool> StrangersMayEnter(const std::string& path, const std::wstring& wide) {
  const auto user = CurrentUser();
  if (!user) return tl::unexpected(user.error());
  void* owner = nullptr;
  ACL* dacl = nullptr;
  void* descriptor = nullptr;
  const DWORD error = GetNamedSecurityInfoW(wide.c_str(), SE_FILE_OBJECT,
                                            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                            &owner, nullptr, &dacl, nullptr, &descriptor);
  if (error != ERROR_SUCCESS) return FailWindows(path, "access list", error);
  const LocalPtr<void> freed(descriptor);
  return LetsStrangersIn(dacl, owner, *user);
}

// ---- writing -------------------------------------------------------------------------------

Status WriteAll(HANDLE file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    DWORD written = 0;
    const auto size = static_cast<DWORD>(std::min<size_t>(content.size(), 1 << 20));
    if (!WriteFile(file, content.data(), size, &written, nullptr)) {
      return FailWindows(path, "write", GetLastError());
    }
    content.remove_prefix(written);
  }
  return {};
}

Status WriteSynced(const std::string& path, const std::wstring& wide, std::string_view content,
                   FileAccess access) {
  const auto descriptor =
      DescriptorOf(access == FileAccess::kOwner ? Kind::kOwnersFile : Kind::kPublicFile);
  if (!descriptor) return tl::unexpected(descriptor.error());
  SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor->get(), FALSE};
  const Handle file = Owned(CreateFileW(wide.c_str(), GENERIC_WRITE, 0, &attributes, CREATE_NEW,
                                        FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) return FailWindows(path, "open", GetLastError());
  if (const Status s = WriteAll(file.get(), content, path); !s) return s;
  if (!FlushFileBuffers(file.get())) return FailWindows(path, "flush", GetLastError());
  return {};
}

// MOVEFILE_WRITE_THROUGH: the new name is on the disk when the call returns.
Status WriteAndPlace(const std::string& path, std::string_view content, FileAccess access,
                     DWORD flags) {
  const auto wide = WidePath(path);
  if (!wide) return tl::unexpected(wide.error());
  const std::string suffix = "." + ToHex(RandomBytes(8)) + ".tmp";
  const std::wstring temporary = *wide + std::wstring(suffix.begin(), suffix.end());
  Status status = WriteSynced(path, temporary, content, access);
  if (status && !MoveFileExW(temporary.c_str(), wide->c_str(), flags | MOVEFILE_WRITE_THROUGH)) {
    status = FailWindows(path, "rename", GetLastError());
  }
  if (!status) DeleteFileW(temporary.c_str());
  return status;
}

}  // namespace

Status ReplaceSmallFile(const std::string& path, std::string_view content, FileAccess access) {
  return WriteAndPlace(path, content, access, MOVEFILE_REPLACE_EXISTING);
}

Status CreateSmallFile(const std::string& path, std::string_view content, FileAccess access) {
  return WriteAndPlace(path, content, access, 0);
}

Result<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  const auto wide = WidePath(path);
  if (!wide) return tl::unexpected(wide.error());
  const DWORD others = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const Handle file = Owned(CreateFileW(wide->c_str(), GENERIC_READ, others, nullptr, OPEN_EXISTING,
                                        FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) return FailWindows(path, "open", GetLastError());
  std::string content;
  char buffer[4096];
  while (true) {
    DWORD got = 0;
    if (!::ReadFile(file.get(), buffer, sizeof buffer, &got, nullptr)) {
      return FailWindows(path, "read", GetLastError());
    }
    if (got == 0) return content;
    content.append(buffer, got);
    if (content.size() > max_bytes) {
      return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
    }
  }
}

Status CheckOwnerOnly(const std::string& path) {
  const auto wide = WidePath(path);
  if (!wide) return tl::unexpected(wide.error());
  const auto strangers = StrangersMayEnter(path, *wide);
  if (!strangers) return tl::unexpected(strangers.error());
  if (*strangers) return Fail(Code::kDenied, path + ": others than its owner may read it");
  return {};
}

Status MakeOwnerFolder(const std::string& path) {
  std::string folder = path;
  while (folder.size() > 3 && (folder.back() == '/' || folder.back() == '\\')) folder.pop_back();
  const auto wide = WidePath(folder);
  if (!wide) return tl::unexpected(wide.error());
  const auto descriptor = DescriptorOf(Kind::kOwnersFolder);
  if (!descriptor) return tl::unexpected(descriptor.error());
  SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor->get(), FALSE};
  if (CreateDirectoryW(wide->c_str(), &attributes)) return {};
  DWORD error = GetLastError();
  const size_t slash = folder.find_last_of("/\\");
  if (error == ERROR_PATH_NOT_FOUND && slash != std::string::npos && slash > 2) {
    if (const Status s = MakeOwnerFolder(folder.substr(0, slash)); !s) return s;
    if (CreateDirectoryW(wide->c_str(), &attributes)) return {};
    error = GetLastError();
  }
  if (error != ERROR_ALREADY_EXISTS) return FailWindows(path, "make folder", error);
  const DWORD found = GetFileAttributesW(wide->c_str());
  if (found == INVALID_FILE_ATTRIBUTES) return FailWindows(path, "attributes", GetLastError());
  if ((found & FILE_ATTRIBUTE_DIRECTORY) == 0)
    return Fail(Code::kConflict, path + ": not a folder");
  const auto strangers = StrangersMayEnter(path, *wide);
  if (!strangers) return tl::unexpected(strangers.error());
  if (*strangers &&
      !SetFileSecurityW(wide->c_str(),
                        DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                        descriptor->get())) {
    return FailWindows(path, "access list", GetLastError());
  }
  return {};
}

}  // namespace sallyport
