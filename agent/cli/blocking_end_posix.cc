// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <utility>

#include "agent/cli/blocking_end.h"
#include "agent/unix_socket_posix.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;

// False when the moment came first.
bool WaitFor(int fd, short events, std::optional<BlockingEnd::Moment> until) {
  pollfd entry{fd, events, 0};
  if (!until) return poll(&entry, 1, -1) > 0 || errno == EINTR;
  const auto left = std::chrono::ceil<milliseconds>(*until - std::chrono::steady_clock::now());
  return left.count() > 0 && poll(&entry, 1, static_cast<int>(left.count())) > 0;
}

tl::unexpected<Error> Late() { return Fail(Code::kTimeout, "no answer in time"); }

}  // namespace

// A socket that does not wait says EAGAIN when the agent's backlog is full, and nothing tells when
// there is room: this connect waits, and unix(7) takes the send timeout for it.
Result<BlockingEnd> BlockingEnd::Connect(const std::string& name, Moment until) {
  const auto address = UnixAddress::Of(name);
  if (!address) return tl::unexpected(address.error());
  LocalEnd end(socket(AF_UNIX, SOCK_STREAM, 0));
  if (!end.valid()) return FailErrno(errno, name);
  const int fd = static_cast<int>(end.native());
  const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
  if (left.count() <= 0) return Late();
  const timeval limit{static_cast<time_t>(left.count() / 1000),
                      static_cast<suseconds_t>(left.count() % 1000 * 1000)};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (connect(fd, address->get(), UnixAddress::size()) != 0) return FailErrno(errno, "connect");
  return BlockingEnd(std::move(end));
}

Status BlockingEnd::Write(std::string_view bytes, Moment until) {
  const int fd = static_cast<int>(end_.native());
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), SendFlags());
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      return FailErrno(errno, "send");
    } else if (!WaitFor(fd, POLLOUT, until)) {
      return Late();
    }
  }
  return {};
}

Result<std::string> BlockingEnd::Read(std::optional<Moment> until) {
  const int fd = static_cast<int>(end_.native());
  for (;;) {
    if (!WaitFor(fd, POLLIN, until)) return Late();
    char buffer[16 * 1024];
    const ssize_t count = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count > 0) return std::string(buffer, static_cast<size_t>(count));
    if (count == 0) return Fail(Code::kUnavailable, "it closed the connection");
    if (errno != EAGAIN && errno != EINTR) return FailErrno(errno, "receive");
  }
}

}  // namespace sallyport
