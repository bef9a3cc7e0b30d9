// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/proposals.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace sallyport {

std::vector<int> UnauthenticatedProposals(const std::vector<OfferedAlgorithm>& all) {
  std::set<int> encrypted;
  std::set<int> authenticated;
  for (const OfferedAlgorithm& offered : all) {
    if (!offered.algorithm) {
      authenticated.insert(offered.proposal);
      continue;
    }
    const bool aead = offered.algorithm->aead;
    if (offered.algorithm->kind == AlgorithmKind::kEncryption) encrypted.insert(offered.proposal);
    if (aead || offered.algorithm->kind == AlgorithmKind::kIntegrity) {
      authenticated.insert(offered.proposal);
    }
  }
  std::vector<int> out;
  std::ranges::set_difference(encrypted, authenticated, std::back_inserter(out));
  return out;
}

Value IsWeak(const OfferedAlgorithm& offered, ProposalPhase phase) {
  if (!offered.algorithm) return Unknown{};
  const bool none = offered.algorithm->transform == "KE_NONE";
  if (none && phase != ProposalPhase::kIke) return Cell(false);  // column pfs tells it
  // AH only authenticates, and for that GMAC is sound.
  if (phase == ProposalPhase::kAh && offered.algorithm->aead) return Cell(false);
  return Cell(offered.algorithm->weak);
}

std::vector<std::string> WeakAlgorithms(std::string_view proposals, ProposalPhase phase) {
  std::vector<std::string> out;
  const std::vector<OfferedAlgorithm> all = OfferedBy(proposals, phase);
  for (const OfferedAlgorithm& offered : all) {
    const bool seen = std::ranges::find(out, offered.keyword) != out.end();
    if (IsWeak(offered, phase) == Cell(true) && !seen) out.push_back(offered.keyword);
  }
  const bool unauthenticated = !UnauthenticatedProposals(all).empty();
  if (phase == ProposalPhase::kEsp && unauthenticated) out.emplace_back("unauthenticated");
  return out;
}

bool HasUnknownAlgorithm(std::string_view proposals, ProposalPhase phase) {
  const auto offered = OfferedBy(proposals, phase);
  return std::ranges::any_of(offered, [](const auto& each) { return !each.algorithm; });
}

bool AllHaveKeyExchange(std::string_view proposals, ProposalPhase phase) {
  std::set<int> with;
  std::set<int> all;
  for (const OfferedAlgorithm& offered : OfferedBy(proposals, phase)) {
    all.insert(offered.proposal);
    const auto& algorithm = offered.algorithm;
    if (algorithm && algorithm->kind == AlgorithmKind::kKeyExchange &&
        algorithm->transform != "KE_NONE") {
      with.insert(offered.proposal);
    }
  }
  return with == all;
}

}  // namespace sallyport
