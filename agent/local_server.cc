// SPDX-License-Identifier: Apache-2.0
#include "agent/local_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/exit_code.h"

namespace sallyport {
namespace {

v1::LocalResponse ErrorResponse(ExitCode code, const std::string& message) {
  v1::LocalResponse response;
  response.mutable_error()->set_exit_code(static_cast<uint32_t>(code));
  response.mutable_error()->set_message(message);
  return response;
}

}  // namespace

Result<std::unique_ptr<LocalServer>> LocalServer::Listen(const std::string& path,
                                                         std::set<UserId> owners,
                                                         std::function<Now()> clock,
                                                         OnRequest on_request, Patience patience) {
  std::unique_ptr<LocalServer> server(
      new LocalServer(std::move(owners), std::move(clock), std::move(on_request), patience));
  auto listener = LocalListener::Listen(path, std::nullopt,
                                        [self = server.get()](LocalEnd end, const Peer& peer) {
                                          self->Accept(std::move(end), peer);
                                        });
  if (!listener) return tl::unexpected(listener.error());
  server->listener_ = *std::move(listener);
  return server;
}

LocalServer::LocalServer(std::set<UserId> owners, std::function<Now()> clock, OnRequest on_request,
                         Patience patience)
    : owners_(std::move(owners)),
      clock_(std::move(clock)),
      on_request_(std::move(on_request)),
      patience_(patience),
      late_([this] { DropLate(); }),
      self_(std::make_shared<LocalServer*>(this)) {
  owners_.insert(OwnUser());
}

LocalServer::~LocalServer() {
  *self_ = nullptr;
  clients_.clear();
}

void LocalServer::Accept(LocalEnd end, const Peer& peer) {
  if (!MakeRoomFor(peer.user)) return;
  const uint64_t id = next_id_++;
  FrameSocket::Events events;
  events.on_frame = [this, id](const std::string& frame) { OnFrame(id, frame); };
  events.on_closed = [this, id](const std::string&) { Drop(id); };
  Client client;
  client.peer = peer;
  client.socket = std::make_unique<FrameSocket>(
      std::move(end), FrameSocket::Limits{.frame_in = kMaxRequestBytes, .answer_first = true},
      std::move(events));
  clients_.emplace(id, std::move(client));
  SetDeadline(id, patience_.idle);
}

// One user's crowd pushes out that user's own oldest; among many users the oldest of all goes.
bool LocalServer::MakeRoomFor(const UserId& user) {
  const auto of_user = [&user](const auto& entry) { return entry.second.peer.user == user; };
  if (std::ranges::count_if(clients_, of_user) >= static_cast<int64_t>(kMaxClientsPerUser)) {
    clients_.erase(std::ranges::find_if(clients_, of_user));
  } else if (clients_.size() >= kMaxClients) {
    clients_.erase(clients_.begin());
  }
  return clients_.size() < kMaxClients;
}

bool LocalServer::MayAsk(const Peer& peer, const v1::LocalRequest& request) const {
  return request.has_status() || request.has_watch() || peer.administrator ||
         owners_.contains(peer.user);
}

void LocalServer::OnFrame(uint64_t id, const std::string& frame) {
  const auto client = clients_.find(id);
  if (client == clients_.end()) return;
  if (client->second.watches) return Drop(id);  // it has said all that it may say
  v1::LocalRequest request;
  if (!request.ParseFromString(frame) || request.kind_case() == v1::LocalRequest::KIND_NOT_SET) {
    return Answer(id, ErrorResponse(ExitCode::kUsage, "not a request that this agent knows"));
  }
  if (const Peer& peer = client->second.peer; !MayAsk(peer, request)) {
    return Answer(id, ErrorResponse(ExitCode::kPermission,
                                    "user " + peer.user + " may ask for the status only; ask as " +
                                        "administrator or the owner"));
  }
  client->second.socket->Pause();  // one request at a time
  SetDeadline(id, patience_.answer);
  const bool watches = request.has_watch();
  const std::weak_ptr<LocalServer*> weak = self_;
  on_request_(request, [weak, id](const v1::LocalResponse& response) {
    const auto self = weak.lock();
    if (self && *self != nullptr) (*self)->Answer(id, response);
  });
  if (const auto still = clients_.find(id); watches && still != clients_.end()) {
    still->second.watches = true;
    still->second.deadline.reset();
    SetTimer();
  }
}

void LocalServer::Answer(uint64_t id, const v1::LocalResponse& response) {
  const auto client = clients_.find(id);
  if (client == clients_.end()) return;
  SetDeadline(id, patience_.idle);
  client->second.socket->Send(response.SerializeAsString());
  // Send may have closed it.
  if (const auto still = clients_.find(id); still != clients_.end()) still->second.socket->Resume();
}

void LocalServer::Drop(uint64_t id) {
  clients_.erase(id);
  SetTimer();
}

size_t LocalServer::watchers() const {
  return static_cast<size_t>(
      std::ranges::count_if(clients_, [](const auto& entry) { return entry.second.watches; }));
}

void LocalServer::Tell(const v1::LocalResponse& response) {
  const std::string bytes = response.SerializeAsString();
  std::vector<uint64_t> watchers;  // a socket that is sent to may close, and go
  for (const auto& [id, client] : clients_) {
    if (client.watches) watchers.push_back(id);
  }
  for (const uint64_t id : watchers) {
    FrameSocket& socket = *clients_.at(id).socket;
    if (!socket.flushed()) {
      Drop(id);
    } else {
      socket.Send(bytes);
    }
  }
}

void LocalServer::SetDeadline(uint64_t id, Millis left) {
  clients_.at(id).deadline = clock_().boot + left;
  SetTimer();
}

void LocalServer::SetTimer() {
  std::optional<Millis> next;
  for (const auto& [id, client] : clients_) {
    if (client.deadline && (!next || *client.deadline < *next)) next = client.deadline;
  }
  late_.Set(next);
}

void LocalServer::DropLate() {
  const Millis now = clock_().boot;
  std::erase_if(clients_, [now](const auto& entry) {
    return entry.second.deadline && *entry.second.deadline <= now;
  });
  SetTimer();
}

}  // namespace sallyport
