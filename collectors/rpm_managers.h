// SPDX-License-Identifier: Apache-2.0
// The package manager of a machine without dpkg, and what it offers.
#pragma once

#include <string>

#include "base/result.h"
#include "collectors/package_updates.h"
#include "platform/host.h"

namespace sallyport {

// "zypper", "dnf", "pacman", "rpm-ostree" (the packages of a running image are not what dnf would
// update), or kNotFound.
Result<std::string> OtherPackageManager(const Host& host);

// kUnsupported, naming it, for a manager that is not asked. The tools take seconds: the last answer
// is kept and given again as long as database and metadata have the same times.
Result<OfferedUpdates> OfferedBy(const Host& host, const std::string& manager);

// Whole days since the manager fetched what it knows; unknown when that is not known.
Value MetadataAgeDays(const Host& host, const std::string& manager);

}  // namespace sallyport
