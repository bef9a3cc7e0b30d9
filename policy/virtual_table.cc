// SPDX-License-Identifier: Apache-2.0
#include "policy/virtual_table.h"

#include "policy/sql_collations.h"

namespace sallyport {
namespace {

// Quoted as SQL names are, so that a column may be called "group".
std::string Quoted(std::string_view name) {
  std::string out = "\"";
  for (char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

}  // namespace

VirtualTable::VirtualTable(const Schema& schema)
    : name_(schema.name), alias_(schema.alias), roles_(schema) {
  for (const Column& column : schema.columns) {
    columns_.push_back(
        {std::string(column.name), column.type, Lower(column.collation), column.hidden});
  }
}

Status VirtualTable::RegisterWith(sqlite3* db, const sqlite3_module& module) {
  if (columns_.empty() || columns_.size() > kMostColumns) {
    return Fail(Code::kInvalidArgument, "table " + name_ + ": " + std::to_string(columns_.size()) +
                                            " columns, allowed are 1 to " +
                                            std::to_string(kMostColumns));
  }
  for (const ColumnInfo& column : columns_) {
    if (IsCollation(column.collation)) continue;
    return Fail(Code::kInvalidArgument, "table " + name_ + ": column " + column.name +
                                            ": no such collation: " + column.collation);
  }
  for (const std::string& name : {name_, alias_}) {
    if (name.empty()) continue;
    if (sqlite3_create_module_v2(db, name.c_str(), &module, this, nullptr) != SQLITE_OK) {
      return Fail(Code::kInternal, "table " + name + ": " + sqlite3_errmsg(db));
    }
  }
  return {};
}

std::string VirtualTable::Declaration() const {
  std::string sql = "CREATE TABLE x(";
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += Quoted(columns_[i].name) + " " + TypeName(columns_[i].type);
    if (!columns_[i].collation.empty()) sql += " COLLATE " + columns_[i].collation;
    if (columns_[i].hidden) sql += " HIDDEN";
  }
  return sql + ")";
}

Status ConnectTables(sqlite3* db, std::span<const std::string_view> names) {
  std::string all = "SELECT 1 FROM json_each('[]'), json_tree('[]')";
  for (const std::string_view name : names) {
    all += "; SELECT 1 FROM " + Quoted(name) + " LIMIT 0";
  }
  if (sqlite3_exec(db, all.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Fail(Code::kInvalidArgument, std::string("tables: ") + sqlite3_errmsg(db));
  }
  return {};
}

}  // namespace sallyport
