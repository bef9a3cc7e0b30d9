// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <QSocketNotifier>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "agent/frame.h"
#include "agent/frame_socket.h"
#include "agent/unix_socket_posix.h"

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

}  // namespace

struct FrameSocket::Impl {
  Impl(LocalEnd local, const Limits& bounds, Events handlers)
      : end(std::move(local)), limits(bounds), events(std::move(handlers)) {}
  ~Impl() { Shut(); }

  void Shut() {
    readable.reset();
    writable.reset();
    end.Close();
  }

  void Closed(const std::string& why) {
    if (!end.valid()) return;
    Shut();
    const auto tell = std::move(events.on_closed);
    events = {};
    if (tell) tell(why);
  }

  void Read() {
    char buffer[16 * 1024];
    const ssize_t count = recv(fd(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count == 0) return Closed("closed by the peer");
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      return Closed(std::strerror(errno));
    }
    reader.Add({buffer, static_cast<size_t>(count)});
    Deliver();
  }

  int fd() const { return static_cast<int>(end.native()); }
  bool Holding() const { return paused || (limits.answer_first && !out.empty()); }

  void Deliver() {
    if (std::exchange(delivering, true)) return;  // the loop below goes on
    while (end.valid() && !Holding()) {
      Result<std::optional<std::string>> message = reader.Next();
      if (!message) return Closed(message.error().message);
      if (!*message) break;
      if ((*message)->size() > limits.frame_in) return Closed("frame over the bound");
      const auto tell = events.on_frame;
      tell(std::move(**message));
    }
    delivering = false;
    if (!end.valid()) return;
    readable->setEnabled(!Holding());
    const bool over = !Holding() && reader.buffered() > limits.frame_in + 4;
    if (over) Closed("frame over the bound");
  }

  void Write() {
    while (end.valid() && sent < out.size()) {
      const ssize_t count = send(fd(), out.data() + sent, out.size() - sent, SendFlags());
      if (count < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) break;
        return Closed(std::strerror(errno));
      }
      sent += static_cast<size_t>(count);
    }
    if (!end.valid()) return;
    if (sent == out.size()) {
      out.clear();
      sent = 0;
    }
    writable->setEnabled(!out.empty());
    if (limits.answer_first) Deliver();
  }

  LocalEnd end;
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

FrameSocket::FrameSocket(LocalEnd end, const Limits& limits, Events events)
    : impl_(std::make_shared<Impl>(std::move(end), limits, std::move(events))) {
  const std::weak_ptr<Impl> weak = impl_;
  impl_->readable.reset(new QSocketNotifier(impl_->fd(), QSocketNotifier::Read));
  QObject::connect(impl_->readable.get(), &QSocketNotifier::activated, [weak](QSocketDescriptor) {
    if (const auto impl = weak.lock()) impl->Read();
  });
  impl_->writable.reset(new QSocketNotifier(impl_->fd(), QSocketNotifier::Write));
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
  if (!impl->end.valid()) return;
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

void FrameSocket::Look() {
  const auto impl = impl_;
  if (impl->end.valid() && !impl->Holding()) impl->Read();
}

bool FrameSocket::flushed() const { return impl_->out.empty(); }

}  // namespace sallyport
