// SPDX-License-Identifier: Apache-2.0
// os-release(5): which distribution this is, in its own words.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// Name and value of each assignment, quotes and escapes taken away. Lines that are no assignment
// are skipped, as the man page asks. Of a name that comes twice the last counts.
using OsRelease = std::map<std::string, std::string>;
OsRelease ParseOsRelease(std::string_view text);

// /etc/os-release, else /usr/lib/os-release.
Result<OsRelease> ReadOsRelease(const Host& host);

// "" when it is not there.
std::string Get(const OsRelease& release, const std::string& name);

}  // namespace sallyport
