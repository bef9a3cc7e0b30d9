// SPDX-License-Identifier: Apache-2.0
// Attester: what the agent says to the policy service, and when. No socket, no clock, no thread:
// inputs come with `now`, actions come out. Its only memory beside itself is the evidence chain
// and the spool, both borrowed.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "agent/backoff.h"
#include "agent/posture.h"
#include "agent/spool.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "base/now.h"
#include "base/result.h"
#include "sallyport/v1/attestation.pb.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

namespace action {
struct Send {  // on the stream
  v1::AgentMessage message;
};
struct GiveManifest {  // to the collector
  v1::Envelope manifest;
};
struct KeepManifest {  // for the next start, so that collecting need not wait for the service
  v1::Envelope manifest;
};
struct AskCollector {
  std::vector<std::string> tables;  // empty: every table of the manifest
};
struct DropStream {  // it is of no use any more
  std::string reason;
};
struct Accepted {  // an evidence, on this stream
  Millis lease;
};
struct CheckDone {};  // what OnCheckNow asked for is as done as it will be
struct Warn {         // for the log
  std::string text;
};
}  // namespace action

using Action =
    std::variant<action::Send, action::GiveManifest, action::KeepManifest, action::AskCollector,
                 action::DropStream, action::Accepted, action::CheckDone, action::Warn>;
using Actions = std::vector<Action>;

