// SPDX-License-Identifier: Apache-2.0
// The SQL functions that replace SQLite's own.
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "base/result.h"

namespace sallyport {

// trim(), ltrim() and rtrim() with two arguments take at most 64 characters to strip: SQLite's own
// compare every byte of the one with every byte of the other, and nothing can interrupt them.
Status RegisterSqlFunctions(sqlite3* db);

}  // namespace sallyport
