// SPDX-License-Identifier: Apache-2.0
// Nested values as rows of path, fullkey, parent, key and value: the form of Fleet's parse tables
// (orbit/pkg/dataflatten).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

inline constexpr size_t kMaxFlatRows = 50'000;
inline constexpr size_t kMaxFlatBytes = 8 << 20;  // of the cells of all rows
inline constexpr size_t kMaxFlatDepth = 128;      // levels of nesting
inline constexpr size_t kMaxParsedBytes = 16 << 20;

// UTF-8 without a NUL: what may be a cell of text.
bool IsPlainText(std::string_view text);

// Counts what the rows of one key hold.
class RowBudget {
 public:
  // kTooLarge, naming `thing`, once it is over.
  Status Take(const Row& row, std::string_view thing);

 private:
  size_t rows_ = 0;
  size_t bytes_ = 0;
};

// Rows of one file. `keys` lead to the value; those of lists are numbers.
class FlatRows {
 public:
  // Both outlive it.
  FlatRows(const std::string& path, RowBudget* budget) : path_(path), budget_(budget) {}

  // kTooLarge over the budget; kMalformed for text that may be no cell.
  Status Add(const std::vector<std::string>& keys, std::string value);
  size_t size() const { return rows_.size(); }
  // Of a key that comes twice in one object the last counts, as for Go's encoding/json: forgets the
  // rows from `first` up to `end`.
  void Drop(size_t first, size_t end);
  Rows Take();

 private:
  const std::string& path_;
  RowBudget* budget_;
  Rows rows_;
};

}  // namespace sallyport
