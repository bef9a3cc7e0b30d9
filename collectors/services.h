// SPDX-License-Identifier: Apache-2.0
// Table services of osquery: the services of Windows. Drivers have their own table there.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

// State, process, start and command are the service manager's word; names for people and accounts
// come from WMI, and are unknown where it does not answer.
Result<Rows> ServicesWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
