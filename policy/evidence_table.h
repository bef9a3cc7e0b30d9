// SPDX-License-Identifier: Apache-2.0
// EvidenceTable: one table of the evidence as an eponymous virtual table of SQLite, over the rows
// in place; RunLog: what one run of one statement asked of the tables.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "policy/key_roles.h"

namespace sallyport {

class EvidenceTable;

// The first thing that makes a run's answer unknown (design: rule 1).
struct Doubt {
  enum class Kind { kNone, kNoTable, kState, kKey, kCell, kNoColumn, kWrongType };
  Kind kind = Kind::kNone;
  const EvidenceTable* table = nullptr;
  const TableResult* result = nullptr;  // kState: whose state it is
  int column = -1;
  size_t row = 0;
  Keys asked = {};  // kKey: what no result covers
};
// "disk_volumes: denied: /proc/self/mountinfo"; "file: path=/etc/x: not in the evidence";
// "disk_volumes.protection: unknown in row 2".
std::string DoubtText(const Doubt& doubt);

struct RunLog {
  uint64_t run = 0;  // number of the run; a table's own marks are of the run that they name
  std::vector<EvidenceTable*> asked;
  std::vector<const TableResult*> used;  // those that answered, in state `value`
  Doubt doubt;
  // An unknown cell reads as the text 'unknown': for people, not verdicts.
  bool show_unknown = false;
  // Of all that was asked for and that no result covers; only where note_missing is set.
  struct Ask {
    EvidenceTable* table = nullptr;
    Keys keys;
  };
  bool note_missing = false;
  std::vector<Ask> missing;

  void Begin() {
    ++run;
    asked.clear();
    used.clear();
    missing.clear();
    doubt = {};
  }
  void Use(const TableResult* result) {
    if (std::ranges::find(used, result) == used.end()) used.push_back(result);
  }
  void Blame(Doubt what) {
    if (doubt.kind == Doubt::Kind::kNone) doubt = std::move(what);
  }
};

// Bound to rows that outlive the binding. Not movable: SQLite keeps its address.
class EvidenceTable {
 public:
  struct ColumnInfo {
    std::string name;
    Type type = Type::kText;
    std::string collation;
    bool hidden = false;  // SQLite leaves it out of SELECT *
  };
  // A plan that xBestIndex chose: the columns whose wanted value xFilter gets, in its order.
  enum class Compare { kNever, kBinary, kNocase, kInteger };
  struct PlanTerm {
    int column = 0;
    Compare compare = Compare::kNever;
    bool like = false;
    bool key = false;  // picks what is collected, not only rows of it
    friend bool operator==(const PlanTerm&, const PlanTerm&) = default;
  };
  using Plan = std::vector<PlanTerm>;
  struct Bound {
    const TableResult* result = nullptr;
    bool mapped = false;    // `from` and `in_order` are filled
    bool in_order = false;  // the cells stand as the schema has them
    uint64_t asked_in = 0;  // number of the last run that it answered
    std::vector<int> from;  // schema column -> cell, -1: the evidence has no such column
  };
  struct Cursor;

  EvidenceTable(const Schema& schema, RunLog& log);
  ~EvidenceTable();
  EvidenceTable(const EvidenceTable&) = delete;
  EvidenceTable& operator=(const EvidenceTable&) = delete;

  // kInvalidArgument names a collation that does not exist or a table that is too wide.
  Status Register(sqlite3* db);

  void Clear() {
    bound_count_ = 0;
    by_key_.clear();
  }
  void Bind(const TableResult& result);

  std::string Declaration() const;  // for sqlite3_declare_vtab

  const std::string& name() const { return name_; }
  const KeyRoles& roles() const { return roles_; }
  const std::string& alias() const { return alias_; }  // a second name in SQL; empty: none
  const std::vector<ColumnInfo>& columns() const { return columns_; }
  size_t bound_count() const { return bound_count_; }
  const TableResult& bound(size_t i) const { return *bound_[i].result; }
  bool WasAsked(size_t i) const { return bound_[i].asked_in == log_.run; }
  // The cell that a row of that result has for a column, or null when it has none.
  const Value* CellOf(size_t bound, const Row& row, int column);

  // Of the run that the log names now.
  bool HasRead(int column) const { return (read_ >> Bit(column)) & 1u; }
  std::chrono::milliseconds oldest() const { return oldest_; }

 private:
  friend struct EvidenceModule;
  static unsigned Bit(int column) { return static_cast<unsigned>(column); }

  Bound& Mapped(size_t index);
  void IndexByKey();
  int PlanNumber(Plan plan);

  std::string name_;
  std::string alias_;
  std::vector<ColumnInfo> columns_;
  KeyRoles roles_;
  bool always_readable_;  // collector_status
  RunLog& log_;
  std::vector<Plan> plans_;
  Keys asked_;  // of the last xFilter
  // Results by a hash of their first key, those without one by 0; made when there are many.
  std::vector<std::pair<size_t, size_t>> by_key_;
  std::vector<Bound> bound_;
  size_t bound_count_ = 0;
  std::vector<std::unique_ptr<Cursor>> cursors_;
  std::vector<Cursor*> free_cursors_;

  uint64_t run_ = 0;
  uint64_t read_ = 0;  // one bit per column
  std::chrono::milliseconds oldest_{0};
};

}  // namespace sallyport
