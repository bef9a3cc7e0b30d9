// SPDX-License-Identifier: Apache-2.0
// Uplink: keeps one attested stream to the service: fetches leaves, connects, connects again, and
// moves to a new stream before the leaf ends, without a moment between the two.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "agent/attest_stream.h"
#include "agent/reconnect.h"
#include "agent/wake_timer.h"
#include "attestation/enrollment.h"
#include "attestation/keys.h"
#include "base/now.h"
#include "base/result.h"
#include "sallyport/v1/attestation.pb.h"
#include "sallyport/v1/local.pb.h"

namespace grpc {
class ChannelCredentials;
}

namespace sallyport {

class Uplink {
 public:
  struct Events {
    std::function<v1::AgentMessage()> hello;  // what to begin a stream with
    // Of the stream in use; ServiceHello says that a stream came into use.
    std::function<void(const v1::ServiceMessage&)> on_message;
    std::function<void()> on_down;    // the stream in use is gone
    std::function<void()> on_failed;  // a try has failed, or a stream without one on its way
  };

  Uplink(EnrollmentRecord record, SigningKey identity, std::function<Now()> clock, Events events);
  ~Uplink();
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;

  void Start();
  void Send(const v1::AgentMessage& message);  // on the stream in use; lost without one
  void Drop(const std::string& why);           // the stream in use; a new one follows
  void Worked(Millis lease) { reconnect_.Worked(lease); }
  // These two matter only while no stream is in use.
  void NetworkChanged();
  // True: a stream is there, or a ServiceHello or on_failed follows. False: the service asked for
  // patience.
  bool TryNow();
  bool connected() const { return current_ != nullptr; }
  void Describe(v1::AgentStatus* status) const;

 private:
  struct LeafFetch;  // runs on a thread of its own: FetchLeaf blocks

  void Advance();
  void StartLeafFetch();
  void AbandonFetch();
  void OnLeaf(Result<Leaf> leaf);
  void Connect();
  void OnMessage(uint64_t stream, const v1::ServiceMessage& message);
  void OnClosed(uint64_t stream, const std::string& why);
  void TakeIntoUse(const v1::ServiceMessage& hello);
  void Failed(const std::string& why);
  void Abandon();
  void HandOverFailed();
  double Uniform() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }
  void Wait(std::optional<Millis> until);

  // Held so that gRPC does not end its threads with the channel that a leaf was fetched over, to
  // start them again for the next: it counts credentials as users, too.
  std::shared_ptr<grpc::ChannelCredentials> keeps_grpc_;
  EnrollmentRecord record_;
  SigningKey identity_;
  std::function<Now()> clock_;
  Events events_;
  Reconnect reconnect_;
  std::mt19937 random_{std::random_device{}()};
  std::optional<Leaf> leaf_;
  std::shared_ptr<LeafFetch> fetch_;
  std::thread fetching_;
  std::unique_ptr<AttestStream> current_;
  std::unique_ptr<AttestStream> candidate_;  // said hello, not answered yet
  uint64_t current_id_ = 0;
  uint64_t candidate_id_ = 0;
  bool handed_over_ = false;  // the service ended the stream in use for the candidate
  bool renewing_ = false;     // there is a newer leaf than that of the current stream
  Millis trying_since_{0};    // of candidate_ or fetch_
  Millis candidate_until_{0};
  WakeTimer timer_;
  std::string last_error_;
  Millis connected_since_{0};  // wall
};

}  // namespace sallyport
