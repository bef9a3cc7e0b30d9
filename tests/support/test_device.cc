// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_device.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <list>
#include <utility>

#include "attestation/dsse.h"
#include "attestation/tls13.h"
#include "attestation/verifier.h"
#include "base/happens_before.h"

namespace sallyport {
namespace {

using grpc::ByteBuffer;

ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return ByteBuffer(&slice, 1);
}

std::string StringOf(const ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  (void)buffer.Dump(&slices);
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

tl::unexpected<Error> Refused(const grpc::Status& status) {
  return Fail(Code::kDenied,
              std::to_string(status.error_code()) + ": " + std::string(status.error_message()));
}

void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + TestDevice::kDeadline);
}

grpc::ChannelArguments OwnConnection() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(8 << 20);
  arguments.SetMaxSendMessageSize(-1);
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::Channel> LeafChannel(const EnrollmentRecord& record, const Leaf& leaf) {
  return grpc::CreateCustomChannel(record.attestation_address, LeafCredentials(record, leaf),
                                   OwnConnection());
}

TestEnroller::TestEnroller(const std::string& address, const std::string& ca_pem)
    : address_(address) {
  (void)RequireTls13();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca_pem;
  stub_ = v1::Enrollment::NewStub(
      grpc::CreateCustomChannel(address, grpc::SslCredentials(options), OwnConnection()));
}

Result<TestEnroller::Identity> TestEnroller::Enroll(const std::string& token, LeafName::Role role,
                                                    const std::string& hostname) {
  Result<SigningKey> key = SigningKey::Generate();
  if (!key) return tl::unexpected(key.error());
  return EnrollKey(*key, token, role, hostname);
}

Result<TestEnroller::Identity> TestEnroller::EnrollKey(const SigningKey& key,
                                                       const std::string& token,
                                                       LeafName::Role role,
                                                       const std::string& hostname) {
  const Result<std::string> csr = MakeRequest(key, "test");
  if (!csr) return tl::unexpected(csr.error());
  v1::EnrollRequest request;
  request.set_token(token);
  request.set_identity_csr(*csr);
  request.set_hostname(hostname);
  request.set_platform("linux");
  v1::EnrollResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  const grpc::Status status = stub_->Enroll(&context, request, &response);
  if (!status.ok()) return Refused(status);
  return Identity{EnrollmentRecord{.name = {role, response.trust_domain(), response.device_id()},
                                   .identity_key_uri = {},
                                   .enrollment_address = address_,
                                   .attestation_address = response.attestation_address(),
                                   .ca_pem = CertificatePem(response.ca_certificate()),
                                   .service_key_spki = response.service_key()},
                  key};
}

Result<Leaf> TestEnroller::FetchLeaf(const Identity& identity) {
  v1::ChallengeResponse challenge;
  grpc::ClientContext asking;
  SetDeadline(&asking);
  grpc::Status status = stub_->Challenge(&asking, {}, &challenge);
  if (!status.ok()) return Refused(status);
  const Result<SigningKey> key = SigningKey::Generate();
  if (!key) return tl::unexpected(key.error());
  const Result<std::string> csr = MakeRequest(*key, "test");
  if (!csr) return tl::unexpected(csr.error());
  v1::RenewLeafRequest request;
  request.set_device_id(identity.record.name.id);
  request.set_nonce(challenge.nonce());
  request.set_leaf_csr(*csr);
  const Result<v1::Envelope> envelope =
      SignEnvelope(identity.key, kRenewLeafType, request.SerializeAsString());
  if (!envelope) return tl::unexpected(envelope.error());
  v1::RenewLeafResponse response;
  grpc::ClientContext renewing;
  SetDeadline(&renewing);
  status = stub_->RenewLeaf(&renewing, *envelope, &response);
  if (!status.ok()) return Refused(status);
  const Result<CertificateInfo> info = ParseCertificate(response.leaf_certificate());
  if (!info) return tl::unexpected(info.error());
  Result<std::string> pem = key->PrivatePem();
  if (!pem) return tl::unexpected(pem.error());
  return Leaf{response.leaf_certificate(), *std::move(pem), info->not_after};
}

