// SPDX-License-Identifier: Apache-2.0
// Named pipes as local streams, "Named Pipes" of the Windows API: names, access lists, who is at
// the other end, and one transfer that is under way.
#pragma once

#include <windows.h>

#include <optional>
#include <string>

#include "agent/local_end.h"
#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

// `\\.\pipe\NAME`: this machine only, and no backslash in NAME (the system would resolve "..").
// kInvalidArgument.
Result<std::wstring> PipeName(const std::string& name);

// What a client opens a pipe with. Not GENERIC_WRITE: it holds FILE_APPEND_DATA, which on a pipe is
// FILE_CREATE_PIPE_INSTANCE: the right to be a server, too.
inline constexpr DWORD kPipeClientAccess =
    FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE;

// Remote clients are turned away by the system. Bytes, no messages.
inline constexpr DWORD kPipeMode =
    PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;

// The access list of a pipe that `own` makes, as SDDL (MS-DTYP 2.5.1). `own`, SYSTEM and
// Administrators may do everything; `only`, or else everybody who logged on to this machine, may
// read and write. Logons over the network may nothing. No label: so it is medium, and what runs at
// low integrity may not write. The owner is written down: PeerOf believes it.
std::string PipeSddl(const UserId& own, const std::optional<UserId>& only);

// SYSTEM, Administrators and what services run as: no user can make a pipe in such a name.
bool IsSystemsAccount(const UserId& user);

// One thing that is asked of a pipe, and takes its time. The system uses the caller's buffer until
// it has ended: Cancel before the buffer, the pipe or this goes. Who forgets it ends the program.
class PipeTransfer {
 public:
  PipeTransfer();
  ~PipeTransfer();
  PipeTransfer(const PipeTransfer&) = delete;
  PipeTransfer& operator=(const PipeTransfer&) = delete;

  HANDLE event() const { return event_.get(); }  // signaled once it has ended
  bool pending() const { return pending_; }

  // One at a time. An error is told by Take.
  void Read(HANDLE pipe, char* buffer, size_t size);
  void Write(HANDLE pipe, const char* bytes, size_t size);
  void AwaitClient(HANDLE pipe);  // ConnectNamedPipe

  // Bytes that were moved, once it has ended; nothing before. Errors are those of FailWindows, but
  // kUnavailable when the other end has closed.
  std::optional<Result<size_t>> Take();
  // Ends it, and waits until the system has let go of the buffer.
  void Cancel();

 private:
  void Begin(HANDLE pipe);
  void Begun(BOOL done);

  HANDLE pipe_ = nullptr;
  Handle event_;
  OVERLAPPED overlapped_{};
  DWORD failed_ = 0;  // it did not even begin
  bool pending_ = false;
};

}  // namespace sallyport
