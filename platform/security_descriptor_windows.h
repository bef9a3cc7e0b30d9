// SPDX-License-Identifier: Apache-2.0
// Access lists that are written as SDDL (MS-DTYP 2.5.1).
#pragma once

#include <string>

#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

// kInvalidArgument when it is not SDDL.
Result<LocalPtr<void>> DescriptorOf(const std::string& sddl);

}  // namespace sallyport
