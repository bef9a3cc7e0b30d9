// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/agent_link_linux.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr size_t kMaxUnsent = 16 << 20;

Result<Fd> Bind(const std::string& path, uid_t owner) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Fail(Code::kInvalidArgument, path + ": too long for a socket");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return Fail(Code::kConflict, path + ": is not a socket");
    if (unlink(path.c_str()) != 0) return FailErrno(errno, path);
  }
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return FailErrno(errno, path);
  const mode_t before = umask(0117);  // bind(2) makes the file: never wider than 0660
  const int bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  umask(before);
  if (bound != 0) return FailErrno(error, path);
  if (geteuid() == 0 && lchown(path.c_str(), owner, static_cast<gid_t>(-1)) != 0) {
    return FailErrno(errno, path);
  }
  if (listen(fd.get(), 4) != 0) return FailErrno(errno, path);
  return fd;
}

Result<Fd> Inherited() {
  const int count = sd_listen_fds(1);
  if (count == 0) return Fd();
  if (count != 1 || sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0) {
    return Fail(Code::kInvalidArgument,
                "systemd handed over something else than one stream socket");
  }
  return Fd(SD_LISTEN_FDS_START);
}

void Retire(std::unique_ptr<QSocketNotifier>& notifier) {
  if (!notifier) return;
  notifier->setEnabled(false);
  notifier.release()->deleteLater();  // it may be the one that called
}

}  // namespace

Result<std::unique_ptr<AgentLink>> AgentLink::Listen(const std::string& path, uid_t agent_uid,
                                                     Handlers handlers) {
  auto listener = Inherited();
  if (listener && !listener->valid()) listener = Bind(path, agent_uid);
  if (!listener) return tl::unexpected(listener.error());
  return std::unique_ptr<AgentLink>(
      new AgentLink(std::move(*listener), agent_uid, std::move(handlers)));
}

AgentLink::AgentLink(Fd listener, uid_t agent_uid, Handlers handlers)
    : listener_(std::move(listener)),
      agent_uid_(agent_uid),
      handlers_(std::move(handlers)),
      incoming_(listener_.get(), QSocketNotifier::Read) {
  QObject::connect(&incoming_, &QSocketNotifier::activated, [this] { Accept(); });
}

bool AgentLink::MayConnect(int fd) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == agent_uid_;
}

void AgentLink::Accept() {
  Fd fresh(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fresh.valid()) return;  // it has gone again
  if (!MayConnect(fresh.get())) return handlers_.closed("a foreign user was turned away");
  if (open()) Receive();  // notices an agent that is gone
  if (open()) return handlers_.closed("a second agent was turned away");
  connection_ = std::move(fresh);
  reader_ = FrameReader();
  readable_ = std::make_unique<QSocketNotifier>(connection_.get(), QSocketNotifier::Read);
  QObject::connect(readable_.get(), &QSocketNotifier::activated, [this] { Receive(); });
  writable_ = std::make_unique<QSocketNotifier>(connection_.get(), QSocketNotifier::Write);
  writable_->setEnabled(false);
  QObject::connect(writable_.get(), &QSocketNotifier::activated, [this] { Flush(); });
  handlers_.opened();
}

void AgentLink::Receive() {
  std::array<char, 1 << 16> chunk;
  const int from = connection_.get();
  while (open() && connection_.get() == from) {
    const ssize_t got = recv(from, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return Close("the agent has gone");
    reader_.Add({chunk.data(), static_cast<size_t>(got)});
    for (;;) {
      const auto message = reader_.Next();
      if (!message) return Close(message.error().message);
      if (!*message) break;
      v1::CollectorRequest request;
      if (!request.ParseFromString(**message)) return Close("a request that does not parse");
      handlers_.request(request);
    }
  }
}

void AgentLink::Send(const v1::CollectorMessage& message) {
  if (!open()) return;
  const auto frame = EncodeFrame(message.SerializeAsString());
  if (!frame) return Close(frame.error().message);
  if (unsent_.size() + frame->size() > kMaxUnsent) return Close("the agent does not read");
  unsent_ += *frame;
  Flush();
}

void AgentLink::Flush() {
  size_t at = 0;
  while (at < unsent_.size()) {
    const ssize_t sent =
        send(connection_.get(), unsent_.data() + at, unsent_.size() - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) return Close("the agent has gone");
    at += static_cast<size_t>(sent);
  }
  unsent_.erase(0, at);
  writable_->setEnabled(!unsent_.empty());
}

void AgentLink::Close(const std::string& why) {
  Retire(readable_);
  Retire(writable_);
  connection_.Close();
  unsent_.clear();
  handlers_.closed(why);
}

}  // namespace sallyport
