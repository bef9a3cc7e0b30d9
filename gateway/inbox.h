// SPDX-License-Identifier: Apache-2.0
// What the gate's other threads tell its loop, and a descriptor to poll for it.
#pragma once

#include <chrono>
#include <mutex>
#include <variant>
#include <vector>

#include "gateway/session.h"
#include "gateway/vici/client.h"
#include "sallyport/v1/gate.pb.h"

namespace sallyport::gateway {

// A fresh subscription to charon's events, and a listing taken after it: the events that wait in
// `events` are newer than `sas`.
struct CharonAttached {
  vici::Client events;
  std::vector<IkeSa> sas;
};
struct CharonUnreachable {
  Error error;
};
struct SessionsListed {
  std::vector<IkeSa> sas;
};
struct ProofDone {
  v1::CutReport report;
};
struct LinkUp {
  uint64_t stream = 0;
};
struct LinkDown {
  uint64_t stream = 0;
  std::string why;
};
struct CommandReceived {
  uint64_t stream = 0;
  v1::GateCommand command;
  std::chrono::steady_clock::time_point at;
};
using Note = std::variant<CharonAttached, CharonUnreachable, SessionsListed, ProofDone, LinkUp,
                          LinkDown, CommandReceived>;

// Post from any thread; Take from the loop's.
class Inbox {
 public:
  Inbox();
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  void Post(Note note);
  std::vector<Note> Take();  // all, in order; makes fd() quiet
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::mutex mutex_;
  std::vector<Note> notes_;
};

}  // namespace sallyport::gateway
