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
#include "policy/doubt.h"
#include "policy/virtual_table.h"

namespace sallyport {

class EvidenceTable;

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

// Bound to rows that outlive the binding.
class EvidenceTable : public VirtualTable {
 public:
  // A plan that xBestIndex chose: the columns whose wanted value xFilter gets, in its order.
  enum class Compare { kNever, kBinary, kNocase, kInteger };
  struct PlanTerm {
    int column = 0;
    Compare compare = Compare::kNever;
    bool like = false;
    bool key = false;  // picks what is collected, not only rows of it
    friend bool operator==(const PlanTerm&, const PlanTerm&) = default;
  };
  struct Plan {
    std::vector<PlanTerm> terms;
    ColumnSet reads = 0;  // what the statement may read of it
    friend bool operator==(const Plan&, const Plan&) = default;
  };
  struct Bound {
    const TableResult* result = nullptr;
    bool mapped = false;    // `from` and `has` are filled
    uint64_t asked_in = 0;  // number of the last run that it answered
    std::vector<int> from;  // schema column -> cell, -1: the evidence has no such column
    ColumnSet has = 0;      // those that are there
  };
  struct Cursor;

  EvidenceTable(const Schema& schema, RunLog& log);
  ~EvidenceTable();

  Status Register(sqlite3* db);  // VirtualTable::RegisterWith

  void Clear() {
    bound_count_ = 0;
    by_key_.clear();
  }
  void Bind(const TableResult& result);

  size_t bound_count() const { return bound_count_; }
  const TableResult& bound(size_t i) const { return *bound_[i].result; }
  bool WasAsked(size_t i) const { return bound_[i].asked_in == log_.run; }
  // The cell that a row of that result has for a column, or null when it has none.
  const Value* CellOf(size_t bound, const Row& row, int column);

  // Of the run that the log names now.
  bool HasRead(int column) const { return (read_ & BitOf(static_cast<size_t>(column))) != 0; }
  std::chrono::milliseconds oldest() const { return oldest_; }

 private:
  friend struct EvidenceModule;
  Bound& Mapped(size_t index);
  void IndexByKey();
  int PlanNumber(Plan plan);

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
  ColumnSet read_ = 0;
  std::chrono::milliseconds oldest_{0};
};

}  // namespace sallyport
