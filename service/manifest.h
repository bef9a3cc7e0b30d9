// SPDX-License-Identifier: Apache-2.0
// The signed manifest: what devices are told to collect.
#pragma once

#include <memory>

#include "attestation/keys.h"
#include "service/ruleset.h"
#include "service/store.h"

namespace sallyport {

// collector_status is left out: it is derived, not collected.
v1::Manifest MakeManifest(const Ruleset& ruleset, uint64_t version);

// The same version as before when the content is the same, else one more, durable before it
// returns.
Result<std::shared_ptr<const Rules>> IssueManifest(std::shared_ptr<Ruleset> ruleset,
                                                   const SigningKey& key, Store& store);

}  // namespace sallyport
