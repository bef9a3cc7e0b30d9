// SPDX-License-Identifier: Apache-2.0
// Table pending_updates: what the package manager offers above what is installed.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kPendingUpdatesColumns[] = {
    {"package_manager", Type::kText, "apt, dnf, zypper"},
    {"package", Type::kText, "its name; a patch of zypper is a row, too"},
    {"arch", Type::kText, "architecture of the package"},
    {"installed", Type::kText, "version that is installed; NULL: a patch"},
    {"candidate", Type::kText, "newest version that is offered"},
    {"origin", Type::kText, "who offers it: \"Debian:stable-security\", or the repository's name"},
    {"security", Type::kInteger,
     "1: a security origin has a newer version, or an advisory names the package; NULL: a package "
     "of zypper, whose patch says it"},
    {"phased", Type::kInteger,
     "1: offered to a part of the fleet so far; NULL: not with this tool"},
    {"held", Type::kInteger, "1: on hold; unknown with dnf and zypper"},
    {"esm", Type::kInteger,
     "1: of Ubuntu's extended security maintenance; NULL: not with this tool"},
    {"available", Type::kInteger, "0: this machine has no token for it (ESM)"},
    {"severity", Type::kText, "of the advisory, as its maker says it"},
    {"advisory", Type::kText, "number of an advisory that names the package"},
};
inline constexpr Schema kPendingUpdates{"pending_updates", kPendingUpdatesColumns,
                                        "updates that are offered and not installed"};
inline constexpr Trigger kPendingUpdatesLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/dpkg/status"},
    {.kind = Trigger::Kind::kPath, .what = "/var/lib/apt/lists"},
};

// No rows: all is up to date, by the metadata that was last fetched (os_patch_state says when).
// Without any metadata it is kUnavailable, with a package manager that is not asked kUnsupported.
Result<Rows> PendingUpdatesLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
