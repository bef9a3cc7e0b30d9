// SPDX-License-Identifier: Apache-2.0
// `sallyport status` and `sallyport explain` as text. Pure: status and time in, text out.
#pragma once

#include <string>

#include "agent/cli/human.h"
#include "base/now.h"
#include "base/result.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

std::string StatusText(const v1::AgentStatus& status, Millis now_wall, const Style& style);

// One policy, or (empty) all that do not pass. kNotFound when the verdict knows no such policy.
Result<std::string> ExplainText(const v1::AgentStatus& status, const std::string& policy,
                                Millis now_wall, const Style& style);

}  // namespace sallyport
