// SPDX-License-Identifier: Apache-2.0
// A user of this system, and folders that are made for one.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace sallyport {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

// kNotFound when there is no such user.
Result<User> FindUser(const std::string& name);

// Makes it, and what lies above it; gives it this mode and, if this process is root, this owner.
// kConflict when something else than a folder lies there.
Status MakeFolder(const std::string& path, mode_t mode, User owner);

}  // namespace sallyport
