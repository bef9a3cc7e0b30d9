// SPDX-License-Identifier: Apache-2.0
// Who may do what with the folders and processes of the service, and whether a folder that is
// already there may be believed. Access lists as SDDL (MS-DTYP 2.5.1).
#pragma once

#include <windows.h>

#include <optional>
#include <string>

#include "agent/local_end.h"
#include "base/result.h"

namespace sallyport {

// SYSTEM, Administrators and who runs the service (`own`), and nobody else; nothing is inherited
// from above. `agent` may read, write and delete, but change no access list.
std::string FolderSddl(const UserId& own, const std::optional<UserId>& agent);

// The agent's process: other processes of the agent's account may not open it.
std::string ProcessSddl(const UserId& own);

enum class Trust {
  kOurs,      // only those of FolderSddl could have put anything there, and read it
  kReadable,  // others may read
  kForeign,   // it belongs to others, or they may write
};

// Of a folder with this owner and access list (a security descriptor).
Trust Judge(void* descriptor, const UserId& own, const std::optional<UserId>& agent);

}  // namespace sallyport
