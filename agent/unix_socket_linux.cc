// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <cerrno>

#include "agent/unix_socket_posix.h"
#include "platform/errno_posix.h"

namespace sallyport {

Result<int> MakeUnixSocket() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return FailErrno(errno, "socket");
  return fd;
}

Result<int> AcceptUnix(int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return FailErrno(errno, "accept");
  return fd;
}

int SendFlags() { return MSG_NOSIGNAL | MSG_DONTWAIT; }

Result<uid_t> PeerUid(int fd) {
  ucred credentials{};  // SO_PEERCRED, unix(7)
  socklen_t length = sizeof(credentials);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
    return FailErrno(errno, "SO_PEERCRED");
  }
  return credentials.uid;
}

}  // namespace sallyport
