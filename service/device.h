// SPDX-License-Identifier: Apache-2.0
// Device: what the service holds in memory of one laptop, and the book of them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "attestation/verifier.h"
#include "policy/judge.h"
#include "sallyport/v1/attestation.pb.h"
#include "service/lease.h"
#include "service/ruleset.h"
#include "service/store.h"

namespace sallyport {

// One stream of a device. Guarded by the device's lock, except send and end, which never change.
struct Session {
  using Send = std::function<void(const v1::ServiceMessage&)>;  // never blocks
  using End = std::function<void(const std::string& reason, Millis retry_after)>;
  Send send;
  End end;
  Millis leaf_until{0};  // boot
  NonceBook nonces;
  std::string beat_key;     // empty until an evidence was accepted
  std::string beat_digest;  // of that evidence
  uint64_t beat_counter = 0;
  Millis full_due{0};          // boot: beats are refused from then on
  bool told_outcomes = false;  // those of the newest verdict
  bool fork_recorded = false;
  int refusals = 0;  // said in the log up to a bound, counted always
};

// A table of the last accepted evidence, serialised: a third of the memory of its cells.
struct HeldTable {
  std::string table;
  Keys keys;
  std::shared_ptr<const std::string> bytes;  // v1::TableResult without age_ms and took_us
  std::string digest;                        // TableDigest; empty until it is asked for
  Millis age{0};                             // when the evidence was signed
  std::chrono::microseconds took{0};
};

struct Judged {
  Tier tier = Tier::kNone;
  uint64_t decision_id = 0;
  Millis facts_until{0};   // boot
  Millis written_at{0};    // wall, when it last went to the store
  size_t fingerprint = 0;  // of the outcomes, to tell a changed one
  std::string policy_set;
};

struct Device {
  Device(StoredDevice stored, PublicKey identity);

  const std::string id;
  const PublicKey key;

  std::mutex mutex;  // guards all below
  std::shared_ptr<Session> session;
  std::vector<ChainPosition> recent;  // newest first
  uint32_t next_slot = 0;
  Os os;  // as enrolled, then as its newest evidence says
  std::vector<HeldTable> held;
  Millis held_at{0};  // boot, when they were accepted
  std::string held_digest;
  DeviceMemory memory;
  RawOutcomes raw;                     // of the held tables
  std::shared_ptr<const Ruleset> ran;  // by these policies; null: by none yet
  std::optional<Judged> judged;        // the newest, perhaps not committed yet
  std::optional<Access> access;        // what gates may be told
  std::optional<Tier> stored_tier;     // of the run before
  Millis last_alive{0};                // boot: last authentic message; 0: none since the start
  Millis last_seen{0};                 // wall
  Millis leaf_until{0};                // boot, of the newest stream
  bool lost = false;                   // memory and store parted: load it anew

  void Chained(const ChainPosition& position);
  bool IsLive(const LeaseTerms& terms, Now now) const;
};

// Devices by id, loaded from the store when first asked for. Any thread.
class DeviceBook {
 public:
  explicit DeviceBook(Store& store) : store_(store) {}

  Result<std::shared_ptr<Device>> FindOrLoad(const std::string& id);  // kNotFound: not enrolled
  std::shared_ptr<Device> Find(const std::string& id) const;          // null: not in memory
  // The caller has marked it lost.
  void Forget(const Device& device);
  std::vector<std::shared_ptr<Device>> All() const;

 private:
  Store& store_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Device>> devices_;
};

}  // namespace sallyport
