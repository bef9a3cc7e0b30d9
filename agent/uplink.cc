// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <QCoreApplication>
#include <algorithm>
#include <utility>

#include "attestation/certificates.h"

namespace sallyport {
namespace {

constexpr Millis kLeafDeadline{10'000};
constexpr Millis kHelloDeadline{15'000};
constexpr Millis kYoung{1'000};  // a try that began a moment ago has met the new network already

Millis LifeOf(const Leaf& leaf, Now now) {
  const Result<CertificateInfo> info = ParseCertificate(leaf.certificate_der);
  return info ? LeafLife(info->not_before, info->not_after, now.wall) : Millis(0);
}

}  // namespace

struct Uplink::LeafFetch {
  std::function<void(Result<Leaf>)> on_done;  // emptied when nobody wants it any more
};

Uplink::Uplink(EnrollmentRecord record, SigningKey identity, std::function<Now()> clock,
               Events events)
    : keeps_grpc_(grpc::InsecureChannelCredentials()),
      record_(std::move(record)),
      identity_(std::move(identity)),
      clock_(std::move(clock)),
      events_(std::move(events)),
      timer_([this] { Advance(); }) {}

Uplink::~Uplink() { AbandonFetch(); }

void Uplink::Start() { Advance(); }

// Does what is due now, and sets the timer for what is due next.
void Uplink::Advance() {
  const Now now = clock_();
  if (candidate_ && now.boot >= candidate_until_) {
    candidate_.reset();
    return Failed("the service did not say hello");
  }
  if (candidate_) return Wait(candidate_until_);
  if (fetch_) return Wait(std::nullopt);
  const bool renewal =
      current_ && (renewing_ || now.boot >= reconnect_.RenewAt().value_or(now.boot));
  if (current_ && !renewal) return Wait(std::max(*reconnect_.RenewAt(), reconnect_.TryAt()));
  if (now.boot < reconnect_.TryAt()) return Wait(reconnect_.TryAt());
  if (reconnect_.NeedsLeaf(now)) return StartLeafFetch();
  Connect();
}

void Uplink::Wait(std::optional<Millis> until) { timer_.Set(until); }

void Uplink::StartLeafFetch() {
  fetch_ = std::make_shared<LeafFetch>();
  fetch_->on_done = [this](Result<Leaf> leaf) { OnLeaf(std::move(leaf)); };
  trying_since_ = clock_().boot;
  Wait(std::nullopt);
  fetching_ = std::thread([record = record_, identity = identity_, fetch = fetch_] {
    auto leaf = std::make_shared<Result<Leaf>>(FetchLeaf(record, identity, kLeafDeadline));
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [fetch, leaf] {
          if (fetch->on_done) fetch->on_done(std::move(*leaf));
        },
        Qt::QueuedConnection);
  });
}

// It ends by its deadline, and what it brings is dropped.
void Uplink::AbandonFetch() {
  if (fetch_) fetch_->on_done = nullptr;
  fetch_.reset();
  if (fetching_.joinable()) fetching_.detach();
}

void Uplink::OnLeaf(Result<Leaf> leaf) {
  fetching_.join();
  fetch_.reset();
  if (!leaf) {
    Failed("certificate: " + leaf.error().message);
    if (leaf.error().code == Code::kUnavailable) reconnect_.LeafServiceNotReached();
    return;
  }
  leaf_ = *std::move(leaf);
  reconnect_.OnLeaf(clock_(), LifeOf(*leaf_, clock_()));
  renewing_ = current_ != nullptr;
  Connect();
}

void Uplink::Connect() {
  const uint64_t id = ++candidate_id_;
  AttestStream::Events events;
  events.on_message = [this, id](const v1::ServiceMessage& message) { OnMessage(id, message); };
  events.on_closed = [this, id](const std::string& why) { OnClosed(id, why); };
  candidate_ = std::make_unique<AttestStream>(record_.attestation_address,
                                              LeafCredentials(record_, *leaf_), std::move(events));
  candidate_->Send(events_.hello());
  trying_since_ = clock_().boot;
  candidate_until_ = trying_since_ + kHelloDeadline;
  Wait(candidate_until_);
}

void Uplink::OnMessage(uint64_t stream, const v1::ServiceMessage& message) {
  const bool of_current = current_ && stream == current_id_;
  if (message.has_goodbye()) {
    if (of_current && candidate_ && message.goodbye().reason() == "replaced") {
      // By our own, whose hello is on another connection and may come later than this.
      handed_over_ = true;
      return current_.reset();
    }
    reconnect_.OnGoodbye(message.goodbye().reason(), message.goodbye().retry_after_ms());
    OnClosed(stream, "the service said goodbye: " + message.goodbye().reason());
  } else if (message.has_hello() && !of_current) {
    TakeIntoUse(message);
  } else if (of_current) {
    events_.on_message(message);
  }
}

void Uplink::TakeIntoUse(const v1::ServiceMessage& hello) {
  current_ = std::move(candidate_);  // an old one is closed by this
  current_id_ = candidate_id_;
  handed_over_ = false;
  renewing_ = false;
  last_error_.clear();
  connected_since_ = clock_().wall;
  events_.on_message(hello);
  Advance();
}

void Uplink::OnClosed(uint64_t stream, const std::string& why) {
  if (current_ && stream == current_id_) return Drop(why);
  if (!candidate_ || stream != candidate_id_) return;
  candidate_.reset();
  Failed(why);
}

void Uplink::Drop(const std::string& why) {
  if (!current_) return;
  current_.reset();
  renewing_ = false;
  events_.on_down();
  if (candidate_ || fetch_) {
    last_error_ = why;  // a new stream is on its way already
    return;
  }
  Failed(why);
}

void Uplink::Failed(const std::string& why) {
  const Now now = clock_();
  HandOverFailed();
  reconnect_.Failed(now, Uniform());
  last_error_ = why;
  spdlog::warn("service {}: {}; next try in {} ms", record_.attestation_address, why,
               (reconnect_.TryAt() - now.boot).count());
  Advance();
  events_.on_failed();
}

void Uplink::NetworkChanged() {
  const Now now = clock_();
  const bool young = (candidate_ || fetch_) && now.boot < trying_since_ + kYoung;
  if (current_ || young || !reconnect_.NetworkChanged(now, Uniform())) return;
  Abandon();
  Advance();
}

bool Uplink::TryNow() {
  if (current_) return true;
  reconnect_.AtOnce(clock_());
  Advance();
  return candidate_ || fetch_;
}

void Uplink::HandOverFailed() {
  if (!std::exchange(handed_over_, false)) return;
  renewing_ = false;
  events_.on_down();
}

// What is under way was sent into a network that is gone, and would end by its deadline only.
void Uplink::Abandon() {
  HandOverFailed();
  candidate_.reset();
  AbandonFetch();
}

void Uplink::Send(const v1::AgentMessage& message) {
  if (current_) current_->Send(message);
}

void Uplink::Describe(v1::AgentStatus* status) const {
  status->set_service_address(record_.attestation_address);
  status->set_connection_error(current_ ? "" : last_error_);
  if (current_) status->set_connected_since_ms(static_cast<uint64_t>(connected_since_.count()));
  if (leaf_) status->set_leaf_not_after_ms(static_cast<uint64_t>(leaf_->not_after.count()));
}

}  // namespace sallyport
