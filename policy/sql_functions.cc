// SPDX-License-Identifier: Apache-2.0
#include "policy/sql_functions.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "policy/sql_values.h"

namespace sallyport {
namespace {

constexpr std::string_view kAdded[] = {"community_id_v1",
                                       "concat",
                                       "concat_ws",
                                       "conditional_to_base64",
                                       "format",
                                       "from_base64",
                                       "in_cidr_block",
                                       "inet_aton",
                                       "md5",
                                       "parent_directory",
                                       "printf",
                                       "regex_match",
                                       "regex_split",
                                       "sha1",
                                       "sha256",
                                       "split",
                                       "to_base64",
                                       "version_compare"};

constexpr size_t kMaxStrip = 64;
constexpr uintptr_t kLeft = 1;
constexpr uintptr_t kRight = 2;

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
  if (AnySqlNull(2, argv)) return;
  std::string_view text = SqlText(argv[0]);
  const std::vector<std::string_view> strip = Characters(SqlText(argv[1]));
  if (strip.size() > kMaxStrip) {
    return ReturnError(context, "trim(): more than 64 characters to strip");
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
  ReturnText(context, text);
}

}  // namespace

Status RegisterTrimFunctions(sqlite3* db) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  constexpr std::pair<const char*, uintptr_t> kSides[] = {
      {"trim", kLeft | kRight}, {"ltrim", kLeft}, {"rtrim", kRight}};
  for (const auto& [name, sides] : kSides) {
    const int rc = sqlite3_create_function_v2(db, name, 2, kFlags, reinterpret_cast<void*>(sides),
                                              Trim2, nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return Fail(Code::kInternal, std::string("SQL function ") + name);
  }
  return {};
}

Status RegisterSqlFunctions(sqlite3* db) {
  for (const auto add :
       {RegisterTrimFunctions, RegisterTextFunctions, RegisterRegexFunctions,
        RegisterNetworkFunctions, RegisterVersionFunctions, RegisterPrintfFunctions}) {
    if (Status done = add(db); !done) return done;
  }
  return {};
}

bool IsAddedFunction(std::string_view name) {
  return std::ranges::find(kAdded, name) != std::end(kAdded);
}

}  // namespace sallyport
