// SPDX-License-Identifier: Apache-2.0
#include "agent/pipe_windows.h"

#include <cstdlib>
#include <new>
#include <string_view>

namespace sallyport {
namespace {

constexpr std::string_view kPrefix = "\\\\.\\pipe\\";
constexpr size_t kMaxName = 256;  // CreateNamedPipe

tl::unexpected<Error> FailTransfer(DWORD error) {
  switch (error) {
    case ERROR_BROKEN_PIPE:
    case ERROR_PIPE_NOT_CONNECTED:
    case ERROR_NO_DATA:  // "the pipe is being closed"
      return Fail(Code::kUnavailable, "closed by the peer");
    default:
      return FailWindows(error, "pipe");
  }
}

}  // namespace

Result<std::wstring> PipeName(const std::string& name) {
  const std::string_view rest =
      name.starts_with(kPrefix) ? std::string_view(name).substr(kPrefix.size()) : "";
  if (rest.empty() || rest.find_first_of("\\/") != std::string_view::npos ||
      name.size() > kMaxName) {
    return Fail(Code::kInvalidArgument, name + ": not the name of a local pipe, \\\\.\\pipe\\NAME");
  }
  return Wide(name);
}

// 0x120083 is kPipeClientAccess. NU: network logons, AU: authenticated users.
std::string PipeSddl(const UserId& own, const std::optional<UserId>& only) {
  return "O:" + own + "D:P(D;;FA;;;NU)(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;" + own +
         ")(A;;0x120083;;;" + only.value_or("AU") + ")";
}

// [MS-DTYP] 2.4.2.4: LOCAL_SYSTEM, LOCAL_SERVICE, NETWORK_SERVICE, BUILTIN_ADMINISTRATORS, and a
// service's own SID.
bool IsSystemsAccount(const UserId& user) {
  return user == "S-1-5-18" || user == "S-1-5-19" || user == "S-1-5-20" || user == "S-1-5-32-544" ||
         user.starts_with("S-1-5-80-");
}

PipeTransfer::PipeTransfer() : event_(Owned(CreateEventW(nullptr, TRUE, FALSE, nullptr))) {
  if (!event_) throw std::bad_alloc();
}

PipeTransfer::~PipeTransfer() {
  if (pending_) std::abort();
}

void PipeTransfer::Begin(HANDLE pipe) {
  pipe_ = pipe;
  overlapped_ = {};
  overlapped_.hEvent = event_.get();
  ResetEvent(event_.get());
  failed_ = 0;
  pending_ = true;
}

// What ended at once has set the event, like what ends later.
void PipeTransfer::Begun(BOOL done) {
  if (done || GetLastError() == ERROR_IO_PENDING) return;
  failed_ = GetLastError();
  SetEvent(event_.get());
}

void PipeTransfer::Read(HANDLE pipe, char* buffer, size_t size) {
  Begin(pipe);
  Begun(ReadFile(pipe, buffer, static_cast<DWORD>(size), nullptr, &overlapped_));
}

void PipeTransfer::Write(HANDLE pipe, const char* bytes, size_t size) {
  Begin(pipe);
  Begun(WriteFile(pipe, bytes, static_cast<DWORD>(size), nullptr, &overlapped_));
}

void PipeTransfer::AwaitClient(HANDLE pipe) {
  Begin(pipe);
  const BOOL done = ConnectNamedPipe(pipe, &overlapped_);
  if (done || GetLastError() != ERROR_PIPE_CONNECTED) return Begun(done);
  overlapped_.Internal = 0;  // the client was first; nothing is pending, and nobody else says so
  SetEvent(event_.get());
}

std::optional<Result<size_t>> PipeTransfer::Take() {
  if (!pending_) return {};
  DWORD count = 0;
  DWORD error = failed_;
  if (error == 0 && !GetOverlappedResult(pipe_, &overlapped_, &count, FALSE)) {
    error = GetLastError();
  }
  if (error == ERROR_IO_INCOMPLETE) return {};
  pending_ = false;
  ResetEvent(event_.get());
  if (error != 0) return Result<size_t>(FailTransfer(error));
  return Result<size_t>(count);
}

void PipeTransfer::Cancel() {
  if (!pending_) return;
  pending_ = false;
  if (failed_ != 0) return;
  DWORD count = 0;
  CancelIoEx(pipe_, &overlapped_);
  GetOverlappedResult(pipe_, &overlapped_, &count, TRUE);
}

}  // namespace sallyport
