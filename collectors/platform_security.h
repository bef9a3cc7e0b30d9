// SPDX-License-Identifier: Apache-2.0
// Tables tpm_info and deviceguard_status of osquery: what Windows has of hardware and
// virtualization to keep itself whole.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

// No row: WMI was asked and knows of no TPM. kDenied without administrator's rights.
Result<Rows> TpmInfoWindows(const Host& host, const Keys& keys);

// One row. What is configured and what runs are two columns: a service that is configured and does
// not run protects nothing.
Result<Rows> DeviceguardStatusWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
