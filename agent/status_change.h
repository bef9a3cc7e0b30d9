// SPDX-License-Identifier: Apache-2.0
// Whether two statuses say the same to somebody who watches: what merely gets older, or is renewed
// in its turn (verdicts on other evidence, leaves, a lease that still stands), is no change.
#pragma once

#include "sallyport/v1/local.pb.h"

namespace sallyport {

bool SaysTheSame(const v1::AgentStatus& one, const v1::AgentStatus& other);

}  // namespace sallyport
