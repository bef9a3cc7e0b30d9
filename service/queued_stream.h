// SPDX-License-Identifier: Apache-2.0
// QueuedStream: a bidirectional stream of the callback API to which any thread may write; and
// RefusedStream.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "base/happens_before.h"

namespace sallyport {

// Owns itself from Hold() until gRPC is done with it, so that callbacks of other threads may keep
// it by shared_ptr and call it at any time; after the end they have no effect.
template <typename Read, typename Write>
class QueuedStream : public grpc::ServerBidiReactor<Read, Write>,
                     public std::enable_shared_from_this<QueuedStream<Read, Write>> {
 public:
  // A peer that does not read what it is sent is cut off at this many messages.
  static constexpr size_t kUnsent = 1024;

  void Hold() { self_ = this->shared_from_this(); }

  void Send(Write message) {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    if (unsent_.size() >= kUnsent) {
      return EndLocked({grpc::StatusCode::RESOURCE_EXHAUSTED, "the peer does not read"}, true);
    }
    unsent_.push_back(std::move(message));
    if (unsent_.size() == 1) this->StartWrite(&unsent_.front());
  }

  // What was sent before still goes out.
  void End(grpc::Status status) {
    const std::lock_guard lock(mutex_);
    EndLocked(std::move(status), false);
  }

  // As StartRead, unless the stream is ending.
  void ReadNext(Read* into) {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    HappensBefore(this);
    this->StartRead(into);
  }

 protected:
  // What ReadNext asked for is there; false: nothing will come any more.
  virtual void OnRead(bool ok) = 0;
  // The stream is over; the last call that it makes. `cut_off`: the peer vanished, or gRPC refused
  // what it sent (a message over the transport's bound).
  virtual void Ended(bool cut_off) = 0;

 private:
  void OnReadDone(bool ok) final {
    HappensAfter(this);
    OnRead(ok);
    HappensBefore(&self_);
  }

  void OnWriteDone(bool ok) final {
    const std::lock_guard lock(mutex_);
    unsent_.pop_front();
    if (!ok) {
      EndLocked({grpc::StatusCode::UNAVAILABLE, "the peer is gone"}, true);
      unsent_.clear();
    }
    if (!unsent_.empty()) {
      this->StartWrite(&unsent_.front());
    } else if (ending_) {
      FinishLocked();
    }
    HappensBefore(&self_);
  }

  void OnCancel() final {
    const std::lock_guard lock(mutex_);
    cut_off_ = true;
    EndLocked({grpc::StatusCode::CANCELLED, "the peer is gone"}, true);
    HappensBefore(&self_);
  }

  // The last of the reactions.
  void OnDone() final {
    HappensAfter(this);
    HappensAfter(&self_);
    Ended(cut_off_);
    const std::shared_ptr<void> last = std::move(self_);
  }

  // The message that is being written stays until its OnWriteDone.
  void EndLocked(grpc::Status status, bool drop_unsent) {
    if (drop_unsent && unsent_.size() > 1) unsent_.erase(std::next(unsent_.begin()), unsent_.end());
    if (std::exchange(ending_, true)) return;
    status_ = std::move(status);
    if (unsent_.empty()) FinishLocked();
  }

  void FinishLocked() {
    if (std::exchange(finished_, true)) return;
    HappensBefore(&self_);
    this->Finish(status_);
  }

  std::mutex mutex_;
  std::list<Write> unsent_;
  grpc::Status status_;
  bool ending_ = false;
  bool finished_ = false;
  bool cut_off_ = false;
  std::shared_ptr<void> self_;
};

// A stream that ends before it began.
template <typename Read, typename Write>
class RefusedStream final : public grpc::ServerBidiReactor<Read, Write> {
 public:
  explicit RefusedStream(const grpc::Status& status) {
    this->Finish(status);
    HappensBefore(this);
  }
  void OnDone() override {
    HappensAfter(this);
    delete this;
  }
};

}  // namespace sallyport