struct AttesterOptions {
  std::string device_id;
  std::string agent_version;
  std::string platform;
  std::string hostname;
  std::string boot_id;
  Millis collect_timeout{3'000};  // Posture's
  Millis collector_lost{10'000};  // Posture's
  Millis answer_timeout{20'000};  // no answer from the service: the stream is dead
  Millis offline_after{5'000};    // a shorter break of the stream is not history
  Millis beat_interval{60'000};   // these two until the service says otherwise
  Millis full_interval{300'000};
  uint32_t seed = 0;  // of the jitter
};

class Attester {
 public:
  // `key` is the identity key, `service_key` the one that signs manifests. `chain` and `spool`
  // outlive the attester.
  Attester(AttesterOptions options, SigningKey key, PublicKey service_key, EvidenceChain* chain,
           Spool* spool, Now now);

  // The first message of each stream.
  v1::AgentMessage Hello() const;

  // A manifest kept from the run before.
  Actions OnKeptManifest(const v1::Envelope& manifest, Now now);
  // ServiceHello begins a stream: whatever was under way on another one is forgotten, so a new
  // stream may take over while the old one still stands.
  Actions OnService(const v1::ServiceMessage& message, Now now);
  Actions OnStreamClosed(Now now);

  Actions OnCollectorOpen(Now now);
  Actions OnCollectorClosed(Now now);
  Actions OnCollected(const v1::CollectedTables& tables, Now now);

  // Somebody at this laptop asked; ends with CheckDone, which without a stream comes after the
  // first evidence of the next one.
  Actions OnCheckNow(Now now);

  // When OnTime wants to be called (boot time); nothing: only an input can matter.
  std::optional<Millis> WakeAt(Now now) const;
  Actions OnTime(Now now);

  // Fills in what the attester knows.
  void Describe(Now now, v1::AgentStatus* status) const;
  // The newest evidence that left; kNotFound before the first.
  Result<v1::EvidenceResponse> LastEvidence() const;

 private:
  struct Built {
    v1::Envelope envelope;
    std::string digest;  // of the payload
    Said said;
    std::vector<v1::TableResult> unchanged;
    uint64_t epoch = 0;
    bool first_of_epoch = false;
    bool all_rows = false;
    uint64_t carried = 0;  // its spool_dropped
  };
  struct InFlight {
    std::string digest;
    Now sent;
    std::shared_ptr<const Built> live;  // null: it is the spool's front, namely
    int64_t spool_id = 0;
    uint64_t spool_epoch = 0;
    bool answers_check = false;
  };

  Status AdoptManifest(const v1::Envelope& envelope, Now now, Actions* out);
  void OnHello(const v1::ServiceHello& hello, Now now, Actions* out);
  void OnResult(const v1::AttestationResult& result, Now now, Actions* out);
  void OnSpoolResult(const InFlight& done, const v1::AttestationResult& result, Actions* out);
  void OnLiveResult(const InFlight& done, const v1::AttestationResult& result, Now now,
                    Actions* out);
  void OnAccepted(const InFlight& done, const v1::AttestationResult& result, Now now, Actions* out);
  void OnRefused(const InFlight& done, const v1::AttestationResult& result, Now now);
  void OnBeatAck(const v1::BeatAck& ack, Now now);
  void TakeNonces(const google::protobuf::RepeatedPtrField<std::string>& nonces);
  v1::AttestationResult WithOutcomes(const v1::AttestationResult& result);
  void OnPushed(const v1::AttestationResult& result, Now now);
  void RememberResult(Now sent, const v1::AttestationResult& result, Now now);
  void RenewLease(Now sent, uint64_t ttl_ms, v1::Tier tier);
  void StartCheck(Now now, Actions* out);

  void Pump(Now now, Actions* out);
  void PumpOnline(Now now, Actions* out);
  void PumpOffline(Now now, Actions* out);
  bool LiveIsDue(Now now) const;
  bool CheckIsReady(Now now) const;
  bool BeatIsDue(Now now) const;
  bool SendSpooled(Now now, Actions* out);
  void SendLive(Now now, Actions* out);
  void SendBeat(Now now, Actions* out);
  void SpoolEvidence(Now now, Actions* out);
  Status BeginSegment();
  Result<EvidenceChain::Position> NextPosition();
  Result<std::shared_ptr<const Built>> Build(Now now, bool offline, const std::string& nonce);
  void CannotSay(const Error& error, Now now, Actions* out);
  Millis Jittered(Millis interval);
  double Uniform() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }

  AttesterOptions options_;
  SigningKey key_;
  PublicKey service_key_;
  EvidenceChain* chain_;
  Spool* spool_;
  std::mt19937 random_;
  Posture posture_;
  v1::Envelope manifest_;

  // The stream.
  bool online_ = false;
  Millis away_since_;
  std::deque<std::string> nonces_;
  std::string last_nonce_;
  Millis beat_interval_;
  Millis full_interval_;
  size_t max_message_bytes_;
  std::optional<InFlight> in_flight_;
  std::optional<Now> beat_sent_;
  uint64_t beat_counter_ = 0;
  Millis next_beat_{0};
  Millis next_full_{0};
  bool evidence_wanted_ = false;  // whatever the tables say: first of a stream, beat refused
  bool rows_wanted_ = false;      // the service does not know the digests
  Millis hold_until_{0};          // after a refusal
  Backoff refusals_{Millis(1'000), Millis(300'000)};
  bool nonce_retried_ = false;

  // The chain, as far as the service is known to follow it.
  bool chain_known_ = true;
  uint64_t service_epoch_ = 0;

  // What was said.
  std::optional<Said> accepted_;  // the service knows these digests
  std::optional<Said> recorded_;  // newest that was accepted or spooled
  std::string accepted_digest_;
  std::string beat_key_;
  std::shared_ptr<const Built> last_built_;
  bool last_accepted_ = false;

  // What was answered.
  std::optional<v1::AttestationResult> result_;
  Now result_at_;
  google::protobuf::RepeatedPtrField<v1::Outcome> outcomes_;  // of the newest result that had them
  int64_t clock_skew_ms_ = 0;
  Millis lease_ends_{0};
  v1::Tier tier_ = v1::TIER_UNSPECIFIED;

  // The epoch that the spool is being written in.
  bool segment_open_ = false;
  uint64_t segment_count_ = 0;
  uint64_t segment_bytes_ = 0;

  // A check that was asked for.
  bool check_ = false;
  Millis check_since_{0};
};

}  // namespace sallyport
