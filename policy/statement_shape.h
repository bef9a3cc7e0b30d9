// SPDX-License-Identifier: Apache-2.0
// StatementShape: what a SELECT does with columns and constants, whatever rows there will be. Read
// from the program that SQLite compiles for ordinary tables of the same declarations (EXPLAIN;
// https://www.sqlite.org/opcode.html).
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "policy/sql_guard.h"

namespace sallyport {

struct ColumnName {
  std::string table;
  std::string column;
  friend bool operator==(const ColumnName&, const ColumnName&) = default;
};

struct StatementShape {
  // A text column put in order with a number, or with a text that spells one: '10' comes before
  // '5'.
  struct TextOrder {
    ColumnName column;
    std::string constant;
  };
  std::vector<TextOrder> text_orders;
  // Columns that are compared with constants, or that are arguments of functions.
  std::vector<ColumnName> restricted;
  std::vector<std::string> patterns;  // of regular expressions, where they are constants
  bool always_has_row = false;        // no way through the program ends without a row
};

class ShapeReader {
 public:
  static Result<ShapeReader> Open(std::span<const Schema> schemas);

  // The first statement of `sql`, which has been compiled by Engine before; kInvalidArgument when
  // SQLite does not take it.
  Result<StatementShape> Read(const std::string& sql) const;

 private:
  struct Table {
    std::string name;
    std::vector<Column> columns;
  };
  struct Program;

  explicit ShapeReader(Database db) : db_(std::move(db)) {}

  Database db_;
  std::map<int, Table> by_root_page_;
};

}  // namespace sallyport
