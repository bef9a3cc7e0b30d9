// SPDX-License-Identifier: Apache-2.0
// Appraiser: what a device's message on its stream leads to.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "service/verdicts.h"

namespace sallyport {

// Any thread. Knows no transport: a stream is a Session.
class Appraiser {
 public:
  Appraiser(ServiceParts parts, Verdicts& verdicts)
      : parts_(std::move(parts)), verdicts_(verdicts) {}

  // Makes the session the device's one stream; the one before is ended. kNotFound: not enrolled.
  Result<std::shared_ptr<Device>> Attach(const std::string& id,
                                         const std::shared_ptr<Session>& session);
  void Detach(Device& device, const std::shared_ptr<Session>& session);
  v1::ServiceMessage Hello(Device& device, Session& session);

  void OnEvidence(const std::shared_ptr<Device>& device, const std::shared_ptr<Session>& session,
                  v1::Envelope envelope, Answer answer);
  void OnBeat(Device& device, Session& session, const v1::Beat& beat, const Answer& answer);
  // A message that is no AgentMessage, or one out of turn.
  void OnMalformed(Device& device, Session& session, std::string detail, const Answer& answer);

  // Devices whose stream stands.
  size_t connected() const { return connected_.load(); }

 private:
  void Refuse(Device& device, Session& session, const Refusal& refusal,
              v1::AttestationResult result, const Answer& answer);
  void RecordFork(Device& device, Session& session, const std::string& detail, Now now);
  void AnswerRepeated(Device& device, Session& session, bool offline, v1::AttestationResult result,
                      const Answer& answer, Now now);

  ServiceParts parts_;
  Verdicts& verdicts_;
  std::atomic<size_t> connected_{0};
};

}  // namespace sallyport
