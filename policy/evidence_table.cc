// SPDX-License-Identifier: Apache-2.0
#include "policy/evidence_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "policy/sql_collations.h"

namespace sallyport {
namespace {

constexpr size_t kMaxColumns = 64;  // EvidenceTable::read_ has a bit for each

// "path=/etc/hosts directory=/etc"
std::string KeysText(const Keys& keys) {
  std::string text;
  for (const Key& key : keys) text += (text.empty() ? "" : " ") + Excerpt(ToText(key));
  return text;
}

// Quoted as SQL names are, so that a column may be called "group".
std::string Quoted(std::string_view name) {
  std::string out = "\"";
  for (char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

// What an ask that no result covers asked for.
std::string MissingText(const EvidenceTable& table, const Keys& asked) {
  if (!asked.empty()) return KeysText(asked) + ": not in the evidence";
  const std::string wanted = table.roles().Wanted();
  if (!wanted.empty()) return "no " + wanted + " is fixed";
  return "the whole table is not in the evidence";
}

}  // namespace

std::string DoubtText(const Doubt& doubt) {
  if (doubt.table == nullptr) return {};
  const std::string& name = doubt.table->name();
  const Keys none;
  const std::string keys = KeysText(doubt.result == nullptr ? none : doubt.result->keys);
  const std::string table = keys.empty() ? name : name + ": " + keys;
  const std::string row = std::to_string(doubt.row + 1) + (keys.empty() ? "" : " of " + keys);
  const std::string column =
      doubt.column < 0
          ? name
          : name + "." + doubt.table->columns()[static_cast<size_t>(doubt.column)].name;
  switch (doubt.kind) {
    case Doubt::Kind::kNone:
      return {};
    case Doubt::Kind::kNoTable:
      return table + ": not in the evidence";
    case Doubt::Kind::kState: {
      const std::string state = table + ": " + StateName(doubt.result->state);
      return doubt.result->error.empty() ? state : state + ": " + Excerpt(doubt.result->error, 160);
    }
    case Doubt::Kind::kKey:
      return name + ": " + MissingText(*doubt.table, doubt.asked);
    case Doubt::Kind::kCell:
      return column + ": unknown in row " + row;
    case Doubt::Kind::kNoColumn:
      return column + ": the evidence has no such column";
    case Doubt::Kind::kWrongType:
      return column + ": not of type " +
             TypeName(doubt.table->columns()[static_cast<size_t>(doubt.column)].type) + " in row " +
             row;
  }
  return {};
}

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
  struct Vtab : sqlite3_vtab {
    EvidenceTable* table = nullptr;
  };

  static EvidenceTable& TableOf(sqlite3_vtab* vtab) { return *static_cast<Vtab*>(vtab)->table; }

  static int Connect(sqlite3* db, void* aux, int, const char* const*, sqlite3_vtab** out, char**) {
    auto* table = static_cast<EvidenceTable*>(aux);
    const int rc = sqlite3_declare_vtab(db, table->Declaration().c_str());
    if (rc != SQLITE_OK) return rc;
    auto vtab = std::make_unique<Vtab>();
    vtab->table = table;
    *out = vtab.release();
    return SQLITE_OK;
  }
  static int Disconnect(sqlite3_vtab* vtab) {
    delete static_cast<Vtab*>(vtab);
    return SQLITE_OK;
  }

  // How SQLite itself would compare this column with `=` here, as far as we do it alike.
  static Compare CompareFor(const EvidenceTable& table, sqlite3_index_info* info, int term) {
    const Type type = table.columns_[static_cast<size_t>(info->aConstraint[term].iColumn)].type;
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
    const KeyRoles& roles = table.roles_;
    EvidenceTable::Plan plan;
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
      plan.push_back({term.iColumn, compare, like, key});
      equalities += like ? 0 : 1;
      keyed = keyed || (key && roles.IsEnough(term.iColumn));
      info->aConstraintUsage[i].argvIndex = static_cast<int>(plan.size());
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
    for (size_t i = 0; i < plan.size(); ++i) {
      if (!plan[i].key) continue;
      std::optional<Key> key = table.roles_.KeyOf(plan[i].column, plan[i].like, argv[i]);
      if (key) table.asked_.push_back(std::move(*key));
    }
  }

  static bool Covers(const EvidenceTable& table, const Keys& held) {
    if (held.empty() && !table.roles_.has_additional()) return true;
    return table.roles_.Covers(held, table.asked_);
  }

  // A usable one is better than one that is not.
  static void Consider(const EvidenceTable& table, size_t i, size_t& found) {
    const TableResult& result = *table.bound_[i].result;
    if (!Covers(table, result.keys)) return;
    const bool better =
        result.state == State::kValue &&
        (found == table.bound_count_ || table.bound_[found].result->state != State::kValue);
    if (found == table.bound_count_ || better) found = i;
  }

  static size_t Find(EvidenceTable& table) {
    constexpr size_t kMany = 16;
    size_t found = table.bound_count_;
    if (table.bound_count_ <= kMany) {
      for (size_t i = 0; i < table.bound_count_; ++i) Consider(table, i, found);
      return found;
    }
    if (table.by_key_.empty()) table.IndexByKey();
    const auto look_at = [&](size_t hash) {
      auto at = std::ranges::lower_bound(table.by_key_, std::pair(hash, size_t{0}));
      for (; at != table.by_key_.end() && at->first == hash; ++at) {
        Consider(table, at->second, found);
      }
    };
    look_at(0);
    for (const Key& key : table.asked_) look_at(KeyRoles::HashOf(key));
    return found;
  }

  // Picks the result that answers the ask; notes what is in doubt.
  static EvidenceTable::Bound* Answering(EvidenceTable& table) {
    const size_t found = Find(table);
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
    for (size_t i = 0; i < plan.size(); ++i) SetProbe(cursor, plan[i], argv[i]);
    if (table.roles_.any()) NoteAsked(table, plan, argv);
    // No path is NULL: nothing has to be collected to know that there is no such file.
    const bool nothing = cursor.nothing && table.roles_.never_whole();
    cursor.bound = nothing ? nullptr : Answering(table);
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
    table.read_ |= uint64_t{1} << EvidenceTable::Bit(column);
    const Row& row = bound.result->rows[cursor.row];
    const int at = bound.in_order ? column : bound.from[static_cast<size_t>(column)];
    Doubt::Kind why = Doubt::Kind::kNoColumn;
    if (at >= 0 && static_cast<size_t>(at) < row.size()) {
      const Value& cell = row[static_cast<size_t>(at)];
      if (!IsUnknown(cell) && Fits(cell, table.columns_[static_cast<size_t>(column)].type)) {
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

  static const sqlite3_module& Module() {
    static const sqlite3_module kModule = [] {
      sqlite3_module module{};
      module.iVersion = 0;
      module.xConnect = Connect;  // no xCreate: eponymous only
      module.xBestIndex = BestIndex;
      module.xDisconnect = Disconnect;
      module.xDestroy = Disconnect;
      module.xOpen = Open;
      module.xClose = Close;
      module.xFilter = Filter;
      module.xNext = Next;
      module.xEof = Eof;
      module.xColumn = Column;
      module.xRowid = Rowid;
      return module;
    }();
    return kModule;
  }
};

EvidenceTable::EvidenceTable(const Schema& schema, RunLog& log)
    : name_(schema.name),
      alias_(schema.alias),
      roles_(schema),
      always_readable_(schema.name == "collector_status"),
      log_(log) {
  for (const Column& column : schema.columns) {
    columns_.push_back(
        {std::string(column.name), column.type, Lower(column.collation), column.hidden});
  }
}

EvidenceTable::~EvidenceTable() = default;

Status EvidenceTable::Register(sqlite3* db) {
  if (columns_.empty() || columns_.size() > kMaxColumns) {
    return Fail(Code::kInvalidArgument, "table " + name_ + ": " + std::to_string(columns_.size()) +
                                            " columns, allowed are 1 to " +
                                            std::to_string(kMaxColumns));
  }
  for (const ColumnInfo& column : columns_) {
    if (IsCollation(column.collation)) continue;
    return Fail(Code::kInvalidArgument, "table " + name_ + ": column " + column.name +
                                            ": no such collation: " + column.collation);
  }
  for (const std::string& name : {name_, alias_}) {
    if (name.empty()) continue;
    if (sqlite3_create_module_v2(db, name.c_str(), &EvidenceModule::Module(), this, nullptr) !=
        SQLITE_OK) {
      return Fail(Code::kInternal, "table " + name + ": " + sqlite3_errmsg(db));
    }
  }
  return {};
}

std::string EvidenceTable::Declaration() const {
  std::string sql = "CREATE TABLE x(";
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += Quoted(columns_[i].name) + " " + TypeName(columns_[i].type);
    if (!columns_[i].collation.empty()) sql += " COLLATE " + columns_[i].collation;
    if (columns_[i].hidden) sql += " HIDDEN";
  }
  return sql + ")";
}

void EvidenceTable::Bind(const TableResult& result) {
  if (bound_.size() <= bound_count_) bound_.emplace_back();
  Bound& bound = bound_[bound_count_++];
  bound.result = &result;
  bound.mapped = false;
}

EvidenceTable::Bound& EvidenceTable::Mapped(size_t index) {
  Bound& bound = bound_[index];
  if (bound.mapped) return bound;
  bound.mapped = true;
  const std::vector<std::string>& have = bound.result->columns;
  bound.in_order = std::ranges::equal(have, columns_, {}, {}, &ColumnInfo::name);
  if (bound.in_order) return bound;
  bound.from.assign(columns_.size(), -1);
  for (size_t i = 0; i < columns_.size(); ++i) {
    const auto at = std::ranges::find(have, columns_[i].name);
    if (at != have.end()) bound.from[i] = static_cast<int>(at - have.begin());
  }
  return bound;
}

const Value* EvidenceTable::CellOf(size_t index, const Row& row, int column) {
  const Bound& bound = Mapped(index);
  const int at = bound.in_order ? column : bound.from[static_cast<size_t>(column)];
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
