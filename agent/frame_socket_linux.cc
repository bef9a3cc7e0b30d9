// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "agent/frame.h"
#include "agent/frame_socket.h"
#include "agent/unix_address_linux.h"

namespace sallyport {
namespace {

// A notifier may be in the middle of its own signal when its socket goes.
struct DeleteLater {
  void operator()(QSocketNotifier* notifier) const {
    notifier->setEnabled(false);
    notifier->deleteLater();
  }
};
using Notifier = std::unique_ptr<QSocketNotifier, DeleteLater>;

Code CodeOf(int error) {
  switch (error) {
    case ENOENT:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kDenied;
    default:
      return Code::kUnavailable;
  }
}

tl::unexpected<Error> SocketError(const std::string& path) {
  return Fail(CodeOf(errno), path + ": " + std::strerror(errno));
}

}  // namespace

struct FrameSocket::Impl {
  Impl(int descriptor, const Limits& bounds, Events handlers)
      : fd(descriptor), limits(bounds), events(std::move(handlers)) {}
  ~Impl() { Shut(); }

  void Shut() {
    readable.reset();
    writable.reset();
    if (fd >= 0) close(fd);
    fd = -1;
  }

  void Closed(const std::string& why) {
    if (fd < 0) return;
    Shut();
    const auto tell = std::move(events.on_closed);
    events = {};
    if (tell) tell(why);
  }

  void Read() {
    char buffer[16 * 1024];
    const ssize_t count = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count == 0) return Closed("closed by the peer");
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      return Closed(std::strerror(errno));
    }
    reader.Add({buffer, static_cast<size_t>(count)});
    Deliver();
  }

  bool Holding() const { return paused || (limits.answer_first && !out.empty()); }

  void Deliver() {
    if (std::exchange(delivering, true)) return;  // the loop below goes on
    while (fd >= 0 && !Holding()) {
      Result<std::optional<std::string>> message = reader.Next();
      if (!message) return Closed(message.error().message);
      if (!*message) break;
      if ((*message)->size() > limits.frame_in) return Closed("frame over the bound");
      const auto tell = events.on_frame;
      tell(std::move(**message));
    }
    delivering = false;
    if (fd < 0) return;
    readable->setEnabled(!Holding());
    const bool over = !Holding() && reader.buffered() > limits.frame_in + 4;
    if (over) Closed("frame over the bound");
  }

  void Write() {
    while (fd >= 0 && sent < out.size()) {
      const ssize_t count =
          send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) break;
        return Closed(std::strerror(errno));
      }
      sent += static_cast<size_t>(count);
    }
    if (fd < 0) return;
    if (sent == out.size()) {
      out.clear();
      sent = 0;
    }
    writable->setEnabled(!out.empty());
    if (limits.answer_first) Deliver();
  }

  int fd;
  Limits limits;
  Events events;
  FrameReader reader;
  std::string out;
  size_t sent = 0;
  bool paused = false;
  bool delivering = false;
  Notifier readable;
  Notifier writable;
};

FrameSocket::FrameSocket(int fd, const Limits& limits, Events events)
    : impl_(std::make_shared<Impl>(fd, limits, std::move(events))) {
  const std::weak_ptr<Impl> weak = impl_;
  impl_->readable.reset(new QSocketNotifier(fd, QSocketNotifier::Read));
  QObject::connect(impl_->readable.get(), &QSocketNotifier::activated, [weak](QSocketDescriptor) {
    if (const auto impl = weak.lock()) impl->Read();
  });
  impl_->writable.reset(new QSocketNotifier(fd, QSocketNotifier::Write));
  impl_->writable->setEnabled(false);
  QObject::connect(impl_->writable.get(), &QSocketNotifier::activated, [weak](QSocketDescriptor) {
    if (const auto impl = weak.lock()) impl->Write();
  });
}

FrameSocket::~FrameSocket() {
  impl_->events = {};
  impl_->Shut();
}

void FrameSocket::Send(std::string_view message) {
  const auto impl = impl_;
  if (impl->fd < 0) return;
  const Result<std::string> frame = EncodeFrame(message);
  if (!frame) return impl->Closed(frame.error().message);
  impl->out += *frame;
  if (impl->out.size() - impl->sent > impl->limits.queue_out) {
    return impl->Closed("the peer does not read");
  }
  impl->Write();
}

void FrameSocket::Pause() {
  impl_->paused = true;
  if (impl_->readable) impl_->readable->setEnabled(false);
}

void FrameSocket::Resume() {
  const auto impl = impl_;
  impl->paused = false;
  impl->Deliver();
}

bool FrameSocket::flushed() const { return impl_->out.empty(); }

Result<uint32_t> PeerUid(int fd) {
  ucred credentials{};
  socklen_t length = sizeof(credentials);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
    return SocketError("SO_PEERCRED");
  }
  return credentials.uid;
}

Result<int> ConnectLocal(const std::string& path) {
  const auto address = UnixAddress::Of(path);
  if (!address) return tl::unexpected(address.error());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return SocketError(path);
  if (connect(fd, address->get(), UnixAddress::size()) == 0) return fd;
  const auto error = SocketError(path);
  close(fd);
  return error;
}

Result<int> ListenLocal(const std::string& path, unsigned mode) {
  const auto address = UnixAddress::Of(path);
  if (!address) return tl::unexpected(address.error());
  if (const Result<int> taken = ConnectLocal(path)) {
    close(*taken);
    return Fail(Code::kConflict, path + ": another process listens here");
  }
  struct stat left {};
  if (lstat(path.c_str(), &left) == 0 && S_ISSOCK(left.st_mode)) unlink(path.c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return SocketError(path);
  if (bind(fd, address->get(), UnixAddress::size()) != 0 || chmod(path.c_str(), mode) != 0 ||
      listen(fd, 64) != 0) {
    const auto error = SocketError(path);
    close(fd);
    return error;
  }
  return fd;
}

}  // namespace sallyport
