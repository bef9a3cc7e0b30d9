// SPDX-License-Identifier: Apache-2.0
// Tables tpm_info, secureboot and deviceguard_status of osquery: what Windows has of hardware and
// virtualization to keep itself whole.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Trigger kSecurebootWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecureBoot\State)"},
};

// No row: WMI was asked and knows of no TPM. kDenied without administrator's rights.
Result<Rows> TpmInfoWindows(const Host& host, const Keys& keys);

// One row. kUnsupported where firmware is no UEFI. Whether anybody may enroll keys (setup_mode)
// only the firmware tells: unknown.
Result<Rows> SecurebootWindows(const Host& host, const Keys& keys);

// One row. What is configured and what runs are two columns: a service that is configured and does
// not run protects nothing.
Result<Rows> DeviceguardStatusWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
