// SPDX-License-Identifier: Apache-2.0
#include "policy/evidence_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace sallyport {

struct EvidenceTable::Cursor : sqlite3_vtab_cursor {
  struct Probe {
    int column = 0;
    Compare compare = Compare::kNever;
    int64_t number = 0;
    std::string text;
  };
  EvidenceTable* table = nullptr;
  Bound* bound = nullptr;  // null: no rows
  size_t row = 0;
  size_t probe_count = 0;
  bool nothing = false;  // a term wants NULL: no row equals it
  std::vector<Probe> probes;
};

// The callbacks of sqlite3_module (https://www.sqlite.org/vtab.html).
struct EvidenceModule {
  using Cursor = EvidenceTable::Cursor;
  using Compare = EvidenceTable::Compare;
  static EvidenceTable& TableOf(sqlite3_vtab* vtab) {
    return Connection<EvidenceTable>::TableOf(vtab);
  }

  // How SQLite itself would compare this column with `=` here, as far as we do it alike.
  static Compare CompareFor(const EvidenceTable& table, sqlite3_index_info* info, int term) {
    const Type type = table.columns()[static_cast<size_t>(info->aConstraint[term].iColumn)].type;
    if (type == Type::kInteger || type == Type::kBigint) return Compare::kInteger;
    if (type != Type::kText) return Compare::kNever;
    const char* collation = sqlite3_vtab_collation(info, term);
    if (sqlite3_stricmp(collation, "BINARY") == 0) return Compare::kBinary;
    if (sqlite3_stricmp(collation, "NOCASE") == 0) return Compare::kNocase;
    return Compare::kNever;
  }

  // A constant of the column's own type needs no second look by SQLite.
  static bool ExactFor(Compare compare, sqlite3_index_info* info, int term) {
    sqlite3_value* wanted = nullptr;
    if (sqlite3_vtab_rhs_value(info, term, &wanted) != SQLITE_OK) return false;
    const int type = sqlite3_value_type(wanted);
    if (compare == Compare::kInteger) return type == SQLITE_INTEGER;
    return compare != Compare::kNever && type == SQLITE_TEXT;
  }

  static int BestIndex(sqlite3_vtab* vtab, sqlite3_index_info* info) {
    EvidenceTable& table = TableOf(vtab);
    const KeyRoles& roles = table.roles();
    EvidenceTable::Plan plan{.terms = {}, .reads = info->colUsed};
    size_t equalities = 0;
    bool keyed = false;
    for (int i = 0; i < info->nConstraint; ++i) {
      const auto& term = info->aConstraint[i];
      const bool like = term.op == SQLITE_INDEX_CONSTRAINT_LIKE;
      if (!term.usable || term.iColumn < 0) continue;
      if (!like && term.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
      const bool key = roles.IsKey(term.iColumn, like, sqlite3_vtab_collation(info, i));
      if (like && !key) continue;
      const Compare compare = like ? Compare::kNever : CompareFor(table, info, i);
      plan.terms.push_back({term.iColumn, compare, like, key});
      equalities += like ? 0 : 1;
      keyed = keyed || (key && roles.IsEnough(term.iColumn));
      info->aConstraintUsage[i].argvIndex = static_cast<int>(plan.terms.size());
      // Rows that a pattern was collected for are looked at by LIKE too, as in osquery: it lets all
      // pass that the pattern finds as a path.
      info->aConstraintUsage[i].omit = !like && ExactFor(compare, info, i) ? 1 : 0;
    }
    const PlanCost cost = CostOf(roles, equalities, keyed);
    info->estimatedRows = static_cast<sqlite3_int64>(cost.rows);
    info->estimatedCost = cost.cost;
    info->idxNum = table.PlanNumber(std::move(plan));
    return SQLITE_OK;
  }

  static int Open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) {
    EvidenceTable& table = TableOf(vtab);
    if (table.free_cursors_.empty()) {
      table.cursors_.push_back(std::make_unique<Cursor>());
      table.cursors_.back()->table = &table;
      table.free_cursors_.push_back(table.cursors_.back().get());
    }
    *out = table.free_cursors_.back();
    table.free_cursors_.pop_back();
    return SQLITE_OK;
  }
  static int Close(sqlite3_vtab_cursor* cursor) {
    auto* ours = static_cast<Cursor*>(cursor);
    ours->table->free_cursors_.push_back(ours);
    return SQLITE_OK;
  }

