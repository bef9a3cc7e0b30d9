// SPDX-License-Identifier: Apache-2.0
// LocalEnd: one end of a connected local stream, and who is at the other. A Unix socket, unix(7);
// on Windows a named pipe in byte mode, opened for overlapped I/O.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace sallyport {

class LocalEnd {
 public:
  LocalEnd() = default;
  explicit LocalEnd(intptr_t native) : native_(native) {}  // takes the descriptor or handle
  LocalEnd(LocalEnd&& other) noexcept : native_(std::exchange(other.native_, -1)) {}
  LocalEnd& operator=(LocalEnd&& other) noexcept {
    std::swap(native_, other.native_);
    return *this;
  }
  ~LocalEnd() { Close(); }

  intptr_t native() const { return native_; }
  bool valid() const { return native_ != -1; }
  void Close();

 private:
  intptr_t native_ = -1;
};

// A user as the system names one: a uid in decimal ("0", "1000"); on Windows a SID ("S-1-5-18").
using UserId = std::string;

struct Peer {
  UserId user;
  bool administrator = false;  // root; on Windows SYSTEM, and who acts with Administrators' rights
};

// What the kernel says of the process at the other end. Of a server that was connected to, and of a
// client that was accepted. On Windows kInternal for a client that does not let itself be identified
// from its open on, as ConnectLocal does.
Result<Peer> PeerOf(const LocalEnd& end);

// This process.
UserId OwnUser();

// Never waits. kNotFound when there is no such name, kUnavailable when nobody listens, kDenied
// without permission, kInvalidArgument for a name that cannot be one.
Result<LocalEnd> ConnectLocal(const std::string& name);

}  // namespace sallyport
