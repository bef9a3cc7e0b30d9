// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/agent_link.h"

#include <utility>

namespace sallyport {
namespace {

constexpr size_t kMaxUnsent = 16 << 20;

}  // namespace

Result<std::unique_ptr<AgentLink>> AgentLink::Listen(const std::string& name,
                                                     const UserId& agent_user, Handlers handlers) {
  std::unique_ptr<AgentLink> link(new AgentLink(agent_user, std::move(handlers)));
  const auto accept = [self = link.get()](LocalEnd end, const Peer& peer) {
    self->Accept(std::move(end), peer);
  };
  auto listener = LocalListener::Inherited(accept);
  if (listener && !*listener) listener = LocalListener::Listen(name, agent_user, accept);
  if (!listener) return tl::unexpected(listener.error());
  link->listener_ = *std::move(listener);
  return link;
}

AgentLink::AgentLink(UserId agent_user, Handlers handlers)
    : agent_user_(std::move(agent_user)), handlers_(std::move(handlers)) {}

void AgentLink::Accept(LocalEnd end, const Peer& peer) {
  if (!peer.administrator && peer.user != agent_user_) {
    return handlers_.closed("a foreign user was turned away: " + peer.user);
  }
  if (socket_) socket_->Look();  // the one before may be gone
  if (socket_) return handlers_.closed("a second agent was turned away");
  FrameSocket::Events events;
  events.on_frame = [this](const std::string& frame) { OnFrame(frame); };
  events.on_closed = [this](const std::string& why) { Close("the agent: " + why); };
  socket_ = std::make_unique<FrameSocket>(
      std::move(end), FrameSocket::Limits{.queue_out = kMaxUnsent}, std::move(events));
  handlers_.opened();
}

void AgentLink::OnFrame(const std::string& frame) {
  v1::CollectorRequest request;
  if (!request.ParseFromString(frame)) return Close("a request that does not parse");
  handlers_.request(request);
}

void AgentLink::Send(const v1::CollectorMessage& message) {
  if (socket_) socket_->Send(message.SerializeAsString());
}

void AgentLink::Close(const std::string& why) {
  socket_.reset();
  handlers_.closed(why);
}

}  // namespace sallyport
