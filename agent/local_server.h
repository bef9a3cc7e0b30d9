// SPDX-License-Identifier: Apache-2.0
// LocalServer: answers LocalRequests on agent.sock. Who asks is told by the kernel, not by the
// request; what a peer sends, sends too slowly or never reads costs only that peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agent/frame_socket.h"
#include "agent/local_end.h"
#include "agent/local_listener.h"
#include "agent/wake_timer.h"
#include "base/now.h"
#include "base/result.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

class LocalServer {
 public:
  static constexpr size_t kMaxClients = 32;
  static constexpr size_t kMaxClientsPerUser = 8;
  static constexpr size_t kMaxRequestBytes = 16 * 1024;
  struct Patience {
    Millis idle{10'000};    // without a whole request, or with an unread answer
    Millis answer{40'000};  // for a request that is being worked on
  };

  using Reply = std::function<void(const v1::LocalResponse&)>;
  // Answers once, now or later. Called only for requests that the peer may make. Who asks to watch
  // is answered from inside OnRequest, and by Tell from then on.
  using OnRequest = std::function<void(const v1::LocalRequest&, Reply)>;

  // Status, also watched, is for everybody; the rest for administrators, this very user and
  // `owners`. kConflict when an agent is there.
  static Result<std::unique_ptr<LocalServer>> Listen(const std::string& path,
                                                     std::set<UserId> owners,
                                                     std::function<Now()> clock,
                                                     OnRequest on_request, Patience patience);
  ~LocalServer();

  size_t clients() const { return clients_.size(); }
  size_t watchers() const;
  // To each who watches; one who has not read the message before is dropped.
  void Tell(const v1::LocalResponse& response);

 private:
  struct Client {
    Peer peer;
    std::unique_ptr<FrameSocket> socket;
    std::optional<Millis> deadline;
    bool watches = false;
  };

  LocalServer(std::set<UserId> owners, std::function<Now()> clock, OnRequest on_request,
              Patience patience);
  void Accept(LocalEnd end, const Peer& peer);
  bool MakeRoomFor(const UserId& user);
  void OnFrame(uint64_t id, const std::string& frame);
  void Answer(uint64_t id, const v1::LocalResponse& response);
  void Drop(uint64_t id);
  void DropLate();
  void SetDeadline(uint64_t id, Millis left);
  void SetTimer();
  bool MayAsk(const Peer& peer, const v1::LocalRequest& request) const;

  std::set<UserId> owners_;
  std::function<Now()> clock_;
  OnRequest on_request_;
  Patience patience_;
  std::unique_ptr<LocalListener> listener_;
  std::map<uint64_t, Client> clients_;  // by age
  uint64_t next_id_ = 1;
  WakeTimer late_;
  std::shared_ptr<LocalServer*> self_;  // null once it is gone: replies may come later
};

}  // namespace sallyport
