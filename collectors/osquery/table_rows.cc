// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/table_rows.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {

void TableRows::Add(std::initializer_list<NamedCell> cells) {
  if (rows_.size() == kMaxTableRows) too_many_ = true;
  if (too_many_) return;
  Row row(schema_.columns.size());
  for (const auto& [column, value] : cells) {
    const int index = schema_.IndexOf(column);
    if (index < 0) {
      wrong_column_ = column;
      return;
    }
    row[static_cast<size_t>(index)] = value;
  }
  rows_.push_back(std::move(row));
}

bool TableRows::MayFulfil(const Row& row, const Key& key) const {
  const int index = schema_.IndexOf(key.column);
  if (index < 0 || key.like) return true;
  const Column& column = schema_.columns[static_cast<size_t>(index)];
  const Value& cell = row[static_cast<size_t>(index)];
  if (IsUnknown(cell)) return true;
  if (IsNull(cell)) return false;
  if (const auto* number = std::get_if<int64_t>(&cell)) {
    const std::optional<int64_t> asked = ParseInt(key.value);
    return !asked || *asked == *number;
  }
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr || (!column.collation.empty() && column.collation != "nocase")) return true;
  return Lower(*text) == Lower(key.value);
}

Result<Rows> TableRows::Take(const Keys& keys) {
  const std::string table(schema_.name);
  if (!wrong_column_.empty()) {
    return Fail(Code::kInternal, table + ": has no column " + wrong_column_);
  }
  if (too_many_) {
    return Fail(Code::kTooLarge, table + ": over " + std::to_string(kMaxTableRows) + " rows");
  }
  std::erase_if(rows_, [&](const Row& row) {
    return !std::ranges::all_of(keys, [&](const Key& key) { return MayFulfil(row, key); });
  });
  return std::move(rows_);
}

std::optional<std::string> FixedBy(const Keys& keys, std::string_view column) {
  for (const Key& key : keys) {
    if (key.column == column && !key.like) return key.value;
  }
  return std::nullopt;
}

}  // namespace sallyport
