// SPDX-License-Identifier: Apache-2.0
// Table screen_lock: does a screen that nobody uses lock itself, and after how long?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kScreenLockColumns[] = {
    {"user", Type::kText, "whose setting it is; NULL: the machine's, for whoever uses it"},
    {"enabled", Type::kInteger,
     "1: it locks by itself, and a password is asked for; 0: it does not"},
    {"idle_seconds", Type::kInteger, "without input until the screen goes dark; NULL: never"},
    {"grace_seconds", Type::kInteger, "after that, until a password is asked for; NULL: it is not"},
    {"enforced", Type::kInteger,
     "1: an administrator has set it so, and the user cannot turn it off"},
    {"source", Type::kText, "where it is set: a policy, a profile, a file, a key"},
};
inline constexpr Schema kScreenLock{"screen_lock", kScreenLockColumns,
                                    "whether an unused screen locks, by user"};

inline constexpr Trigger kScreenLockWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\PolicyManager\current\device\DeviceLock)"},
};
inline constexpr Trigger kScreenLockMacosTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Library/Managed Preferences"},
};

// A row for each person who may log in at a desktop: the settings of GNOME (dconf and its locks) or of
// KDE (kscreenlockerrc); unknown for other desktops, for people of a directory service, and where the
// desktop is not told. kUnsupported without a desktop. What a program of the session does besides
// (an inhibitor, another environment) is not seen.
Result<Rows> ScreenLockLinux(const Host& host, const Keys& keys);

// A row for each person who is logged on, by what locks the screen first of what an administrator
// has set, or else of what the person has; without anybody, one row of the machine's own limit.
Result<Rows> ScreenLockWindows(const Host& host, const Keys& keys);

// A row for each profile of com.apple.screensaver, the machine's or a person's; without any, one
// row of unknowns: what a person set is told only in that person's session.
Result<Rows> ScreenLockMacos(const Host& host, const Keys& keys);

}  // namespace sallyport
