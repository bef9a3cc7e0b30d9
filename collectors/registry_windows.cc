// SPDX-License-Identifier: Apache-2.0
// The tables of Windows: a row for each.
#include "collectors/disk_volumes.h"
#include "collectors/edr_products.h"
#include "collectors/kernel_info.h"
#include "collectors/os_patch_state.h"
#include "collectors/os_version.h"
#include "collectors/system_info.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Collector kCollectors[] = {
    {kOsVersion,
     {Os::kWindows},
     OsVersionWindows,
     kOsVersionWindowsTriggers,
     hours(1),
     "registry: Windows NT\\CurrentVersion"},
    {kKernelInfo,
     {Os::kWindows},
     KernelInfoWindows,
     kKernelInfoWindowsTriggers,
     hours(1),
     "registry: Windows NT\\CurrentVersion, Control"},
    {kSystemInfo,
     {Os::kWindows},
     SystemInfoWindows,
     kSystemInfoWindowsTriggers,
     hours(1),
     "WMI: Win32_ComputerSystem and its like, registry"},
    {kOsPatchState,
     {Os::kWindows},
     OsPatchStateWindows,
     kOsPatchStateWindowsTriggers,
     minutes(10),
     "registry: CurrentVersion, servicing, WindowsUpdate; services"},
    {kDiskVolumes,
     {Os::kWindows},
     DiskVolumesWindows,
     kDiskVolumesWindowsTriggers,
     minutes(5),
     "WMI: Win32_Volume, Win32_EncryptableVolume; registry"},
    {kEdrProducts,
     {Os::kWindows},
     EdrProductsWindows,
     kEdrProductsWindowsTriggers,
     minutes(5),
     "services, processes, WMI: MSFT_MpComputerStatus, product files"},
};

}  // namespace

std::span<const Collector> WindowsCollectors() { return kCollectors; }

}  // namespace sallyport
