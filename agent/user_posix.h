// SPDX-License-Identifier: Apache-2.0
// The user that the agent runs as, and folders that are made for it.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace sallyport {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

// kNotFound when there is no such user; kInvalidArgument for root, which the agent must not be.
Result<User> FindAgentUser(const std::string& name);

// Makes it, and what lies above it; gives it this mode and, if this process is root, this owner.
// kConflict when something else than a folder lies there.
Status MakeFolder(const std::string& path, mode_t mode, User owner);

// `state` is the agent's alone. `run` is sticky: the agent makes its socket there and cannot take
// the collector's away.
Status MakeAgentFolders(const std::string& state, const std::string& run, User agent);

}  // namespace sallyport
