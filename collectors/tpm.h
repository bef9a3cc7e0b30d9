// SPDX-License-Identifier: Apache-2.0
// Table tpm: the security chips that the kernel drives.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kTpmColumns[] = {
    {"device", Type::kText, "as the kernel names it: tpm0"},
    {"version_major", Type::kInteger, "2: a TPM 2.0; 1: 1.2; unknown before Linux 5.6"},
    {"description", Type::kText, "as the firmware names it; NULL: it does not"},
    {"resource_manager", Type::kInteger, "1: the kernel shares it among programs (tpmrm0)"},
};
inline constexpr Schema kTpm{"tpm", kTpmColumns, "security chips"};

// One row per chip; none: there is no chip, or none that a driver was found for.
Result<Rows> TpmLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
