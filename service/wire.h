// SPDX-License-Identifier: Apache-2.0
// Policy's values as messages.
#pragma once

#include "policy/judge.h"
#include "sallyport/v1/attestation.pb.h"

namespace sallyport {

v1::Tier ToWire(Tier tier);
void ToWire(const Outcome& outcome, v1::Outcome* out);

}  // namespace sallyport
