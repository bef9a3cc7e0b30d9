// SPDX-License-Identifier: Apache-2.0
// The collation `version` and the SQL functions that replace SQLite's own.
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "base/result.h"

namespace sallyport {

// Orders dotted versions by their parts: runs of digits as numbers of any length, runs of letters
// as bytes; everything else only separates. 1.9 < 1.10; 14 = 14.0; 9.2 < 9.2p1 < 9.2.1. What comes
// before a release (1.0rc1) is not known as such, as in rpm.
int CompareVersions(std::string_view a, std::string_view b);

// trim(), ltrim() and rtrim() with two arguments take at most 64 characters to strip: SQLite's own
// compare every byte of the one with every byte of the other, and nothing can interrupt them.
Status RegisterSqlFunctions(sqlite3* db);

}  // namespace sallyport
