// SPDX-License-Identifier: Apache-2.0
// The algorithms that strongSwan's proposal strings name, and what a proposal stands for. Held to
// what charon 5.9.8 logs when it loads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

enum class AlgorithmKind { kEncryption, kIntegrity, kPrf, kKeyExchange, kSequence };

struct Algorithm {
  std::string_view keyword;
  AlgorithmKind kind;
  std::string_view transform;  // as charon prints it: AES_CBC_256
  int key_bits;                // 0: no key length to speak of
  bool aead;
  bool weak;  // as proposals.h says what is weak, whatever the phase
};

// By its word in lower case. nullopt: no algorithm that is known.
std::optional<Algorithm> FindAlgorithm(std::string_view keyword);
const char* AlgorithmKindName(AlgorithmKind kind);

enum class ProposalPhase { kIke, kEsp, kAh };

struct OfferedAlgorithm {
  std::string keyword;                 // lower case
  std::optional<Algorithm> algorithm;  // nullopt: not known
  int proposal = 1;                    // in the order of preference
  bool from_default = false;           // not written: "default" stands for it, or charon adds it
};

// What charon offers for a comma-separated list: the words of each proposal that count in this
// phase, in the order encryption, integrity, PRF, key exchange; the PRFs that it adds to IKE; for
// "default" and for an empty list those of 5.9.8 with Debian's plug-ins. Words that are not known,
// and those of proposals that charon refuses, stand as they are written.
std::vector<OfferedAlgorithm> OfferedBy(std::string_view proposals, ProposalPhase phase);

// Why charon refuses the list, and with it the connection; "" when it takes it.
std::string WhyRefused(std::string_view proposals, ProposalPhase phase);

// As charon logs it: "IKE:AES_CBC_256/HMAC_SHA2_256_128/..., IKE:...".
std::string AsCharonPrints(const std::vector<OfferedAlgorithm>& offered, ProposalPhase phase);

}  // namespace sallyport
