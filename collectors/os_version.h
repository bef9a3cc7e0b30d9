// SPDX-License-Identifier: Apache-2.0
// Table os_version: the operating system's name and version. Columns are osquery's.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kOsVersionColumns[] = {
    {"name", Type::kText, "distribution or product name"},
    {"version", Type::kText, "as the system prints it", "version"},
    {"major", Type::kInteger, "first number of the version"},
    {"minor", Type::kInteger, "second number, 0 when there is none"},
    {"patch", Type::kInteger, "third number, 0 when there is none"},
    {"build", Type::kText, "build number"},
    {"platform", Type::kText, "ID of os-release, darwin, windows"},
    {"platform_like", Type::kText, "family that it descends from"},
    {"codename", Type::kText, "code name of the release"},
    {"arch", Type::kText, "machine, as the kernel names it"},
    {"extra", Type::kText, "macOS: rapid security response"},
    {"install_date", Type::kBigint, "Windows: seconds since 1970"},
    {"revision", Type::kInteger, "Windows: update build revision"},
};
inline constexpr Schema kOsVersion{"os_version", kOsVersionColumns,
                                   "operating system name and version"};
inline constexpr Trigger kOsVersionLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/os-release"},
};

inline constexpr Trigger kOsVersionWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion)"},
};

inline constexpr Trigger kOsVersionMacosTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/System/Library/CoreServices/SystemVersion.plist"},
};

// Always one row. Without a readable os-release: its error.
Result<Rows> OsVersionLinux(const Host& host, const Keys& keys);
// Without an answer of sw_vers(1): its error.
Result<Rows> OsVersionMacos(const Host& host, const Keys& keys);
// Without a build number in the registry: its error.
Result<Rows> OsVersionWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
