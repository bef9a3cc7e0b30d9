// SPDX-License-Identifier: Apache-2.0
#include "agent/collector_link.h"

#include <utility>

#include "agent/local_end.h"

namespace sallyport {
namespace {

Status CheckPeer(const LocalEnd& end, const std::string& path) {
  const Result<Peer> peer = PeerOf(end);
  if (!peer) return tl::unexpected(peer.error());
  if (peer->administrator || peer->user == OwnUser()) return {};
  return Fail(Code::kDenied, path + ": served by user " + peer->user);
}

}  // namespace

CollectorLink::CollectorLink(std::string path, std::function<Now()> clock, Events events)
    : path_(std::move(path)),
      clock_(std::move(clock)),
      events_(std::move(events)),
      retry_([this] { Connect(); }) {}

void CollectorLink::Start() { Connect(); }

void CollectorLink::Connect() {
  Result<LocalEnd> end = ConnectLocal(path_);
  if (!end) return Retry(end.error().message);
  if (const Status good = CheckPeer(*end, path_); !good) return Retry(good.error().message);
  FrameSocket::Events events;
  events.on_frame = [this](const std::string& frame) {
    v1::CollectorMessage message;
    if (!message.ParseFromString(frame)) {
      socket_.reset();
      events_.on_closed("the collector sent what is no message");
      return Retry(path_ + ": no message");
    }
    backoff_.Reset();
    events_.on_message(message);
  };
  events.on_closed = [this](const std::string& why) {
    socket_.reset();
    events_.on_closed(why);
    Retry(path_ + ": " + why);
  };
  socket_ =
      std::make_unique<FrameSocket>(*std::move(end), FrameSocket::Limits{}, std::move(events));
  last_error_.clear();
  events_.on_open();
}

void CollectorLink::Retry(const std::string& why) {
  last_error_ = why;
  retry_.Set(clock_().boot + backoff_.Next(1.0));
}

void CollectorLink::Send(const v1::CollectorRequest& request) {
  if (socket_) socket_->Send(request.SerializeAsString());
}

}  // namespace sallyport
