// SPDX-License-Identifier: Apache-2.0
#include "service/gate_stream.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "service/peer.h"
#include "service/queued_stream.h"

namespace sallyport {
namespace {

constexpr int kDevicesPerRequest = 100'000;

class GateStream final : public QueuedStream<v1::GateMessage, v1::GateCommand> {
 public:
  GateStream(ServiceParts& parts, Agenda& leaf_ends, Peer peer)
      : parts_(parts), leaf_ends_(leaf_ends), gate_(std::move(peer.name.id)) {
    leaf_until_ = peer.leaf_until;
  }

  void Start() {
    Hold();
    connection_ = parts_.gates.Join(
        gate_,
        [this, keep = weak_from_this()](v1::GateCommand command) {
          if (const auto alive = keep.lock()) Send(std::move(command));
        },
        [this, keep = weak_from_this()](const std::string& reason) {
          if (const auto alive = keep.lock()) SayGoodbye(reason);
        });
    leaf_ends_.Set(gate_, leaf_until_);
    parts_.counters.Add("gates_connected");
    spdlog::info("gateway={} connected", gate_);
    ReadNext(&incoming_);
  }

 private:
  void SayGoodbye(const std::string& reason) {
    v1::GateCommand command;
    command.mutable_goodbye()->set_reason(reason);
    Send(std::move(command));
    End({grpc::StatusCode::UNAVAILABLE, reason});
  }

  void OnRead(bool ok) override {
    if (!ok) return End(grpc::Status::OK);
    switch (incoming_.kind_case()) {
      case v1::GateMessage::kHello:
        OnHello(incoming_.hello());
        break;
      case v1::GateMessage::kLeaseRequest:
        OnLeaseRequest(incoming_.lease_request());
        break;
      case v1::GateMessage::kSession:
        OnSession(incoming_.session());
        break;
      case v1::GateMessage::kCutReport:
        OnCutReport(incoming_.cut_report());
        break;
      case v1::GateMessage::KIND_NOT_SET:
        parts_.counters.Add("gate_messages_unknown");
        break;
    }
    ReadNext(&incoming_);
  }

  void OnHello(const v1::GateHello& hello) {
    v1::GateCommand command;
    command.mutable_welcome()->set_lease_ms(static_cast<uint64_t>(parts_.terms.lease.count()));
    Send(std::move(command));
    for (const v1::Session& session : hello.sessions()) {
      parts_.store.AddSessionEvent(gate_, "stands", session, parts_.clock().wall);
    }
  }

  // One grant per device, queued under the device's lock: a cut that comes meanwhile is queued
  // behind it, never before.
  void OnLeaseRequest(const v1::LeaseRequest& request) {
    if (request.device_ids_size() > kDevicesPerRequest) {
      parts_.counters.Add("lease_requests_refused");
      return End({grpc::StatusCode::INVALID_ARGUMENT, "lease request: too many devices"});
    }
    parts_.counters.Add("lease_requests");
    const GateBook::Request now_asked{request.request_id(), parts_.clock().boot};
    for (const std::string& id : request.device_ids()) {
      const Result<std::shared_ptr<Device>> device = parts_.devices.FindOrLoad(id);
      if (!device) {
        SendLease(request.request_id(), MakeLease(id, {}, Millis{0}));
        continue;
      }
      const std::lock_guard lock((*device)->mutex);
      if (Status covered = parts_.gates.Cover(gate_, connection_, id, now_asked); !covered) {
        spdlog::warn("{}", covered.error().message);
        return;
      }
      SendLease(request.request_id(), LeaseFor(**device, parts_.terms, now_asked, parts_.clock()));
    }
  }

  void SendLease(uint64_t request_id, v1::Lease lease) {
    v1::GateCommand command;
    command.mutable_grant()->set_request_id(request_id);
    *command.mutable_grant()->add_leases() = std::move(lease);
    Send(std::move(command));
  }

  void OnSession(const v1::SessionEvent& event) {
    const bool up = event.kind() == v1::SessionEvent::KIND_UP;
    const std::string device = Excerpt(event.session().device_id(), 64);
    spdlog::info("gateway={} tunnel {} device={} session={}", gate_, up ? "up" : "down", device,
                 Excerpt(event.session().session_id(), 64));
    parts_.store.AddSessionEvent(gate_, up ? "up" : "down", event.session(), parts_.clock().wall);
  }

  void OnCutReport(const v1::CutReport& report) {
    spdlog::info("gateway={} cut device={} proven={} took_us={} detail=\"{}\"", gate_,
                 Excerpt(report.device_id(), 64), report.proven(), report.took_us(),
                 Excerpt(report.detail(), 200));
    parts_.store.AddCutReport(gate_, report, parts_.clock().wall);
    // Counted once it is on its way to the store: who sees the count finds the record.
    parts_.counters.Add(report.proven() ? "cuts_proven" : "cuts_unproven");
  }

  void Ended(bool cut_off) override {
    if (cut_off) parts_.counters.Add("gate_streams_cut_off");
    parts_.gates.Leave(gate_, connection_);
    spdlog::info("gateway={} gone", gate_);
  }

  ServiceParts& parts_;
  Agenda& leaf_ends_;
  const std::string gate_;
  Millis leaf_until_{0};
  uint64_t connection_ = 0;
  v1::GateMessage incoming_;
};

}  // namespace

grpc::ServerBidiReactor<v1::GateMessage, v1::GateCommand>* GatewayService::Connect(
    grpc::CallbackServerContext* context) {
  Result<Peer> peer = PeerOf(*context->auth_context(), ca_, parts_.clock());
  if (peer && peer->name.role != LeafName::Role::kGateway) {
    peer = Fail(Code::kDenied, "client certificate: not a gateway's");
  }
  if (!peer) {
    parts_.counters.Add("gates_refused_certificate");
    spdlog::warn("gate refused: {}", peer.error().message);
    return new RefusedStream<v1::GateMessage, v1::GateCommand>(
        {grpc::StatusCode::UNAUTHENTICATED, peer.error().message});
  }
  const auto stream = std::make_shared<GateStream>(parts_, leaf_ends_, *std::move(peer));
  stream->Start();
  return stream.get();
}

}  // namespace sallyport
