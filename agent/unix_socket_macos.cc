// SPDX-License-Identifier: Apache-2.0
// There is no SOCK_CLOEXEC, no accept4(2) and no MSG_NOSIGNAL. A child that another thread starts
// between socket(2) and fcntl(2) gets nothing: platform/child_macos.cc starts each with
// POSIX_SPAWN_CLOEXEC_DEFAULT.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "agent/unix_socket_posix.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

// setsockopt(2): EINVAL when the other end has closed already.
Result<int> Prepared(int made, const std::string& by) {
  if (made < 0) return FailErrno(errno, by);
  constexpr int kOn = 1;
  if (fcntl(made, F_SETFD, FD_CLOEXEC) != 0 || fcntl(made, F_SETFL, O_NONBLOCK) != 0 ||
      setsockopt(made, SOL_SOCKET, SO_NOSIGPIPE, &kOn, sizeof kOn) != 0) {
    const int error = errno;
    close(made);
    return FailErrno(error, by);
  }
  return made;
}

}  // namespace

Result<int> MakeUnixSocket() { return Prepared(socket(AF_UNIX, SOCK_STREAM, 0), "socket"); }

Result<int> AcceptUnix(int listener) {
  return Prepared(accept(listener, nullptr, nullptr), "accept");
}

int SendFlags() { return MSG_DONTWAIT; }

// getpeereid(3): LOCAL_PEERCRED, unix(4).
Result<uid_t> PeerUid(int fd) {
  uid_t user = 0;
  gid_t group = 0;
  if (getpeereid(fd, &user, &group) != 0) return FailErrno(errno, "getpeereid");
  return user;
}

}  // namespace sallyport
