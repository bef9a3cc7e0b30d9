// SPDX-License-Identifier: Apache-2.0
// The tables of macOS: a row for each.
#include "collectors/disk_volumes.h"
#include "collectors/edr_products.h"
#include "collectors/filevault.h"
#include "collectors/host_firewall.h"
#include "collectors/kernel_info.h"
#include "collectors/macos_management.h"
#include "collectors/macos_protection.h"
#include "collectors/os_patch_state.h"
#include "collectors/os_version.h"
#include "collectors/osquery/disk.h"
#include "collectors/osquery/extension.h"
#include "collectors/osquery/protection.h"
#include "collectors/osquery/software.h"
#include "collectors/osquery/system.h"
#include "collectors/paths/tables.h"
#include "collectors/screen_lock.h"
#include "collectors/system_info.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Collector kCollectors[] = {
    {kOsVersion,
     {Os::kMacos},
     OsVersionMacos,
     kOsVersionMacosTriggers,
     hours(1),
     "sw_vers, sysctl"},
    {kFileTable,
     {Os::kMacos},
     FileTable,
     kPathTableTriggers,
     minutes(10),
     "the path itself: lstat, stat"},
    {kHash, {Os::kMacos}, HashTable, kPathTableTriggers, minutes(30), "the files"},
    {kFileLines, {Os::kMacos}, FileLinesTable, kPathTableTriggers, minutes(10), "the files"},
    {kParseJson, {Os::kMacos}, ParseJsonTable, kPathTableTriggers, minutes(10), "the files"},
    {kParseJsonl, {Os::kMacos}, ParseJsonlTable, kPathTableTriggers, minutes(10), "the files"},
    {kParseIni, {Os::kMacos}, ParseIniTable, kPathTableTriggers, minutes(10), "the files"},
    {kCertificates, {Os::kMacos}, CertificatesTable, kPathTableTriggers, hours(1), "the files"},
    {kPlist, {Os::kMacos}, PlistTable, kPathTableTriggers, minutes(10), "the files"},
    {kUserSshKeys,
     {Os::kMacos},
     UserSshKeysMacos,
     kPathTableTriggers,
     hours(1),
     ".ssh folders below /Users"},
    {kKernelInfo, {Os::kMacos}, KernelInfoMacos, {}, hours(1), "sysctl"},
    {kSystemInfo,
     {Os::kMacos},
     SystemInfoMacos,
     kSystemInfoMacosTriggers,
     hours(1),
     "sysctl, ioreg, scutil"},
    {kOsPatchState,
     {Os::kMacos},
     OsPatchStateMacos,
     kSoftwareUpdateTriggers,
     hours(1),
     "com.apple.SoftwareUpdate.plist, sysctl"},
    {kDiskVolumes, {Os::kMacos}, DiskVolumesMacos, {}, minutes(5), "mount, diskutil, fdesetup"},
    {kEdrProducts,
     {Os::kMacos},
     EdrProductsMacos,
     kSystemExtensionsTriggers,
     minutes(5),
     "SystemExtensions/db.plist, mdatp, falconctl, XProtect.bundle"},
    {kDiskEncryption, {Os::kMacos}, DiskEncryptionMacos, {}, minutes(5), "diskutil, fdesetup"},
    {kFilevaultStatus, {Os::kMacos}, FilevaultStatusMacos, {}, minutes(5), "fdesetup"},
    {kAlf,
     {Os::kMacos},
     AlfMacos,
     kAlfTriggers,
     minutes(5),
     "com.apple.alf.plist; from macOS 15 on socketfilterfw"},
    {kGatekeeper, {Os::kMacos}, GatekeeperMacos, {}, minutes(10), "spctl, version.plist"},
    {kSipConfig, {Os::kMacos}, SipConfigMacos, {}, hours(1), "csrutil"},
    {kCsrutilInfo, {Os::kMacos}, CsrutilInfoMacos, {}, hours(1), "csrutil"},
    {kSecureboot, {Os::kMacos}, SecurebootMacos, {}, hours(1), "system_profiler, nvram"},
    {kScreenlock,
     {Os::kMacos},
     ScreenlockMacos,
     kManagedPoliciesTriggers,
     minutes(10),
     "Managed Preferences/com.apple.screensaver.plist"},
    {kHostFirewall,
     {Os::kMacos},
     HostFirewallMacos,
     kHostFirewallMacosTriggers,
     minutes(5),
     "com.apple.alf.plist or socketfilterfw, pfctl, SystemExtensions/db.plist"},
    {kScreenLock,
     {Os::kMacos},
     ScreenLockMacos,
     kScreenLockMacosTriggers,
     minutes(10),
     "com.apple.screensaver.plist of Managed Preferences"},
    {kXprotectMeta,
     {Os::kMacos},
     XprotectMetaMacos,
     kXprotectTriggers,
     hours(1),
     "XProtect.bundle"},
    {kManagedPolicies,
     {Os::kMacos},
     ManagedPoliciesMacos,
     kManagedPoliciesTriggers,
     minutes(10),
     "/Library/Managed Preferences"},
    {kSystemExtensions,
     {Os::kMacos},
     SystemExtensionsMacos,
     kSystemExtensionsTriggers,
     minutes(10),
     "/Library/SystemExtensions/db.plist"},
    {kMdm, {Os::kMacos}, MdmMacos, {}, minutes(10), "profiles"},
    {kSoftwareUpdate,
     {Os::kMacos},
     SoftwareUpdateMacos,
     kSoftwareUpdateTriggers,
     hours(1),
     "com.apple.SoftwareUpdate.plist"},
    {kApps, {Os::kMacos}, AppsMacos, kAppsTriggers, hours(1), "Info.plist of each application"},
};

}  // namespace

std::span<const Collector> MacosCollectors() { return kCollectors; }

}  // namespace sallyport
