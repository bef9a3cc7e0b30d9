// SPDX-License-Identifier: Apache-2.0
// Judge: raw outcomes and what is remembered of a device become outcomes, a tier and a lease
// length. Pure: state in, state out, time as an argument.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/now.h"
#include "policy/engine.h"
#include "policy/policy.h"

namespace sallyport {

// What the service remembers of one device and policy. Wall times: they outlive a reboot of the
// service. When the clock stepped back behind `judged`, the clocks that run move back with it: what
// was used up of a grace stays used up, so a step backwards never lengthens one.
struct PolicyMemory {
  Verdict verdict = Verdict::kUnknown;
  Millis since{0};          // wall: in this verdict since
  Millis failing_since{0};  // wall: first failure since the last pass; 0: not failing
  Millis unknown_since{0};  // wall: first unknown or stale since the last pass or fail; 0: neither
  Millis judged{0};         // wall: last judged while one of these two ran; 0: neither runs

  friend bool operator==(const PolicyMemory&, const PolicyMemory&) = default;
};
using DeviceMemory = std::map<std::string, PolicyMemory>;  // by policy name

struct Outcome {
  std::string policy;
  Verdict verdict = Verdict::kUnknown;
  Mode mode = Mode::kReport;
  bool blocking = false;  // it holds the tier down now
  Tier demands = Tier::kFull;
  std::string observed;
  std::string expected;
  std::string resolution;
  std::string description;
  Millis since{0};        // wall
  Millis deadline{0};     // wall: when a grace that runs will end; 0: none runs
  std::string case_code;  // "SP-" and 6 characters of Crockford base 32: policy, verdict, observed
  std::vector<std::string> tables;
};

struct Judgement {
  Tier tier = Tier::kFull;
  // How long this judgement may be leaned on: the least of facts left and graces left over all
  // blocking policies that hold now. At most `longest`.
  Millis ttl{0};
  DeviceMemory memory;  // what to remember
  bool in_grace = false;
  // Of all that Explain shows: when it is as before, under the same set, so are the outcomes.
  size_t fingerprint = 0;
};

// An unknown that lasted through `unknown_after` demands `unknown_tier`; a fail that lasted through
// `grace` (at once when critical) demands `tier`; only in mode block, others never lower the tier.
// A first verdict that is unknown counts from now. An unknown after a fail keeps the fail's clock:
// not looking is no cure.
Judgement Judge(const PolicySet& set, const RawOutcomes& raw, DeviceMemory memory, Now now,
                Millis longest);

// For people: one for each policy that was run, with all that is known of it.
std::vector<Outcome> Explain(const PolicySet& set, const RawOutcomes& raw,
                             const DeviceMemory& memory, Now now);

}  // namespace sallyport
