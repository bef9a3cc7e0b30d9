// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/asked_columns.h"

#include <vector>

namespace sallyport {

AskedColumns::AskedColumns(const v1::Manifest& manifest, const v1::TableRequest& request) {
  if (!manifest.names_columns()) return;
  names_.emplace(request.columns().begin(), request.columns().end());
  for (const v1::Key& key : request.keys()) names_->insert(key.column());
}

TableResult AskedColumns::Only(const TableResult& whole) const {
  if (!names_) return whole;
  TableResult out{.table = whole.table,
                  .columns = {},
                  .keys = whole.keys,
                  .state = whole.state,
                  .rows = {},
                  .error = whole.error,
                  .age = whole.age,
                  .took = whole.took,
                  .source = whole.source};
  std::vector<size_t> kept;
  for (size_t i = 0; i < whole.columns.size(); ++i) {
    if (!names_->contains(whole.columns[i])) continue;
    kept.push_back(i);
    out.columns.push_back(whole.columns[i]);
  }
  out.rows.reserve(whole.rows.size());
  for (const Row& row : whole.rows) {
    Row& cells = out.rows.emplace_back();
    cells.reserve(kept.size());
    for (const size_t i : kept) cells.push_back(i < row.size() ? row[i] : Value(Unknown{}));
  }
  return out;
}

}  // namespace sallyport
