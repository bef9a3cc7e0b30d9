// SPDX-License-Identifier: Apache-2.0
#include "service/verdicts.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "service/wire.h"

namespace sallyport {
namespace {

// Facts are looked at again at the latest after this, whatever their policies bear.
constexpr Millis kLongestJudgement{24 * 3600 * 1000};
// A judgement that bears no time at all is looked at again after this, not at once and for ever.
constexpr Millis kShortestDeadline{1000};
// How long a verdict that changed nothing may be newer in memory than in the store.
constexpr Millis kVerdictWrite{60'000};

// "disk-encryption fail, edr-running unknown", or that none stands in the way.
std::string ReasonOf(const std::vector<Outcome>& outcomes) {
  std::string reason;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.blocking) continue;
    if (!reason.empty()) reason += ", ";
    reason += outcome.policy + " " + VerdictName(outcome.verdict);
  }
  return reason.empty() ? "no policy stands in the way" : reason;
}

}  // namespace

Verdicts::Verdicts(ServiceParts parts)
    : parts_(std::move(parts)),
      agenda_(parts_.clock, [this](const std::string& id) { OnDue(id); }) {}

v1::ServiceMessage Wrapped(v1::AttestationResult result) {
  v1::ServiceMessage message;
  *message.mutable_result() = std::move(result);
  return message;
}

// Chained and stored, nothing judged.
void Verdicts::Keep(const std::shared_ptr<Device>& device, const std::shared_ptr<Session>& session,
                    EvidenceRecord record, v1::AttestationResult result, Answer answer) {
  DeviceWrite write{.device_id = device->id,
                    .seen = {},
                    .evidence = std::move(record),
                    .verdict = {},
                    .decision = {}};
  parts_.store.Write(std::move(write), [this, device, session, result = std::move(result),
                                        answer = std::move(answer)](const Status& status) {
    if (!status) {
      const std::lock_guard lock(device->mutex);
      return Lose(*device, session, status.error());
    }
    answer(Wrapped(result));
  });
}

void Verdicts::Accept(const std::shared_ptr<Device>& device,
                      const std::shared_ptr<Session>& session, Os os, Tables tables,
                      EvidenceRecord record, v1::AttestationResult result, Answer answer, Now now) {
  const bool was_live = device->IsLive(parts_.terms, now);
  if (!tables.same || device->os != os) device->ran = nullptr;
  device->os = os;
  device->held = std::move(tables.held);
  device->held_at = now.boot;
  device->held_digest = record.position.digest;
  device->last_alive = now.boot;
  device->last_seen = now.wall;

  session->beat_key = RandomBytes(32);
  session->beat_digest = device->held_digest;
  session->beat_counter = 0;
  session->full_due = now.boot + parts_.terms.full_interval;

  Settle(device, session,
         Verdict{.judgement = JudgeHeld(*device, now),
                 .outcomes = {},
                 .evidence = std::move(record),
                 .result = std::move(result),
                 .beat_key = session->beat_key,
                 .answer = std::move(answer),
                 .why = "evidence",
                 .was_live = was_live},
         now);
}

// Locked. Policies are run only when the same facts, at their ages of now, may lead to something
// else than they did.
Judgement Verdicts::JudgeHeld(Device& device, Now now) {
  const std::shared_ptr<Ruleset> set = parts_.rules.now()->set;
  const Millis elapsed = now.boot - device.held_at;
  std::vector<Millis> ages;
  ages.reserve(device.held.size());
  for (const HeldTable& held : device.held) ages.push_back(held.age + elapsed);
  if (device.ran != set || !Redate(set->policies(), ages, &device.raw)) {
    device.raw = set->Run(device.os, Unpacked(device.held, elapsed));
    device.ran = set;
  }
  return Judge(set->policies(), device.raw, std::move(device.memory), now, kLongestJudgement);
}

