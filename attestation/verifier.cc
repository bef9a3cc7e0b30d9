// SPDX-License-Identifier: Apache-2.0
#include "attestation/verifier.h"

#include <algorithm>
#include <array>

#include "attestation/keys.h"
#include "base/bytes.h"

namespace sallyport {
namespace {

constexpr size_t kNonceBytes = 32;
constexpr size_t kRemembered = 64;  // spent ones, and expired ones, kept to tell them from unknown

bool HasExpired(Millis given, Now now) { return now.boot - given >= NonceBook::kLifetime; }

tl::unexpected<Error> Refuse(std::string_view word) {
  return Fail(Code::kConflict, std::string(word));
}

}  // namespace

std::vector<std::string> NonceBook::TopUp(Now now, Millis needed) {
  const Now then{now.boot + needed, now.wall};
  const auto good = [then](const Out& out) { return !HasExpired(out.given, then); };
  auto count = static_cast<size_t>(std::ranges::count_if(out_, good));
  std::vector<std::string> fresh;
  for (; count < kOutstanding; ++count) {
    fresh.push_back(RandomBytes(kNonceBytes));
    out_.push_back({fresh.back(), now.boot});
  }
  // Oldest first. The peer takes the newest, so those over the bound are the last it would use.
  while (out_.size() > kRemembered) out_.pop_front();
  return fresh;
}

Status NonceBook::Spend(std::string_view nonce, Now now) {
  const auto is_it = [nonce](const Out& out) { return out.nonce == nonce; };
  const auto found = std::ranges::find_if(out_, is_it);
  if (found == out_.end()) {
    const bool spent = std::ranges::find(spent_, nonce) != spent_.end();
    return Refuse(spent ? refusal::kSpentNonce : refusal::kUnknownNonce);
  }
  if (HasExpired(found->given, now)) return Refuse(refusal::kExpiredNonce);
  spent_.push_back(std::move(found->nonce));
  out_.erase(found);
  if (spent_.size() > kRemembered) spent_.pop_front();
  return {};
}

const char* ChainVerdictName(ChainVerdict verdict) {
  constexpr std::array kNames = {"next", "duplicate", "backwards", "gap", "fork"};
  return kNames.at(static_cast<size_t>(verdict));
}

ChainVerdict CheckChain(const std::vector<ChainPosition>& recent, const v1::Evidence& evidence,
                        std::string_view digest) {
  const auto is_same = [digest](const ChainPosition& p) { return p.digest == digest; };
  if (std::ranges::any_of(recent, is_same)) return ChainVerdict::kDuplicate;

  const std::string& previous = evidence.previous_digest();
  if (recent.empty() || evidence.epoch() > recent.front().epoch) {
    // The first of an epoch names no predecessor; one that does names what never came here.
    return previous.empty() ? ChainVerdict::kNext : ChainVerdict::kGap;
  }

  const ChainPosition& newest = recent.front();
  if (evidence.epoch() == newest.epoch && previous == newest.digest) {
    return evidence.sequence() > newest.sequence ? ChainVerdict::kNext : ChainVerdict::kBackwards;
  }
  // The newest of its own epoch has no follower there; every older position has one, and so has
  // the start of an epoch that was seen.
  const auto has_follower = [&](const ChainPosition& p) {
    return p.epoch == evidence.epoch() && (previous.empty() || p.digest == previous);
  };
  const auto first = std::ranges::find_if(recent, has_follower);
  if (first != recent.end()) {
    const auto is_newer = [&](const ChainPosition& p) { return p.epoch == first->epoch; };
    const bool is_tip = std::ranges::find_if(recent, is_newer) == first;
    if (previous.empty() || !is_tip) return ChainVerdict::kFork;
  }
  const bool above = evidence.epoch() == newest.epoch && evidence.sequence() > newest.sequence;
  return above ? ChainVerdict::kGap : ChainVerdict::kBackwards;
}

std::string BeatMac(std::string_view key, uint64_t counter, std::string_view evidence_digest) {
  std::string message("sallyport beat v1");
  PutU64(message, counter);
  message += evidence_digest;
  return HmacSha256(key, message);
}

}  // namespace sallyport
