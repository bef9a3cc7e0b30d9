// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <algorithm>
#include <utility>
#include <vector>

#include "agent/local_server.h"
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
                                                         std::set<uint32_t> owners,
                                                         std::function<Now()> clock,
                                                         OnRequest on_request, Patience patience) {
  const Result<int> fd = ListenLocal(path, 0666);
  if (!fd) return tl::unexpected(fd.error());
  return std::unique_ptr<LocalServer>(new LocalServer(
      *fd, path, std::move(owners), std::move(clock), std::move(on_request), patience));
}

LocalServer::LocalServer(int fd, std::string path, std::set<uint32_t> owners,
                         std::function<Now()> clock, OnRequest on_request, Patience patience)
    : fd_(fd),
      path_(std::move(path)),
      owners_(std::move(owners)),
      clock_(std::move(clock)),
      on_request_(std::move(on_request)),
      patience_(patience),
      notifier_(std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Read)),
      late_([this] { DropLate(); }),
      self_(std::make_shared<LocalServer*>(this)) {
  owners_.insert(0);
  owners_.insert(geteuid());
  QObject::connect(notifier_.get(), &QSocketNotifier::activated,
                   [this](QSocketDescriptor) { Accept(); });
}

LocalServer::~LocalServer() {
  *self_ = nullptr;
  notifier_->setEnabled(false);
  clients_.clear();
  close(fd_);
  unlink(path_.c_str());
}

void LocalServer::Accept() {
  const int peer = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (peer < 0) return;
  const Result<uint32_t> uid = PeerUid(peer);
  if (!uid || !MakeRoomFor(*uid)) {
    close(peer);
    return;
  }
  const uint64_t id = next_id_++;
  FrameSocket::Events events;
  events.on_frame = [this, id](const std::string& frame) { OnFrame(id, frame); };
  events.on_closed = [this, id](const std::string&) { Drop(id); };
  Client client;
  client.uid = *uid;
  client.socket = std::make_unique<FrameSocket>(
      peer, FrameSocket::Limits{.frame_in = kMaxRequestBytes, .answer_first = true},
      std::move(events));
  clients_.emplace(id, std::move(client));
  SetDeadline(id, patience_.idle);
}

// One user's crowd pushes out that user's own oldest; among many users the oldest of all goes.
bool LocalServer::MakeRoomFor(uint32_t uid) {
  const auto of_uid = [uid](const auto& entry) { return entry.second.uid == uid; };
  if (std::ranges::count_if(clients_, of_uid) >= static_cast<int64_t>(kMaxClientsPerUid)) {
    clients_.erase(std::ranges::find_if(clients_, of_uid));
  } else if (clients_.size() >= kMaxClients) {
    clients_.erase(clients_.begin());
  }
  return clients_.size() < kMaxClients;
}

bool LocalServer::MayAsk(uint32_t uid, const v1::LocalRequest& request) const {
  return request.has_status() || request.has_watch() || owners_.contains(uid);
}

void LocalServer::OnFrame(uint64_t id, const std::string& frame) {
  const auto client = clients_.find(id);
  if (client == clients_.end()) return;
  if (client->second.watches) return Drop(id);  // it has said all that it may say
  v1::LocalRequest request;
  if (!request.ParseFromString(frame) || request.kind_case() == v1::LocalRequest::KIND_NOT_SET) {
    return Answer(id, ErrorResponse(ExitCode::kUsage, "not a request that this agent knows"));
  }
  if (!MayAsk(client->second.uid, request)) {
    return Answer(id, ErrorResponse(ExitCode::kPermission,
                                    "uid " + std::to_string(client->second.uid) +
                                        " may ask for the status only; ask as root or the owner"));
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
