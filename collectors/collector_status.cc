// SPDX-License-Identifier: Apache-2.0
#include "collectors/collector_status.h"

#include <algorithm>

#include "base/text.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

Value KeysText(const Keys& keys) {
  if (keys.empty()) return Cell(std::nullopt);
  std::vector<std::string> parts;
  for (const Key& key : keys) parts.push_back(ToText(key));
  return Cell(Join(parts, " "));
}

int64_t UnknownCells(const Rows& rows) {
  int64_t count = 0;
  for (const Row& row : rows) count += std::ranges::count_if(row, IsUnknown);
  return count;
}

}  // namespace

const Schema kCollectorStatus{"collector_status", kCollectorStatusColumns,
                              "how every other table came out"};

TableResult CollectorStatus(std::span<const TableResult> results) {
  TableResult out;
  out.table = kCollectorStatus.name;
  for (const Column& column : kCollectorStatus.columns) out.columns.emplace_back(column.name);
  for (const TableResult& result : results) {
    out.rows.push_back({
        Cell(result.table),
        KeysText(result.keys),
        Cell(StateName(result.state)),
        result.error.empty() ? Cell(std::nullopt) : Cell(result.error),
        Cell(static_cast<int64_t>(result.rows.size())),
        Cell(UnknownCells(result.rows)),
        Cell(static_cast<int64_t>(result.age.count())),
        Cell(static_cast<int64_t>(result.took.count())),
        Cell(result.source),
    });
  }
  return out;
}

}  // namespace sallyport
