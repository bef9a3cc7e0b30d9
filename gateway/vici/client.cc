// SPDX-License-Identifier: Apache-2.0
#include "gateway/vici/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sallyport::vici {
namespace {

// Events kept while an answer is awaited; over it charon floods us and a fresh listing is cheaper.
constexpr size_t kMaxQueuedEvents = 200'000;

// kTimeout when `until` passes before the socket is ready.
Status Await(int fd, short what, std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Fail(Code::kTimeout, "vici: no answer in time");
    pollfd entry{fd, what, 0};
    const int ready = poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Fail(Code::kUnavailable, "vici: poll failed");
  }
}

}  // namespace

Result<Client> Client::Connect(const std::string& path) {
  constexpr std::string_view kScheme = "unix://";
  const std::string file = path.starts_with(kScheme) ? path.substr(kScheme.size()) : path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (file.size() >= sizeof address.sun_path) {
    return Fail(Code::kInvalidArgument, "vici: path too long: " + file);
  }
  std::memcpy(address.sun_path, file.data(), file.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Fail(Code::kInternal, "vici: no socket");
  Client client(fd);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Fail(Code::kUnavailable, "vici: " + file + ": " + std::strerror(errno));
  }
  return client;
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      in_(std::move(other.in_)),
      events_(std::move(other.events_)) {}

Client& Client::operator=(Client&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(in_, other.in_);
  std::swap(events_, other.events_);
  return *this;
}

Client::~Client() {
  if (fd_ >= 0) close(fd_);
}

Status Client::Send(const Packet& packet, Clock::time_point until) {
  const auto bytes = EncodePacket(packet);
  if (!bytes) return tl::unexpected(bytes.error());
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const ssize_t sent = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      if (Status ready = Await(fd_, POLLOUT, until); !ready) return ready;
    } else if (errno != EINTR) {
      return Fail(Code::kUnavailable, std::string("vici: ") + std::strerror(errno));
    }
  }
  return {};
}

Status Client::ReadSome() {
  char buffer[64 * 1024];
  const ssize_t got = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got > 0) {
    in_.Append(std::string_view(buffer, static_cast<size_t>(got)));
    return {};
  }
  if (got == 0) return Fail(Code::kUnavailable, "vici: charon closed the connection");
  if (errno == EAGAIN || errno == EINTR) return {};
  return Fail(Code::kUnavailable, std::string("vici: ") + std::strerror(errno));
}

Result<Packet> Client::Receive(Clock::time_point until) {
  for (;;) {
    auto packet = in_.Next();
    if (!packet) return tl::unexpected(packet.error());
    if (*packet) return **std::move(packet);
    if (Status ready = Await(fd_, POLLIN, until); !ready) return tl::unexpected(ready.error());
    if (Status read = ReadSome(); !read) return tl::unexpected(read.error());
  }
}

Result<Message> Client::RequestUntil(const std::string& command, const Message& arguments,
                                     Clock::time_point until) {
  if (Status sent = Send({PacketType::kCommandRequest, command, arguments}, until); !sent) {
    return tl::unexpected(sent.error());
  }
  for (;;) {
    auto packet = Receive(until);
    if (!packet) return Wrap(packet.error(), command);
    if (packet->type == PacketType::kEvent) {
      if (events_.size() >= kMaxQueuedEvents) return Fail(Code::kTooLarge, "vici: event flood");
      events_.push_back({std::move(packet->name), std::move(packet->message)});
      continue;
    }
    if (packet->type == PacketType::kCommandUnknown) {
      return Fail(Code::kNotFound, "vici: unknown command: " + command);
    }
    if (packet->type != PacketType::kCommandResponse) {
      return Fail(Code::kMalformed, "vici: not an answer to " + command);
    }
    if (packet->message.Text("success") == "no") {
      return Fail(Code::kConflict, "vici: " + command + ": " +
                                       std::string(packet->message.Text("errmsg").value_or("")));
    }
    return std::move(packet->message);
  }
}

Result<Message> Client::Request(const std::string& command, const Message& arguments,
                                Deadline deadline) {
  return RequestUntil(command, arguments, Clock::now() + deadline);
}

Status Client::RegisterEvent(PacketType type, const std::string& event, Clock::time_point until) {
  if (Status sent = Send({type, event, {}}, until); !sent) return sent;
  for (;;) {
    auto packet = Receive(until);
    if (!packet) return tl::unexpected(packet.error());
    if (packet->type == PacketType::kEventConfirm) return {};
    if (packet->type == PacketType::kEventUnknown) {
      return Fail(Code::kNotFound, "vici: unknown event: " + event);
    }
    if (packet->type != PacketType::kEvent) {
      return Fail(Code::kMalformed, "vici: not an answer to the registration of " + event);
    }
    if (events_.size() >= kMaxQueuedEvents) return Fail(Code::kTooLarge, "vici: event flood");
    events_.push_back({std::move(packet->name), std::move(packet->message)});
  }
}

Status Client::Subscribe(const std::string& event, Deadline deadline) {
  return RegisterEvent(PacketType::kEventRegister, event, Clock::now() + deadline);
}

Result<std::vector<Message>> Client::Stream(const std::string& command, const std::string& event,
                                            const Message& arguments, Deadline deadline) {
  const Clock::time_point until = Clock::now() + deadline;
  if (Status on = RegisterEvent(PacketType::kEventRegister, event, until); !on) {
    return tl::unexpected(on.error());
  }
  const auto reply = RequestUntil(command, arguments, until);
  if (!reply) return tl::unexpected(reply.error());
  if (Status off = RegisterEvent(PacketType::kEventUnregister, event, until); !off) {
    return tl::unexpected(off.error());
  }
  std::vector<Message> items;
  std::vector<Event> others;
  for (Event& item : events_) {
    if (item.name == event) {
      items.push_back(std::move(item.message));
    } else {
      others.push_back(std::move(item));
    }
  }
  events_ = std::move(others);
  return items;
}

Result<std::optional<Event>> Client::NextEvent() {
  if (!events_.empty()) {
    Event event = std::move(events_.front());
    events_.erase(events_.begin());
    return std::optional<Event>(std::move(event));
  }
  auto packet = in_.Next();
  if (packet && !*packet) {
    if (Status read = ReadSome(); !read) return tl::unexpected(read.error());
    packet = in_.Next();
  }
  if (!packet) return tl::unexpected(packet.error());
  if (!*packet) return std::optional<Event>();
  if ((*packet)->type != PacketType::kEvent) {
    return Fail(Code::kMalformed, "vici: something that is not an event");
  }
  return std::optional<Event>(Event{std::move((*packet)->name), std::move((*packet)->message)});
}

}  // namespace sallyport::vici
