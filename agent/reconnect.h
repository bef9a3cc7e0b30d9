// SPDX-License-Identifier: Apache-2.0
// Reconnect: when to try the service again, and when the leaf is due. Pure.
//
// The waits are measured by the lease, since that is how long a lost stream costs nobody anything:
// the first is drawn from a sixtieth of it, the longest from a twentieth (10 s and 30 s of the
// default 10 min), with full jitter. So access that ended in a long outage is back within a
// twentieth of a lease, and the service is not run over: 10,000 laptops are 34 s of its CPU (3.4 ms
// for each connection, docs/bench.md), which two cores, shared alike, work off before the first of
// them gives up; one core does not. A test simulates both a service that is back at once and one
// that was away for an hour.
// What may have ended the outage (another network, somebody who asks) brings the next try forward.
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
  // No try before this (boot time).
  Millis TryAt() const { return try_at_; }

  // A stream was lost, or could not be made. `uniform` in [0, 1).
  void Failed(Now now, double uniform);
  // The leaf could not be fetched since nobody answered, which explains failures of the stream,
  // too: a leaf that is at hand is good until something speaks against it.
  void LeafServiceNotReached();
  // Goodbye of the service: the next try comes no sooner than it asks for.
  void OnGoodbye(std::string_view reason, uint64_t retry_after_ms);
  // An evidence was accepted: the service is well, and so is the leaf. `lease` is how long the
  // access stands now; zero: none was said.
  void Worked(Millis lease);

  // Addresses or routes changed. False: too many changes of late, this one changes nothing.
  // The jitter is for a whole office that gets its network back.
  bool NetworkChanged(Now now, double uniform);
  // Somebody at this laptop asks.
  void AtOnce(Now now);

  void OnLeaf(Now now, Millis life);
  bool NeedsLeaf(Now now) const;
  // A new leaf is fetched, and a new stream made, before two thirds of the life are over.
  std::optional<Millis> RenewAt() const;

 private:
  void Hurry(Millis at);

  Backoff backoff_{Millis(100), Millis(30'000)};
  Millis longest_{30'000};
  Millis try_at_{0};
  Millis asked_for_{0};         // by a goodbye, not waited for yet
  Millis patience_until_{0};    // nothing hurries a service that asked for patience
  double changes_allowed_ = 4;  // one more every kChangeEvery
  Millis changes_counted_{0};
  int failures_ = 0;
  bool leaf_refused_ = false;
  std::optional<Millis> leaf_since_;
  Millis leaf_life_{0};
};

}  // namespace sallyport
