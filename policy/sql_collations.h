// SPDX-License-Identifier: Apache-2.0
// The collations that osquery has besides SQLite's: version, version_dpkg, version_rhel and
// version_arch.
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "base/result.h"

namespace sallyport {

// Orders dotted versions by their parts: runs of digits as numbers of any length, runs of letters
// as bytes; everything else only separates. 1.9 < 1.10; 14 = 14.0; 9.2 < 9.2p1 < 9.2.1. What comes
// before a release (1.0rc1) is not known as such, as in rpm.
int CompareVersions(std::string_view a, std::string_view b);

// Of a column or of SQLite's own, in lower case; "" is binary.
bool IsCollation(std::string_view name);

Status RegisterCollations(sqlite3* db);

}  // namespace sallyport