  static void MarkAsked(EvidenceTable& table) {
    RunLog& log = table.log_;
    if (table.run_ == log.run) return;
    table.run_ = log.run;
    table.read_ = 0;
    table.oldest_ = std::chrono::milliseconds(0);
    log.asked.push_back(&table);
  }

  // The keys that are asked for, into table.asked_.
  static void NoteAsked(EvidenceTable& table, const EvidenceTable::Plan& plan,
                        sqlite3_value** argv) {
    table.asked_.clear();
    for (size_t i = 0; i < plan.terms.size(); ++i) {
      const EvidenceTable::PlanTerm& term = plan.terms[i];
      if (!term.key) continue;
      std::optional<Key> key = table.roles().KeyOf(term.column, term.like, argv[i]);
      if (key) table.asked_.push_back(std::move(*key));
    }
  }

  static bool Covers(const EvidenceTable& table, const Keys& held) {
    if (held.empty() && !table.roles().has_additional()) return true;
    return table.roles().Covers(held, table.asked_);
  }

  // A usable one is better than one that is not, and of two the one that has the columns.
  static bool IsBetter(EvidenceTable& table, size_t i, size_t than, uint64_t reads) {
    const auto usable = [&](size_t n) { return table.bound_[n].result->state == State::kValue; };
    const auto has_all = [&](size_t n) { return (reads & ~table.Mapped(n).has) == 0; };
    if (than == table.bound_count_) return true;
    if (!usable(i)) return false;
    return !usable(than) || (!has_all(than) && has_all(i));
  }

  // The result that answers table.asked_; bound_count_: none does.
  static size_t Find(EvidenceTable& table, uint64_t reads) {
    constexpr size_t kMany = 16;
    size_t found = table.bound_count_;
    const auto consider = [&](size_t i) {
      if (!Covers(table, table.bound_[i].result->keys)) return;
      if (IsBetter(table, i, found, reads)) found = i;
    };
    if (table.bound_count_ <= kMany) {
      for (size_t i = 0; i < table.bound_count_; ++i) consider(i);
      return found;
    }
    if (table.by_key_.empty()) table.IndexByKey();
    const auto look_at = [&](size_t hash) {
      auto at = std::ranges::lower_bound(table.by_key_, std::pair(hash, size_t{0}));
      for (; at != table.by_key_.end() && at->first == hash; ++at) consider(at->second);
    };
    look_at(0);
    for (const Key& key : table.asked_) look_at(KeyRoles::HashOf(key));
    return found;
  }

  // Picks the result that answers the ask; notes what is in doubt.
  static EvidenceTable::Bound* Answering(EvidenceTable& table, uint64_t reads) {
    const size_t found = Find(table, reads);
    if (found == table.bound_count_) {
      if (table.log_.note_missing) table.log_.missing.push_back({&table, table.asked_});
      if (table.log_.doubt.kind != Doubt::Kind::kNone) return nullptr;
      const bool keyed = table.bound_count_ != 0 || !table.asked_.empty();
      const auto kind = keyed ? Doubt::Kind::kKey : Doubt::Kind::kNoTable;
      table.log_.Blame({.kind = kind, .table = &table, .asked = table.asked_});
      return nullptr;
    }
    EvidenceTable::Bound& bound = table.Mapped(found);
    bound.asked_in = table.log_.run;
    if (bound.result->state != State::kValue) {
      table.log_.Blame({.kind = Doubt::Kind::kState, .table = &table, .result = bound.result});
      return nullptr;
    }
    table.oldest_ = std::max(table.oldest_, bound.result->age);
    table.log_.Use(bound.result);
    return &bound;
  }

