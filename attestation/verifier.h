// SPDX-License-Identifier: Apache-2.0
// The service's side of evidence: freshness (nonces), order (chain) and beats. Pure: no store, no
// stream, no clock of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "base/now.h"
#include "base/result.h"

namespace sallyport {

// The nonces outstanding on one stream.
class NonceBook {
 public:
  static constexpr size_t kOutstanding = 4;
  static constexpr Millis kLifetime{10 * 60 * 1000};

  // Fresh ones until kOutstanding are out that stay good for `needed`: the time until the peer may
  // be given others. Returns the new ones only.
  std::vector<std::string> TopUp(Now now, Millis needed = Millis{0});
  // Each is good once. kConflict with "spent_nonce" or "unknown_nonce" or "expired_nonce".
  Status Spend(std::string_view nonce, Now now);

 private:
  struct Out {
    std::string nonce;
    Millis given{0};
  };
  std::deque<Out> out_;
  std::deque<std::string> spent_;  // the newest few, to tell spent from unknown
};

// How an evidence fits behind what the service holds of the device.
enum class ChainVerdict {
  kNext,       // the successor of the newest, or the first of a newer epoch
  kDuplicate,  // this very payload again: the same answer again
  kBackwards,  // epoch or sequence not above the newest
  kGap,        // its predecessor is not known
  kFork,       // another payload already follows the same predecessor
};
const char* ChainVerdictName(ChainVerdict verdict);

// `recent` are the newest positions that the service holds of this device, newest first; empty:
// none yet. `digest` is the SHA-256 of the payload.
ChainVerdict CheckChain(const std::vector<ChainPosition>& recent, const v1::Evidence& evidence,
                        std::string_view digest);

// Beats: HMAC-SHA-256 under the stream's key over "sallyport beat v1", counter (8 bytes
// big-endian), evidence digest.
std::string BeatMac(std::string_view key, uint64_t counter, std::string_view evidence_digest);

// Why an evidence was refused: stable words for AttestationResult.reason and the counters.
namespace refusal {
inline constexpr std::string_view kMalformed = "malformed";
inline constexpr std::string_view kTooLarge = "too_large";
inline constexpr std::string_view kBadSignature = "bad_signature";
inline constexpr std::string_view kWrongKey = "wrong_key";
inline constexpr std::string_view kWrongDevice = "wrong_device";
inline constexpr std::string_view kSpentNonce = "spent_nonce";
inline constexpr std::string_view kUnknownNonce = "unknown_nonce";
inline constexpr std::string_view kExpiredNonce = "expired_nonce";
inline constexpr std::string_view kBackwards = "sequence_backwards";
inline constexpr std::string_view kGap = "unknown_predecessor";
inline constexpr std::string_view kFork = "fork";
inline constexpr std::string_view kUnknownDevice = "unknown_device";
}  // namespace refusal

}  // namespace sallyport
