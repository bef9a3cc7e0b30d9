// SPDX-License-Identifier: Apache-2.0
// TableRows: rows of a table by the names of its columns, no more than are bearable, and those
// alone that the keys ask for.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

inline constexpr size_t kMaxTableRows = 50'000;

class TableRows {
 public:
  using NamedCell = std::pair<std::string_view, Value>;

  // `schema` outlives it.
  explicit TableRows(const Schema& schema) : schema_(schema) {}

  // Columns that are not named are NULL. A column that the table does not have is a bug of the
  // caller and makes Take() kInternal.
  void Add(std::initializer_list<NamedCell> cells);

  // More rows than kMaxTableRows are kTooLarge, never fewer. Rows that cannot fulfil a key are left
  // out; where that is not plain (a pattern, a collation of versions, an unknown cell) they stay.
  Result<Rows> Take(const Keys& keys);

 private:
  bool MayFulfil(const Row& row, const Key& key) const;

  const Schema& schema_;
  Rows rows_;
  bool too_many_ = false;
  std::string wrong_column_;
};

// The value of the key that fixes `column`; nullopt: none does, or by a pattern.
std::optional<std::string> FixedBy(const Keys& keys, std::string_view column);

}  // namespace sallyport
