// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "collectors/collector.h"

namespace sallyport {
namespace {

State StateOf(Code code) {
  switch (code) {
    case Code::kNotFound:
      return State::kAbsent;
    case Code::kUnsupported:
      return State::kUnsupported;
    case Code::kDenied:
      return State::kDenied;
    case Code::kTimeout:
      return State::kTimeout;
    default:
      return State::kError;
  }
}

// A row that does not fit its schema is a bug of the collector; half a table is never shown.
Result<Rows> CheckedRows(const Collector& collector, Result<Rows> rows) {
  if (!rows) return rows;
  for (const Row& row : *rows) {
    if (row.size() == collector.schema.columns.size()) continue;
    return Fail(Code::kInternal, std::string(collector.schema.name) + ": a row of " +
                                     std::to_string(row.size()) + " cells for " +
                                     std::to_string(collector.schema.columns.size()) + " columns");
  }
  return rows;
}

}  // namespace

TableResult Collect(const Collector& collector, const Host& host, const Keys& keys) {
  TableResult result;
  result.table = collector.schema.name;
  for (const Column& column : collector.schema.columns) result.columns.emplace_back(column.name);
  result.keys = keys;
  result.source = collector.source;
  if (!collector.os.contains(host.os())) {
    result.state = State::kUnsupported;
    result.error = result.table + ": not on " + OsName(host.os());
    return result;
  }
  const auto start = std::chrono::steady_clock::now();
  Result<Rows> rows = CheckedRows(collector, collector.collect(host, keys));
  result.took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  if (rows) {
    result.rows = std::move(*rows);
  } else {
    result.state = StateOf(rows.error().code);
    result.error = rows.error().message;
  }
  return result;
}

}  // namespace sallyport
