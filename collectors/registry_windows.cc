// SPDX-License-Identifier: Apache-2.0
// The tables of Windows: a row for each.
#include "collectors/bitlocker_info.h"
#include "collectors/disk_volumes.h"
#include "collectors/edr_products.h"
#include "collectors/host_firewall.h"
#include "collectors/installed_software.h"
#include "collectors/kernel_info.h"
#include "collectors/logical_drives.h"
#include "collectors/os_patch_state.h"
#include "collectors/os_version.h"
#include "collectors/osquery/disk.h"
#include "collectors/osquery/protection.h"
#include "collectors/osquery/runtime.h"
#include "collectors/osquery/software.h"
#include "collectors/osquery/system.h"
#include "collectors/paths/tables.h"
#include "collectors/platform_security.h"
#include "collectors/reboot_state.h"
#include "collectors/screen_lock.h"
#include "collectors/security_center.h"
#include "collectors/services.h"
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
    {kFileTable,
     {Os::kWindows},
     FileTable,
     kPathTableTriggers,
     minutes(10),
     "the path itself: lstat, stat"},
    {kHash, {Os::kWindows}, HashTable, kPathTableTriggers, minutes(30), "the files"},
    {kFileLines, {Os::kWindows}, FileLinesTable, kPathTableTriggers, minutes(10), "the files"},
    {kParseJson, {Os::kWindows}, ParseJsonTable, kPathTableTriggers, minutes(10), "the files"},
    {kParseJsonl, {Os::kWindows}, ParseJsonlTable, kPathTableTriggers, minutes(10), "the files"},
    {kParseIni, {Os::kWindows}, ParseIniTable, kPathTableTriggers, minutes(10), "the files"},
    {kCertificates, {Os::kWindows}, CertificatesTable, kPathTableTriggers, hours(1), "the files"},
    {kRegistryTable, {Os::kWindows}, RegistryTable, {}, minutes(5), "registry"},
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
    {kBitlockerInfo,
     {Os::kWindows},
     BitlockerInfoWindows,
     {},
     minutes(5),
     "WMI: Win32_EncryptableVolume and its methods"},
    {kWindowsSecurityProducts,
     {Os::kWindows},
     WindowsSecurityProducts,
     kSecurityCenterTriggers,
     minutes(5),
     "WMI: root\\SecurityCenter2"},
    {kWindowsSecurityCenter,
     {Os::kWindows},
     WindowsSecurityCenter,
     kSecurityCenterTriggers,
     minutes(5),
     "WMI: root\\SecurityCenter2; services"},
    {kPatches,
     {Os::kWindows},
     PatchesWindows,
     kPatchesTriggers,
     hours(1),
     "WMI: Win32_QuickFixEngineering"},
    {kPrograms,
     {Os::kWindows},
     ProgramsWindows,
     kProgramsTriggers,
     hours(1),
     "registry: the Uninstall keys of both views and of users"},
    {kWindowsOptionalFeatures,
     {Os::kWindows},
     OptionalFeaturesWindows,
     {},
     hours(1),
     "WMI: Win32_OptionalFeature"},
    {kHostFirewall,
     {Os::kWindows},
     HostFirewallWindows,
     kHostFirewallWindowsTriggers,
     minutes(5),
     "registry: FirewallPolicy, Policies\\WindowsFirewall; services, WMI"},
    {kScreenLock,
     {Os::kWindows},
     ScreenLockWindows,
     kScreenLockWindowsTriggers,
     minutes(10),
     "registry: Policies\\System, DeviceLock, Control Panel\\Desktop of each user"},
    {kRebootState,
     {Os::kWindows},
     RebootStateWindows,
     kRebootStateWindowsTriggers,
     minutes(10),
     "registry: servicing, WindowsUpdate, Session Manager"},
    {kServices,
     {Os::kWindows},
     ServicesWindows,
     {},
     minutes(5),
     "service manager, registry, WMI: Win32_Service"},
    {kLogicalDrives,
     {Os::kWindows},
     LogicalDrivesWindows,
     {},
     minutes(10),
     "WMI: Win32_LogicalDisk"},
    {kTpmInfo, {Os::kWindows}, TpmInfoWindows, {}, hours(1), "WMI: Win32_Tpm"},
    {kDeviceguardStatus,
     {Os::kWindows},
     DeviceguardStatusWindows,
     {},
     hours(1),
     "WMI: Win32_DeviceGuard"},
    {kSecureboot,
     {Os::kWindows},
     SecurebootWindows,
     kSecurebootWindowsTriggers,
     hours(1),
     "registry: SecureBoot\\State"},
};

}  // namespace

std::span<const Collector> WindowsCollectors() { return kCollectors; }

}  // namespace sallyport
