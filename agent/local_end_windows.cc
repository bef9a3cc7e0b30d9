// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
// clang-format on

#include <cstdlib>
#include <memory>

#include "agent/local_end.h"
#include "agent/pipe_windows.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

Result<UserId> SidText(void* sid) {
  wchar_t* raw = nullptr;
  if (!ConvertSidToStringSidW(sid, &raw)) return FailWindows(GetLastError(), "a SID");
  const LocalPtr<wchar_t> text(raw);
  return Narrow(text.get(), "a SID");
}

struct SidBuffer {
  alignas(SID) unsigned char bytes[SECURITY_MAX_SID_SIZE];
  void* get() { return bytes; }
};

// Membership that is enabled: UAC leaves Administrators in a user's token for denials only. `token`
// is an impersonation token.
Result<bool> IsAdministrator(HANDLE token, void* user) {
  if (IsWellKnownSid(user, WinLocalSystemSid)) return true;
  SidBuffer administrators;
  DWORD size = sizeof(administrators.bytes);
  BOOL member = FALSE;
  if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, nullptr, administrators.get(), &size) ||
      !CheckTokenMembership(token, administrators.get(), &member)) {
    return FailWindows(GetLastError(), "Administrators");
  }
  return member != FALSE;
}

struct TokenOwner {
  alignas(TOKEN_USER) unsigned char bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
  void* sid() { return reinterpret_cast<TOKEN_USER*>(bytes)->User.Sid; }
};

Status ReadUser(HANDLE token, TokenOwner* user) {
  DWORD size = 0;
  if (GetTokenInformation(token, TokenUser, user->bytes, sizeof(user->bytes), &size)) return {};
  return FailWindows(GetLastError(), "token");
}

Result<Peer> PeerOfToken(HANDLE token) {
  TokenOwner user;
  if (const Status read = ReadUser(token, &user); !read) return tl::unexpected(read.error());
  const auto id = SidText(user.sid());
  if (!id) return tl::unexpected(id.error());
  const auto administrator = IsAdministrator(token, user.sid());
  if (!administrator) return tl::unexpected(administrator.error());
  return Peer{*id, *administrator};
}

// This thread is its client from ImpersonateNamedPipeClient to here, and nobody else after it.
void EndImpersonation() {
  if (!RevertToSelf()) std::abort();
}

// The client's token, not its process id: an id is soon another's, and a process that is confined
// may not open other users' processes. Identification is all it takes, and that needs no privilege
// (ImpersonateNamedPipeClient). ConnectLocal lets itself be identified from its open on (static
// tracking); a client that does not is not known before it has written, and is turned away.
Result<Peer> ClientOf(HANDLE pipe) {
  if (!ImpersonateNamedPipeClient(pipe)) return FailWindows(GetLastError(), "client of the pipe");
  HANDLE raw = nullptr;
  // As this process: the client may not open what this thread holds.
  const BOOL opened = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &raw);
  const DWORD error = GetLastError();
  EndImpersonation();
  if (!opened) return FailWindows(error, "token of the client");
  const Handle token = Owned(raw);
  return PeerOfToken(token.get());
}

// The owner of the pipe. Nobody can make a pipe that SYSTEM or another user owns, and who may serve
// beside the owner is in the pipe's access list. The server's process could be asked only by those
// who may open it: an agent that is confined may not open a collector that is SYSTEM's.
Result<Peer> ServerOf(HANDLE pipe) {
  void* owner = nullptr;
  void* descriptor = nullptr;
  const DWORD error = GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner,
                                      nullptr, nullptr, nullptr, &descriptor);
  if (error != ERROR_SUCCESS) return FailWindows(error, "owner of the pipe");
  const LocalPtr<void> freed(descriptor);
  const auto id = SidText(owner);
  if (!id) return tl::unexpected(id.error());
  const bool administrator = IsWellKnownSid(owner, WinLocalSystemSid) ||
                             IsWellKnownSid(owner, WinBuiltinAdministratorsSid);
  return Peer{*id, administrator};
}

}  // namespace

void LocalEnd::Close() {
  if (valid()) CloseHandle(reinterpret_cast<HANDLE>(std::exchange(native_, -1)));
}

Result<Peer> PeerOf(const LocalEnd& end) {
  HANDLE const pipe = reinterpret_cast<HANDLE>(end.native());
  DWORD flags = 0;
  if (!GetNamedPipeInfo(pipe, &flags, nullptr, nullptr, nullptr)) {
    return FailWindows(GetLastError(), "pipe");
  }
  return (flags & PIPE_SERVER_END) != 0 ? ClientOf(pipe) : ServerOf(pipe);
}

// Empty, which no peer is called, if the system does not say.
UserId OwnUser() {
  HANDLE raw = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw)) return {};
  const Handle token = Owned(raw);
  TokenOwner user;
  if (!ReadUser(token.get(), &user)) return {};
  return SidText(user.sid()).value_or(UserId());
}

Result<LocalEnd> ConnectLocal(const std::string& name) {
  const auto wide = PipeName(name);
  if (!wide) return tl::unexpected(wide.error());
  // Whoever serves the name may learn who asks, and may not act as him.
  const DWORD flags = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
  HANDLE const pipe =
      CreateFileW(wide->c_str(), kPipeClientAccess, 0, nullptr, OPEN_EXISTING, flags, nullptr);
  if (pipe != INVALID_HANDLE_VALUE) return LocalEnd(reinterpret_cast<intptr_t>(pipe));
  const DWORD error = GetLastError();
  if (error == ERROR_PIPE_BUSY) return Fail(Code::kUnavailable, name + ": nobody answers now");
  return FailWindows(error, name);
}

}  // namespace sallyport
