// SPDX-License-Identifier: Apache-2.0
// AttesterRig: an attester with a real key, chain and spool, and the test in the service's chair.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/attester.h"
#include "attestation/dsse.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {

struct Sent {
  v1::Envelope envelope;
  v1::Evidence evidence;
  std::string digest;
};

class AttesterRig {
 public:
  explicit AttesterRig(Spool::Limits limits = {}) : limits_(limits) {
    options.device_id = "laptop-1";
    options.agent_version = "0.1.0";
    options.platform = "linux";
    options.hostname = "host-1";
    options.boot_id = "boot-1";
    Restart();
  }

  // A process that was killed and started again on the same state folder.
  void Restart() {
    attester.reset();
    chain = std::make_unique<EvidenceChain>(EvidenceChain::Open(folder.path() + "/chain").value());
    spool.emplace(Spool::Open(folder.path() + "/spool.db", limits_).value());
    attester = std::make_unique<Attester>(options, key, service_key.public_key(), chain.get(),
                                          &*spool, now);
  }

  v1::Envelope Manifest(uint64_t version, std::vector<std::string> tables,
                        uint64_t max_age_ms = 0) const {
    v1::Manifest manifest;
    manifest.set_version(version);
    manifest.set_policy_set("set-" + std::to_string(version));
    for (const std::string& table : tables) {
      v1::TableRequest* request = manifest.add_tables();
      request->set_table(table);
      request->set_max_age_ms(max_age_ms);
    }
    return SignEnvelope(service_key, kManifestType, manifest.SerializeAsString()).value();
  }

  v1::ServiceMessage Hello(const v1::Envelope& manifest,
                           std::vector<std::string> nonces = {"n1", "n2"}) const {
    v1::ServiceMessage message;
    v1::ServiceHello* hello = message.mutable_hello();
    for (const std::string& nonce : nonces) hello->add_nonces(nonce);
    *hello->mutable_manifest() = manifest;
    hello->set_beat_interval_ms(10'000);
    hello->set_full_interval_ms(100'000);
    if (!held.empty()) {
      hello->set_expected_previous(held.back().digest);
      hello->set_expected_epoch(held.back().evidence.epoch());
      hello->set_expected_sequence(held.back().evidence.sequence());
    }
    return message;
  }

  static v1::CollectedTables Tables(
      std::vector<std::pair<std::string, std::string>> table_and_value, Millis collected) {
    v1::CollectedTables tables;
    for (const auto& [name, value] : table_and_value) {
      v1::CollectedTable* table = tables.add_tables();
      table->mutable_result()->set_table(name);
      table->mutable_result()->add_columns("value");
      table->mutable_result()->set_state(v1::TableResult::STATE_VALUE);
      table->mutable_result()->add_rows()->add_cells()->set_text(value);
      table->set_collected_boot_ms(static_cast<uint64_t>(collected.count()));
    }
    return tables;
  }

  v1::ServiceMessage Result(const Sent& sent, v1::AttestationResult::Verdict verdict,
                            const std::string& reason = "") {
    v1::ServiceMessage message;
    v1::AttestationResult* result = message.mutable_result();
    result->set_evidence_digest(sent.digest);
    result->set_verdict(verdict);
    result->set_reason(reason);
    result->add_nonces("n" + std::to_string(++nonces_given_));
    if (verdict == v1::AttestationResult::VERDICT_ACCEPTED) {
      result->set_beat_key("beat-key");
      result->set_tier(v1::TIER_FULL);
      result->set_lease_ttl_ms(30'000);
      result->set_judged_at_ms(static_cast<uint64_t>(now.wall.count()) + 700);
    }
    if (verdict == v1::AttestationResult::VERDICT_ACCEPTED ||
        verdict == v1::AttestationResult::VERDICT_STORED) {
      held.push_back(sent);
    }
    return message;
  }

  // What the actions say; each forgets nothing but what it returns.
  static std::vector<Sent> Evidences(const Actions& actions) {
    std::vector<Sent> sent;
    for (const Action& one : actions) {
      const auto* send = std::get_if<action::Send>(&one);
      if (send == nullptr || !send->message.has_evidence()) continue;
      Sent evidence;
      evidence.envelope = send->message.evidence();
      EXPECT_TRUE(evidence.evidence.ParseFromString(evidence.envelope.payload()));
      evidence.digest = Sha256(evidence.envelope.payload());
      sent.push_back(std::move(evidence));
    }
    return sent;
  }
  static std::vector<v1::Beat> Beats(const Actions& actions) {
    std::vector<v1::Beat> beats;
    for (const Action& one : actions) {
      const auto* send = std::get_if<action::Send>(&one);
      if (send != nullptr && send->message.has_beat()) beats.push_back(send->message.beat());
    }
    return beats;
  }
  template <typename Kind>
  static bool Has(const Actions& actions) {
    for (const Action& one : actions) {
      if (std::holds_alternative<Kind>(one)) return true;
    }
    return false;
  }

  void Pass(Millis time) {
    now.boot += time;
    now.wall += time;
  }

  // Connected, one table "edr" that is "on", the first evidence accepted.
  Sent FirstAccepted() {
    attester->OnCollectorOpen(now);
    attester->OnService(Hello(Manifest(1, {"edr"})), now);
    const Actions actions = attester->OnCollected(Tables({{"edr", "on"}}, now.boot), now);
    const std::vector<Sent> sent = Evidences(actions);
    EXPECT_EQ(sent.size(), 1u);
    attester->OnService(Result(sent.at(0), v1::AttestationResult::VERDICT_ACCEPTED), now);
    return sent.at(0);
  }

  // Offline long enough for it to be history.
  void GoOffline() {
    attester->OnStreamClosed(now);
    Pass(options.offline_after);
    attester->OnTime(now);
  }

  TempFolder folder;
  AttesterOptions options;
  SigningKey key = SigningKey::Generate().value();
  SigningKey service_key = SigningKey::Generate().value();
  Now now{Millis(50'000), Millis(1'790'000'000'000)};
  std::unique_ptr<EvidenceChain> chain;
  std::optional<Spool> spool;
  std::unique_ptr<Attester> attester;
  std::vector<Sent> held;  // by the service, oldest first

 private:
  Spool::Limits limits_;
  int nonces_given_ = 100;
};

}  // namespace sallyport
