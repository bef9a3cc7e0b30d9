// SPDX-License-Identifier: Apache-2.0
// AskTable: a table of no machine, which notes what a statement asks it for; AskLog: the notes.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "policy/sql_guard.h"
#include "policy/virtual_table.h"

namespace sallyport {

class AskTable;

// One call of xBestIndex: a way to ask a table, of which SQLite may choose others. Two compilations
// of one statement make the same calls in the same order, so a site is known by its number.
struct AskSite {
  struct Term {
    int column = 0;
    bool like = false;
    bool key = false;
    std::optional<Key> constant;  // as far as the statement spells it out
  };
  AskTable* table = nullptr;
  std::vector<Term> terms;  // in the order of xFilter's arguments
  // What the statement names of the table in this place (sqlite3_index_info.colUsed): all that its
  // run may read, constraints too; nothing for count(*). Its highest bit stands for all columns
  // from there on, which is one, as no table is wider.
  VirtualTable::ColumnSet reads = 0;

  Keys Constants() const;
  bool IsSettled() const;  // each key is a constant
  std::set<std::string> Columns() const;
};

// What one run asked for.
struct AskedKeys {
  std::set<Keys> keys;
  bool unclear = false;  // also for a value that is none of its column's
};

struct AskLog {
  std::vector<AskSite> sites;  // of the last statement that was compiled
  // Of the run that is under way.
  std::vector<bool> has_row;          // by site: a made-up one, or none
  int cell = 1;                       // what stands in each of its cells: 1 or 2
  std::map<size_t, AskedKeys> asked;  // by site
};

// Declared as EvidenceTable is, planned with the same costs, so that SQLite chooses the same plans.
// Takes every constraint for itself and then lets its made-up row pass, so that a run comes far.
class AskTable : public VirtualTable {
 public:
  AskTable(const Schema& schema, AskLog& log) : VirtualTable(schema), log_(log) {}

  Status Register(sqlite3* db);  // VirtualTable::RegisterWith

 private:
  friend struct AskModule;
  AskLog& log_;
};

// The sites that SQLite chose for the statement (its EXPLAIN names them), by number; `log.sites`
// are its own then.
Result<std::set<size_t>> ChosenSites(sqlite3* db, const std::string& sql, AskLog* log);

}  // namespace sallyport
