// SPDX-License-Identifier: Apache-2.0
// Table logical_drives of osquery: what has a drive letter on Windows.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

Result<Rows> LogicalDrivesWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
