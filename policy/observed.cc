// SPDX-License-Identifier: Apache-2.0
#include "policy/observed.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kMaxText = 240;
constexpr size_t kMaxCell = 64;
constexpr size_t kMaxDistinct = 5;
constexpr std::string_view kMore = "; ...";

std::string CellText(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  if (text == nullptr) return "null";
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
  return Excerpt(std::string_view(text, size), kMaxCell);
}

std::string PrintRow(sqlite3_stmt* statement) {
  const int columns = sqlite3_column_count(statement);
  std::string out = CellText(statement, 0);
  for (int i = 1; i < columns; ++i) {
    out += i == 1 ? ": " : ", ";
    out += std::string(sqlite3_column_name(statement, i)) + "=" + CellText(statement, i);
  }
  return out;
}

// Appends a part, or the mark that there is more; false when full.
bool Append(std::string& out, const std::string& part) {
  const std::string_view separator = out.empty() ? "" : "; ";
  if (out.size() + separator.size() + part.size() > kMaxText) {
    if (out.empty()) out = part.substr(0, kMaxText);
    out += kMore;
    return false;
  }
  out += separator;
  out += part;
  return true;
}

std::string DistinctValues(EvidenceTable& table, int column) {
  std::vector<std::string> values;
  for (size_t i = 0; i < table.bound_count(); ++i) {
    if (!table.WasAsked(i)) continue;
    for (const Row& row : table.bound(i).rows) {
      const Value* cell = table.CellOf(i, row, column);
      std::string text = cell == nullptr ? "unknown" : Excerpt(ToText(*cell), kMaxCell);
      if (std::ranges::find(values, text) != values.end()) continue;
      if (values.size() == kMaxDistinct) return Join(values, ",") + ",...";
      values.push_back(std::move(text));
    }
  }
  return Join(values, ",");
}

std::string SummariseTable(EvidenceTable& table) {
  size_t rows = 0;
  bool asked = false;
  for (size_t i = 0; i < table.bound_count(); ++i) {
    if (!table.WasAsked(i)) continue;
    const TableResult& result = table.bound(i);
    if (result.state != State::kValue) return table.name() + ": " + StateName(result.state);
    rows += result.rows.size();
    asked = true;
  }
  // Its keys that are not there are the reason already.
  if (!asked) return table.bound_count() == 0 ? table.name() + ": not in the evidence" : "";
  std::string out = table.name() + ": " + std::to_string(rows) + (rows == 1 ? " row" : " rows");
  if (rows == 0) return out;
  for (size_t i = 0; i < table.columns().size(); ++i) {
    const int column = static_cast<int>(i);
    if (!table.HasRead(column)) continue;
    out += ", " + table.columns()[i].name + "=" + DistinctValues(table, column);
  }
  return out;
}

}  // namespace

std::string PrintRows(sqlite3_stmt* statement) {
  std::string out;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    if (!Append(out, PrintRow(statement))) break;
  }
  return out;
}

std::string SummariseReads(std::span<EvidenceTable* const> asked) {
  std::string out;
  for (EvidenceTable* table : asked) {
    const std::string summary = SummariseTable(*table);
    if (!summary.empty() && !Append(out, summary)) break;
  }
  return out;
}

}  // namespace sallyport
