// SPDX-License-Identifier: Apache-2.0
// Runs the SQL functions that take a pattern or a format with one input: what stands before its
// first NUL is the pattern, what stands behind it the text.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "policy/sql_guard.h"

namespace sallyport {

class SqlFunctionsInput {
 public:
  SqlFunctionsInput() : db_(OpenGuarded().value()) {
    sqlite3_limit(db_.get(), SQLITE_LIMIT_VARIABLE_NUMBER, 2);  // policies have none
    for (const char* sql : kCalls) {
      sqlite3_stmt* raw = nullptr;
      if (sqlite3_prepare_v2(db_.get(), sql, -1, &raw, nullptr) != SQLITE_OK) std::abort();
      calls_[count_++] = Statement(raw);
    }
  }

  // How many calls gave a row that is not NULL. Aborts where an answer cannot be right: a piece of
  // a text that the text does not hold.
  int Run(std::string_view input) {
    int answers = 0;
    const size_t nul = std::min(input.find('\0'), input.size());
    const std::string_view pattern = input.substr(0, nul);
    const std::string_view text = input.substr(std::min(nul + 1, input.size()));
    for (size_t i = 0; i < count_; ++i) {
      sqlite3_stmt* call = calls_[i].get();
      Bind(call, 1, pattern);
      Bind(call, 2, text);
      const bool row = sqlite3_step(call) == SQLITE_ROW;
      if (row && sqlite3_column_type(call, 0) != SQLITE_NULL) ++answers;
      if (row && i < kPieces) {
        const auto* piece = reinterpret_cast<const char*>(sqlite3_column_text(call, 0));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(call, 0));
        if (piece != nullptr && text.find(std::string_view(piece, size)) == text.npos) std::abort();
      }
      sqlite3_reset(call);
    }
    return answers;
  }

 private:
  // The first kPieces give pieces of the text.
  static constexpr size_t kPieces = 5;
  static constexpr const char* kCalls[] = {"SELECT regex_match(?2, ?1, 0)",
                                           "SELECT regex_match(?2, ?1, 1)",
                                           "SELECT regex_split(?2, ?1, 0)",
                                           "SELECT regex_split(?2, ?1, 2)",
                                           "SELECT split(?2, ?1, 1)",
                                           "SELECT printf(?1, ?2, 7, 2.5, NULL)",
                                           "SELECT version_compare(?1, ?2)",
                                           "SELECT in_cidr_block(?1, ?2)",
                                           "SELECT inet_aton(?1), inet_aton(?2)"};

  static void Bind(sqlite3_stmt* call, int index, std::string_view text) {
    const char* data = text.empty() ? "" : text.data();
    sqlite3_bind_text(call, index, data, static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }

  Database db_;
  size_t count_ = 0;
  Statement calls_[std::size(kCalls)];
};

}  // namespace sallyport
