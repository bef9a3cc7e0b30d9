// SPDX-License-Identifier: Apache-2.0
#include "service/appraiser.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "service/wire.h"

namespace sallyport {
namespace {

// Of one stream: a hostile laptop must not be able to fill the disk with lines either.
constexpr int kRefusalsLogged = 20;

// A laptop that is quiet gets none until its next beat but one: the first may be lost.
template <typename Message>
void TopUp(Session& session, const LeaseTerms& terms, Message* message, Now now) {
  for (std::string& nonce : session.nonces.TopUp(now, 2 * terms.beat_interval)) {
    message->add_nonces(std::move(nonce));
  }
}

}  // namespace

Result<std::shared_ptr<Device>> Appraiser::Attach(const std::string& id,
                                                  const std::shared_ptr<Session>& session) {
  while (true) {
    Result<std::shared_ptr<Device>> device = parts_.devices.FindOrLoad(id);
    if (!device) return device;
    std::shared_ptr<Session> before;
    {
      const std::lock_guard lock((*device)->mutex);
      if ((*device)->lost) continue;  // forgotten while we looked: load it anew
      before = std::exchange((*device)->session, session);
      (*device)->leaf_until = session->leaf_until;
      (*device)->last_seen = parts_.clock().wall;
      verdicts_.SetDeadline(**device);
    }
    ++connected_;
    if (before) before->end("replaced", Millis{0});
    return device;
  }
}

void Appraiser::Detach(Device& device, const std::shared_ptr<Session>& session) {
  --connected_;
  const std::lock_guard lock(device.mutex);
  if (device.session != session) return;
  device.session.reset();
  if (device.lost) return;
  parts_.store.Write({.device_id = device.id,
                      .seen = device.last_seen,
                      .evidence = {},
                      .verdict = {},
                      .decision = {}},
                     nullptr);
  verdicts_.ForgetLater(device);
}

v1::ServiceMessage Appraiser::Hello(Device& device, Session& session) {
  const Now now = parts_.clock();
  v1::ServiceMessage message;
  v1::ServiceHello* hello = message.mutable_hello();
  hello->set_beat_interval_ms(static_cast<uint64_t>(parts_.terms.beat_interval.count()));
  hello->set_full_interval_ms(static_cast<uint64_t>(parts_.terms.full_interval.count()));
  hello->set_max_message_bytes(kMaxEvidenceBytes);
  const std::lock_guard lock(device.mutex);
  *hello->mutable_manifest() = *parts_.rules.now()->manifests.at(device.os);
  TopUp(session, parts_.terms, hello, now);
  if (!device.recent.empty()) {
    hello->set_expected_previous(device.recent.front().digest);
    hello->set_expected_epoch(device.recent.front().epoch);
    hello->set_expected_sequence(device.recent.front().sequence);
  }
  return message;
}

void Appraiser::OnEvidence(const std::shared_ptr<Device>& device,
                           const std::shared_ptr<Session>& session, v1::Envelope envelope,
                           Answer answer) {
  // Parsed over and over into the same message: its memory is kept.
  thread_local v1::Evidence evidence;
  v1::AttestationResult result;
  result.set_evidence_digest(Sha256(envelope.payload()));
  const Verified verified = VerifyAndParse(*device, envelope, &evidence);
  const std::lock_guard lock(device->mutex);
  if (device->session != session) return;
  const Now now = parts_.clock();
  const auto refuse = [&](const Refusal& refusal) {
    Refuse(*device, *session, refusal, std::move(result), answer);
  };
  if (!verified) return refuse(verified.error());
  const auto standing =
      CheckFreshAndInOrder(*device, *session, evidence, result.evidence_digest(), now);
  if (!standing) return refuse(standing.error());
  if (*standing == Standing::kRepeated) {
    return AnswerRepeated(*device, *session, evidence.offline(), std::move(result), answer, now);
  }
  TopUp(*session, parts_.terms, &result, now);
  if (*standing == Standing::kGap) {
    parts_.counters.Add("evidence_gap");
    result.set_verdict(v1::AttestationResult::VERDICT_GAP);
    result.set_reason(std::string(refusal::kGap));
    result.set_detail("its predecessor never came here: start a new epoch");
    return answer(Wrapped(std::move(result)));
  }

  tl::expected<Tables, Refusal> tables = ReadTables(*device, evidence);
  if (!tables) return refuse(tables.error());
  EvidenceRecord record{
      .position = {evidence.epoch(), evidence.sequence(), result.evidence_digest()},
      .slot = device->next_slot,
      .offline = evidence.offline(),
      .at = now.wall,
      .envelope = envelope.SerializeAsString()};
  device->Chained(record.position);
  if (evidence.offline()) {
    parts_.counters.Add("evidence_offline");
    result.set_verdict(v1::AttestationResult::VERDICT_STORED);
    return verdicts_.Keep(device, session, std::move(record), std::move(result), std::move(answer));
  }
  if (!tables->missing.empty()) {
    parts_.counters.Add("evidence_need_full");
    result.set_verdict(v1::AttestationResult::VERDICT_NEED_FULL);
    result.set_detail("rows of " + Join(tables->missing, ", ") + " are not known here");
    return verdicts_.Keep(device, session, std::move(record), std::move(result), std::move(answer));
  }
  parts_.counters.Add("evidence_accepted");
  const Os os = OsFromName(evidence.platform()).value_or(Os::kLinux);  // checked when parsed
  verdicts_.Accept(device, session, os, *std::move(tables), std::move(record), std::move(result),
                   std::move(answer), now);
}

void Appraiser::Refuse(Device& device, Session& session, const Refusal& refusal,
                       v1::AttestationResult result, const Answer& answer) {
  const Now now = parts_.clock();
  parts_.counters.Add("evidence_refused_" + std::string(refusal.reason));
  if (++session.refusals <= kRefusalsLogged) {
    spdlog::warn("device={} evidence refused reason={} detail=\"{}\"", device.id, refusal.reason,
                 Excerpt(refusal.detail, 300));
  }
  if (refusal.reason == refusal::kFork) RecordFork(device, session, refusal.detail, now);
  result.set_verdict(v1::AttestationResult::VERDICT_REFUSED);
  result.set_reason(std::string(refusal.reason));
  result.set_detail(refusal.detail);
  TopUp(session, parts_.terms, &result, now);
  answer(Wrapped(std::move(result)));
}

// Once per stream: a clone must not be able to fill the disk.
void Appraiser::RecordFork(Device& device, Session& session, const std::string& detail, Now now) {
  if (std::exchange(session.fork_recorded, true)) return;
  parts_.store.Write({.device_id = device.id,
                      .seen = {},
                      .evidence = {},
                      .verdict = {},
                      .decision = DecisionRecord{.id = parts_.store.NextDecisionId(),
                                                 .at = now.wall,
                                                 .from = {},
                                                 .to = {},
                                                 .reason = "fork: " + detail}},
                     nullptr);
}

void Appraiser::OnMalformed(Device& device, Session& session, std::string detail,
                            const Answer& answer) {
  const std::lock_guard lock(device.mutex);
  Refuse(device, session, {refusal::kMalformed, std::move(detail)}, {}, answer);
}

// The newest evidence again: the answer that was given, once all before it is committed. It renews
// nothing. Facts that are no longer held (the service was started since) are asked for again.
void Appraiser::AnswerRepeated(Device& device, Session& session, bool offline,
                               v1::AttestationResult result, const Answer& answer, Now now) {
  parts_.counters.Add("evidence_repeated");
  session.told_outcomes = false;  // those of this answer are read from the store, perhaps in vain
  TopUp(session, parts_.terms, &result, now);
  const bool held = device.held_digest == result.evidence_digest() && device.access;
  if (offline) {
    result.set_verdict(v1::AttestationResult::VERDICT_STORED);
  } else if (!held) {
    result.set_verdict(v1::AttestationResult::VERDICT_NEED_FULL);
    result.set_detail("the rows of this evidence are not held any more");
  } else {
    result.set_verdict(v1::AttestationResult::VERDICT_ACCEPTED);
    result.set_tier(ToWire(device.access->tier));
    result.set_decision_id(device.access->decision_id);
    result.set_lease_ttl_ms(static_cast<uint64_t>(
        TimeLeft(parts_.terms, *device.access, device.leaf_until, now).count()));
  }
  parts_.store.Write(
      {.device_id = device.id, .seen = {}, .evidence = {}, .verdict = {}, .decision = {}},
      [&store = parts_.store, id = device.id, answer, result](const Status&) {
        v1::AttestationResult again = result;
        const auto verdict = store.LastVerdict(id);
        v1::AttestationResult stored;
        if (again.verdict() == v1::AttestationResult::VERDICT_ACCEPTED && verdict && *verdict &&
            stored.ParseFromString((*verdict)->result)) {
          *again.mutable_outcomes() = stored.outcomes();
          again.set_policy_set(stored.policy_set());
          again.set_judged_at_ms(stored.judged_at_ms());
        }
        answer(Wrapped(std::move(again)));
      });
}

void Appraiser::OnBeat(Device& device, Session& session, const v1::Beat& beat,
                       const Answer& answer) {
  v1::ServiceMessage message;
  v1::BeatAck* ack = message.mutable_beat_ack();
  ack->set_counter(beat.counter());
  const std::lock_guard lock(device.mutex);
  const Now now = parts_.clock();
  const auto refuse = [&](const char* reason) {
    parts_.counters.Add(std::string("beats_refused_") + reason);
    ack->set_reason(reason);
    answer(message);
  };
  if (session.beat_key.empty() || !device.access) return refuse("no_evidence");
  if (beat.evidence_digest() != session.beat_digest) return refuse("other_evidence");
  if (!EqualConstantTime(beat.mac(),
                         BeatMac(session.beat_key, beat.counter(), beat.evidence_digest()))) {
    return refuse("bad_mac");
  }
  if (beat.counter() <= session.beat_counter) return refuse("counter_backwards");
  if (now.boot >= session.full_due) return refuse("full_evidence_due");
  if (device.access->facts_until <= now.boot) return refuse("facts_too_old");
  session.beat_counter = beat.counter();
  const bool was_live = device.IsLive(parts_.terms, now);
  device.last_alive = now.boot;
  device.last_seen = now.wall;
  parts_.counters.Add("beats_accepted");
  if (!was_live) TellGrant(parts_.gates, device, parts_.terms, now);
  TopUp(session, parts_.terms, ack, now);
  ack->set_accepted(true);
  ack->set_tier(ToWire(device.access->tier));
  ack->set_lease_ttl_ms(static_cast<uint64_t>(
      TimeLeft(parts_.terms, *device.access, device.leaf_until, now).count()));
  answer(message);
}

}  // namespace sallyport
