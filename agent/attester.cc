// SPDX-License-Identifier: Apache-2.0
#include "agent/attester.h"

#include <algorithm>
#include <utility>

#include "attestation/dsse.h"
#include "attestation/verifier.h"

namespace sallyport {
namespace {

constexpr Millis kRetryAfterOwnFailure{5'000};  // the disk is full, the key is gone, ...

Millis IntervalOr(uint64_t ms, Millis otherwise) {
  if (ms == 0) return otherwise;
  return Millis(static_cast<Millis::rep>(std::clamp<uint64_t>(ms, 100, 86'400'000)));
}

}  // namespace

Attester::Attester(AttesterOptions options, SigningKey key, PublicKey service_key,
                   EvidenceChain* chain, Spool* spool, Now now)
    : options_(std::move(options)),
      key_(std::move(key)),
      service_key_(std::move(service_key)),
      chain_(chain),
      spool_(spool),
      random_(options_.seed),
      posture_(options_.collect_timeout, options_.collector_lost, now),
      away_since_(now.boot),
      beat_interval_(options_.beat_interval),
      full_interval_(options_.full_interval),
      max_message_bytes_(kMaxEvidenceBytes) {}

v1::AgentMessage Attester::Hello() const {
  v1::AgentMessage message;
  v1::AgentHello* hello = message.mutable_hello();
  hello->set_agent_version(options_.agent_version);
  hello->set_platform(options_.platform);
  hello->set_hostname(options_.hostname);
  hello->set_boot_id(options_.boot_id);
  if (posture_.has_manifest()) hello->set_manifest_version(posture_.manifest().version());
  return message;
}

Actions Attester::OnKeptManifest(const v1::Envelope& manifest, Now now) {
  Actions out;
  const Status adopted = AdoptManifest(manifest, now, &out);
  if (!adopted) out.push_back(action::Warn{"kept manifest: " + adopted.error().message});
  Pump(now, &out);
  return out;
}

Status Attester::AdoptManifest(const v1::Envelope& envelope, Now now, Actions* out) {
  if (const Status good = VerifyEnvelope(service_key_, kManifestType, envelope); !good) {
    return good;
  }
  const std::string digest = Sha256(envelope.payload());
  if (posture_.has_manifest() && digest == posture_.manifest_digest()) return {};
  v1::Manifest manifest;
  if (!manifest.ParseFromString(envelope.payload())) {
    return Fail(Code::kMalformed, "manifest of " + std::to_string(envelope.payload().size()) +
                                      " bytes does not parse");
  }
  if (posture_.has_manifest() && manifest.version() < posture_.manifest().version()) {
    return Fail(Code::kConflict, "manifest version " + std::to_string(manifest.version()) +
                                     " is older than " +
                                     std::to_string(posture_.manifest().version()));
  }
  manifest_ = envelope;
  posture_.Follow(manifest, digest, now);
  out->push_back(action::KeepManifest{manifest_});
  if (posture_.collector_open()) out->push_back(action::GiveManifest{manifest_});
  return {};
}

Actions Attester::OnService(const v1::ServiceMessage& message, Now now) {
  Actions out;
  if (message.has_hello()) {
    OnHello(message.hello(), now, &out);
  } else if (message.has_result()) {
    OnResult(message.result(), now, &out);
  } else if (message.has_beat_ack()) {
    OnBeatAck(message.beat_ack(), now);
  } else if (message.has_check_now()) {
    StartCheck(now, &out);
  } else if (message.has_manifest()) {
    const Status adopted = AdoptManifest(message.manifest(), now, &out);
    if (!adopted) out.push_back(action::Warn{"manifest refused: " + adopted.error().message});
  }
  Pump(now, &out);
  return out;
}

void Attester::OnHello(const v1::ServiceHello& hello, Now now, Actions* out) {
  online_ = true;
  in_flight_.reset();
  beat_sent_.reset();
  beat_key_.clear();
  beat_counter_ = 0;
  nonces_.clear();
  TakeNonces(hello.nonces());
  beat_interval_ = IntervalOr(hello.beat_interval_ms(), options_.beat_interval);
  full_interval_ = IntervalOr(hello.full_interval_ms(), options_.full_interval);
  max_message_bytes_ = kMaxEvidenceBytes;
  if (hello.max_message_bytes() != 0) {
    max_message_bytes_ = std::min<size_t>(hello.max_message_bytes(), kMaxEvidenceBytes);
  }
  if (hello.has_manifest()) {
    const Status adopted = AdoptManifest(hello.manifest(), now, out);
    if (!adopted) out->push_back(action::Warn{"manifest refused: " + adopted.error().message});
  }
  service_epoch_ = hello.expected_epoch();
  // What was sent last may have been lost with the stream.
  const std::string& last = chain_->last_digest();
  chain_known_ = last.empty() || last == hello.expected_previous();
  if (hello.expected_previous().empty()) accepted_.reset();  // it knows nothing of this device
  segment_open_ = false;
  evidence_wanted_ = true;
  hold_until_ = Millis(0);
  nonce_retried_ = false;
}

Actions Attester::OnStreamClosed(Now now) {
  Actions out;
  if (online_) away_since_ = now.boot;
  online_ = false;
  in_flight_.reset();
  beat_sent_.reset();
  beat_key_.clear();
  nonces_.clear();
  if (std::exchange(check_, false)) out.push_back(action::CheckDone{});
  Pump(now, &out);
  return out;
}

Actions Attester::OnCollectorOpen(Now now) {
  Actions out;
  posture_.CollectorOpen(now);
  if (posture_.has_manifest()) out.push_back(action::GiveManifest{manifest_});
  Pump(now, &out);
  return out;
}

Actions Attester::OnCollectorClosed(Now now) {
  Actions out;
  posture_.CollectorClosed(now);
  Pump(now, &out);
  return out;
}

Actions Attester::OnCollected(const v1::CollectedTables& tables, Now now) {
  Actions out;
  posture_.Collected(tables);
  Pump(now, &out);
  return out;
}

Actions Attester::OnCheckNow(Now now) {
  Actions out;
  StartCheck(now, &out);
  Pump(now, &out);
  return out;
}

void Attester::StartCheck(Now now, Actions* out) {
  check_ = true;
  check_since_ = now.boot;
  posture_.Await(now);
  hold_until_ = Millis(0);
  if (posture_.collector_open()) out->push_back(action::AskCollector{});
}

Actions Attester::OnTime(Now now) {
  Actions out;
  const bool dead = (in_flight_ && now.boot >= in_flight_->sent.boot + options_.answer_timeout) ||
                    (beat_sent_ && now.boot >= beat_sent_->boot + options_.answer_timeout);
  if (dead && online_) {
    in_flight_.reset();
    beat_sent_.reset();
    out.push_back(action::DropStream{"the service does not answer"});
    return out;
  }
  Pump(now, &out);
  return out;
}

std::optional<Millis> Attester::WakeAt(Now now) const {
  std::optional<Millis> wake = posture_.WakeAt(online_ ? accepted_ : std::nullopt, now);
  const auto consider = [&](Millis at) {
    at = std::max(at, now.boot);
    if (!wake || at < *wake) wake = at;
  };
  if (!posture_.has_manifest()) return wake;
  if (in_flight_) consider(in_flight_->sent.boot + options_.answer_timeout);
  if (beat_sent_) consider(beat_sent_->boot + options_.answer_timeout);
  if (check_ && check_since_ + options_.collect_timeout > now.boot) {
    consider(check_since_ + options_.collect_timeout);
  }
  if (hold_until_ > now.boot) {
    consider(hold_until_);
  } else if (!posture_.Complete(now)) {
    return wake;  // the posture says when it will be
  } else if (online_ && !in_flight_) {
    if (!evidence_wanted_) consider(next_full_);
    if (!beat_key_.empty() && !beat_sent_ && posture_.CanSayUnchanged()) consider(next_beat_);
  } else if (!online_) {
    consider(std::max(away_since_ + options_.offline_after, recorded_ ? next_full_ : Millis(0)));
  }
  return wake;
}

// --- what to say ------------------------------------------------------------------------------

void Attester::Pump(Now now, Actions* out) {
  if (std::vector<std::string> stale = posture_.TakeStale(now); !stale.empty()) {
    out->push_back(action::AskCollector{std::move(stale)});
  }
  if (now.boot < hold_until_) return;
  if (online_) {
    PumpOnline(now, out);
  } else {
    PumpOffline(now, out);
  }
}

void Attester::PumpOnline(Now now, Actions* out) {
  if (in_flight_ || SendSpooled(now, out) || !posture_.Complete(now)) return;
  if (LiveIsDue(now)) {
    SendLive(now, out);
  } else if (BeatIsDue(now)) {
    SendBeat(now, out);
  }
}

bool Attester::LiveIsDue(Now now) const {
  return evidence_wanted_ || rows_wanted_ || CheckIsReady(now) || now.boot >= next_full_ ||
         posture_.HasFresherThan(accepted_, now) || posture_.Differs(accepted_, now);
}

bool Attester::CheckIsReady(Now now) const {
  return check_ && (posture_.AllReadAnew() || now.boot >= check_since_ + options_.collect_timeout);
}

bool Attester::BeatIsDue(Now now) const {
  return !beat_key_.empty() && !beat_sent_ && posture_.CanSayUnchanged() && now.boot >= next_beat_;
}

void Attester::PumpOffline(Now now, Actions* out) {
  if (now.boot < away_since_ + options_.offline_after || !posture_.Complete(now)) return;
  if (!posture_.Differs(recorded_, now) && now.boot < next_full_) return;
  SpoolEvidence(now, out);
}

bool Attester::SendSpooled(Now now, Actions* out) {
  if (spool_->size() == 0) return false;
  Result<std::optional<Spool::Item>> front = spool_->Front();
  if (!front) {
    CannotSay(front.error(), now, out);
    return true;
  }
  if (!*front) return false;
  InFlight sent;
  sent.digest = Sha256((*front)->envelope.payload());
  sent.sent = now;
  sent.spool_id = (*front)->id;
  sent.spool_epoch = (*front)->epoch;
  action::Send send;
  *send.message.mutable_evidence() = std::move((*front)->envelope);
  out->push_back(std::move(send));
  in_flight_ = std::move(sent);
  return true;
}

void Attester::SendLive(Now now, Actions* out) {
  if (nonces_.empty()) {
    online_ = false;
    away_since_ = now.boot;
    out->push_back(action::DropStream{"the service gave no nonce"});
    return;
  }
  // The newest: nonces end, and with long intervals the others may have.
  const std::string nonce = nonces_.back();
  const auto built = Build(now, /*offline=*/false, nonce);
  if (!built) {
    CannotSay(built.error(), now, out);
    return;
  }
  nonces_.pop_back();
  action::Send send;
  *send.message.mutable_evidence() = (*built)->envelope;
  out->push_back(std::move(send));
  InFlight sent;
  sent.digest = (*built)->digest;
  sent.sent = now;
  sent.answers_check = CheckIsReady(now);
  sent.live = *built;
  in_flight_ = std::move(sent);
}

void Attester::SendBeat(Now now, Actions* out) {
  action::Send send;
  v1::Beat* beat = send.message.mutable_beat();
  beat->set_counter(++beat_counter_);
  beat->set_evidence_digest(accepted_digest_);
  beat->set_mac(BeatMac(beat_key_, beat_counter_, accepted_digest_));
  out->push_back(std::move(send));
  beat_sent_ = now;
  next_beat_ = now.boot + Jittered(beat_interval_);
}

void Attester::SpoolEvidence(Now now, Actions* out) {
  if (const Status begun = BeginSegment(); !begun) return CannotSay(begun.error(), now, out);
  const auto result = Build(now, /*offline=*/true, last_nonce_);
  if (!result) return CannotSay(result.error(), now, out);
  const Built& built = **result;
  const Status kept = spool_->Append(built.envelope, built.epoch, built.carried);
  if (!kept) {
    segment_open_ = false;  // its successor may not name it
    return CannotSay(kept.error(), now, out);
  }
  ++segment_count_;
  segment_bytes_ += built.envelope.ByteSizeLong();
  recorded_ = built.said;
  next_full_ = now.boot + Jittered(full_interval_);
}

// What the spool drops, it drops by epoch; a twentieth of its bound is what may go at once.
Status Attester::BeginSegment() {
  const Spool::Limits& limits = spool_->limits();
  if (segment_open_ && segment_count_ < std::max<uint64_t>(limits.evidences / 20, 1) &&
      segment_bytes_ < limits.bytes / 20) {
    return {};
  }
  // The first evidence of an epoch needs no predecessor: what was sent last on the stream may or
  // may not have arrived.
  if (const Status begun = chain_->NewEpoch(service_epoch_); !begun) return begun;
  segment_open_ = true;
  segment_count_ = 0;
  segment_bytes_ = 0;
  return {};
}

Result<EvidenceChain::Position> Attester::NextPosition() {
  Result<EvidenceChain::Position> position = chain_->Next();
  if (!position) return position;
  // A state folder that came back from a backup is behind what the service has seen; to go on
  // from there would be a fork.
  const bool behind = position->previous_digest.empty() && position->epoch <= service_epoch_;
  if (chain_known_ && !behind) return position;
  if (const Status begun = chain_->NewEpoch(service_epoch_); !begun) {
    return tl::unexpected(begun.error());
  }
  chain_known_ = true;
  return chain_->Next();
}

Result<std::shared_ptr<const Attester::Built>> Attester::Build(Now now, bool offline,
                                                               const std::string& nonce) {
  const Result<EvidenceChain::Position> position = offline ? chain_->Next() : NextPosition();
  if (!position) return tl::unexpected(position.error());

  Built built;
  built.epoch = position->epoch;
  built.first_of_epoch = position->previous_digest.empty();
  built.all_rows = offline || rows_wanted_ || !accepted_;
  built.carried = spool_->dropped();

  v1::Evidence evidence;
  evidence.set_device_id(options_.device_id);
  evidence.set_epoch(position->epoch);
  evidence.set_sequence(position->sequence);
  evidence.set_nonce(nonce);
  evidence.set_offline(offline);
  evidence.set_previous_digest(position->previous_digest);
  evidence.set_boot_id(options_.boot_id);
  evidence.set_agent_version(options_.agent_version);
  evidence.set_platform(options_.platform);
  evidence.set_spool_dropped(built.carried);
  built.said = posture_.Fill(now, built.all_rows ? std::nullopt : accepted_,
                             max_message_bytes_ - 1024, &evidence, &built.unchanged);

  Result<v1::Envelope> envelope = SignEnvelope(key_, kEvidenceType, evidence.SerializeAsString());
  if (!envelope) return tl::unexpected(envelope.error());
  chain_->Sent(envelope->payload());
  built.digest = Sha256(envelope->payload());
  built.envelope = std::move(*envelope);
  last_built_ = std::make_shared<const Built>(std::move(built));
  last_accepted_ = false;
  return last_built_;
}

void Attester::CannotSay(const Error& error, Now now, Actions* out) {
  hold_until_ = now.boot + kRetryAfterOwnFailure;
  chain_known_ = false;
  out->push_back(action::Warn{error.message});
}

// At most a tenth early, never late: intervals are promises.
Millis Attester::Jittered(Millis interval) {
  const auto full = static_cast<double>(interval.count());
  return Millis(static_cast<Millis::rep>(full * (1.0 - 0.1 * Uniform())));
}

}  // namespace sallyport
