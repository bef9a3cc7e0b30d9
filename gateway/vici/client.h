// SPDX-License-Identifier: Apache-2.0
// A connection to charon's VICI socket: commands with a deadline, and events to poll for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/vici/message.h"

namespace sallyport::vici {

struct Event {
  std::string name;
  Message message;
};

// Owns one socket. "Only one command can be active at a time on a single connection", so commands
// and a subscription live on connections of their own. After kUnavailable, kTimeout or kMalformed
// the connection is of no more use: an answer may still be under way. Not thread-safe.
class Client {
 public:
  using Deadline = std::chrono::milliseconds;  // from the call

  // `path`: "/run/charon.vici" or "unix:///run/charon.vici". kUnavailable when nobody listens.
  static Result<Client> Connect(const std::string& path);

  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  // kNotFound when charon knows no such command; kConflict with its errmsg when it answers
  // success = no; kTimeout; kUnavailable when the connection ended.
  Result<Message> Request(const std::string& command, const Message& arguments, Deadline deadline);
  // Commands that answer by a stream of events (list-sas by list-sa).
  Result<std::vector<Message>> Stream(const std::string& command, const std::string& event,
                                      const Message& arguments, Deadline deadline);
  // kNotFound when charon has no such event.
  Status Subscribe(const std::string& event, Deadline deadline);
  // The next event that is here, without waiting; nullopt: none. To be called until nullopt when
  // poll says that fd() is readable, and after Subscribe.
  Result<std::optional<Event>> NextEvent();
  int fd() const { return fd_; }

 private:
  using Clock = std::chrono::steady_clock;

  explicit Client(int fd) : fd_(fd) {}
  Status Send(const Packet& packet, Clock::time_point until);
  Result<Packet> Receive(Clock::time_point until);
  Status ReadSome();  // what is here; kUnavailable at the end of the stream
  Status RegisterEvent(PacketType type, const std::string& event, Clock::time_point until);
  Result<Message> RequestUntil(const std::string& command, const Message& arguments,
                               Clock::time_point until);

  int fd_ = -1;
  Deframer in_;
  std::vector<Event> events_;  // came while a command or a registration waited for its answer
};

}  // namespace sallyport::vici
