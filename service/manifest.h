// SPDX-License-Identifier: Apache-2.0
// The signed manifests: what devices are told to collect.
#pragma once

#include <memory>

#include "attestation/keys.h"
#include "service/ruleset.h"
#include "service/store.h"

namespace sallyport {

// One request for each table, or for each set of its keys, that policies of this system read, with
// the columns that they read.
v1::Manifest MakeManifest(const Ruleset& ruleset, Os os, uint64_t version);

// One for each system. The same version as before when the content of all is the same, else one
// more, durable before it returns.
Result<std::shared_ptr<const Rules>> IssueManifest(std::shared_ptr<Ruleset> ruleset,
                                                   const SigningKey& key, Store& store);

}  // namespace sallyport
