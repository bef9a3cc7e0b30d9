// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/proposals.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

// Keywords of libstrongswan's proposal_keywords_static.txt. sha1_160 and md5_128 are the
// untruncated forms of the same functions; modp1024s160, modp2048s224 and modp2048s256 are groups
// 22, 23, 24.
constexpr std::string_view kWeak[] = {
    "des",      "3des",     "null",     "md5",          "md5_128",      "sha",
    "sha1",     "sha1_160", "prfmd5",   "modp768",      "modp1024",     "modp1536",
    "modpnone", "none",     "modpnull", "modp1024s160", "modp2048s224", "modp2048s256",
};

bool IsGmac(std::string_view token) { return token.starts_with("aes") && token.ends_with("gmac"); }

bool IsNoKeyExchange(std::string_view token) { return token == "none" || token == "modpnone"; }

bool IsWeak(std::string_view token, ProposalKind kind) {
  if (kind == ProposalKind::kEsp && IsNoKeyExchange(token)) return false;  // column pfs tells it
  if (kind == ProposalKind::kEsp && IsGmac(token)) return true;
  return std::ranges::find(kWeak, token) != std::end(kWeak);
}

bool IsKeyExchange(std::string_view token) {
  constexpr std::string_view kPrefixes[] = {"modp", "ecp",  "curve",   "x25519",
                                            "x448", "ntru", "newhope", "mlkem"};
  return !IsNoKeyExchange(token) && std::ranges::any_of(kPrefixes, [&](std::string_view prefix) {
    return token.starts_with(prefix);
  });
}

}  // namespace

std::vector<std::string> WeakAlgorithms(std::string_view proposals, ProposalKind kind) {
  std::vector<std::string> out;
  for (std::string_view proposal : Split(proposals, ',')) {
    for (std::string_view part : Split(proposal, '-')) {
      const std::string token = Lower(Trim(part));
      if (IsWeak(token, kind) && std::ranges::find(out, token) == out.end()) out.push_back(token);
    }
  }
  return out;
}

bool AllHaveKeyExchange(std::string_view proposals) {
  const auto list = Split(proposals, ',');
  return std::ranges::all_of(list, [](std::string_view proposal) {
    const auto parts = Split(proposal, '-');
    return std::ranges::any_of(
        parts, [](std::string_view part) { return IsKeyExchange(Lower(Trim(part))); });
  });
}

}  // namespace sallyport
