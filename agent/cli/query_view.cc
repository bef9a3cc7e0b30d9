// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/query_view.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "agent/cli/human.h"
#include "base/timestamp.h"

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxWidth = 60;

std::string CellText(const Value& cell) { return IsNull(cell) ? "" : ToText(cell); }

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// Characters, not bytes.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return !IsContinuation(c); }));
}

std::string Shortened(std::string text) {
  if (Width(text) <= kMaxWidth) return text;
  size_t characters = 0;
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!IsContinuation(text[end]) && ++characters > kMaxWidth - 3) break;
  }
  return text.substr(0, end) + "...";
}

void PutPadded(std::string& out, const std::string& text, size_t width, bool last) {
  out += text;
  if (!last) out.append(width - Width(text) + 2, ' ');
}

std::string TableText(const QueryAnswer& answer) {
  if (answer.columns.empty()) return {};
  std::vector<std::vector<std::string>> lines{{}};
  for (const std::string& column : answer.columns) lines[0].push_back(Shortened(Printable(column)));
  for (const Row& row : answer.rows) {
    auto& line = lines.emplace_back();
    for (const Value& cell : row) line.push_back(Shortened(Printable(CellText(cell))));
  }
  std::vector<size_t> widths(answer.columns.size(), 0);
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::vector<std::string> rule;
  for (size_t width : widths) rule.emplace_back(width, '-');
  lines.insert(lines.begin() + 1, rule);
  std::string out;
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      PutPadded(out, line[i], widths[i], i + 1 == line.size());
    }
    out += '\n';
  }
  return out;
}

std::string LineText(const QueryAnswer& answer) {
  size_t width = 0;
  for (const std::string& column : answer.columns) width = std::max(width, Width(column));
  std::string out;
  for (const Row& row : answer.rows) {
    if (!out.empty()) out += '\n';
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string name = Printable(answer.columns[i]);
      out.append(width - std::min(width, Width(name)), ' ');
      out += name + " = " + Printable(CellText(row[i])) + "\n";
    }
  }
  return out;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += c;
    out += c;
  }
  return out + '"';
}

std::string CsvText(const QueryAnswer& answer) {
  std::string out;
  const auto put = [&out](const auto& fields, const auto& text_of) {
    bool first = true;
    for (const auto& field : fields) {
      if (!first) out += ',';
      first = false;
      out += CsvField(text_of(field));
    }
    out += '\n';
  };
  put(answer.columns, [](const std::string& name) { return name; });
  for (const Row& row : answer.rows) put(row, CellText);
  return out;
}

std::vector<std::string> DistinctNames(const std::vector<std::string>& columns) {
  std::map<std::string, int> seen;
  std::vector<std::string> out;
  for (const std::string& column : columns) {
    const int nth = ++seen[column];
    out.push_back(nth == 1 ? column : column + ":" + std::to_string(nth));
  }
  return out;
}

Json CellJson(const Value& cell) {
  if (const auto* number = std::get_if<int64_t>(&cell)) return *number;
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

std::string JsonText(const QueryAnswer& answer, Millis now_wall) {
  Json json = {{"schema", "sallyport.query/v1"}, {"generated_at", Timestamp(now_wall)}};
  const std::vector<std::string> names = DistinctNames(answer.columns);
  json["columns"] = names;
  json["rows"] = Json::array();
  for (const Row& row : answer.rows) {
    Json cells = Json::object();
    for (size_t i = 0; i < row.size(); ++i) cells[names[i]] = CellJson(row[i]);
    json["rows"].push_back(std::move(cells));
  }
  json["doubts"] = answer.doubts;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string RowsText(const QueryAnswer& answer, RowFormat format, Millis now_wall) {
  switch (format) {
    case RowFormat::kTable:
      return TableText(answer);
    case RowFormat::kJson:
      return JsonText(answer, now_wall);
    case RowFormat::kCsv:
      return CsvText(answer);
    case RowFormat::kLine:
      return LineText(answer);
  }
  return {};
}

}  // namespace sallyport
