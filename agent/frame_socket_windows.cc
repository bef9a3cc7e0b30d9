// SPDX-License-Identifier: Apache-2.0
#include <QWinEventNotifier>
#include <algorithm>
#include <optional>
#include <utility>

#include "agent/frame.h"
#include "agent/frame_socket.h"
#include "agent/pipe_windows.h"

namespace sallyport {
namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr size_t kWriteBytes = 64 * 1024;  // at once; a pipe's buffers come from scarce memory

// A notifier may be in the middle of its own signal when its socket goes.
struct DeleteLater {
  void operator()(QWinEventNotifier* notifier) const {
    notifier->setEnabled(false);
    notifier->deleteLater();
  }
};
using Notifier = std::unique_ptr<QWinEventNotifier, DeleteLater>;

}  // namespace

// One read and one write are under way at a time, and both have ended before their buffers go.
struct FrameSocket::Impl {
  Impl(LocalEnd local, const Limits& bounds, Events handlers)
      : end(std::move(local)), limits(bounds), events(std::move(handlers)) {}
  ~Impl() { Shut(); }

  void Shut() {
    readable.reset();
    writable.reset();
    read.Cancel();
    write.Cancel();
    end.Close();
  }

  void Closed(const std::string& why) {
    if (!end.valid()) return;
    Shut();
    const auto tell = std::move(events.on_closed);
    events = {};
    if (tell) tell(why);
  }

  HANDLE pipe() const { return reinterpret_cast<HANDLE>(end.native()); }
  bool Holding() const { return paused || (limits.answer_first && !flushed()); }
  bool flushed() const { return out.empty() && queue.empty(); }

  // What it reads, or that it cannot, is told in a later turn of the loop.
  void AskRead() {
    if (end.valid() && !read.pending() && !Holding()) read.Read(pipe(), buffer, sizeof(buffer));
  }

  void OnRead() {
    const auto count = read.Take();
    if (!count) return;
    if (!*count) return Closed(count->error().message);
    reader.Add({buffer, **count});  // nothing: the peer has written nothing, which may be done
    Deliver();
  }

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
    const bool over = !Holding() && reader.buffered() > limits.frame_in + 4;
    if (over) return Closed("frame over the bound");
    AskRead();
  }

  void OnWritten() {
    if (Wrote()) Write();
  }

  // False when it is still under way, or all is over.
  bool Wrote() {
    const auto count = write.Take();
    if (!count) return false;
    if (!*count) {
      Closed(count->error().message);
      return false;
    }
    sent += **count;
    if (sent == out.size()) {
      out = std::exchange(queue, {});
      sent = 0;
    }
    return true;
  }

  // As much as the pipe takes at once; the rest when the event comes.
  void Write() {
    while (end.valid() && !write.pending() && !flushed()) {
      if (out.empty()) out = std::exchange(queue, {});
      write.Write(pipe(), out.data() + sent, std::min(out.size() - sent, kWriteBytes));
      if (!Wrote()) break;
    }
    if (end.valid() && limits.answer_first) Deliver();
  }

  LocalEnd end;
  Limits limits;
  Events events;
  FrameReader reader;
  char buffer[kReadBytes];
  std::string out;    // being written: it stays where it is
  size_t sent = 0;    // of `out`
  std::string queue;  // comes after `out`
  bool paused = false;
  bool delivering = false;
  PipeTransfer read;
  PipeTransfer write;
  Notifier readable;
  Notifier writable;
};

FrameSocket::FrameSocket(LocalEnd end, const Limits& limits, Events events)
    : impl_(std::make_shared<Impl>(std::move(end), limits, std::move(events))) {
  const std::weak_ptr<Impl> weak = impl_;
  impl_->readable.reset(new QWinEventNotifier(impl_->read.event()));
  QObject::connect(impl_->readable.get(), &QWinEventNotifier::activated, [weak] {
    if (const auto impl = weak.lock()) impl->OnRead();
  });
  impl_->writable.reset(new QWinEventNotifier(impl_->write.event()));
  QObject::connect(impl_->writable.get(), &QWinEventNotifier::activated, [weak] {
    if (const auto impl = weak.lock()) impl->OnWritten();
  });
  impl_->AskRead();
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
  impl->queue += *frame;
  if (impl->out.size() - impl->sent + impl->queue.size() > impl->limits.queue_out) {
    return impl->Closed("the peer does not read");
  }
  impl->Write();
}

void FrameSocket::Pause() { impl_->paused = true; }

void FrameSocket::Resume() {
  const auto impl = impl_;
  impl->paused = false;
  impl->Deliver();
}

void FrameSocket::Look() {
  const auto impl = impl_;
  if (impl->end.valid()) impl->OnRead();
}

bool FrameSocket::flushed() const { return impl_->flushed(); }

}  // namespace sallyport
