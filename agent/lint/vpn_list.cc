// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/vpn_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/lint/report_view.h"
#include "base/exit_code.h"
#include "base/text.h"
#include "base/timestamp.h"

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

const Value* CellOf(const TableResult& table, const Row& row, std::string_view column) {
  const auto found = std::ranges::find(table.columns, column);
  return found == table.columns.end() ? nullptr
                                      : &row[static_cast<size_t>(found - table.columns.begin())];
}

std::string TextOf(const TableResult& table, const Row& row, std::string_view column) {
  const Value* cell = CellOf(table, row, column);
  if (cell == nullptr) return "unknown";
  return IsNull(*cell) ? "-" : ToText(*cell);
}

// "corp: uses_psk=1" and "corp" are of corp.
bool IsOf(const ConfigFinding& finding, const std::string& name) {
  return finding.observed == name || finding.observed.starts_with(name + ": ");
}

std::string ConnectionText(const TableResult& table, const Row& row) {
  std::string out = Printable(TextOf(table, row, "name")) + "   " +
                    Printable(TextOf(table, row, "client")) + ", " +
                    Printable(TextOf(table, row, "protocol")) + " " +
                    Printable(TextOf(table, row, "side")) + "\n";
  constexpr std::pair<const char*, const char*> kLines[] = {{"peer", "remote_addrs"},
                                                            {"auth", "local_auth"},
                                                            {"reaches", "remote_ts"},
                                                            {"source", "source"}};
  for (const auto& [label, column] : kLines) {
    std::string line = std::string("  ") + label;
    line.resize(12, ' ');
    out += line + Printable(TextOf(table, row, column)) + "\n";
  }
  return out;
}

std::string NotRead(const VpnList& list) {
  std::string out;
  for (const TableResult& table : list.tables) {
    if (table.state == State::kValue) continue;
    out += "not read: " + table.table + ": " + StateName(table.state) +
           (table.error.empty() ? "" : ": " + Printable(table.error)) + "\n";
  }
  return out;
}

Json CellJson(const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

Json ConnectionJson(const TableResult& table, const Row& row) {
  Json out = Json::object();
  Json unknown = Json::array();
  for (size_t i = 0; i < row.size(); ++i) {
    out[table.columns[i]] = CellJson(row[i]);
    if (IsUnknown(row[i])) unknown.push_back(table.columns[i]);
  }
  out["unknown"] = unknown;
  return out;
}

}  // namespace

std::string VpnListText(const VpnList& list, const Style& style) {
  std::string out;
  std::vector<bool> shown(list.findings.size(), false);
  size_t connections = 0;
  for (const TableResult& table : list.tables) {
    if (table.table != "vpn_connections") continue;
    for (const Row& row : table.rows) {
      ++connections;
      out += ConnectionText(table, row);
      for (size_t i = 0; i < list.findings.size(); ++i) {
        if (shown[i] || !IsOf(list.findings[i], TextOf(table, row, "name"))) continue;
        shown[i] = true;
        out += FindingText(list.findings[i], style, "  ");
      }
      out += "\n";
    }
  }
  for (size_t i = 0; i < list.findings.size(); ++i) {
    if (!shown[i]) out += FindingText(list.findings[i], style);
  }
  out += NotRead(list);
  return out + std::to_string(connections) +
         (connections == 1 ? " connection, " : " connections, ") +
         std::to_string(list.findings.size()) +
         (list.findings.size() == 1 ? " finding\n" : " findings\n");
}

std::string VpnListJson(const VpnList& list, Millis now_wall) {
  Json connections = Json::array();
  Json not_read = Json::array();
  for (const TableResult& table : list.tables) {
    if (table.state != State::kValue) {
      not_read.push_back(
          {{"table", table.table}, {"state", StateName(table.state)}, {"why", table.error}});
    } else if (table.table == "vpn_connections") {
      for (const Row& row : table.rows) connections.push_back(ConnectionJson(table, row));
    }
  }
  Json findings = Json::array();
  for (const ConfigFinding& finding : list.findings) findings.push_back(FindingJson(finding));
  const Json json = {{"schema", "sallyport.vpn-list/v1"},
                     {"generated_at", Timestamp(now_wall)},
                     {"connections", connections},
                     {"not_read", not_read},
                     {"findings", findings}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int VpnListExitCode(const VpnList& list) {
  const auto is_unknown = [](const ConfigFinding& finding) {
    return finding.kind == FindingKind::kUnknown;
  };
  const bool blind =
      std::ranges::any_of(list.findings, is_unknown) ||
      std::ranges::any_of(list.tables, [](const auto& t) { return t.state != State::kValue; });
  if (!std::ranges::all_of(list.findings, is_unknown)) return static_cast<int>(ExitCode::kFindings);
  return static_cast<int>(blind ? ExitCode::kCannotTell : ExitCode::kOk);
}

}  // namespace sallyport
