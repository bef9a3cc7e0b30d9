// SPDX-License-Identifier: Apache-2.0
// Table boot_validation: what holds below and above the firmware's secure boot: a shim that was
// told to validate nothing starts any kernel while the table secureboot says 1.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kBootValidationColumns[] = {
    {"shim_validates", Type::kInteger,
     "0: shim was told to validate nothing (MokSBState); 1: it validates; NULL: no UEFI, or "
     "started "
     "without shim"},
    {"lockdown", Type::kText,
     "none, integrity or confidentiality: what the kernel keeps even from root; NULL: it has no "
     "lockdown"},
};
inline constexpr Schema kBootValidation{"boot_validation", kBootValidationColumns,
                                        "what boot loader and kernel hold to beside the firmware"};

// Always one row.
Result<Rows> BootValidationLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
