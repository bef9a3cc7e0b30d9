// SPDX-License-Identifier: Apache-2.0
#include "gateway/service_link.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <random>

#include "base/happens_before.h"
#include "sallyport/v1/gate.grpc.pb.h"

namespace sallyport::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kFetchDeadline = 5s;
constexpr auto kFirstPause = 100ms;
constexpr auto kLongestPause = 3000ms;
constexpr int kKeepaliveMillis = 5000;
constexpr int kKeepaliveTimeoutMillis = 3000;
constexpr int kMaxMessageBytes = 16 << 20;
constexpr size_t kMaxQueued = 100'000;  // a peer that reads nothing for so long is gone

Millis WallNow() {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch());
}

std::shared_ptr<grpc::Channel> Connect(const EnrollmentRecord& record, const Leaf& leaf) {
  grpc::ChannelArguments arguments;
  // A connection made with an older leaf must not serve the newer one's stream.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMillis);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  return grpc::CreateCustomChannel(record.attestation_address, LeafCredentials(record, leaf),
                                   arguments);
}

}  // namespace

// Lives until gRPC is done with it: holds itself from Start to Release.
class ServiceLink::Stream : public grpc::ClientBidiReactor<v1::GateMessage, v1::GateCommand>,
                            public std::enable_shared_from_this<ServiceLink::Stream> {
 public:
  Stream(std::shared_ptr<grpc::Channel> channel, uint64_t number, Inbox& inbox)
      : channel_(std::move(channel)),
        stub_(v1::Gateway::NewStub(channel_)),
        number_(number),
        inbox_(inbox) {}

  void Start() {
    self_ = shared_from_this();
    stub_->async()->Connect(&context_, this);
    AddHold();  // writes start from outside of reactions
    HappensBefore(this);
    StartRead(&incoming_);
    StartCall();
  }

  void Send(v1::GateMessage message) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    if (queue_.size() >= kMaxQueued) return context_.TryCancel();
    queue_.push_back(std::move(message));
    if (queue_.size() == 1) StartWrite(&queue_.front());
  }

  void Cancel() { context_.TryCancel(); }

  // Until done, or the time has come.
  bool WaitDone(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, time, [this] { return done_; });
  }
  const grpc::Status& status() const { return status_; }  // once done
  // Once done, and not from a thread of gRPC's: with the last channel of the process goes the
  // completion queue of the callbacks, whose end joins its threads (gRPC 1.51,
  // CallbackAlternativeCQ::Unref); from one of those it takes the queue away under itself.
  void Release() { self_.reset(); }

 private:
  void OnReadDone(bool ok) override {
    HappensAfter(this);
    if (!ok) return End();
    inbox_.Post(CommandReceived{number_, std::move(incoming_), std::chrono::steady_clock::now()});
    incoming_.Clear();
    HappensBefore(this);
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return;  // the read fails too, and ends it
    const std::lock_guard lock(mutex_);
    queue_.pop_front();
    if (!queue_.empty() && !ended_) StartWrite(&queue_.front());
  }

  void End() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    context_.TryCancel();
    HappensBefore(this);
    RemoveHold();
  }

  void OnDone(const grpc::Status& status) override {
    HappensAfter(this);
    const std::lock_guard lock(mutex_);
    ended_ = true;
    done_ = true;
    status_ = status;
    wake_.notify_all();
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Gateway::Stub> stub_;
  const uint64_t number_;
  Inbox& inbox_;
  grpc::ClientContext context_;
  v1::GateCommand incoming_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<v1::GateMessage> queue_;  // the first is being written
  bool ended_ = false;
  bool done_ = false;
  grpc::Status status_;
  std::shared_ptr<Stream> self_;
};

ServiceLink::ServiceLink(EnrollmentRecord record, SigningKey identity, Inbox& inbox)
    : record_(std::move(record)), identity_(std::move(identity)), inbox_(inbox) {
  thread_ = std::thread([this] { Run(); });
}

ServiceLink::~ServiceLink() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    if (stream_) stream_->Cancel();
  }
  wake_.notify_all();
  thread_.join();
}

void ServiceLink::Send(uint64_t stream, v1::GateMessage message) {
  std::shared_ptr<Stream> current;
  {
    const std::lock_guard lock(mutex_);
    if (stream == number_) current = stream_;
  }
  if (current) current->Send(std::move(message));
}

bool ServiceLink::Pause(std::chrono::milliseconds time) {
  // Gates that lost one service must not come back as one.
  std::uniform_real_distribution<double> jitter(0.5, 1.0);
  static thread_local std::minstd_rand random{std::random_device{}()};
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time * jitter(random), [this] { return stop_; });
}

Result<Leaf> ServiceLink::Fetch() { return FetchLeaf(record_, identity_, kFetchDeadline); }

void ServiceLink::Run() {
  std::chrono::milliseconds pause = kFirstPause;
  do {
    const auto leaf = Fetch();
    const auto begun = std::chrono::steady_clock::now();
    const Status served = leaf ? Serve(*leaf) : tl::unexpected(leaf.error());
    const bool lasted = leaf && std::chrono::steady_clock::now() - begun > kLongestPause;
    if (served || lasted) pause = kFirstPause;
    if (!served) spdlog::warn("policy service: {}", served.error().message);
    if (!Pause(pause)) return;
    pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
  } while (true);
}

Status ServiceLink::Serve(const Leaf& leaf) {
  std::shared_ptr<Stream> stream;
  uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return {};
    number = ++number_;
    stream_ = stream = std::make_shared<Stream>(Connect(record_, leaf), number, inbox_);
  }
  stream->Start();
  inbox_.Post(LinkUp{number});
  // A fresh leaf while a fifth of this one is left; the stream of the old one ends then.
  const Millis life = leaf.not_after - WallNow();
  const bool done = stream->WaitDone(std::max<Millis>(life - life / 5, 1s));
  if (!done) {
    stream->Cancel();
    while (!stream->WaitDone(10s)) {
    }
  }
  stream->Release();
  inbox_.Post(LinkDown{number, done ? stream->status().error_message() : "a fresh leaf is due"});
  {
    const std::lock_guard lock(mutex_);
    stream_.reset();
    if (stop_) return {};
  }
  if (!done) return {};
  return Fail(Code::kUnavailable, "the stream ended: " + stream->status().error_message());
}

}  // namespace sallyport::gateway
