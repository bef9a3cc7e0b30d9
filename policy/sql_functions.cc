// SPDX-License-Identifier: Apache-2.0
#include "policy/sql_functions.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The next run of digits (leading zeros dropped) or of letters; empty at the end.
struct Part {
  std::string_view text;
  bool number = false;
  bool end = false;
};

Part TakePart(std::string_view& rest) {
  while (!rest.empty() && !IsDigit(rest[0]) && !IsLetter(rest[0])) rest.remove_prefix(1);
  if (rest.empty()) return Part{{}, false, true};
  const bool number = IsDigit(rest[0]);
  size_t size = 0;
  while (size < rest.size() && (number ? IsDigit(rest[size]) : IsLetter(rest[size]))) ++size;
  Part part{rest.substr(0, size), number, false};
  rest.remove_prefix(size);
  while (number && part.text.starts_with('0')) part.text.remove_prefix(1);
  return part;
}

int Sign(int64_t v) { return v < 0 ? -1 : v > 0 ? 1 : 0; }

int CompareParts(const Part& a, const Part& b) {
  // A missing part is a number zero; letters come after zero and before every other number.
  const bool a_number = a.number || a.end;
  const bool b_number = b.number || b.end;
  if (a_number != b_number) {
    const bool zero = a_number ? a.text.empty() : b.text.empty();
    return a_number == zero ? -1 : 1;
  }
  if (a_number && a.text.size() != b.text.size()) return a.text.size() < b.text.size() ? -1 : 1;
  return Sign(a.text.compare(b.text));
}

int VersionCollation(void*, int a_size, const void* a, int b_size, const void* b) {
  return CompareVersions({static_cast<const char*>(a), static_cast<size_t>(a_size)},
                         {static_cast<const char*>(b), static_cast<size_t>(b_size)});
}

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

int CompareVersions(std::string_view a, std::string_view b) {
  for (;;) {
    const Part left = TakePart(a);
    const Part right = TakePart(b);
    if (left.end && right.end) return 0;
    if (const int order = CompareParts(left, right); order != 0) return order;
  }
}

Status RegisterSqlFunctions(sqlite3* db) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  int rc =
      sqlite3_create_collation_v2(db, "version", SQLITE_UTF8, nullptr, VersionCollation, nullptr);
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
