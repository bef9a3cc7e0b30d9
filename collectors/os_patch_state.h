// SPDX-License-Identifier: Apache-2.0
// Table os_patch_state: are the updates that the distribution offers installed and in effect?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kOsPatchStateColumns[] = {
    {"package_manager", Type::kText,
     "apt, dnf, zypper, windows_update; pacman, rpm-ostree: of these no updates are read"},
    {"security_updates_pending", Type::kInteger,
     "installed packages below the version of a security origin, held ones included (zypper: "
     "security patches); unknown without package lists of such an origin, or when the lists show "
     "none and are over their date or more than 7 days old; unknown on Windows"},
    {"security_updates_held", Type::kInteger, "of these, those that are on hold"},
    {"updates_pending", Type::kInteger,
     "installed packages below the version of any origin that upgrades by itself; without held "
     "and phased ones"},
    {"updates_held", Type::kInteger, "newer, but on hold"},
    {"updates_phased", Type::kInteger, "newer, but offered to a part of the fleet so far"},
    {"lists_age_days", Type::kInteger, "whole days since the package lists were last fetched"},
    {"lists_expired", Type::kInteger, "1: a security list is over its Valid-Until"},
    {"security_list_age_days", Type::kInteger,
     "whole days since the archive signed its newest security list"},
    {"reboot_required", Type::kInteger, "1: a package asked for it, or a newer kernel waits"},
    {"kernel_running", Type::kText, "release of the running kernel"},
    {"kernel_installed", Type::kText,
     "newest installed kernel of the same flavour; NULL: the kernel is no package here"},
    {"kernel_current", Type::kInteger, "1: the newest installed kernel runs"},
    {"livepatches", Type::kInteger, "live patches that are loaded"},
    {"distribution_eol", Type::kText, "date on which free security updates end"},
    {"distribution_support", Type::kText, "full, lts, ended"},
    {"distribution_supported", Type::kInteger, "1: full or lts"},
    {"auto_updates", Type::kInteger, "1: updates are installed without a person"},
};
inline constexpr Schema kOsPatchState{"os_patch_state", kOsPatchStateColumns,
                                      "updates, kernel and end of life"};
inline constexpr Trigger kOsPatchStateLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/dpkg/status"},
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/apt/lists"},
    {.kind = Trigger::Kind::kPath, .what = "/run/reboot-required"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/apt/apt.conf.d"},
};

// Windows Update tells nobody where its results lie; the key of a restart that is waited for comes
// and goes.
inline constexpr Trigger kOsPatchStateWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
             R"(\Component Based Servicing\RebootPending)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
             R"(\WindowsUpdate\Auto Update\RebootRequired)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\PolicyManager\current\device\Update)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings)"},
    {.kind = Trigger::Kind::kUnit, .what = "wuauserv"},
};

// Always one row.
Result<Rows> OsPatchStateLinux(const Host& host, const Keys& keys);
// What macOS found when it last looked.
Result<Rows> OsPatchStateMacos(const Host& host, const Keys& keys);
// Which updates are missing is unknown: only Windows Update's own searcher tells.
Result<Rows> OsPatchStateWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
