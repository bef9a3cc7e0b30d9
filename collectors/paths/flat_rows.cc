// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/flat_rows.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/utf16.h"

namespace sallyport {

bool IsPlainText(std::string_view text) {
  const bool ascii = std::ranges::all_of(text, [](char c) { return c > 0; });
  return ascii || (text.find('\0') == std::string_view::npos && ToUtf16(text).has_value());
}

Status RowBudget::Take(const Row& row, std::string_view thing) {
  ++rows_;
  for (const Value& cell : row) {
    if (const auto* text = std::get_if<std::string>(&cell)) bytes_ += text->size();
  }
  if (rows_ > kMaxFlatRows) {
    return Fail(Code::kTooLarge,
                std::string(thing) + ": over " + std::to_string(kMaxFlatRows) + " values");
  }
  if (bytes_ > kMaxFlatBytes) {
    return Fail(Code::kTooLarge, std::string(thing) + ": over " + std::to_string(kMaxFlatBytes) +
                                     " bytes of keys and values");
  }
  return {};
}

Status FlatRows::Add(const std::vector<std::string>& keys, std::string value) {
  const std::string full = Join(keys, "/");
  const std::string key = keys.empty() ? "" : keys.back();
  const std::string parent = keys.size() < 2 ? "" : full.substr(0, full.size() - key.size() - 1);
  if (!IsPlainText(full)) {
    return Fail(Code::kMalformed, path_ + ": a key that is no text: " + Excerpt(full));
  }
  if (!IsPlainText(value)) {
    return Fail(Code::kMalformed, path_ + ": no text at " + Excerpt(full));
  }
  Row row{Cell(path_), Cell(full), Cell(parent), Cell(key), Cell(std::move(value))};
  if (const Status ok = budget_->Take(row, path_); !ok) return ok;
  rows_.push_back(std::move(row));
  return {};
}

void FlatRows::Drop(size_t first, size_t end) {
  for (size_t i = first; i < end; ++i) rows_[i].clear();
}

Rows FlatRows::Take() {
  std::erase_if(rows_, [](const Row& row) { return row.empty(); });
  return std::exchange(rows_, {});
}

}  // namespace sallyport