// Its stream waits for OnDone, so it ends on that stream's thread, and the channel with it:
// gRPC 1.51 asserts when a channel ends on one of its own.
class TestStream::Reactor : public grpc::ClientBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  Reactor(std::shared_ptr<grpc::Channel> channel, OnMessage on_message)
      : stub_(std::move(channel)), on_message_(std::move(on_message)) {}

  void Start(const std::string& method) {
    stub_.PrepareBidiStreamingCall(&context_, method, {}, this);
    AddHold();
    HappensBefore(this);
    StartRead(&incoming_);
    StartCall();
  }

  void Send(std::string bytes) {
    const std::lock_guard lock(mutex_);
    if (over_ || half_closed_) return;
    unsent_.push_back(BufferOf(bytes));
    if (unsent_.size() == 1) StartWrite(&unsent_.front());
  }

  void HalfClose() {
    const std::lock_guard lock(mutex_);
    if (over_ || std::exchange(half_closed_, true)) return;
    if (unsent_.empty()) StartWritesDone();
  }

  void Cancel() { context_.TryCancel(); }

  Result<std::string> Next(std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, deadline, [this] { return done_ || !received_.empty(); });
    if (!received_.empty()) {
      std::string bytes = std::move(received_.front());
      received_.pop_front();
      return bytes;
    }
    if (!done_) return Fail(Code::kTimeout, "stream: no message");
    return Fail(Code::kUnavailable,
                std::to_string(status_.error_code()) + ": " + std::string(status_.error_message()));
  }

  Result<grpc::Status> AwaitEnd(std::chrono::milliseconds deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, deadline, [this] { return done_; });
    if (!done_) return Fail(Code::kTimeout, "stream: stands");
    return status_;
  }

 private:
  void OnReadDone(bool ok) override {
    HappensAfter(this);
    if (!ok) {
      bool release = false;
      {
        const std::lock_guard lock(mutex_);
        release = !std::exchange(over_, true);
      }
      HappensBefore(this);
      if (release) RemoveHold();
      return;
    }
    std::string bytes = StringOf(incoming_);
    if (on_message_) {
      on_message_(bytes);
    } else {
      const std::lock_guard lock(mutex_);
      received_.push_back(std::move(bytes));
      changed_.notify_all();
    }
    HappensBefore(this);
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    unsent_.pop_front();
    if (!ok || over_) unsent_.clear();
    if (!unsent_.empty()) {
      StartWrite(&unsent_.front());
    } else if (half_closed_ && !over_) {
      StartWritesDone();
    }
  }

  void OnDone(const grpc::Status& status) override {
    HappensAfter(this);
    const std::lock_guard lock(mutex_);
    status_ = status;
    done_ = true;
    changed_.notify_all();
  }

  grpc::GenericStub stub_;
  OnMessage on_message_;
  grpc::ClientContext context_;
  ByteBuffer incoming_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<ByteBuffer> unsent_;
  std::deque<std::string> received_;
  grpc::Status status_;
  bool over_ = false;  // nothing more is read, so nothing more is written
  bool half_closed_ = false;
  bool done_ = false;
};

TestStream::TestStream(std::shared_ptr<grpc::Channel> channel, const std::string& method,
                       OnMessage on_message)
    : reactor_(std::make_unique<Reactor>(std::move(channel), std::move(on_message))) {
  reactor_->Start(method);
}

TestStream::~TestStream() {
  reactor_->Cancel();
  while (!reactor_->AwaitEnd(std::chrono::seconds(60))) {
  }
}

void TestStream::Send(std::string bytes) { reactor_->Send(std::move(bytes)); }
void TestStream::HalfClose() { reactor_->HalfClose(); }
Result<std::string> TestStream::Next(std::chrono::milliseconds deadline) {
  return reactor_->Next(deadline);
}
Result<grpc::Status> TestStream::AwaitEnd(std::chrono::milliseconds deadline) {
  return reactor_->AwaitEnd(deadline);
}

