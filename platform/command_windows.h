// SPDX-License-Identifier: Apache-2.0
// One command, run as Host::Run says: no window, its whole job killed at the deadline.
#pragma once

#include "platform/host.h"

namespace sallyport {

Result<CommandOutput> RunCommand(const Command& command);

}  // namespace sallyport
