// SPDX-License-Identifier: Apache-2.0
// What the commands print with --json. Each document names its schema; agent/cli/schema/ has them.
// Within v1 fields are only added.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/doctor.h"
#include "agent/cli/evidence_view.h"
#include "base/now.h"
#include "base/result.h"
#include "base/table.h"
#include "sallyport/v1/local.pb.h"

namespace sallyport {

std::string StatusJson(const v1::AgentStatus& status, Millis now_wall);
// The same on one line: https://jsonlines.org.
std::string StatusJsonLine(const v1::AgentStatus& status, Millis now_wall);
// One policy, or (empty) all of them. kNotFound when the verdict knows no such policy.
Result<std::string> ExplainJson(const v1::AgentStatus& status, const std::string& policy,
                                Millis now_wall);
std::string EvidenceJson(const v1::EvidenceResponse& response, const EvidenceView& view,
                         Millis now_wall);
std::string DoctorJson(const std::vector<Check>& checks, Millis now_wall);

}  // namespace sallyport
