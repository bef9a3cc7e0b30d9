// SPDX-License-Identifier: Apache-2.0
// The one list of tables: a row per table and system.
#include <algorithm>

#include "collectors/collector_status.h"
#include "collectors/disk_volumes.h"
#include "collectors/edr_products.h"
#include "collectors/kernel_info.h"
#include "collectors/os_patch_state.h"
#include "collectors/os_version.h"
#include "collectors/system_info.h"
#include "collectors/tables.h"
#include "collectors/vpn_connections.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Collector kLinux[] = {
    {kOsVersion,
     {Os::kLinux},
     OsVersionLinux,
     kOsVersionLinuxTriggers,
     hours(1),
     "/etc/os-release"},
    {kKernelInfo, {Os::kLinux}, KernelInfoLinux, {}, hours(1), "/proc/cmdline, /proc/sys/kernel"},
    {kSystemInfo,
     {Os::kLinux},
     SystemInfoLinux,
     kSystemInfoLinuxTriggers,
     hours(1),
     "/proc/cpuinfo, /proc/meminfo, /sys/class/dmi/id"},
    {kOsPatchState,
     {Os::kLinux},
     OsPatchStateLinux,
     kOsPatchStateLinuxTriggers,
     minutes(10),
     "dpkg status, apt lists, /etc/os-release, /proc/version"},
    {kDiskVolumes,
     {Os::kLinux},
     DiskVolumesLinux,
     kDiskVolumesLinuxTriggers,
     minutes(5),
     "/proc/self/mountinfo, /proc/swaps, sysfs"},
    {kEdrProducts,
     {Os::kLinux},
     EdrProductsLinux,
     kEdrProductsLinuxTriggers,
     minutes(1),
     "/proc, product files, auditctl"},
    {kVpnConnections,
     {Os::kLinux},
     VpnConnectionsLinux,
     kVpnConnectionsLinuxTriggers,
     minutes(5),
     "/etc/swanctl/swanctl.conf"},
};

constexpr Collector kMacos[] = {
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

constexpr Collector kWindows[] = {
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

constexpr Os kAllSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};

}  // namespace

std::span<const Collector> Collectors(Os os) {
  switch (os) {
    case Os::kLinux:
      return kLinux;
    case Os::kWindows:
      return kWindows;
    case Os::kMacos:
      return kMacos;
  }
  return {};
}

const Collector* FindCollector(Os os, std::string_view table) {
  for (const Collector& collector : Collectors(os)) {
    if (collector.schema.name == table) return &collector;
  }
  return nullptr;
}

std::vector<Schema> AllSchemas() {
  std::vector<Schema> out;
  for (Os os : kAllSystems) {
    for (const Collector& collector : Collectors(os)) {
      if (std::ranges::find(out, collector.schema.name, &Schema::name) == out.end()) {
        out.push_back(collector.schema);
      }
    }
  }
  out.push_back(kCollectorStatus);
  return out;
}

}  // namespace sallyport
