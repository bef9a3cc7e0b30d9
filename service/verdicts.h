// SPDX-License-Identifier: Apache-2.0
// Verdicts: judges the facts of a device and makes the outcome count, in the order that keeps
// access honest:
//   a lower tier is told to gates, then committed, then acknowledged;
//   a higher tier is committed, then told to gates, then acknowledged.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/access_news.h"
#include "service/agenda.h"
#include "service/appraisal.h"
#include "service/counters.h"
#include "service/ruleset.h"

namespace sallyport {

// What most of the service's classes work with; all of it outlives them.
struct ServiceParts {
  Store& store;
  DeviceBook& devices;
  GateBook& gates;
  RulesInForce& rules;
  Counters& counters;
  Clock clock;
  LeaseTerms terms;
};

// Called once, with the answer to a message, from any thread; not called when the session ends
// first.
using Answer = std::function<void(const v1::ServiceMessage&)>;

v1::ServiceMessage Wrapped(v1::AttestationResult result);

// Any thread. Where it says so, the caller holds the device's lock.
class Verdicts {
 public:
  explicit Verdicts(ServiceParts parts);

  // Locked. Judges fresh facts, which become the held ones; `result` goes out completed.
  void Accept(const std::shared_ptr<Device>& device, const std::shared_ptr<Session>& session, Os os,
              Tables tables, EvidenceRecord record, v1::AttestationResult result, Answer answer,
              Now now);
  // Locked. Makes an evidence durable that is not judged, then answers.
  void Keep(const std::shared_ptr<Device>& device, const std::shared_ptr<Session>& session,
            EvidenceRecord record, v1::AttestationResult result, Answer answer);
  // After a change of the rules: new manifest and new verdicts, from the facts that are there.
  void RejudgeAll(const std::string& why);

  // Locked. Wakes for what comes first: the end of the facts, of a grace, of the leaf.
  void SetDeadline(const Device& device);
  // Locked. Drops the device from memory once no gate can hold a lease of it any more.
  void ForgetLater(const Device& device);

  // No deadline wakes anything after it; for the end.
  void StopDeadlines() { agenda_.Stop(); }

 private:
  struct Verdict {  // one judgement on its way to the store and back
    Judgement judgement;
    std::vector<Outcome> outcomes;           // made when they are to be stored, told or acted on
    std::optional<EvidenceRecord> evidence;  // none: judged anew from the held facts
    v1::AttestationResult result;
    std::string beat_key;
    Answer answer;
    std::string why;
    bool was_live = true;
  };
  void Settle(const std::shared_ptr<Device>& device, const std::shared_ptr<Session>& session,
              Verdict verdict, Now now);
  DeviceWrite BecomeNewest(Device& device, Session* session, Verdict& verdict, Now now);
  Judgement JudgeHeld(Device& device, Now now);
  void Lower(Device& device, const Access& access, const std::vector<Outcome>& outcomes, Now now);
  void Committed(const std::shared_ptr<Device>& device, const std::shared_ptr<Session>& session,
                 Access access, Verdict verdict, const Status& status);
  void Rejudge(const std::shared_ptr<Device>& device, const std::string& why);
  void Lose(Device& device, const std::shared_ptr<Session>& session, const Error& error);
  void OnDue(const std::string& device_id);

  ServiceParts parts_;
  Agenda agenda_;  // last: its thread ends first
};

}  // namespace sallyport
