// SPDX-License-Identifier: Apache-2.0
#include "agent/reconnect.h"

#include <algorithm>
#include <utility>

namespace sallyport {
namespace {

constexpr uint64_t kMostRetryAfterMs = 600'000;  // a service may ask for patience, not for silence
constexpr int kFailuresBeforeNewLeaf = 3;

constexpr Millis kUsualLease{600'000};
constexpr Millis kQuickest{200};  // nobody waits yet: the laptop has just come up, or moved
// An interface that comes up says so a few times (address, route, IPv6); one that flaps, for ever.
constexpr double kMostChanges = 4;
constexpr Millis kChangeEvery{15'000};
constexpr Millis kChangeJitter{900};
constexpr Millis kSettle{100};  // after an address comes a route

}  // namespace

Millis LeafLife(Millis not_before, Millis not_after, Millis now_wall) {
  const Millis whole = not_after - not_before;
  const Millis left = not_after - now_wall;
  return left > Millis(0) && left < whole ? left : whole;
}

void Reconnect::Failed(Now now, double uniform) {
  // A leaf that this service does not take (a new CA, a store put back) looks like any other
  // broken connection.
  if (++failures_ % kFailuresBeforeNewLeaf == 0) leaf_refused_ = true;
  patience_until_ = now.boot + std::exchange(asked_for_, Millis(0));
  try_at_ = patience_until_ + backoff_.Next(uniform);
}

void Reconnect::LeafServiceNotReached() {
  if (leaf_since_) leaf_refused_ = false;
}

void Reconnect::OnGoodbye(std::string_view reason, uint64_t retry_after_ms) {
  asked_for_ = Millis(static_cast<Millis::rep>(std::min(retry_after_ms, kMostRetryAfterMs)));
  if (reason == "leaf_expired") leaf_refused_ = true;
}

void Reconnect::Worked(Millis lease) {
  if (lease <= Millis(0)) lease = kUsualLease;
  longest_ = std::clamp(lease / 20, Millis(2'000), Millis(30'000));
  backoff_.Restart(std::clamp(lease / 60, kQuickest, Millis(10'000)), longest_);
  failures_ = 0;
}

bool Reconnect::NetworkChanged(Now now, double uniform) {
  const double since = static_cast<double>((now.boot - changes_counted_).count());
  changes_counted_ = now.boot;
  const double earned = since / static_cast<double>(kChangeEvery.count());
  changes_allowed_ = std::min(kMostChanges, changes_allowed_ + earned);
  if (changes_allowed_ < 1) return false;
  changes_allowed_ -= 1;
  const auto jitter = static_cast<double>(kChangeJitter.count()) * uniform;
  Hurry(now.boot + kSettle + Millis(static_cast<Millis::rep>(jitter)));
  return true;
}

void Reconnect::AtOnce(Now now) { Hurry(now.boot); }

void Reconnect::Hurry(Millis at) {
  backoff_.Restart(kQuickest, longest_);
  try_at_ = std::max(std::min(try_at_, at), patience_until_);
}

void Reconnect::OnLeaf(Now now, Millis life) {
  leaf_since_ = now.boot;
  leaf_life_ = std::max(life, Millis(1'000));
  leaf_refused_ = false;
}

bool Reconnect::NeedsLeaf(Now now) const {
  return !leaf_since_ || leaf_refused_ || now.boot >= *RenewAt();
}

std::optional<Millis> Reconnect::RenewAt() const {
  if (!leaf_since_) return std::nullopt;
  return *leaf_since_ + leaf_life_ * 6 / 10;
}

}  // namespace sallyport
