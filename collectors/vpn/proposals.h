// SPDX-License-Identifier: Apache-2.0
// strongSwan's proposal strings ("aes256-sha256-modp2048, default"), judged by what they offer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

enum class ProposalKind { kIke, kEsp };

// The weak algorithms in a comma-separated list, in order, each once. Weak are DES, 3DES, NULL
// (and GMAC alone, RFC 4543: it encrypts nothing), MD5, SHA-1 as integrity, Diffie-Hellman groups
// 1, 2, 5 and 22-24, and "none" as key exchange of IKE. "default" offers none of them since 5.4.
std::vector<std::string> WeakAlgorithms(std::string_view proposals, ProposalKind kind);

// Does every proposal of the list have a key exchange? "default" has none for ESP.
bool AllHaveKeyExchange(std::string_view proposals);

}  // namespace sallyport
