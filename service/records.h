// SPDX-License-Identifier: Apache-2.0
// What the store keeps, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attestation/certificates.h"
#include "attestation/evidence.h"
#include "base/now.h"
#include "policy/judge.h"

namespace sallyport {

struct DeviceRecord {  // devices and gateways alike
  std::string id;
  LeafName::Role role = LeafName::Role::kDevice;
  std::string spki;    // of the identity key, DER
  std::string key_id;  // hex SHA-256 of spki
  std::string hostname;
  std::string platform;
  Millis enrolled_at{0};  // wall, the latest time
  Millis last_seen{0};    // wall
  int enrollments = 0;    // how often
};

struct TokenRecord {
  std::string hash;  // SHA-256 of the token; the token itself is nowhere
  LeafName::Role role = LeafName::Role::kDevice;
  std::string name;  // a gateway's name
  int uses_left = 1;
  Millis expires_at{0};  // wall
};

struct EvidenceRecord {
  ChainPosition position;
  uint32_t slot = 0;  // in the device's ring of the newest evidences
  bool offline = false;
  Millis at{0};          // wall, received
  std::string envelope;  // as it came
};

struct VerdictRecord {
  Tier tier = Tier::kNone;
  uint64_t decision_id = 0;
  Millis judged_at{0};  // wall
  DeviceMemory memory;
  std::string result;  // v1::AttestationResult without nonces and beat key, serialised
};

struct DecisionRecord {
  uint64_t id = 0;
  Millis at{0};              // wall
  std::optional<Tier> from;  // nothing: no verdict before
  std::optional<Tier> to;    // nothing: the decision was not about the tier
  std::string reason;
};

// One device's part of one transaction.
struct DeviceWrite {
  std::string device_id;
  Millis seen{0};  // wall, where no evidence says it; 0: nothing to say
  std::optional<EvidenceRecord> evidence;
  std::optional<VerdictRecord> verdict;
  std::optional<DecisionRecord> decision;
};

struct StoredDevice {
  DeviceRecord device;
  std::vector<ChainPosition> recent;  // newest first
  uint32_t next_slot = 0;
  std::optional<VerdictRecord> verdict;
};

}  // namespace sallyport
