// SPDX-License-Identifier: Apache-2.0
#include "agent/attest_stream.h"

#include <grpcpp/grpcpp.h>

#include <QCoreApplication>
#include <deque>
#include <mutex>
#include <utility>

#include "attestation/evidence.h"
#include "base/happens_before.h"
#include "sallyport/v1/attestation.grpc.pb.h"

namespace sallyport {
namespace {

// The least interval of pings without data that a server at its defaults tolerates (gRPC's
// keepalive.md); beats find a dead peer sooner.
constexpr int kKeepaliveMs = 300'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Each try is a connection of its own: the back-off is ours, not that of a shared subchannel.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(4 << 20);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

std::string Describe(const grpc::Status& status) {
  if (status.ok()) return "the service ended the stream";
  return status.error_message().empty() ? "status " + std::to_string(status.error_code())
                                        : status.error_message();
}

void PostToMain(std::function<void()> call) {
  QMetaObject::invokeMethod(QCoreApplication::instance(), std::move(call), Qt::QueuedConnection);
}

// Qt copies functors: whichever thread drops the last copy, the main thread has read it before.
void DropAnywhere(v1::ServiceMessage* message) {
  HappensAfter(message);
  delete message;
}

}  // namespace

// Lives until gRPC is done with it: it holds itself until OnDone.
class AttestStream::Reactor final
    : public grpc::ClientBidiReactor<v1::AgentMessage, v1::ServiceMessage> {
 public:
  Reactor(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
          std::weak_ptr<Events> events)
      : stub_(v1::Attestation::NewStub(MakeChannel(address, credentials))),
        events_(std::move(events)) {}

  void Start(std::shared_ptr<Reactor> self) {
    self_ = std::move(self);
    stub_->async()->Attest(&context_, this);
    AddHold();  // for writes from outside the reactions
    HappensBefore(this);
    StartRead(&in_);
    StartCall();
  }

  void Send(const v1::AgentMessage& message) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    out_.push_back(message);
    if (out_.size() == 1) StartWrite(&out_.front());
  }

  void Close() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    HappensAfter(this);
    if (!ok) return End();
    const std::shared_ptr<v1::ServiceMessage> message(new v1::ServiceMessage, DropAnywhere);
    message->Swap(&in_);
    PostToMain([weak = events_, message] {
      if (const auto events = weak.lock()) events->on_message(*message);
      HappensBefore(message.get());
    });
    HappensBefore(this);
    StartRead(&in_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    out_.pop_front();
    if (ok && !ended_ && !out_.empty()) StartWrite(&out_.front());
  }

  // The channel goes with this, and must not go from here: with the last channel of the process
  // gRPC 1.51 joins the threads that reactions run on, of which this is one, and aborts. A raw
  // pointer, because Qt copies the functor and may drop its copy on this thread last.
  void OnDone(const grpc::Status& status) override {
    HappensAfter(this);
    auto* self = new std::shared_ptr<Reactor>(std::move(self_));
    PostToMain([self, weak = events_, why = Describe(status)] {
      const std::unique_ptr<std::shared_ptr<Reactor>> last(self);
      if (const auto events = weak.lock()) events->on_closed(why);
    });
  }

 private:
  void End() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(ended_, true)) return;
    }
    HappensBefore(this);
    RemoveHold();
  }

  std::unique_ptr<v1::Attestation::Stub> stub_;
  grpc::ClientContext context_;
  std::weak_ptr<Events> events_;
  std::shared_ptr<Reactor> self_;
  v1::ServiceMessage in_;
  std::mutex mutex_;
  std::deque<v1::AgentMessage> out_;  // the front is being written; guarded by mutex_
  bool ended_ = false;                // guarded by mutex_
};

AttestStream::AttestStream(const std::string& address,
                           const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                           Events events)
    : events_(std::make_shared<Events>(std::move(events))),
      reactor_(std::make_shared<Reactor>(address, credentials, events_)) {
  reactor_->Start(reactor_);
}

AttestStream::~AttestStream() { reactor_->Close(); }

void AttestStream::Send(const v1::AgentMessage& message) { reactor_->Send(message); }

}  // namespace sallyport
