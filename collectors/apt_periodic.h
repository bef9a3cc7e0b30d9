// SPDX-License-Identifier: Apache-2.0
// Does apt install updates by itself?
#pragma once

#include <string_view>

#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// 1 when unattended-upgrades is installed, APT::Periodic::Unattended-Upgrade says so, and
// something starts it: the timer apt-daily-upgrade, or cron where there is no systemd. The
// configuration is read file by file as apt does; a scope written with braces is unknown.
Value InstallsUpdatesByItself(const Host& host, std::string_view dpkg_status);

}  // namespace sallyport
