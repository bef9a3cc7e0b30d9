// SPDX-License-Identifier: Apache-2.0
#include "policy/sql_functions.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport {
namespace {

constexpr size_t kMaxStrip = 64;
constexpr uintptr_t kLeft = 1;
constexpr uintptr_t kRight = 2;

std::string_view TextArgument(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text, text == nullptr ? 0 : static_cast<size_t>(sqlite3_value_bytes(value))};
}

// The UTF-8 characters of a text, as SQLite cuts them: a lead byte and what continues it.
std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    size_t size = 1;
    if (static_cast<unsigned char>(text[0]) >= 0xc0) {
      while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U)
        ++size;
    }
    out.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

void Trim2(sqlite3_context* context, int, sqlite3_value** argv) {
  if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL) {
    return;
  }
  std::string_view text = TextArgument(argv[0]);
  const std::vector<std::string_view> strip = Characters(TextArgument(argv[1]));
  if (strip.size() > kMaxStrip) {
    sqlite3_result_error(context, "trim(): more than 64 characters to strip", -1);
    return;
  }
  const auto sides = reinterpret_cast<uintptr_t>(sqlite3_user_data(context));
  const auto at = [&](bool left) {
    return std::ranges::find_if(
        strip, [&](std::string_view c) { return left ? text.starts_with(c) : text.ends_with(c); });
  };
  for (auto found = at(true); (sides & kLeft) != 0 && found != strip.end(); found = at(true)) {
    text.remove_prefix(found->size());
  }
  for (auto found = at(false); (sides & kRight) != 0 && found != strip.end(); found = at(false)) {
    text.remove_suffix(found->size());
  }
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace

Status RegisterSqlFunctions(sqlite3* db) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  int rc = SQLITE_OK;
  const auto add = [&](const char* name, uintptr_t sides) {
    if (rc != SQLITE_OK) return;
    rc = sqlite3_create_function_v2(db, name, 2, kFlags, reinterpret_cast<void*>(sides), Trim2,
                                    nullptr, nullptr, nullptr);
  };
  add("trim", kLeft | kRight);
  add("ltrim", kLeft);
  add("rtrim", kRight);
  if (rc != SQLITE_OK)
    return Fail(Code::kInternal, std::string("SQL functions: ") + sqlite3_errstr(rc));
  return {};
}

}  // namespace sallyport