  static void SetProbe(Cursor& cursor, const EvidenceTable::PlanTerm& term, sqlite3_value* wanted) {
    const int type = sqlite3_value_type(wanted);
    if (type == SQLITE_NULL) {
      cursor.nothing = true;
      return;
    }
    // Of another type: SQLite converts and compares by itself.
    const bool number = term.compare == Compare::kInteger;
    if (term.compare == Compare::kNever || type != (number ? SQLITE_INTEGER : SQLITE_TEXT)) return;
    if (cursor.probes.size() <= cursor.probe_count) cursor.probes.emplace_back();
    Cursor::Probe& probe = cursor.probes[cursor.probe_count++];
    probe.column = term.column;
    probe.compare = term.compare;
    if (number) {
      probe.number = sqlite3_value_int64(wanted);
    } else {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(wanted));
      probe.text.assign(text, static_cast<size_t>(sqlite3_value_bytes(wanted)));
    }
  }

  static int Filter(sqlite3_vtab_cursor* base, int plan_number, const char*, int,
                    sqlite3_value** argv) {
    auto& cursor = *static_cast<Cursor*>(base);
    EvidenceTable& table = *cursor.table;
    const EvidenceTable::Plan& plan = table.plans_[static_cast<size_t>(plan_number)];
    MarkAsked(table);
    cursor.row = 0;
    cursor.probe_count = 0;
    cursor.nothing = false;
    for (size_t i = 0; i < plan.terms.size(); ++i) SetProbe(cursor, plan.terms[i], argv[i]);
    if (table.roles().any()) NoteAsked(table, plan, argv);
    // No path is NULL: nothing has to be collected to know that there is no such file.
    const bool nothing = cursor.nothing && table.roles().never_whole();
    cursor.bound = nothing ? nullptr : Answering(table, plan.reads);
    if (cursor.nothing) cursor.bound = nullptr;
    SkipOthers(cursor);
    return SQLITE_OK;
  }

  static bool Matches(Cursor& cursor, const Cursor::Probe& probe) {
    const Value* cell = Read(cursor, probe.column);
    if (cell == nullptr) return false;
    if (probe.compare == Compare::kInteger) {
      const auto* number = std::get_if<int64_t>(cell);
      return number != nullptr && *number == probe.number;
    }
    const auto* text = std::get_if<std::string>(cell);
    if (text == nullptr || text->size() != probe.text.size()) return false;
    return probe.compare == Compare::kBinary
               ? std::memcmp(text->data(), probe.text.data(), text->size()) == 0
               : sqlite3_strnicmp(text->data(), probe.text.data(),
                                  static_cast<int>(text->size())) == 0;
  }

  static void SkipOthers(Cursor& cursor) {
    if (cursor.bound == nullptr || cursor.probe_count == 0) return;
    const size_t end = cursor.bound->result->rows.size();
    for (; cursor.row < end; ++cursor.row) {
      bool all = true;
      for (size_t i = 0; i < cursor.probe_count && all; ++i)
        all = Matches(cursor, cursor.probes[i]);
      if (all) return;
    }
  }

  static int Next(sqlite3_vtab_cursor* base) {
    auto& cursor = *static_cast<Cursor*>(base);
    ++cursor.row;
    SkipOthers(cursor);
    return SQLITE_OK;
  }
  static int Eof(sqlite3_vtab_cursor* base) {
    const auto& cursor = *static_cast<Cursor*>(base);
    return cursor.bound == nullptr || cursor.row >= cursor.bound->result->rows.size();
  }
  // By it SQLite knows rows that two terms of an OR both found, perhaps in two results.
  static int Rowid(sqlite3_vtab_cursor* base, sqlite3_int64* out) {
    const auto& cursor = *static_cast<Cursor*>(base);
    const auto result = cursor.bound - cursor.table->bound_.data();
    *out = (static_cast<sqlite3_int64>(result) << 32) | static_cast<sqlite3_int64>(cursor.row);
    return SQLITE_OK;
  }

  static bool Fits(const Value& cell, Type type) {
    if (std::holds_alternative<int64_t>(cell)) return type != Type::kText;
    if (std::holds_alternative<double>(cell)) return type == Type::kDouble;
    return type == Type::kText || !std::holds_alternative<std::string>(cell);
  }

  // Notes that the run looked at this cell; null when it says nothing (unknown, missing, or of a
  // type that the column does not have), which is noted too.
  static const Value* Read(Cursor& cursor, int column) {
    EvidenceTable& table = *cursor.table;
    const EvidenceTable::Bound& bound = *cursor.bound;
    table.read_ |= VirtualTable::BitOf(static_cast<size_t>(column));
    const Row& row = bound.result->rows[cursor.row];
    const int at = bound.from[static_cast<size_t>(column)];
    Doubt::Kind why = Doubt::Kind::kNoColumn;
    if (at >= 0 && static_cast<size_t>(at) < row.size()) {
      const Value& cell = row[static_cast<size_t>(at)];
      if (!IsUnknown(cell) && Fits(cell, table.columns()[static_cast<size_t>(column)].type)) {
        return &cell;
      }
      why = IsUnknown(cell) ? Doubt::Kind::kCell : Doubt::Kind::kWrongType;
    }
    if (!table.always_readable_) {
      table.log_.Blame({.kind = why,
                        .table = &table,
                        .result = bound.result,
                        .column = column,
                        .row = cursor.row});
    }
    return nullptr;
  }

  static int Column(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
    auto& cursor = *static_cast<Cursor*>(base);
    const Value* cell = Read(cursor, column);
    if (cell == nullptr) {
      if (cursor.table->log_.show_unknown) {
        sqlite3_result_text(context, "unknown", 7, SQLITE_STATIC);
      }
      return SQLITE_OK;  // NULL
    }
    if (const auto* text = std::get_if<std::string>(cell)) {
      sqlite3_result_text64(context, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* number = std::get_if<int64_t>(cell)) {
      sqlite3_result_int64(context, *number);
    } else if (const auto* real = std::get_if<double>(cell)) {
      sqlite3_result_double(context, *real);
    }
    return SQLITE_OK;
  }
};

