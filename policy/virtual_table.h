// SPDX-License-Identifier: Apache-2.0
// VirtualTable: a declared table as SQLite gets to know it, an eponymous virtual table
// (https://www.sqlite.org/vtab.html); TableSet: all tables of one database, by name.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "base/text.h"
#include "policy/key_roles.h"

namespace sallyport {

// Not movable: SQLite keeps its address. Whoever derives from it has a Register(sqlite3*).
class VirtualTable {
 public:
  struct ColumnInfo {
    std::string name;
    Type type = Type::kText;
    std::string collation;
    bool hidden = false;  // SQLite leaves it out of SELECT *
  };
  // One bit for each column, the first one in the lowest, as sqlite3_index_info.colUsed has them.
  using ColumnSet = uint64_t;
  static constexpr size_t kMostColumns = 64;
  static constexpr ColumnSet BitOf(size_t column) { return ColumnSet{1} << column; }

  VirtualTable(const VirtualTable&) = delete;
  VirtualTable& operator=(const VirtualTable&) = delete;

  const std::string& name() const { return name_; }
  const std::string& alias() const { return alias_; }  // a second name in SQL; empty: none
  const std::vector<ColumnInfo>& columns() const { return columns_; }
  const KeyRoles& roles() const { return roles_; }

 protected:
  explicit VirtualTable(const Schema& schema);
  ~VirtualTable() = default;

  // By both names. kInvalidArgument names a collation that does not exist or a table that is too
  // wide.
  Status RegisterWith(sqlite3* db, const sqlite3_module& module);

 private:
  template <typename Table>
  friend struct Connection;
  std::string Declaration() const;  // for sqlite3_declare_vtab

  std::string name_;
  std::string alias_;
  std::vector<ColumnInfo> columns_;
  KeyRoles roles_;
};

// What SQLite holds of a table: xConnect and xDisconnect of sqlite3_module.
template <typename Table>
struct Connection : sqlite3_vtab {
  Table* table = nullptr;

  static Table& TableOf(sqlite3_vtab* vtab) { return *static_cast<Connection*>(vtab)->table; }
  static int Connect(sqlite3* db, void* aux, int, const char* const*, sqlite3_vtab** out, char**) {
    auto* table = static_cast<Table*>(static_cast<VirtualTable*>(aux));
    const int rc = sqlite3_declare_vtab(db, table->Declaration().c_str());
    if (rc != SQLITE_OK) return rc;
    auto made = std::make_unique<Connection>();
    made->table = table;
    *out = made.release();
    return SQLITE_OK;
  }
  static int Disconnect(sqlite3_vtab* vtab) {
    delete static_cast<Connection*>(vtab);
    return SQLITE_OK;
  }
};

// The module of a kind of table; `Callbacks` has the functions that differ.
template <typename Table, typename Callbacks>
const sqlite3_module& ModuleOf() {
  static const sqlite3_module kModule = [] {
    sqlite3_module module{};
    module.iVersion = 0;
    module.xConnect = Connection<Table>::Connect;  // no xCreate: eponymous only
    module.xDisconnect = Connection<Table>::Disconnect;
    module.xDestroy = Connection<Table>::Disconnect;
    module.xBestIndex = Callbacks::BestIndex;
    module.xOpen = Callbacks::Open;
    module.xClose = Callbacks::Close;
    module.xFilter = Callbacks::Filter;
    module.xNext = Callbacks::Next;
    module.xEof = Callbacks::Eof;
    module.xColumn = Callbacks::Column;
    module.xRowid = Callbacks::Rowid;
    return module;
  }();
  return kModule;
}

// Names every table once, and json_each and json_tree: SQLite connects a table when it is first
// named, by a nested statement of its own that would not get past the authorizer.
Status ConnectTables(sqlite3* db, std::span<const std::string_view> names);

// The tables of one database, which goes before them.
template <typename Table>
class TableSet {
 public:
  // Makes Table(schema, log) of each, and connects all. kInvalidArgument names what is declared
  // twice.
  template <typename Log>
  Status Add(sqlite3* db, std::span<const Schema> schemas, Log& log) {
    std::vector<std::string_view> names;
    for (const Schema& schema : schemas) {
      auto table = std::make_unique<Table>(schema, log);
      for (const std::string& name : {std::cref(table->name()), std::cref(table->alias())}) {
        if (name.empty()) continue;
        if (!by_name_.emplace(name, table.get()).second) {
          return Fail(Code::kInvalidArgument, "table " + name + ": declared twice");
        }
        names.push_back(name);
      }
      if (Status done = table->Register(db); !done) return done;
      tables_.push_back(std::move(table));
    }
    return ConnectTables(db, names);
  }

  // By name or alias, as it is declared; null: there is none.
  Table* Find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  // As SQL spells it, in any case.
  Table* FindInSql(std::string_view name) const { return Find(Lower(name)); }

  auto begin() const { return tables_.begin(); }
  auto end() const { return tables_.end(); }

 private:
  std::vector<std::unique_ptr<Table>> tables_;
  std::unordered_map<std::string_view, Table*> by_name_;
};

}  // namespace sallyport
