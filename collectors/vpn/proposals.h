// SPDX-License-Identifier: Apache-2.0
// strongSwan's proposal strings ("aes256-sha256-modp2048, default"), judged by what they offer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "collectors/vpn/algorithms.h"

namespace sallyport {

// Weak are DES, 3DES, NULL (and GMAC alone, RFC 4543: it encrypts nothing), MD5, SHA-1 as
// integrity, Diffie-Hellman groups 1, 2, 5 and 22-24, and "none" as key exchange of IKE. Unknown
// for a word that is not known.
Value IsWeak(const OfferedAlgorithm& offered, ProposalPhase phase);

// The weak algorithms of a comma-separated list, in order, each once. What "default" and an empty
// list stand for counts: 3des and sha1 for IKE, sha1 for ESP. "unauthenticated" for ESP that
// encrypts and has no integrity.
std::vector<std::string> WeakAlgorithms(std::string_view proposals, ProposalPhase phase);

// Is there a word in the list that is not known?
// The proposals that encrypt and prove nothing of who sent it: charon loads such ESP, IKE it
// refuses. What holds an unknown word is not told.
std::vector<int> UnauthenticatedProposals(const std::vector<OfferedAlgorithm>& all);
bool HasUnknownAlgorithm(std::string_view proposals, ProposalPhase phase);

// Does every proposal of the list have a key exchange? "default" has none for ESP.
bool AllHaveKeyExchange(std::string_view proposals, ProposalPhase phase);

}  // namespace sallyport
