// SPDX-License-Identifier: Apache-2.0
#include "policy/sql_values.h"

#include <algorithm>

namespace sallyport {

Status AddSqlFunction(sqlite3* db, const char* name, int arguments, SqlFunction function) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const int rc = sqlite3_create_function_v2(db, name, arguments, kFlags, nullptr, function, nullptr,
                                            nullptr, nullptr);
  if (rc == SQLITE_OK) return {};
  return Fail(Code::kInternal, std::string("SQL function ") + name + ": " + sqlite3_errstr(rc));
}

std::string_view SqlText(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text == nullptr ? "" : text,
          text == nullptr ? 0 : static_cast<size_t>(sqlite3_value_bytes(value))};
}

bool IsSqlNull(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

bool AnySqlNull(int argc, sqlite3_value** argv) {
  return std::any_of(argv, argv + argc, IsSqlNull);
}

void ReturnText(sqlite3_context* context, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();  // a null pointer would be NULL
  sqlite3_result_text64(context, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void ReturnError(sqlite3_context* context, const std::string& why) {
  sqlite3_result_error(context, why.c_str(), static_cast<int>(why.size()));
}

}  // namespace sallyport
