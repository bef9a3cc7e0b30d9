// SPDX-License-Identifier: Apache-2.0
// Table kernel_info: the kernel that runs and how it was booted. Columns are osquery's.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kKernelInfoColumns[] = {
    {"version", Type::kText, "release of the running kernel", "version"},
    {"arguments", Type::kText, "command line without image and root"},
    {"path", Type::kText, "image that was booted"},
    {"device", Type::kText, "root device of the command line"},
};
inline constexpr Schema kKernelInfo{"kernel_info", kKernelInfoColumns, "running kernel"};

inline constexpr Trigger kKernelInfoWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion)"},
};

Result<Rows> KernelInfoLinux(const Host& host, const Keys& keys);
Result<Rows> KernelInfoMacos(const Host& host, const Keys& keys);
Result<Rows> KernelInfoWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