namespace {

v1::AgentMessage HelloMessage() {
  v1::AgentMessage message;
  message.mutable_hello()->set_agent_version("test");
  message.mutable_hello()->set_platform("linux");
  return message;
}

constexpr const char* kAttest = "/sallyport.v1.Attestation/Attest";
constexpr const char* kConnect = "/sallyport.v1.Gateway/Connect";

}  // namespace

TestDevice::TestDevice(TestEnroller::Identity identity, Leaf leaf)
    : identity_(std::move(identity)), leaf_(std::move(leaf)) {}

Status TestDevice::Connect(std::chrono::milliseconds deadline) {
  channel_ = LeafChannel(identity_.record, leaf_);
  stream_ = std::make_unique<TestStream>(channel_, kAttest);
  stream_->Send(HelloMessage().SerializeAsString());
  const Result<v1::ServiceMessage> hello = NextOf(v1::ServiceMessage::kHello, deadline);
  if (!hello) return tl::unexpected(hello.error());
  return {};
}

Status TestDevice::Connect(std::function<void(const v1::ServiceMessage&)> on_message,
                           std::chrono::milliseconds deadline) {
  struct Greeting {
    std::mutex mutex;
    std::condition_variable came;
    bool there = false;
  };
  auto greeting = std::make_shared<Greeting>();
  channel_ = LeafChannel(identity_.record, leaf_);
  stream_ = std::make_unique<TestStream>(
      channel_, kAttest,
      [this, greeting, on_message = std::move(on_message)](const std::string& bytes) {
        v1::ServiceMessage message;
        if (!message.ParseFromString(bytes)) return;
        if (!message.has_hello()) return on_message(message);
        Learn(message);
        const std::lock_guard lock(greeting->mutex);
        greeting->there = true;
        greeting->came.notify_all();
      });
  stream_->Send(HelloMessage().SerializeAsString());
  std::unique_lock lock(greeting->mutex);
  if (!greeting->came.wait_for(lock, deadline, [&] { return greeting->there; })) {
    return Fail(Code::kTimeout, id() + ": no hello");
  }
  return {};
}

void TestDevice::Disconnect() {
  stream_.reset();
  channel_.reset();
}

void TestDevice::Learn(const v1::ServiceMessage& message) {
  const std::lock_guard lock(mutex_);
  if (message.has_hello()) {
    hello_ = message.hello();
    nonces_.assign(hello_.nonces().begin(), hello_.nonces().end());
    beat_key_.clear();
    if (hello_.expected_previous() != previous_ || epoch_ == 0) {
      epoch_ = std::max(epoch_, hello_.expected_epoch()) + 1;
      sequence_ = 0;
      previous_.clear();
    }
  }
  if (!message.has_result()) return;
  for (const std::string& nonce : message.result().nonces()) nonces_.push_back(nonce);
  if (message.result().beat_key().empty()) return;
  beat_key_ = message.result().beat_key();
  beat_digest_ = message.result().evidence_digest();
  beat_counter_ = 0;
}

void TestDevice::StartEpoch() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
  sequence_ = 0;
  previous_.clear();
}

v1::Evidence TestDevice::Draft(const std::vector<TableResult>& tables) {
  const std::lock_guard lock(mutex_);
  v1::Evidence evidence;
  evidence.set_device_id(id());
  evidence.set_epoch(epoch_);
  evidence.set_sequence(sequence_ + 1);
  evidence.set_previous_digest(previous_);
  evidence.set_platform("linux");
  evidence.set_agent_version("test");
  if (!nonces_.empty()) {
    evidence.set_nonce(nonces_.front());
    nonces_.pop_front();
  }
  for (const TableResult& table : tables) ToProto(table, evidence.add_tables());
  return evidence;
}

v1::Envelope TestDevice::SignAside(const v1::Evidence& evidence) {
  Result<v1::Envelope> envelope =
      SignEnvelope(identity_.key, kEvidenceType, evidence.SerializeAsString());
  return envelope ? *std::move(envelope) : v1::Envelope();
}

v1::Envelope TestDevice::Sign(const v1::Evidence& evidence) {
  v1::Envelope envelope = SignAside(evidence);
  const std::lock_guard lock(mutex_);
  sequence_ = evidence.sequence();
  previous_ = Sha256(envelope.payload());
  return envelope;
}

