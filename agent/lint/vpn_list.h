// SPDX-License-Identifier: Apache-2.0
// `sallyport vpn list`: this laptop's connections, with what the hardening policies say of each.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/human.h"
#include "agent/lint/finding.h"
#include "base/now.h"
#include "base/table.h"

namespace sallyport {

struct VpnList {
  std::vector<TableResult> tables;      // VpnTables(), vpn_connections first
  std::vector<ConfigFinding> findings;  // by path and line
};

// A finding stands under the connection that its `observed` names, else after all of them. A table
// that could not be read is said, never shown as empty.
std::string VpnListText(const VpnList& list, const Style& style);

// Schema sallyport.vpn-list/v1: a connection is an object of the columns of vpn_connections; what
// could not be told is null and named in `unknown`.
std::string VpnListJson(const VpnList& list, Millis now_wall);

// 0; 1: a finding; 5: something could not be read or judged.
int VpnListExitCode(const VpnList& list);

}  // namespace sallyport
