// SPDX-License-Identifier: Apache-2.0
// KeyRoles: which constraints of a statement are keys of a table, and which rows answer them.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"

namespace sallyport {

// By the roles that a table's columns are declared with (base/table.h):
// - `=` (and IN, which is many of them) fixes a column of any role but kPlain, where it compares as
//   the column itself does: a column with one of the version collations is never a key.
// - LIKE fixes a column of a table that is asked for by path, and an additional column `path`;
//   elsewhere SQL filters whole tables by it. A pattern without % is the value that it spells:
//   osquery resolves patterns as paths, where _ is a character like others.
// - What fixes an additional column asks for other rows than the table without it has.
class KeyRoles {
 public:
  explicit KeyRoles(const Schema& schema);

  bool any() const { return any_; }  // some column can be a key
  bool has_additional() const { return additional_; }
  // It has no rows unless one of its columns is fixed: file, plist, registry.
  bool never_whole() const { return never_whole_; }

  // `collation`: the one that the constraint compares by, as SQLite names it.
  bool IsKey(int column, bool like, const char* collation) const;
  bool IsAdditional(int column) const { return columns_[Index(column)].role == Role::kAdditional; }
  // To fix it is enough for the table to have an answer.
  bool IsEnough(int column) const;
  // Nothing when no row equals it (NULL), or when it is no value of the column's type.
  std::optional<Key> KeyOf(int column, bool like, sqlite3_value* value) const;

  // The same for keys of which one answers the other.
  static size_t HashOf(const Key& key);
  // Rows collected for `held` hold all rows that are asked for.
  bool Covers(const Keys& held, const Keys& asked) const;
  // The table can be collected for these keys.
  bool CanCollect(const Keys& keys) const;
  // "path or directory": what has to be fixed; empty for a table that there is whole.
  std::string Wanted() const;

 private:
  struct ColumnRole {
    std::string name;
    Type type = Type::kText;
    Role role = Role::kPlain;
    std::string collation;  // lower case; "binary" for none
  };
  static size_t Index(int column) { return static_cast<size_t>(column); }
  const ColumnRole* Find(std::string_view name) const;
  bool Holds(const Key& held, const Key& asked) const;

  std::vector<ColumnRole> columns_;
  bool any_ = false;
  bool required_ = false;
  bool additional_ = false;
  bool never_whole_ = false;
};

// What xBestIndex says of a plan. Tables are short: what counts is that a term that picks rows
// comes before one that does not, and that a table which has to be given a key gets it.
struct PlanCost {
  double rows = 1;
  double cost = 1;
};
PlanCost CostOf(const KeyRoles& roles, size_t equalities, bool keyed);

}  // namespace sallyport