EvidenceTable::EvidenceTable(const Schema& schema, RunLog& log)
    : VirtualTable(schema), always_readable_(schema.name == "collector_status"), log_(log) {}

EvidenceTable::~EvidenceTable() = default;

Status EvidenceTable::Register(sqlite3* db) {
  return RegisterWith(db, ModuleOf<EvidenceTable, EvidenceModule>());
}

void EvidenceTable::Bind(const TableResult& result) {
  if (bound_.size() <= bound_count_) bound_.emplace_back();
  Bound& bound = bound_[bound_count_++];
  bound.result = &result;
  bound.mapped = false;
}

// Most evidence has some of the columns, in the order of the schema: each search begins where the
// one before ended.
EvidenceTable::Bound& EvidenceTable::Mapped(size_t index) {
  Bound& bound = bound_[index];
  if (bound.mapped) return bound;
  bound.mapped = true;
  const std::vector<std::string>& have = bound.result->columns;
  const size_t count = columns().size();
  bound.has = 0;
  bound.from.assign(count, -1);
  size_t column = 0;
  for (size_t cell = 0; cell < have.size(); ++cell) {
    for (size_t tried = 0; tried < count; ++tried, ++column) {
      if (column == count) column = 0;
      if (columns()[column].name != have[cell]) continue;
      bound.from[column] = static_cast<int>(cell);
      bound.has |= BitOf(column++);
      break;
    }
  }
  return bound;
}

const Value* EvidenceTable::CellOf(size_t index, const Row& row, int column) {
  const int at = Mapped(index).from[static_cast<size_t>(column)];
  return at < 0 || static_cast<size_t>(at) >= row.size() ? nullptr : &row[static_cast<size_t>(at)];
}

void EvidenceTable::IndexByKey() {
  for (size_t i = 0; i < bound_count_; ++i) {
    const Keys& keys = bound_[i].result->keys;
    by_key_.emplace_back(keys.empty() ? 0 : KeyRoles::HashOf(keys[0]), i);
  }
  std::ranges::sort(by_key_);
}

int EvidenceTable::PlanNumber(Plan plan) {
  const auto found = std::ranges::find(plans_, plan);
  const auto number = static_cast<int>(found - plans_.begin());
  if (found == plans_.end()) plans_.push_back(std::move(plan));
  return number;
}

}  // namespace sallyport
