// SPDX-License-Identifier: Apache-2.0
// Table system_info: the machine. Columns are osquery's.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kSystemInfoColumns[] = {
    {"hostname", Type::kText, "network host name"},
    {"uuid", Type::kText, "of the firmware", "nocase"},
    {"cpu_type", Type::kText, "machine, as the kernel names it"},
    {"cpu_subtype", Type::kText, "CPU model number"},
    {"cpu_brand", Type::kText, "CPU name"},
    {"cpu_physical_cores", Type::kInteger, "cores"},
    {"cpu_logical_cores", Type::kInteger, "threads that are online"},
    {"cpu_sockets", Type::kInteger, "packages"},
    {"cpu_microcode", Type::kText, "microcode revision"},
    {"physical_memory", Type::kBigint, "bytes that the kernel may use"},
    {"hardware_vendor", Type::kText, "of the machine"},
    {"hardware_model", Type::kText, "of the machine"},
    {"hardware_version", Type::kText, "of the machine"},
    {"hardware_serial", Type::kText, "of the machine; unknown when only root may read it"},
    {"board_vendor", Type::kText, "of the main board"},
    {"board_model", Type::kText, "of the main board"},
    {"board_version", Type::kText, "of the main board"},
    {"board_serial", Type::kText, "of the main board"},
    {"computer_name", Type::kText, "name that people gave it"},
    {"local_hostname", Type::kText, "host name without domain"},
    {"emulated_cpu_type", Type::kText, "Windows: CPU type that is emulated"},
};
inline constexpr Schema kSystemInfo{"system_info", kSystemInfoColumns, "the machine"};
inline constexpr Trigger kSystemInfoLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/hostname"},
};

inline constexpr Trigger kSystemInfoWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters)"},
};

inline constexpr Trigger kSystemInfoMacosTriggers[] = {
    {.kind = Trigger::Kind::kPath,
     .what = "/Library/Preferences/SystemConfiguration/preferences.plist"},
};

Result<Rows> SystemInfoLinux(const Host& host, const Keys& keys);
Result<Rows> SystemInfoMacos(const Host& host, const Keys& keys);
Result<Rows> SystemInfoWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
