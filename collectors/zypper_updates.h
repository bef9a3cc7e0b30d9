// SPDX-License-Identifier: Apache-2.0
// What zypper offers, from the metadata that it has cached: zypper(8), "--no-refresh" keeps it off
// the network.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/package_updates.h"
#include "platform/host.h"

namespace sallyport {

// The <update> elements of `zypper --xmlout list-updates` or `list-patches`. A patch has an
// advisory and no installed version; whether a package is a security update its patch says.
Result<std::vector<PackageUpdate>> ParseZypperXml(std::string_view xml);

Result<OfferedUpdates> ReadZypperUpdates(const Host& host);

inline constexpr char kZypper[] = "/usr/bin/zypper";

}  // namespace sallyport