// Locked. Here the order of cut, commit and answer is made.
void Verdicts::Settle(const std::shared_ptr<Device>& device,
                      const std::shared_ptr<Session>& session, Verdict verdict, Now now) {
  DeviceWrite write = BecomeNewest(*device, session.get(), verdict, now);
  const Access access{device->judged->tier, device->judged->decision_id,
                      device->judged->facts_until};
  verdict.result.set_decision_id(access.decision_id);
  verdict.result.set_lease_ttl_ms(
      static_cast<uint64_t>(TimeLeft(parts_.terms, access, device->leaf_until, now).count()));
  verdict.result.set_beat_key(verdict.beat_key);
  // After a restart gates may still hold leases of the run before.
  const std::optional<Tier> told =
      device->access ? std::optional(device->access->tier) : device->stored_tier;
  if (told && access.tier < *told) Lower(*device, access, verdict.outcomes, now);
  SetDeadline(*device);
  parts_.store.Write(
      std::move(write),
      [this, device, session, access, held = std::make_shared<Verdict>(std::move(verdict))](
          const Status& status) { Committed(device, session, access, std::move(*held), status); });
}

void Verdicts::Lower(Device& device, const Access& access, const std::vector<Outcome>& outcomes,
                     Now now) {
  device.access = access;
  const std::string reason = ReasonOf(outcomes);
  const size_t told = TellCut(parts_.gates, device, parts_.terms, reason, now);
  parts_.counters.Add("access_lowered");
  spdlog::info("device={} access lowered to {} gates={} decision={} why=\"{}\"", device.id,
               TierName(access.tier), told, access.decision_id, reason);
}

// Makes the judgement the device's newest, and what is to be stored of it. Outcomes are most of an
// answer: those that the stream was told already are not said again.
DeviceWrite Verdicts::BecomeNewest(Device& device, Session* session, Verdict& verdict, Now now) {
  const Judgement& judgement = verdict.judgement;
  const PolicySet& policies = device.ran->policies();
  verdict.result.set_verdict(v1::AttestationResult::VERDICT_ACCEPTED);
  verdict.result.set_tier(ToWire(judgement.tier));
  verdict.result.set_judged_at_ms(static_cast<uint64_t>(now.wall.count()));
  verdict.result.set_policy_set(policies.id);
  const bool changed = !device.judged || device.judged->fingerprint != judgement.fingerprint ||
                       device.judged->policy_set != policies.id;
  const bool to_store = changed || now.wall - device.judged->written_at >= kVerdictWrite;
  const bool told = !changed && session != nullptr && session->told_outcomes;
  if (!told || to_store) {
    verdict.outcomes = Explain(policies, device.raw, judgement.memory, now);
    for (const Outcome& outcome : verdict.outcomes) ToWire(outcome, verdict.result.add_outcomes());
  }

  DeviceWrite write{.device_id = device.id,
                    .seen = {},
                    .evidence = std::move(verdict.evidence),
                    .verdict = {},
                    .decision = {}};
  Judged judged{.tier = judgement.tier,
                .decision_id = device.judged ? device.judged->decision_id : 0,
                .facts_until = now.boot + judgement.ttl,
                .written_at = device.judged ? device.judged->written_at : Millis{0},
                .fingerprint = judgement.fingerprint,
                .policy_set = policies.id};
  if (!device.judged || device.judged->tier != judgement.tier) {
    judged.decision_id = parts_.store.NextDecisionId();
    write.decision =
        DecisionRecord{.id = judged.decision_id,
                       .at = now.wall,
                       .from = device.judged ? device.judged->tier : device.stored_tier,
                       .to = judgement.tier,
                       .reason = verdict.why + ": " + ReasonOf(verdict.outcomes)};
  }
  if (to_store) {
    judged.written_at = now.wall;
    v1::AttestationResult stored = verdict.result;
    stored.clear_nonces();
    write.verdict = VerdictRecord{.tier = judgement.tier,
                                  .decision_id = judged.decision_id,
                                  .judged_at = now.wall,
                                  .memory = judgement.memory,
                                  .result = stored.SerializeAsString()};
  }
  if (told) {
    verdict.result.clear_outcomes();
    verdict.result.set_outcomes_unchanged(true);
  } else if (session != nullptr) {
    session->told_outcomes = true;
  }
  device.memory = std::move(verdict.judgement.memory);
  device.judged = std::move(judged);
  return write;
}

