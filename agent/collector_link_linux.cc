// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <utility>

#include "agent/collector_link.h"

namespace sallyport {
namespace {

Status CheckPeer(int fd, const std::string& path) {
  const Result<uint32_t> uid = PeerUid(fd);
  if (!uid) return tl::unexpected(uid.error());
  if (*uid == 0 || *uid == geteuid()) return {};
  return Fail(Code::kDenied, path + ": served by uid " + std::to_string(*uid));
}

}  // namespace

CollectorLink::CollectorLink(std::string path, std::function<Now()> clock, Events events)
    : path_(std::move(path)),
      clock_(std::move(clock)),
      events_(std::move(events)),
      retry_([this] { Connect(); }) {}

void CollectorLink::Start() { Connect(); }

void CollectorLink::Connect() {
  const Result<int> fd = ConnectLocal(path_);
  if (!fd) return Retry(fd.error().message);
  if (const Status good = CheckPeer(*fd, path_); !good) {
    close(*fd);
    return Retry(good.error().message);
  }
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
  socket_ = std::make_unique<FrameSocket>(*fd, FrameSocket::Limits{}, std::move(events));
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