void TestDevice::SendEvidence(const v1::Envelope& envelope) {
  v1::AgentMessage message;
  *message.mutable_evidence() = envelope;
  stream_->Send(message.SerializeAsString());
}

v1::Beat TestDevice::MakeBeat() {
  const std::lock_guard lock(mutex_);
  v1::Beat beat;
  beat.set_counter(++beat_counter_);
  beat.set_evidence_digest(beat_digest_);
  beat.set_mac(BeatMac(beat_key_, beat.counter(), beat_digest_));
  return beat;
}

void TestDevice::SendBeat(const v1::Beat& beat) {
  v1::AgentMessage message;
  *message.mutable_beat() = beat;
  stream_->Send(message.SerializeAsString());
}

void TestDevice::SendBeat() { SendBeat(MakeBeat()); }

Result<v1::ServiceMessage> TestDevice::NextOf(v1::ServiceMessage::KindCase kind,
                                              std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    const Result<std::string> bytes = stream_->Next(std::max(left, std::chrono::milliseconds(0)));
    if (!bytes) return tl::unexpected(bytes.error());
    v1::ServiceMessage message;
    if (!message.ParseFromString(*bytes)) return Fail(Code::kMalformed, "ServiceMessage");
    Learn(message);
    if (message.kind_case() == kind) return message;
  }
}

Result<v1::AttestationResult> TestDevice::NextResult(std::chrono::milliseconds deadline) {
  const Result<v1::ServiceMessage> message = NextOf(v1::ServiceMessage::kResult, deadline);
  if (!message) return tl::unexpected(message.error());
  return message->result();
}

Result<v1::BeatAck> TestDevice::NextBeatAck(std::chrono::milliseconds deadline) {
  const Result<v1::ServiceMessage> message = NextOf(v1::ServiceMessage::kBeatAck, deadline);
  if (!message) return tl::unexpected(message.error());
  return message->beat_ack();
}

Result<v1::AttestationResult> TestDevice::Attest(const std::vector<TableResult>& tables,
                                                 std::chrono::milliseconds deadline) {
  SendEvidence(Sign(Draft(tables)));
  return NextResult(deadline);
}

TestGate::TestGate(TestEnroller::Identity identity, Leaf leaf)
    : identity_(std::move(identity)), leaf_(std::move(leaf)) {}

Status TestGate::Connect(std::chrono::milliseconds deadline) {
  channel_ = LeafChannel(identity_.record, leaf_);
  stream_ = std::make_unique<TestStream>(channel_, kConnect);
  v1::GateMessage hello;
  hello.mutable_hello()->set_gateway(identity_.record.name.id);
  Send(hello);
  const Result<v1::GateCommand> welcome = Next(deadline);
  if (!welcome) return tl::unexpected(welcome.error());
  if (!welcome->has_welcome()) return Fail(Code::kMalformed, "not a welcome");
  welcome_ = welcome->welcome();
  return {};
}

uint64_t TestGate::AskLease(const std::vector<std::string>& devices) {
  v1::GateMessage message;
  message.mutable_lease_request()->set_request_id(next_request_);
  for (const std::string& device : devices) {
    message.mutable_lease_request()->add_device_ids(device);
  }
  Send(message);
  return next_request_++;
}

Result<v1::GateCommand> TestGate::Next(std::chrono::milliseconds deadline) {
  const Result<std::string> bytes = stream_->Next(deadline);
  if (!bytes) return tl::unexpected(bytes.error());
  v1::GateCommand command;
  if (!command.ParseFromString(*bytes)) return Fail(Code::kMalformed, "GateCommand");
  return command;
}

Result<v1::Lease> TestGate::LeaseOf(const std::string& device, std::chrono::milliseconds deadline) {
  const uint64_t request = AskLease({device});
  while (true) {
    const Result<v1::GateCommand> command = Next(deadline);
    if (!command) return tl::unexpected(command.error());
    if (!command->has_grant() || command->grant().request_id() != request) continue;
    for (const v1::Lease& lease : command->grant().leases()) {
      if (lease.device_id() == device) return lease;
    }
  }
}

}  // namespace sallyport
