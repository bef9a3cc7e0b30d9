// SPDX-License-Identifier: Apache-2.0
// Starts a child with exactly the rights it is to have.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "agent/user_posix.h"
#include "base/result.h"
#include "platform/fd_posix.h"

namespace sallyport {

struct Child {
  pid_t pid = -1;
  Fd pidfd;
};

// Runs argv with stdin from /dev/null. It dies with its parent (PR_SET_PDEATHSIG) and gains no
// rights by exec (PR_SET_NO_NEW_PRIVS). With a user it becomes that user, without any other group
// and without capabilities; without one it keeps the rights of the caller.
Result<Child> StartChild(const std::vector<std::string>& argv, std::optional<User> user);

}  // namespace sallyport
