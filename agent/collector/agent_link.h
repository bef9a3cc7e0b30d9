// SPDX-License-Identifier: Apache-2.0
// AgentLink: where the collector serves its one agent. proto local.proto, frames of agent/frame.h.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/frame_socket.h"
#include "agent/local_end.h"
#include "agent/local_listener.h"
#include "base/result.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

class AgentLink {
 public:
  struct Handlers {
    std::function<void()> opened;
    std::function<void(const v1::CollectorRequest&)> request;
    std::function<void(const std::string& why)> closed;  // also why somebody was turned away
  };

  // Listens at `name` (LocalListener), or on the socket that systemd handed over. Only `agent_user`
  // and administrators are served.
  static Result<std::unique_ptr<AgentLink>> Listen(const std::string& name,
                                                   const UserId& agent_user, Handlers handlers);
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  // Nothing is kept for an agent that is not there. One that does not read what it is sent is
  // dropped.
  void Send(const v1::CollectorMessage& message);

 private:
  AgentLink(UserId agent_user, Handlers handlers);

  void Accept(LocalEnd end, const Peer& peer);
  void OnFrame(const std::string& frame);
  void Close(const std::string& why);

  UserId agent_user_;
  Handlers handlers_;
  std::unique_ptr<LocalListener> listener_;
  std::unique_ptr<FrameSocket> socket_;
};

}  // namespace sallyport
