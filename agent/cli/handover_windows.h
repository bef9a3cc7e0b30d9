// SPDX-License-Identifier: Apache-2.0
// The access lists that a handover gives on Windows.
#pragma once

#include <string>

#include "agent/local_end.h"

namespace sallyport {

// SDDL (MS-DTYP 2.5.1): SYSTEM, Administrators and the user, in full; of a folder also for what
// will lie in it. Nothing is inherited from above.
std::string HandoverSddl(const UserId& user, bool folder);

}  // namespace sallyport
