// SPDX-License-Identifier: Apache-2.0
// The tables of macOS: a row for each.
#include "collectors/kernel_info.h"
#include "collectors/os_version.h"
#include "collectors/system_info.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

using std::chrono::hours;

constexpr Collector kCollectors[] = {
    {kOsVersion,
     {Os::kMacos},
     OsVersionMacos,
     kOsVersionMacosTriggers,
     hours(1),
     "sw_vers, sysctl"},
    {kKernelInfo, {Os::kMacos}, KernelInfoMacos, {}, hours(1), "sysctl"},
    {kSystemInfo,
     {Os::kMacos},
     SystemInfoMacos,
     kSystemInfoMacosTriggers,
     hours(1),
     "sysctl, ioreg, scutil"},
};

}  // namespace

std::span<const Collector> MacosCollectors() { return kCollectors; }

}  // namespace sallyport
