// SPDX-License-Identifier: Apache-2.0
// osquery's tables of Linux that are collected whole. Their columns are declared in the headers of
// their sections.
#pragma once

#include "base/result.h"
#include "base/table.h"
#include "collectors/collector.h"
#include "collectors/osquery/disk.h"
#include "collectors/osquery/network.h"
#include "collectors/osquery/protection.h"
#include "collectors/osquery/runtime.h"
#include "collectors/osquery/software.h"
#include "collectors/osquery/system.h"
#include "collectors/osquery/users.h"

namespace sallyport {

// All of them: a source that is not there is kNotFound, so the table is absent; one that cannot be
// read or does not follow its format is an error, never fewer rows; more than kMaxTableRows are
// kTooLarge. With keys, at least the rows that fulfil them.

inline constexpr Trigger kDpkgTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/dpkg/status"},
};
inline constexpr Trigger kRpmTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/rpm"},
    {.kind = Trigger::Kind::kPath, .what = "/usr/lib/sysimage/rpm"},
};
inline constexpr Trigger kReadPathsTriggers[] = {
    {.kind = Trigger::Kind::kReadPaths},
};
inline constexpr Trigger kMountTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/proc/self/mountinfo"},
    {.kind = Trigger::Kind::kPath, .what = "/proc/swaps"},
};
inline constexpr Trigger kStartupTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/init.d"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/xdg/autostart"},
};
inline constexpr Trigger kSysctlTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/sysctl.conf"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/sysctl.d"},
};
inline constexpr Trigger kNetworkTriggers[] = {
    {.kind = Trigger::Kind::kNetwork},
};

// --- what is installed

// Every package that dpkg knows, also half installed ones and those whose configuration is left.
Result<Rows> DebPackagesLinux(const Host& host, const Keys& keys);
Result<Rows> RpmPackagesLinux(const Host& host, const Keys& keys);
// A row for each repository and suite that is enabled; what its Release says is NULL where apt has
// fetched none.
Result<Rows> AptSourcesLinux(const Host& host, const Keys& keys);
Result<Rows> YumSourcesLinux(const Host& host, const Keys& keys);

// --- disks

// Of a network or FUSE file system, and of one that another mount hides, the numbers are unknown:
// asking might hang, or be answered by another.
Result<Rows> MountsLinux(const Host& host, const Keys& keys);
Result<Rows> BlockDevicesLinux(const Host& host, const Keys& keys);
// A device is encrypted when it is a mapping of dm-crypt that hides something, or when all that it
// lies on is.
Result<Rows> DiskEncryptionLinux(const Host& host, const Keys& keys);

// --- what runs

// A process that ended while it was looked at is no row.
Result<Rows> ProcessesLinux(const Host& host, const Keys& keys);
Result<Rows> SystemdUnitsLinux(const Host& host, const Keys& keys);
// Where systemd runs, its units must be told, too.
Result<Rows> StartupItemsLinux(const Host& host, const Keys& keys);
Result<Rows> KernelModulesLinux(const Host& host, const Keys& keys);
// Values of /proc/sys. One that may not be read, or only be written, is unknown.
Result<Rows> SystemControlsLinux(const Host& host, const Keys& keys);
Result<Rows> ApparmorProfilesLinux(const Host& host, const Keys& keys);
Result<Rows> SelinuxSettingsLinux(const Host& host, const Keys& keys);

// --- the machine

Result<Rows> UptimeLinux(const Host& host, const Keys& keys);
Result<Rows> PlatformInfoLinux(const Host& host, const Keys& keys);
// Always one row; NULL: the firmware is no UEFI.
Result<Rows> SecurebootLinux(const Host& host, const Keys& keys);

// --- users

// Those of /etc/passwd and /etc/group, as osquery has them: not those of a directory service.
Result<Rows> UsersLinux(const Host& host, const Keys& keys);
Result<Rows> GroupsLinux(const Host& host, const Keys& keys);
Result<Rows> UserGroupsLinux(const Host& host, const Keys& keys);
// How passwords are kept; no part of a hash. The local limit refuses it by default.
Result<Rows> ShadowLinux(const Host& host, const Keys& keys);

// --- the network

// Sockets that listen, of every network namespace that a process is in.
Result<Rows> ListeningPortsLinux(const Host& host, const Keys& keys);
Result<Rows> InterfaceAddressesLinux(const Host& host, const Keys& keys);
Result<Rows> InterfaceDetailsLinux(const Host& host, const Keys& keys);
// Of every routing table.
Result<Rows> RoutesLinux(const Host& host, const Keys& keys);
// What resolv.conf(5) makes of /etc/resolv.conf.
Result<Rows> DnsResolversLinux(const Host& host, const Keys& keys);
// As iptables-save(8) prints it: rules of IPv4.
Result<Rows> IptablesLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
