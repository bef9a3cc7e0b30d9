// SPDX-License-Identifier: Apache-2.0
// The order of package versions, "epoch:version-release", as the package managers have it. Below,
// equal to or above zero, as `a` is older than, the same as or newer than `b`. Any text is a
// version here; what the package manager would refuse is ordered by the same rules.
#pragma once

#include <string_view>

namespace sallyport {

int CompareDpkgVersions(std::string_view a, std::string_view b);  // deb-version(7)
// rpm-version(7): "~" before the end of a part, "^" after it. A release counts when both have one.
int CompareRpmVersions(std::string_view a, std::string_view b);
// vercmp(8) of pacman: as rpm's order once was, but letters after the end are older: 1.0rc < 1.0.
int CompareArchVersions(std::string_view a, std::string_view b);

}  // namespace sallyport