// On the store's thread, after the commit.
void Verdicts::Committed(const std::shared_ptr<Device>& device,
                         const std::shared_ptr<Session>& session, Access access, Verdict verdict,
                         const Status& status) {
  {
    const std::lock_guard lock(device->mutex);
    if (!status) return Lose(*device, session, status.error());
    if (device->lost) return;
    // A later judgement may have gone lower while this one was being committed.
    if (device->judged && device->judged->tier < access.tier) access.tier = device->judged->tier;
    const Now now = parts_.clock();
    const Millis left_before =
        device->access ? TimeLeft(parts_.terms, *device->access, device->leaf_until, now)
                       : Millis{0};
    const bool raised = !device->access || access.tier > device->access->tier;
    device->access = access;
    const Millis left = TimeLeft(parts_.terms, access, device->leaf_until, now);
    // A lease that the old facts cut short is told of before the gate would ask again.
    if (raised || !verdict.was_live || (left_before < parts_.terms.lease && left > left_before)) {
      TellGrant(parts_.gates, *device, parts_.terms, now);
    }
    if (raised) {
      parts_.counters.Add("access_raised");
      spdlog::info("device={} access {} decision={}", device->id, TierName(access.tier),
                   access.decision_id);
    }
  }
  const v1::ServiceMessage message = Wrapped(std::move(verdict.result));
  if (verdict.answer) {
    verdict.answer(message);
  } else if (session) {
    session->send(message);
  }
}

// Locked.
void Verdicts::Rejudge(const std::shared_ptr<Device>& device, const std::string& why) {
  if (!device->judged || device->lost) return;
  const Now now = parts_.clock();
  Verdict verdict;
  verdict.judgement = JudgeHeld(*device, now);
  verdict.result.set_evidence_digest(device->held_digest);
  verdict.why = why;
  Settle(device, device->session, std::move(verdict), now);
}

void Verdicts::RejudgeAll(const std::string& why) {
  const std::shared_ptr<const Rules> rules = parts_.rules.now();
  for (const std::shared_ptr<Device>& device : parts_.devices.All()) {
    const std::lock_guard lock(device->mutex);
    if (device->session) {
      v1::ServiceMessage manifest;
      *manifest.mutable_manifest() = *rules->manifests.at(device->os);
      device->session->send(manifest);
    }
    Rejudge(device, why);
  }
}

void Verdicts::SetDeadline(const Device& device) {
  if (!device.session) return;
  Millis at = device.leaf_until;
  if (device.judged) {
    at =
        std::min(at, std::max(device.judged->facts_until, parts_.clock().boot + kShortestDeadline));
  }
  agenda_.Set(device.id, at);
}

void Verdicts::ForgetLater(const Device& device) {
  agenda_.Set(device.id, parts_.clock().boot + parts_.terms.SilenceBorne() + parts_.terms.lease);
}

void Verdicts::OnDue(const std::string& device_id) {
  const std::shared_ptr<Device> device = parts_.devices.Find(device_id);
  if (!device) return;
  std::shared_ptr<Session> expired;
  {
    const std::lock_guard lock(device->mutex);
    const Now now = parts_.clock();
    if (!device->session) {
      device->lost = true;
      parts_.devices.Forget(*device);
      return;
    }
    if (device->leaf_until <= now.boot) {
      expired = device->session;
    } else if (device->judged && device->judged->facts_until <= now.boot) {
      Rejudge(device, "time passed");
    }
    if (!expired) SetDeadline(*device);
  }
  if (!expired) return;
  parts_.counters.Add("streams_ended_leaf_expired");
  expired->end("leaf_expired", Millis{0});
}

// Locked. What is in memory may not be in the store: neither is leaned on again
// before the store was read anew.
void Verdicts::Lose(Device& device, const std::shared_ptr<Session>& session, const Error& error) {
  parts_.counters.Add("commits_failed");
  spdlog::error("device={} commit failed: {}", device.id, error.message);
  device.lost = true;
  device.access.reset();
  parts_.devices.Forget(device);
  if (session) session->end("store_failed", Millis{5000});
}

}  // namespace sallyport
