// SPDX-License-Identifier: Apache-2.0
// AgentLink: the socket on which the collector serves its one agent. proto local.proto, frames of
// agent/frame.h.
#pragma once

#include <sys/types.h>

#include <QSocketNotifier>
#include <functional>
#include <memory>
#include <string>

#include "agent/frame.h"
#include "base/result.h"
#include "platform/fd_posix.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

class AgentLink {
 public:
  struct Handlers {
    std::function<void()> opened;
    std::function<void(const v1::CollectorRequest&)> request;
    std::function<void(const std::string& why)> closed;  // also why somebody was turned away
  };

  // Listens at `path`, or on the socket that systemd handed over, sd_listen_fds(3). A socket that
  // it makes has mode 0660 and belongs to `agent_uid`. Only that user and root are served. What
  // lay at `path` is replaced if it is a socket, else kConflict.
  static Result<std::unique_ptr<AgentLink>> Listen(const std::string& path, uid_t agent_uid,
                                                   Handlers handlers);
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  bool open() const { return connection_.valid(); }
  // Nothing is kept for an agent that is not there. One that does not read what it is sent is
  // dropped.
  void Send(const v1::CollectorMessage& message);

 private:
  AgentLink(Fd listener, uid_t agent_uid, Handlers handlers);

  void Accept();
  bool MayConnect(int fd) const;
  void Receive();
  void Flush();
  void Close(const std::string& why);

  Fd listener_;
  uid_t agent_uid_;
  Handlers handlers_;
  QSocketNotifier incoming_;
  Fd connection_;
  std::unique_ptr<QSocketNotifier> readable_;
  std::unique_ptr<QSocketNotifier> writable_;
  FrameReader reader_;
  std::string unsent_;
};

}  // namespace sallyport
