// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: the machine and its firmware.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kUptimeColumns[] = {
    {"days", Type::kInteger, "since the start, whole"},
    {"hours", Type::kInteger, "beside the days"},
    {"minutes", Type::kInteger, "beside the hours"},
    {"seconds", Type::kInteger, "beside the minutes"},
    {"total_seconds", Type::kBigint, "since the start"},
};
inline constexpr Schema kUptime{"uptime", kUptimeColumns, "how long the machine has been running"};

inline constexpr Column kPlatformInfoColumns[] = {
    {"vendor", Type::kText, "who made it"},
    {"version", Type::kText, "its version, as its vendor writes it", "version"},
    {"date", Type::kText, "day of its release, as its vendor writes it"},
    {"revision", Type::kText, "major.minor of the BIOS"},
    {"extra", Type::kText, "what else the firmware says of itself"},
    {"firmware_type", Type::kText, "uefi, bios, iboot, openfirmware or unknown"},
    {"address", Type::kText, "Linux and macOS: where its code starts, hexadecimal"},
    {"size", Type::kText, "Linux and macOS: bytes of its code"},
    {"volume_size", Type::kInteger, "Linux and macOS: bytes of the flash volume"},
};
inline constexpr Schema kPlatformInfo{"platform_info", kPlatformInfoColumns, "the firmware"};

inline constexpr Column kSecurebootColumns[] = {
    {"secure_boot", Type::kInteger, "1: it verifies; 0: it does not"},
    {"secure_mode", Type::kInteger, "macOS: Intel Macs: 0 off, 1 full, 2 medium"},
    {"description", Type::kText, "macOS: Apple silicon: the security policy in words"},
    {"kernel_extensions", Type::kInteger,
     "macOS: Apple silicon: 1: third-party kernel extensions may be loaded"},
    {"mdm_operations", Type::kInteger,
     "macOS: Apple silicon: 1: MDM may manage kernel extensions and updates"},
    {"setup_mode", Type::kInteger, "Linux and Windows: 1: anybody may enroll keys"},
};
inline constexpr Schema kSecureboot{"secureboot", kSecurebootColumns,
                                    "whether the firmware verifies what it starts"};

inline constexpr Column kTpmInfoColumns[] = {
    {"activated", Type::kInteger, "1: it is activated"},
    {"enabled", Type::kInteger, "1: it is enabled"},
    {"owned", Type::kInteger, "1: somebody took ownership"},
    {"manufacturer_version", Type::kText, "its firmware's version", "version"},
    {"manufacturer_id", Type::kInteger, "number of its maker"},
    {"manufacturer_name", Type::kText, "name of its maker"},
    {"product_name", Type::kText, "name of the chip"},
    {"physical_presence_version", Type::kText, "version of the physical presence interface",
     "version"},
    {"spec_version", Type::kText, "versions of the TPM specification that it follows", "version"},
};
inline constexpr Schema kTpmInfo{"tpm_info", kTpmInfoColumns, "the trusted platform module"};

inline constexpr Column kDeviceguardStatusColumns[] = {
    {"version", Type::kText, "version of this part of Windows", "version"},
    {"instance_identifier", Type::kText, "identifier of this instance"},
    {"vbs_status", Type::kText, "whether virtualization-based security runs"},
    {"code_integrity_policy_enforcement_status", Type::kText,
     "of the kernel: off, audit, enforced"},
    {"configured_security_services", Type::kText, "services that are configured"},
    {"running_security_services", Type::kText, "services that run"},
    {"umci_policy_status", Type::kText, "of user mode: off, audit, enforced"},
};
inline constexpr Schema kDeviceguardStatus{"deviceguard_status", kDeviceguardStatusColumns,
                                           "virtualization-based security", "hvci_status"};

}  // namespace sallyport
