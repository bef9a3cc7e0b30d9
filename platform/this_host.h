// SPDX-License-Identifier: Apache-2.0
// The machine that this program runs on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// Asked with the real path of what has been opened, so no link and no rename can lead around it.
using PathGuard = std::function<Status(const std::string& real_path)>;

// Commands that a collector may run on this system. The path is compared as a whole.
std::vector<std::string> DefaultCommands();

std::unique_ptr<Host> MakeThisHost(std::vector<std::string> allowed_commands = {},
                                   PathGuard guard = nullptr);

// What people call it. Empty when it has no name.
std::string MachineName();

// Differs from one boot to the next, and is the same for every process in between. Linux:
// random(4), boot_id. Windows: a random number in a volatile key of the registry, which is gone
// with the boot (RegCreateKeyEx, REG_OPTION_VOLATILE); macOS: sysctl kern.bootsessionuuid.
Result<std::string> BootId();

}  // namespace sallyport
