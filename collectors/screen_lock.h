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

}  // namespace sallyport
