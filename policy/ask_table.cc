// SPDX-License-Identifier: Apache-2.0
#include "policy/ask_table.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

// SQLite leaves out the check of a term that we took for as many terms as its mask has bits.
constexpr int kMostTerms = 16;

bool IsComparison(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_LE:
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_GE:
    case SQLITE_INDEX_CONSTRAINT_LIKE:
    case SQLITE_INDEX_CONSTRAINT_GLOB:
    case SQLITE_INDEX_CONSTRAINT_NE:
    case SQLITE_INDEX_CONSTRAINT_ISNOT:
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
    case SQLITE_INDEX_CONSTRAINT_ISNULL:
    case SQLITE_INDEX_CONSTRAINT_IS:
      return true;
    default:
      return false;
  }
}

}  // namespace

Keys AskSite::Constants() const {
  Keys keys;
  for (const Term& term : terms) {
    if (term.key && term.constant) keys.push_back(*term.constant);
  }
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

bool AskSite::IsSettled() const {
  return std::ranges::all_of(terms, [](const Term& t) { return !t.key || t.constant; });
}

// The callbacks of sqlite3_module (https://www.sqlite.org/vtab.html).
struct AskModule {
  struct Cursor : sqlite3_vtab_cursor {
    bool has_row = false;
  };

  static AskTable& TableOf(sqlite3_vtab* vtab) { return Connection<AskTable>::TableOf(vtab); }

  static AskSite::Term TermOf(const KeyRoles& roles, sqlite3_index_info* info, int i) {
    const auto& constraint = info->aConstraint[i];
    AskSite::Term term{.column = constraint.iColumn,
                       .like = constraint.op == SQLITE_INDEX_CONSTRAINT_LIKE,
                       .key = false,
                       .constant = std::nullopt};
    if (!term.like && constraint.op != SQLITE_INDEX_CONSTRAINT_EQ) return term;
    term.key = roles.IsKey(term.column, term.like, sqlite3_vtab_collation(info, i));
    sqlite3_value* value = nullptr;
    if (term.key && sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK) {
      term.constant = roles.KeyOf(term.column, term.like, value);
    }
    return term;
  }

  // Counts as EvidenceTable's does: other terms are only taken out of the way.
  static int BestIndex(sqlite3_vtab* vtab, sqlite3_index_info* info) {
    AskTable& table = TableOf(vtab);
    const KeyRoles& roles = table.roles();
    AskSite site{&table, {}, info->colUsed};
    size_t equalities = 0;
    bool keyed = false;
    for (int i = 0; i < info->nConstraint; ++i) {
      const auto& constraint = info->aConstraint[i];
      if (!constraint.usable || constraint.iColumn < 0) continue;
      const bool equality = constraint.op == SQLITE_INDEX_CONSTRAINT_EQ;
      equalities += equality ? 1 : 0;
      if (!IsComparison(constraint.op)) continue;
      const AskSite::Term term = TermOf(roles, info, i);
      keyed = keyed || (term.key && roles.IsEnough(term.column));
      if (!term.key && i >= kMostTerms) continue;
      site.terms.push_back(term);
      info->aConstraintUsage[i].argvIndex = static_cast<int>(site.terms.size());
      info->aConstraintUsage[i].omit = 1;
    }
    const PlanCost cost = CostOf(roles, equalities, keyed);
    info->estimatedRows = static_cast<sqlite3_int64>(cost.rows);
    info->estimatedCost = cost.cost;
    info->idxNum = static_cast<int>(table.log_.sites.size());
    info->idxStr = sqlite3_mprintf("%d", info->idxNum);
    info->needToFreeIdxStr = 1;
    table.log_.sites.push_back(std::move(site));
    return info->idxStr == nullptr ? SQLITE_NOMEM : SQLITE_OK;
  }

  static int Open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
    *out = std::make_unique<Cursor>().release();
    return SQLITE_OK;
  }
  static int Close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
  }

  static void Note(const AskSite& site, sqlite3_value** argv, AskedKeys& asked) {
    Keys keys;
    for (size_t i = 0; i < site.terms.size(); ++i) {
      const AskSite::Term& term = site.terms[i];
      if (!term.key) continue;
      if (sqlite3_value_type(argv[i]) == SQLITE_NULL) return;  // no row is asked for
      std::optional<Key> key = site.table->roles().KeyOf(term.column, term.like, argv[i]);
      if (key) {
        keys.push_back(std::move(*key));
      } else {
        asked.unclear = true;
      }
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    asked.keys.insert(std::move(keys));
  }

  static int Filter(sqlite3_vtab_cursor* base, int number, const char*, int, sqlite3_value** argv) {
    auto& cursor = *static_cast<Cursor*>(base);
    AskLog& log = TableOf(base->pVtab).log_;
    const auto site = static_cast<size_t>(number);
    Note(log.sites[site], argv, log.asked[site]);
    cursor.has_row = log.has_row[site];
    return SQLITE_OK;
  }
  static int Next(sqlite3_vtab_cursor* base) {
    static_cast<Cursor*>(base)->has_row = false;
    return SQLITE_OK;
  }
  static int Eof(sqlite3_vtab_cursor* base) { return static_cast<Cursor*>(base)->has_row ? 0 : 1; }
  static int Rowid(sqlite3_vtab_cursor*, sqlite3_int64* out) {
    *out = 0;
    return SQLITE_OK;
  }

  // Valid as a number, as a text and as JSON.
  static int Column(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
    const AskTable& table = TableOf(base->pVtab);
    const Type type = table.columns()[static_cast<size_t>(column)].type;
    if (type == Type::kText) {
      sqlite3_result_text(context, table.log_.cell == 1 ? "1" : "2", 1, SQLITE_STATIC);
    } else {
      sqlite3_result_int(context, table.log_.cell);
    }
    return SQLITE_OK;
  }
};

Status AskTable::Register(sqlite3* db) { return RegisterWith(db, ModuleOf<AskTable, AskModule>()); }

std::set<std::string> AskSite::Columns() const {
  std::set<std::string> names;
  for (size_t i = 0; i < table->columns().size(); ++i) {
    if ((reads & VirtualTable::BitOf(i)) != 0) names.insert(table->columns()[i].name);
  }
  return names;
}

Result<std::set<size_t>> ChosenSites(sqlite3* db, const std::string& sql, AskLog* log) {
  log->sites.clear();
  sqlite3_stmt* raw = nullptr;
  const std::string explain = "EXPLAIN " + sql;
  const int rc = sqlite3_prepare_v2(db, explain.c_str(), -1, &raw, nullptr);
  const Statement listing(raw);
  if (rc != SQLITE_OK) return Fail(Code::kInvalidArgument, Excerpt(sqlite3_errmsg(db), 200));
  std::set<size_t> chosen;
  const auto text = [&](int column) {
    const auto* at = reinterpret_cast<const char*>(sqlite3_column_text(listing.get(), column));
    return std::string_view(at == nullptr ? "" : at);
  };
  // https://www.sqlite.org/opcode.html: the second column is the opcode, the sixth is P4, which of
  // VFilter is the plan's idxStr.
  while (sqlite3_step(listing.get()) == SQLITE_ROW) {
    if (text(1) != "VFilter") continue;
    const auto site = ParseInt(text(5));
    if (site && *site >= 0 && static_cast<size_t>(*site) < log->sites.size()) {
      chosen.insert(static_cast<size_t>(*site));
    }
  }
  return chosen;
}

}  // namespace sallyport
