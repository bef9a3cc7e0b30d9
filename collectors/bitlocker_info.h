// SPDX-License-Identifier: Apache-2.0
// Table bitlocker_info of osquery: each volume that BitLocker can encrypt, as BitLocker tells it.
// conversion_status and protection_status are two questions: a suspended volume is encrypted
// (conversion 1) and not protected (protection 0), for its key lies beside it in the clear.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

// A row for each volume that BitLocker knows. kUnsupported where there is no BitLocker (Home
// editions, Server without the feature), kDenied without the right to ask: neither is a volume in
// the clear.
Result<Rows> BitlockerInfoWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
