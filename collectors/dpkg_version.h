// SPDX-License-Identifier: Apache-2.0
// The order of Debian package versions: deb-version(7).
#pragma once

#include <string_view>

namespace sallyport {

// Below, equal to or above zero, as `a` is older than, the same as or newer than `b`. Any text is
// a version here; what dpkg would refuse is ordered by the same rules.
int CompareDpkgVersions(std::string_view a, std::string_view b);

}  // namespace sallyport
