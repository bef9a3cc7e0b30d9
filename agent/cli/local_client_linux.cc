// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "agent/cli/local_client.h"
#include "agent/frame.h"

namespace sallyport {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<AskError> NotRunning(const std::string& path, const std::string& why) {
  return tl::unexpected(
      AskError{ExitCode::kNotRunning, "the agent does not answer on " + path + ": " + why});
}

bool WaitFor(int fd, short events, Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  if (left.count() <= 0) return false;
  pollfd entry{fd, events, 0};
  return poll(&entry, 1, static_cast<int>(left.count())) > 0;
}

// Empty when it went; else why not.
std::string SendAll(int fd, std::string_view bytes, Clock::time_point until) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      return std::strerror(errno);
    } else if (!WaitFor(fd, POLLOUT, until)) {
      return "no answer in time";
    }
  }
  return "";
}

tl::expected<v1::LocalResponse, AskError> Receive(int fd, const std::string& path,
                                                  Clock::time_point until) {
  FrameReader reader;
  for (;;) {
    const Result<std::optional<std::string>> frame = reader.Next();
    if (!frame) return NotRunning(path, frame.error().message);
    if (*frame) {
      v1::LocalResponse response;
      if (!response.ParseFromString(**frame)) return NotRunning(path, "its answer is malformed");
      return response;
    }
    if (!WaitFor(fd, POLLIN, until)) return NotRunning(path, "no answer in time");
    char buffer[16 * 1024];
    const ssize_t count = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count > 0) {
      reader.Add({buffer, static_cast<size_t>(count)});
    } else if (count == 0) {
      return NotRunning(path, "it closed the connection");
    } else if (errno != EAGAIN && errno != EINTR) {
      return NotRunning(path, std::strerror(errno));
    }
  }
}

}  // namespace

tl::expected<v1::LocalResponse, AskError> Ask(const std::string& socket_path,
                                              const v1::LocalRequest& request,
                                              std::chrono::milliseconds patience) {
  const Clock::time_point until = Clock::now() + patience;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path)) {
    return tl::unexpected(AskError{ExitCode::kUsage, socket_path + ": too long for a socket"});
  }
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // connect waits when the agent's backlog is full: unix(7) takes the send timeout for it.
  const timeval limit{static_cast<time_t>(patience.count() / 1000),
                      static_cast<suseconds_t>(patience.count() % 1000 * 1000)};
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno != EACCES) return NotRunning(socket_path, std::strerror(errno));
    return tl::unexpected(
        AskError{ExitCode::kPermission, socket_path + ": " + std::strerror(errno)});
  }
  const Result<std::string> frame = EncodeFrame(request.SerializeAsString());
  if (!frame) return tl::unexpected(AskError{ExitCode::kInternal, frame.error().message});
  if (const std::string why = SendAll(fd.get(), *frame, until); !why.empty()) {
    return NotRunning(socket_path, why);
  }
  auto response = Receive(fd.get(), socket_path, until);
  if (!response || !response->has_error()) return response;
  return tl::unexpected(
      AskError{static_cast<ExitCode>(response->error().exit_code()), response->error().message()});
}

}  // namespace sallyport
