// SPDX-License-Identifier: Apache-2.0
// Arguments and results of SQL functions.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

using SqlFunction = void (*)(sqlite3_context*, int argc, sqlite3_value** argv);

// One that only computes; -1 arguments: any number.
Status AddSqlFunction(sqlite3* db, const char* name, int arguments, SqlFunction function);

// Lives until the value changes; empty for NULL.
std::string_view SqlText(sqlite3_value* value);
bool IsSqlNull(sqlite3_value* value);
bool AnySqlNull(int argc, sqlite3_value** argv);

void ReturnText(sqlite3_context* context, std::string_view text);
// Ends the run: what reads it is `unknown`.
void ReturnError(sqlite3_context* context, const std::string& why);

}  // namespace sallyport
