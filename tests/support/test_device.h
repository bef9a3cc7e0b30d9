// SPDX-License-Identifier: Apache-2.0
// TestDevice: a laptop (or a gate) without a machine. A real client over the real protocol, on the
// callback API, so that one process can be thousands of them.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "attestation/enrollment.h"
#include "attestation/evidence.h"
#include "sallyport/v1/attestation.pb.h"
#include "sallyport/v1/enrollment.grpc.pb.h"
#include "sallyport/v1/gate.pb.h"

namespace sallyport {

// Enrollment over one shared connection, keys in memory: nothing is written to disk.
class TestEnroller {
 public:
  TestEnroller(const std::string& address, const std::string& ca_pem);

  struct Identity {
    EnrollmentRecord record;
    SigningKey key;
  };
  Result<Identity> Enroll(const std::string& token, LeafName::Role role,
                          const std::string& hostname = "test-host");
  Result<Identity> EnrollKey(const SigningKey& key, const std::string& token, LeafName::Role role,
                             const std::string& hostname = "test-host");
  Result<Leaf> FetchLeaf(const Identity& identity);
  v1::Enrollment::Stub& stub() { return *stub_; }

 private:
  std::string address_;
  std::unique_ptr<v1::Enrollment::Stub> stub_;
};

// One bidirectional stream of bytes. What comes is queued, or handed to on_message on gRPC's
// thread when that was given.
class TestStream {
 public:
  using OnMessage = std::function<void(const std::string& bytes)>;

  // `method` as in "/sallyport.v1.Attestation/Attest".
  TestStream(std::shared_ptr<grpc::Channel> channel, const std::string& method,
             OnMessage on_message = nullptr);
  ~TestStream();  // cancels, and waits for the end
  TestStream(const TestStream&) = delete;
  TestStream& operator=(const TestStream&) = delete;

  void Send(std::string bytes);
  // The next message. kTimeout; kUnavailable with gRPC's code and words when the stream has ended.
  Result<std::string> Next(std::chrono::milliseconds deadline);
  // The status of the ended stream; kTimeout while it stands.
  Result<grpc::Status> AwaitEnd(std::chrono::milliseconds deadline);
  void HalfClose();

 private:
  class Reactor;
  std::unique_ptr<Reactor> reactor_;
};

class TestDevice {
 public:
  static constexpr std::chrono::milliseconds kDeadline{20'000};

  TestDevice(TestEnroller::Identity identity, Leaf leaf);

  // A new stream over a new connection; returns when the ServiceHello is there. In the second form
  // every later message goes to on_message, on gRPC's thread, instead of Next().
  Status Connect(std::chrono::milliseconds deadline = kDeadline);
  Status Connect(std::function<void(const v1::ServiceMessage&)> on_message,
                 std::chrono::milliseconds deadline = kDeadline);
  void Disconnect();

  // The next evidence of the chain, with a nonce of this stream; change what you like, then Sign.
  v1::Evidence Draft(const std::vector<TableResult>& tables);
  v1::Envelope Sign(const v1::Evidence& evidence);       // moves the chain on
  v1::Envelope SignAside(const v1::Evidence& evidence);  // does not
  void SendEvidence(const v1::Envelope& envelope);
  void SendBytes(std::string bytes) { stream_->Send(std::move(bytes)); }
  void SendBeat();
  void SendBeat(const v1::Beat& beat);
  v1::Beat MakeBeat();  // the next one

  // Draft, sign, send, await the answer.
  Result<v1::AttestationResult> Attest(const std::vector<TableResult>& tables,
                                       std::chrono::milliseconds deadline = kDeadline);
  Result<v1::AttestationResult> NextResult(std::chrono::milliseconds deadline = kDeadline);
  Result<v1::BeatAck> NextBeatAck(std::chrono::milliseconds deadline = kDeadline);
  // The first message of that kind; others before it are dropped (but their nonces kept).
  Result<v1::ServiceMessage> NextOf(v1::ServiceMessage::KindCase kind,
                                    std::chrono::milliseconds deadline = kDeadline);
  Result<grpc::Status> AwaitEnd(std::chrono::milliseconds deadline = kDeadline) {
    return stream_->AwaitEnd(deadline);
  }

  // Takes nonces and beat key out of a message. Next* do it by themselves; an on_message calls it
  // once for each message.
  void Learn(const v1::ServiceMessage& message);
  void StartEpoch();
  void set_leaf(Leaf leaf) { leaf_ = std::move(leaf); }

  const std::string& id() const { return identity_.record.name.id; }
  const SigningKey& key() const { return identity_.key; }
  const TestEnroller::Identity& identity() const { return identity_; }
  const Leaf& leaf() const { return leaf_; }
  const v1::ServiceHello& hello() const { return hello_; }
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }

 private:
  TestEnroller::Identity identity_;
  Leaf leaf_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<TestStream> stream_;
  v1::ServiceHello hello_;

  std::mutex mutex_;
  std::deque<std::string> nonces_;
  std::string beat_key_;
  std::string beat_digest_;
  uint64_t beat_counter_ = 0;
  uint64_t epoch_ = 0;
  uint64_t sequence_ = 0;
  std::string previous_;
};

// A gate's stream.
class TestGate {
 public:
  TestGate(TestEnroller::Identity identity, Leaf leaf);

  Status Connect(std::chrono::milliseconds deadline = TestDevice::kDeadline);  // hello, welcome
  uint64_t AskLease(const std::vector<std::string>& devices);                  // the request's id
  void Send(const v1::GateMessage& message) { stream_->Send(message.SerializeAsString()); }
  Result<v1::GateCommand> Next(std::chrono::milliseconds deadline = TestDevice::kDeadline);
  // AskLease for one device, and the answer to just that request.
  Result<v1::Lease> LeaseOf(const std::string& device,
                            std::chrono::milliseconds deadline = TestDevice::kDeadline);
  Result<grpc::Status> AwaitEnd(std::chrono::milliseconds deadline = TestDevice::kDeadline) {
    return stream_->AwaitEnd(deadline);
  }
  const v1::GateWelcome& welcome() const { return welcome_; }

 private:
  TestEnroller::Identity identity_;
  Leaf leaf_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<TestStream> stream_;
  v1::GateWelcome welcome_;
  uint64_t next_request_ = 1;
};

// A connection of its own with this leaf, never shared with another device.
std::shared_ptr<grpc::Channel> LeafChannel(const EnrollmentRecord& record, const Leaf& leaf);

}  // namespace sallyport
