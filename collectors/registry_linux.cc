// SPDX-License-Identifier: Apache-2.0
// The tables of Linux: a row for each.
#include "collectors/disk_volumes.h"
#include "collectors/edr_products.h"
#include "collectors/kernel_info.h"
#include "collectors/os_patch_state.h"
#include "collectors/os_version.h"
#include "collectors/pending_updates.h"
#include "collectors/system_info.h"
#include "collectors/tables.h"
#include "collectors/vpn_connections.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Collector kCollectors[] = {
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
    {kPendingUpdates,
     {Os::kLinux},
     PendingUpdatesLinux,
     kPendingUpdatesLinuxTriggers,
     minutes(30),
     "dpkg status, apt lists, dnf, zypper"},
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

}  // namespace

std::span<const Collector> LinuxCollectors() { return kCollectors; }

}  // namespace sallyport
