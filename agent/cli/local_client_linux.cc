// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "agent/cli/local_client.h"
#include "agent/frame.h"
#include "agent/unix_address_linux.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

using Clock = std::chrono::steady_clock;

// One connection to the agent; a moment that has passed ends every wait, none at all ends no wait.
class Line {
 public:
  explicit Line(std::string path) : path_(std::move(path)) {}

  std::optional<AskError> Connect(std::chrono::milliseconds patience);
  std::optional<AskError> Send(const v1::LocalRequest& request, Clock::time_point until);
  // An error that the agent tells is an error here.
  tl::expected<v1::LocalResponse, AskError> Receive(std::optional<Clock::time_point> until);

 private:
  AskError NotRunning(const std::string& why) const {
    return {ExitCode::kNotRunning, "the agent does not answer on " + path_ + ": " + why};
  }
  tl::expected<v1::LocalResponse, AskError> Open(const std::string& frame) const;

  std::string path_;
  Fd fd_;
  FrameReader reader_;
};

bool WaitFor(int fd, short events, std::optional<Clock::time_point> until) {
  pollfd entry{fd, events, 0};
  if (!until) return poll(&entry, 1, -1) > 0 || errno == EINTR;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now());
  return left.count() > 0 && poll(&entry, 1, static_cast<int>(left.count())) > 0;
}

std::optional<AskError> Line::Connect(std::chrono::milliseconds patience) {
  const auto address = UnixAddress::Of(path_);
  if (!address) return AskError{ExitCode::kUsage, address.error().message};
  fd_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // connect waits when the agent's backlog is full: unix(7) takes the send timeout for it.
  const timeval limit{static_cast<time_t>(patience.count() / 1000),
                      static_cast<suseconds_t>(patience.count() % 1000 * 1000)};
  setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (connect(fd_.get(), address->get(), UnixAddress::size()) == 0) return {};
  if (errno != EACCES) return NotRunning(std::strerror(errno));
  return AskError{ExitCode::kPermission, path_ + ": " + std::strerror(errno)};
}

std::optional<AskError> Line::Send(const v1::LocalRequest& request, Clock::time_point until) {
  const Result<std::string> frame = EncodeFrame(request.SerializeAsString());
  if (!frame) return AskError{ExitCode::kInternal, frame.error().message};
  std::string_view bytes = *frame;
  while (!bytes.empty()) {
    const ssize_t count = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      return NotRunning(std::strerror(errno));
    } else if (!WaitFor(fd_.get(), POLLOUT, until)) {
      return NotRunning("no answer in time");
    }
  }
  return {};
}

tl::expected<v1::LocalResponse, AskError> Line::Open(const std::string& frame) const {
  v1::LocalResponse response;
  if (!response.ParseFromString(frame)) {
    return tl::unexpected(NotRunning("its answer is malformed"));
  }
  if (!response.has_error()) return response;
  return tl::unexpected(
      AskError{static_cast<ExitCode>(response.error().exit_code()), response.error().message()});
}

tl::expected<v1::LocalResponse, AskError> Line::Receive(std::optional<Clock::time_point> until) {
  for (;;) {
    const Result<std::optional<std::string>> frame = reader_.Next();
    if (!frame) return tl::unexpected(NotRunning(frame.error().message));
    if (*frame) return Open(**frame);
    if (!WaitFor(fd_.get(), POLLIN, until)) return tl::unexpected(NotRunning("no answer in time"));
    char buffer[16 * 1024];
    const ssize_t count = recv(fd_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count > 0) {
      reader_.Add({buffer, static_cast<size_t>(count)});
    } else if (count == 0) {
      return tl::unexpected(NotRunning("it closed the connection"));
    } else if (errno != EAGAIN && errno != EINTR) {
      return tl::unexpected(NotRunning(std::strerror(errno)));
    }
  }
}

}  // namespace

tl::expected<v1::LocalResponse, AskError> Ask(const std::string& socket_path,
                                              const v1::LocalRequest& request,
                                              std::chrono::milliseconds patience) {
  const Clock::time_point until = Clock::now() + patience;
  Line line(socket_path);
  if (const auto error = line.Connect(patience)) return tl::unexpected(*error);
  if (const auto error = line.Send(request, until)) return tl::unexpected(*error);
  return line.Receive(until);
}

AskError Watch(const std::string& socket_path, std::chrono::milliseconds patience,
               const std::function<void(const v1::AgentStatus&)>& on_status) {
  const Clock::time_point until = Clock::now() + patience;
  v1::LocalRequest request;
  request.mutable_watch();
  Line line(socket_path);
  if (const auto error = line.Connect(patience)) return *error;
  if (const auto error = line.Send(request, until)) return *error;
  auto response = line.Receive(until);
  while (response) {
    on_status(response->status());
    response = line.Receive(std::nullopt);
  }
  return response.error();
}

}  // namespace sallyport
