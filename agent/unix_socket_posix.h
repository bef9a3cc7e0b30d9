// SPDX-License-Identifier: Apache-2.0
// Unix sockets, unix(7): addresses, non-blocking descriptors that no child inherits, who the peer
// is. What each system calls differently is in unix_socket_linux.cc and unix_socket_macos.cc.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "base/result.h"

namespace sallyport {

class UnixAddress {
 public:
  // kInvalidArgument: the path is too long for a socket.
  static Result<UnixAddress> Of(const std::string& path) {
    UnixAddress out;
    if (path.size() >= sizeof(out.address_.sun_path)) {
      return Fail(Code::kInvalidArgument, path + ": too long for a socket");
    }
    out.address_.sun_family = AF_UNIX;
    std::memcpy(out.address_.sun_path, path.c_str(), path.size() + 1);
    return out;
  }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }

 private:
  sockaddr_un address_{};
};

// Stream sockets, non-blocking and closed on exec. A peer that is gone raises no SIGPIPE, if
// SendFlags() go with each send(2).
Result<int> MakeUnixSocket();
Result<int> AcceptUnix(int listener);
int SendFlags();

// The uid of the process at the other end, as of its connect(2) or listen(2).
Result<uid_t> PeerUid(int fd);

}  // namespace sallyport
