// SPDX-License-Identifier: Apache-2.0
#include "agent/reconnect.h"

#include <algorithm>
#include <utility>

namespace sallyport {
namespace {

constexpr uint64_t kMostRetryAfterMs = 600'000;  // a service may ask for patience, not for silence

}  // namespace

Millis LeafLife(Millis not_before, Millis not_after, Millis now_wall) {
  const Millis whole = not_after - not_before;
  const Millis left = not_after - now_wall;
  return left > Millis(0) && left < whole ? left : whole;
}

Millis Reconnect::AfterFailure(double uniform) {
  // A leaf that this service does not take (a new CA, a store put back) looks like any other
  // broken connection.
  if (++failures_ % kFailuresBeforeNewLeaf == 0) leaf_refused_ = true;
  const Millis wait = backoff_.Next(uniform);
  const Millis least = std::exchange(at_least_, Millis(0));
  return least + wait;
}

void Reconnect::OnGoodbye(std::string_view reason, uint64_t retry_after_ms) {
  at_least_ = Millis(static_cast<Millis::rep>(std::min(retry_after_ms, kMostRetryAfterMs)));
  if (reason == "leaf_expired") leaf_refused_ = true;
}

void Reconnect::Worked() {
  backoff_.Reset();
  failures_ = 0;
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
