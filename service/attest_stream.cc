// SPDX-License-Identifier: Apache-2.0
#include "service/attest_stream.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "service/peer.h"
#include "service/queued_stream.h"

namespace sallyport {
namespace {

using grpc::ByteBuffer;

ByteBuffer Serialized(const v1::ServiceMessage& message) {
  ByteBuffer bytes;
  bool own = false;
  (void)grpc::SerializationTraits<v1::ServiceMessage>::Serialize(message, &bytes, &own);
  return bytes;
}

class AttestStream final : public QueuedStream<ByteBuffer, ByteBuffer> {
 public:
  AttestStream(Appraiser& appraiser, Counters& counters)
      : appraiser_(appraiser), counters_(counters) {}

  void Start(const Peer& peer) {
    Hold();
    session_ = std::make_shared<Session>();
    session_->leaf_until = peer.leaf_until;
    session_->send = [this, keep = weak_from_this()](const v1::ServiceMessage& message) {
      if (const auto alive = keep.lock()) Send(Serialized(message));
    };
    session_->end = [this, keep = weak_from_this()](const std::string& reason, Millis retry_after) {
      if (const auto alive = keep.lock()) SayGoodbye(reason, retry_after);
    };
    Result<std::shared_ptr<Device>> device = appraiser_.Attach(peer.name.id, session_);
    if (!device) {
      counters_.Add("streams_refused_unknown_device");
      spdlog::warn("stream refused: {}", device.error().message);
      return End({grpc::StatusCode::PERMISSION_DENIED,
                  std::string(refusal::kUnknownDevice) + ": " + device.error().message});
    }
    device_ = *std::move(device);
    Send(Serialized(appraiser_.Hello(*device_, *session_)));
    ReadNext(&incoming_);
  }

 private:
  void SayGoodbye(const std::string& reason, Millis retry_after) {
    v1::ServiceMessage message;
    message.mutable_goodbye()->set_reason(reason);
    message.mutable_goodbye()->set_retry_after_ms(static_cast<uint64_t>(retry_after.count()));
    Send(Serialized(message));
    End({grpc::StatusCode::UNAVAILABLE, reason});
  }

  void OnRead(bool ok) override {
    if (!ok) return End(grpc::Status::OK);
    thread_local v1::AgentMessage message;
    // Out of the scratch before the next message of another stream comes into it.
    grpc::ProtoBufferReader reader(&incoming_);
    const bool parsed = reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
    incoming_.Clear();
    const Answer answer = [this, keep = shared_from_this()](const v1::ServiceMessage& reply) {
      Send(Serialized(reply));
      ReadNext(&incoming_);
    };
    if (!parsed) return appraiser_.OnMalformed(*device_, *session_, "not an AgentMessage", answer);
    switch (message.kind_case()) {
      case v1::AgentMessage::kHello:
        return ReadNext(&incoming_);
      case v1::AgentMessage::kEvidence:
        return appraiser_.OnEvidence(device_, session_, std::move(*message.mutable_evidence()),
                                     answer);
      case v1::AgentMessage::kBeat:
        return appraiser_.OnBeat(*device_, *session_, message.beat(), answer);
      case v1::AgentMessage::KIND_NOT_SET:
        return appraiser_.OnMalformed(*device_, *session_, "an AgentMessage of no known kind",
                                      answer);
    }
  }

  void Ended(bool cut_off) override {
    if (cut_off) counters_.Add("streams_cut_off");
    if (device_) appraiser_.Detach(*device_, session_);
  }

  Appraiser& appraiser_;
  Counters& counters_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Device> device_;
  ByteBuffer incoming_;
};

}  // namespace

grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* AttestationService::Attest(
    grpc::CallbackServerContext* context) {
  Result<Peer> peer = PeerOf(*context->auth_context(), ca_, clock_());
  if (peer && peer->name.role != LeafName::Role::kDevice) {
    peer = Fail(Code::kDenied, "client certificate: not a device's");
  }
  if (!peer) {
    counters_.Add("streams_refused_certificate");
    spdlog::warn("stream refused: {}", peer.error().message);
    return new RefusedStream<ByteBuffer, ByteBuffer>(
        {grpc::StatusCode::UNAUTHENTICATED, peer.error().message});
  }
  const auto stream = std::make_shared<AttestStream>(appraiser_, counters_);
  stream->Start(*peer);
  return stream.get();
}

}  // namespace sallyport
