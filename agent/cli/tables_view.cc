// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/tables_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/cli/human.h"
#include "agent/cli/json_view.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

constexpr Os kSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};

std::string Padded(std::string_view text, size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

const char* RoleText(Role role) {
  switch (role) {
    case Role::kPlain:
      return "";
    case Role::kRequired:
      return "required";
    case Role::kIndex:
      return "index";
    case Role::kAdditional:
      return "additional";
  }
  return "";
}

// "required, hidden, version": what is special about a column.
std::string ColumnNotes(const Column& column) {
  std::vector<std::string> notes;
  if (column.role != Role::kPlain) notes.emplace_back(RoleText(column.role));
  if (column.hidden) notes.emplace_back("hidden");
  if (!column.collation.empty()) notes.push_back("collation " + std::string(column.collation));
  return Join(notes, ", ");
}

std::string TriggerText(const Trigger& trigger) {
  const std::string what(trigger.what);
  switch (trigger.kind) {
    case Trigger::Kind::kPath:
      return what + " changed";
    case Trigger::Kind::kReadPaths:
      return "a file that was read changed";
    case Trigger::Kind::kUnit:
      return "service " + what + " changed its state";
    case Trigger::Kind::kPidColumn:
      return "a process of column " + what + " ended";
    case Trigger::Kind::kProgram:
      return what + " was started";
    case Trigger::Kind::kNetwork:
      return "addresses or routes changed";
    case Trigger::Kind::kRegistry:
      return "key " + what + " changed";
    case Trigger::Kind::kPoll:
      return "looked at each " + Duration(trigger.every);
  }
  return {};
}

// Why a table has no collector.
const char* Uncollected(const TableCard& table) {
  return table.schema.name == kCollectorStatus.name ? "computed from the others"
                                                    : "declared, not collected";
}

std::string SystemsText(const TableCard& table) {
  std::vector<std::string> names;
  for (const auto& [os, collector] : table.collected) names.emplace_back(OsName(os));
  return names.empty() ? Uncollected(table) : Join(names, ", ");
}

const TableCard* Find(const std::vector<TableCard>& tables, std::string_view name) {
  const auto found =
      std::ranges::find(tables, name, [](const TableCard& table) { return table.schema.name; });
  return found == tables.end() ? nullptr : &*found;
}

tl::unexpected<Error> NoSuchTable(std::string_view name) {
  return Fail(Code::kNotFound, "no table " + Excerpt(name) + "; `sallyport tables` lists them");
}

Json CardJson(const TableCard& table) {
  Json columns = Json::array();
  for (const Column& column : table.schema.columns) {
    columns.push_back({{"name", column.name},
                       {"type", Lower(TypeName(column.type))},
                       {"about", column.about},
                       {"collation", column.collation},
                       {"role", RoleText(column.role)},
                       {"hidden", column.hidden}});
  }
  Json collected = Json::array();
  for (const auto& [os, collector] : table.collected) {
    collected.push_back({{"platform", OsName(os)},
                         {"source", collector->source},
                         {"triggers", TriggersText(*collector)},
                         {"max_age_ms", collector->max_age.count()}});
  }
  return {{"name", table.schema.name},
          {"about", table.schema.about},
          {"collected", collected},
          {"columns", columns}};
}

// Of a cell of a Markdown table.
std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|' || c == '*' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

// For tables that are declared in brief: `uid` bigint (index), `path` text.
std::string ColumnsInALine(const Schema& schema) {
  std::vector<std::string> out;
  for (const Column& column : schema.columns) {
    const std::string notes = ColumnNotes(column);
    out.push_back("`" + std::string(column.name) + "` " + Lower(TypeName(column.type)) +
                  (notes.empty() ? "" : " (" + notes + ")"));
  }
  return Join(out, ", ");
}

std::string CardMarkdown(const TableCard& table) {
  const std::string name(table.schema.name);
  std::string out = "\n## " + name + "\n\n" + Escaped(table.schema.about) + "\n\n";
  if (table.collected.empty()) {
    out += std::string("*") + Uncollected(table) + "*\n\n";
  } else {
    out += "| system | read from | read again when | at the latest after |\n|---|---|---|---|\n";
  }
  for (const auto& [os, collector] : table.collected) {
    out += "| " + std::string(OsName(os)) + " | " + Escaped(collector->source) + " | " +
           Escaped(TriggersText(*collector)) + " | " + Duration(collector->max_age) + " |\n";
  }
  if (!table.collected.empty()) out += "\n";
  if (std::ranges::all_of(table.schema.columns, &std::string_view::empty, &Column::about)) {
    return out + ColumnsInALine(table.schema) + "\n";
  }
  out += "| column | type | | |\n|---|---|---|---|\n";
  for (const Column& column : table.schema.columns) {
    out += "| `" + std::string(column.name) + "` | " + Lower(TypeName(column.type)) + " | " +
           ColumnNotes(column) + " | " + Escaped(column.about) + " |\n";
  }
  return out;
}

}  // namespace

