// SPDX-License-Identifier: Apache-2.0
// Table reboot_state: does the machine wait for a restart, and why?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kRebootStateColumns[] = {
    {"pending", Type::kInteger, "1: what is installed takes effect only after a restart"},
    {"reason", Type::kText, "what waits for it; NULL: nothing does"},
    {"since", Type::kBigint, "seconds since 1970; NULL: nothing waits; unknown when not told"},
};
inline constexpr Schema kRebootState{"reboot_state", kRebootStateColumns,
                                     "restarts that are waited for"};

inline constexpr Trigger kRebootStateLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/run/reboot-required"},
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/dpkg/status"},
};
inline constexpr Trigger kRebootStateWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
             R"(\Component Based Servicing\RebootPending)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
             R"(\WindowsUpdate\Auto Update\RebootRequired)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager)"},
};

// A row for each reason that is found, or one row with pending 0; one row with pending unknown when
// nothing was found and not everything could be asked.
Result<Rows> RebootStateLinux(const Host& host, const Keys& keys);
// Files that an installer left to be renamed at the next start (PendingFileRenameOperations) are a
// row with pending 0: any installer leaves some.
Result<Rows> RebootStateWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
