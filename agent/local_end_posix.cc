// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "agent/local_end.h"
#include "agent/unix_socket_posix.h"
#include "platform/errno_posix.h"

namespace sallyport {

void LocalEnd::Close() {
  if (valid()) close(static_cast<int>(std::exchange(native_, -1)));
}

Result<Peer> PeerOf(const LocalEnd& end) {
  const Result<uid_t> uid = PeerUid(static_cast<int>(end.native()));
  if (!uid) return tl::unexpected(uid.error());
  return Peer{std::to_string(*uid), *uid == 0};
}

UserId OwnUser() { return std::to_string(geteuid()); }

Result<LocalEnd> ConnectLocal(const std::string& name) {
  const auto address = UnixAddress::Of(name);
  if (!address) return tl::unexpected(address.error());
  const Result<int> fd = MakeUnixSocket();
  if (!fd) return tl::unexpected(fd.error());
  LocalEnd end(*fd);
  if (connect(*fd, address->get(), UnixAddress::size()) == 0) return end;
  return FailErrno(errno, name);
}

}  // namespace sallyport
