// SPDX-License-Identifier: Apache-2.0
// What the service answered, and what that says about what it knows.
#include <algorithm>
#include <utility>

#include "agent/attester.h"
#include "attestation/verifier.h"

namespace sallyport {
namespace {

constexpr size_t kNoncesKept = 16;

bool IsNonceRefusal(const std::string& reason) {
  return reason == refusal::kSpentNonce || reason == refusal::kUnknownNonce ||
         reason == refusal::kExpiredNonce;
}

}  // namespace

void Attester::TakeNonces(const google::protobuf::RepeatedPtrField<std::string>& nonces) {
  for (const std::string& nonce : nonces) {
    nonces_.push_back(nonce);
    last_nonce_ = nonce;
  }
  while (nonces_.size() > kNoncesKept) nonces_.pop_front();
}

void Attester::OnResult(const v1::AttestationResult& result, Now now, Actions* out) {
  if (IsNonceRefusal(result.reason()) && result.nonces_size() > 0) nonces_.clear();
  TakeNonces(result.nonces());
  const v1::AttestationResult whole = WithOutcomes(result);
  if (!in_flight_ || in_flight_->digest != whole.evidence_digest()) return OnPushed(whole, now);
  const InFlight done = std::move(*in_flight_);
  in_flight_.reset();
  if (done.live) {
    OnLiveResult(done, whole, now, out);
  } else {
    OnSpoolResult(done, whole, out);
  }
}

// Every result of the stream passes here, in the service's order: outcomes that it does not repeat
// are those that passed last.
v1::AttestationResult Attester::WithOutcomes(const v1::AttestationResult& result) {
  v1::AttestationResult whole = result;
  if (result.verdict() != v1::AttestationResult::VERDICT_ACCEPTED) return whole;
  if (result.outcomes_unchanged()) {
    *whole.mutable_outcomes() = outcomes_;
    whole.clear_outcomes_unchanged();
  } else {
    outcomes_ = result.outcomes();
  }
  return whole;
}

// The facts of the newest accepted evidence, judged again: other policies, or a grace that ended.
void Attester::OnPushed(const v1::AttestationResult& result, Now now) {
  if (result.verdict() != v1::AttestationResult::VERDICT_ACCEPTED) return;
  if (accepted_digest_.empty() || result.evidence_digest() != accepted_digest_) return;
  RememberResult(now, result, now);
  RenewLease(now, result.lease_ttl_ms(), result.tier());
}

void Attester::OnSpoolResult(const InFlight& done, const v1::AttestationResult& result,
                             Actions* out) {
  const bool stored = result.verdict() == v1::AttestationResult::VERDICT_STORED ||
                      result.verdict() == v1::AttestationResult::VERDICT_ACCEPTED;
  chain_known_ = stored && done.digest == chain_->last_digest();
  Status gone;
  if (stored) {
    gone = spool_->Remove(done.spool_id);
  } else {
    out->push_back(
        action::Warn{"offline evidence refused: " + result.reason() + " " + result.detail()});
    gone = spool_->DropEpoch(done.spool_epoch);
  }
  if (!gone) out->push_back(action::DropStream{gone.error().message});
}

void Attester::OnLiveResult(const InFlight& done, const v1::AttestationResult& result, Now now,
                            Actions* out) {
  switch (result.verdict()) {
    case v1::AttestationResult::VERDICT_ACCEPTED:
      OnAccepted(done, result, now, out);
      break;
    case v1::AttestationResult::VERDICT_NEED_FULL:
    case v1::AttestationResult::VERDICT_GAP:
      // Whether it stays in the service's chain or not: the first of a new epoch always fits.
      chain_known_ = false;
      rows_wanted_ = true;
      if (done.live->all_rows && done.live->first_of_epoch) {
        hold_until_ = now.boot + refusals_.Next(Uniform());
      }
      break;
    default:
      OnRefused(done, result, now);
      RememberResult(done.sent, result, now);
      if (done.answers_check && std::exchange(check_, false)) out->push_back(action::CheckDone{});
  }
}

void Attester::OnAccepted(const InFlight& done, const v1::AttestationResult& result, Now now,
                          Actions* out) {
  accepted_ = done.live->said;
  recorded_ = done.live->said;
  accepted_digest_ = done.digest;
  last_accepted_ = true;
  beat_key_ = result.beat_key();
  beat_sent_.reset();
  evidence_wanted_ = false;
  rows_wanted_ = false;
  nonce_retried_ = false;
  refusals_.Reset();
  next_beat_ = now.boot + Jittered(beat_interval_);
  // Without a key for beats, evidence takes their place.
  next_full_ = now.boot + Jittered(beat_key_.empty() ? std::min(beat_interval_, full_interval_)
                                                     : full_interval_);
  const Status told = spool_->TellDropped(done.live->carried);
  if (!told) out->push_back(action::Warn{told.error().message});
  RememberResult(done.sent, result, now);
  RenewLease(done.sent, result.lease_ttl_ms(), result.tier());
  out->push_back(action::Accepted{Millis(static_cast<Millis::rep>(result.lease_ttl_ms()))});
  if (done.answers_check && std::exchange(check_, false)) out->push_back(action::CheckDone{});
}

void Attester::OnRefused(const InFlight& done, const v1::AttestationResult& result, Now now) {
  chain_known_ = false;
  evidence_wanted_ = true;
  beat_key_.clear();
  const bool retry = IsNonceRefusal(result.reason()) && !nonces_.empty() && !nonce_retried_;
  nonce_retried_ = retry;
  if (!retry) hold_until_ = now.boot + refusals_.Next(Uniform());
  last_accepted_ = last_accepted_ && last_built_ && last_built_->digest != done.digest;
}

void Attester::OnBeatAck(const v1::BeatAck& ack, Now now) {
  if (!beat_sent_ || ack.counter() != beat_counter_) return;
  const Now sent = *beat_sent_;
  beat_sent_.reset();
  TakeNonces(ack.nonces());
  if (ack.accepted()) {
    RenewLease(sent, ack.lease_ttl_ms(), ack.tier());
    next_beat_ = std::max(next_beat_, now.boot + Millis(1));
    return;
  }
  beat_key_.clear();
  evidence_wanted_ = true;
  rows_wanted_ = true;
}

void Attester::RememberResult(Now sent, const v1::AttestationResult& result, Now now) {
  result_ = result;
  result_->clear_beat_key();
  result_->clear_nonces();
  result_at_ = now;
  if (result.judged_at_ms() == 0) return;
  const Millis middle = (sent.wall + now.wall) / 2;
  clock_skew_ms_ = static_cast<int64_t>(result.judged_at_ms()) - middle.count();
}

// As the gate counts it: from when it was asked for.
void Attester::RenewLease(Now sent, uint64_t ttl_ms, v1::Tier tier) {
  lease_ends_ = sent.boot + Millis(static_cast<Millis::rep>(ttl_ms));
  if (tier != v1::TIER_UNSPECIFIED) tier_ = tier;
}

void Attester::Describe(Now now, v1::AgentStatus* status) const {
  status->set_device_id(options_.device_id);
  status->set_agent_version(options_.agent_version);
  status->set_connected(online_);
  status->set_now_boot_ms(static_cast<uint64_t>(now.boot.count()));
  status->set_spooled(spool_->size());
  status->set_spool_dropped(spool_->dropped());
  status->set_has_result(result_.has_value());
  if (result_) {
    *status->mutable_last_result() = *result_;
    status->set_last_result_boot_ms(static_cast<uint64_t>(result_at_.boot.count()));
    status->set_clock_skew_ms(clock_skew_ms_);
  }
  const bool leased = lease_ends_ > now.boot;
  if (leased) status->set_lease_left_ms(static_cast<uint64_t>((lease_ends_ - now.boot).count()));
  status->set_tier(leased ? tier_ : v1::TIER_UNSPECIFIED);
  posture_.Describe(now, status);
}

Result<v1::EvidenceResponse> Attester::LastEvidence() const {
  if (!last_built_) return Fail(Code::kNotFound, "no evidence has left this laptop yet");
  v1::EvidenceResponse response;
  *response.mutable_envelope() = last_built_->envelope;
  response.set_accepted(last_accepted_);
  response.set_public_key(key_.public_key().spki());
  for (const v1::TableResult& table : last_built_->unchanged) *response.add_unchanged() = table;
  return response;
}

}  // namespace sallyport
