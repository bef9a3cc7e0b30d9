// SPDX-License-Identifier: Apache-2.0
// Reconnect: when to try the service again, and when the leaf is due. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/backoff.h"
#include "base/now.h"

namespace sallyport {

// What is left of a leaf that has just been issued (all wall time): by this laptop's clock, unless
// that is wrong beyond the leaf's own dates; then by these, which are dated back a little.
Millis LeafLife(Millis not_before, Millis not_after, Millis now_wall);

class Reconnect {
 public:
  // A stream was lost, or could not be made. How long to wait; `uniform` in [0, 1).
  Millis AfterFailure(double uniform);
  // Goodbye of the service: the next wait is at least its own.
  void OnGoodbye(std::string_view reason, uint64_t retry_after_ms);
  // An evidence was accepted: the service is well, and so is the leaf.
  void Worked();

  void OnLeaf(Now now, Millis life);
  bool NeedsLeaf(Now now) const;
  // A new leaf is fetched, and a new stream made, before two thirds of the life are over.
  std::optional<Millis> RenewAt() const;

 private:
  static constexpr int kFailuresBeforeNewLeaf = 3;

  Backoff backoff_{Millis(100), Millis(60'000)};
  Millis at_least_{0};
  int failures_ = 0;
  bool leaf_refused_ = false;
  std::optional<Millis> leaf_since_;
  Millis leaf_life_{0};
};

}  // namespace sallyport
