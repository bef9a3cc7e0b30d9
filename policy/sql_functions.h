// SPDX-License-Identifier: Apache-2.0
// The SQL functions that replace SQLite's own, and those that osquery has besides.
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "base/result.h"

namespace sallyport {

// trim(), ltrim() and rtrim() with two arguments take at most 64 characters to strip: SQLite's own
// compare every byte of the one with every byte of the other, and nothing can interrupt them.
Status RegisterTrimFunctions(sqlite3* db);
Status RegisterTextFunctions(sqlite3* db);
Status RegisterRegexFunctions(sqlite3* db);
Status RegisterNetworkFunctions(sqlite3* db);
Status RegisterVersionFunctions(sqlite3* db);
// printf() and format(): widths at most 1000, an error where SQLite's own would give NULL.
Status RegisterPrintfFunctions(sqlite3* db);

// All of these.
Status RegisterSqlFunctions(sqlite3* db);

// Of the functions added here: may policies call it? `name` is in lower case.
bool IsAddedFunction(std::string_view name);

}  // namespace sallyport