std::vector<TableCard> AllTableCards() {
  std::vector<TableCard> out;
  for (const Schema& schema : AllSchemas()) {
    TableCard& table = out.emplace_back();
    table.schema = schema;
    for (Os os : kSystems) {
      const Collector* collector = FindCollector(os, schema.name);
      if (collector != nullptr) table.collected.emplace_back(os, collector);
    }
  }
  std::ranges::sort(out, {}, [](const TableCard& table) { return table.schema.name; });
  return out;
}

std::string TriggersText(const Collector& collector) {
  std::vector<std::string> parts;
  for (const Trigger& trigger : collector.triggers) parts.push_back(TriggerText(trigger));
  return parts.empty() ? "its time is over" : Join(parts, "; ");
}

std::string TablesText(const std::vector<TableCard>& tables) {
  size_t width = 0;
  for (const TableCard& table : tables) width = std::max(width, table.schema.name.size());
  std::string out;
  for (const TableCard& table : tables) {
    out += Padded(table.schema.name, width + 2) + Padded(SystemsText(table), 25) +
           std::string(table.schema.about) + "\n";
  }
  return out;
}

Result<std::string> TableText(const std::vector<TableCard>& tables, std::string_view name) {
  const TableCard* table = Find(tables, name);
  if (table == nullptr) return NoSuchTable(name);
  std::string out =
      std::string(table->schema.name) + "   " + std::string(table->schema.about) + "\n";
  if (table->collected.empty()) out += "  " + std::string(Uncollected(*table)) + "\n";
  for (const auto& [os, collector] : table->collected) {
    out += "\n  " + std::string(OsName(os)) + "\n    read from   " +
           std::string(collector->source) + "\n    read again  " + TriggersText(*collector) +
           "; at the latest after " + Duration(collector->max_age) + "\n";
  }
  out += "\n";
  size_t width = 0;
  for (const Column& column : table->schema.columns) width = std::max(width, column.name.size());
  for (const Column& column : table->schema.columns) {
    const std::string notes = ColumnNotes(column);
    out += "  " + Padded(column.name, width) + "  " + Padded(Lower(TypeName(column.type)), 8) +
           " " + std::string(column.about) + (notes.empty() ? "" : " (" + notes + ")") + "\n";
  }
  return out;
}

Result<std::string> TablesJson(const std::vector<TableCard>& tables, std::string_view name,
                               Millis now_wall) {
  Json json = {{"schema", "sallyport.tables/v1"}, {"generated_at", Timestamp(now_wall)}};
  json["tables"] = Json::array();
  if (!name.empty() && Find(tables, name) == nullptr) return NoSuchTable(name);
  for (const TableCard& table : tables) {
    if (name.empty() || table.schema.name == name) json["tables"].push_back(CardJson(table));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string TablesMarkdown(const std::vector<TableCard>& tables) {
  std::string out =
      "# Tables\n\nWhat policies can ask. Made from the declarations by `sallyport tables "
      "--markdown`; a test holds\nit to them, and `./dev docs` writes it anew. Names of columns "
      "are osquery's where osquery has the table.\nA column that is *required* or *additional* "
      "must be fixed by a query (`=` or `LIKE`), one that is an\n*index* may be: then only these "
      "keys are collected. *Hidden* columns are not in `SELECT *`.\n\n| table | collected on | "
      "|\n|---|---|---|\n";
  for (const TableCard& table : tables) {
    const std::string name(table.schema.name);
    out += "| [" + name + "](#" + name + ") | " +
           (table.collected.empty() ? "*" + SystemsText(table) + "*" : SystemsText(table)) + " | " +
           Escaped(table.schema.about) + " |\n";
  }
  for (const TableCard& table : tables) out += CardMarkdown(table);
  return out;
}

}  // namespace sallyport
