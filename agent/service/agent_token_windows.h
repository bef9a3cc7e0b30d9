// SPDX-License-Identifier: Apache-2.0
// With what rights the agent's process runs. docs/decisions says why these.
#pragma once

#include "agent/local_end.h"
#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

struct AgentToken {
  Handle token;  // primary
  UserId user;
};

// Under SYSTEM: the account LOCAL SERVICE, logged on here. Else (console) this process's own
// account. In either case restricted as RestrictedToken says.
Result<AgentToken> MakeAgentToken();

// Of `token`, without any privilege but SeChangeNotifyPrivilege; groups that administer the machine
// count for denials only; and it may write only what also its user, its logon, Everyone or WRITE
// RESTRICTED may write (CreateRestrictedToken, WRITE_RESTRICTED).
Result<Handle> RestrictedToken(HANDLE token);

// This process's own token, to be restricted.
Result<Handle> OwnToken();

}  // namespace sallyport
