// SPDX-License-Identifier: Apache-2.0
#include "policy/sql_guard.h"

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "base/text.h"
#include "policy/sql_collations.h"
#include "policy/sql_functions.h"

namespace sallyport {
namespace {

constexpr int kOpsBetweenChecks = 64;  // few enough that values of the largest size stay bounded
constexpr int kMaxAuthorizerCalls = 100'000;

constexpr std::pair<int, int> kLimits[] = {{SQLITE_LIMIT_LENGTH, kMaxValueBytes},
                                           {SQLITE_LIMIT_SQL_LENGTH, kMaxValueBytes},
                                           {SQLITE_LIMIT_COLUMN, 200},
                                           {SQLITE_LIMIT_EXPR_DEPTH, 1'000},
                                           {SQLITE_LIMIT_COMPOUND_SELECT, 100},
                                           {SQLITE_LIMIT_VDBE_OP, 50'000},
                                           {SQLITE_LIMIT_FUNCTION_ARG, 64},
                                           {SQLITE_LIMIT_ATTACHED, 0},
                                           {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256},
                                           {SQLITE_LIMIT_VARIABLE_NUMBER, 0},
                                           {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
                                           {SQLITE_LIMIT_WORKER_THREADS, 0}};

// DQS_DML: text in double quotes is text, as 199 public policies have it, however SQLite was built.
constexpr std::pair<int, int> kSwitches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                             {SQLITE_DBCONFIG_DQS_DML, 1},
                                             {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                             {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                             {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
                                             {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                             {SQLITE_DBCONFIG_ENABLE_VIEW, 0}};

// Functions of SQLite 3.40 that only compute. Left out: random and randomblob (a verdict must be
// repeatable), and all that reach the connection, files or other code.
constexpr std::string_view kFunctions[] = {"abs",
                                           "acos",
                                           "acosh",
                                           "asin",
                                           "asinh",
                                           "atan",
                                           "atan2",
                                           "atanh",
                                           "avg",
                                           "ceil",
                                           "ceiling",
                                           "char",
                                           "coalesce",
                                           "cos",
                                           "cosh",
                                           "count",
                                           "cume_dist",
                                           "current_date",
                                           "current_time",
                                           "current_timestamp",
                                           "date",
                                           "datetime",
                                           "degrees",
                                           "dense_rank",
                                           "exp",
                                           "first_value",
                                           "floor",

                                           "glob",
                                           "group_concat",
                                           "hex",
                                           "ifnull",
                                           "iif",
                                           "instr",
                                           "json",
                                           "json_array",
                                           "json_array_length",
                                           "json_extract",
                                           "json_group_array",
                                           "json_group_object",
                                           "json_insert",
                                           "json_object",
                                           "json_patch",
                                           "json_quote",
                                           "json_remove",
                                           "json_replace",
                                           "json_set",
                                           "json_type",
                                           "json_valid",
                                           "julianday",
                                           "lag",
                                           "last_value",
                                           "lead",
                                           "length",
                                           "like",
                                           "likelihood",
                                           "likely",
                                           "ln",
                                           "log",
                                           "log10",
                                           "log2",
                                           "lower",
                                           "ltrim",
                                           "max",
                                           "min",
                                           "mod",
                                           "nth_value",
                                           "ntile",
                                           "nullif",
                                           "percent_rank",
                                           "pi",
                                           "pow",
                                           "power",

                                           "quote",
                                           "radians",
                                           "rank",
                                           "replace",
                                           "round",
                                           "row_number",
                                           "rtrim",
                                           "sign",
                                           "sin",
                                           "sinh",
                                           "soundex",
                                           "sqrt",
                                           "strftime",
                                           "substr",
                                           "substring",
                                           "sum",
                                           "tan",
                                           "tanh",
                                           "time",
                                           "total",
                                           "trim",
                                           "trunc",
                                           "typeof",
                                           "unicode",
                                           "unixepoch",
                                           "unlikely",
                                           "upper",
                                           "zeroblob",
                                           "->",
                                           "->>"};

// Those of them that tell the time when they are asked for it.
constexpr std::string_view kClockFunctions[] = {"current_date", "current_time", "current_timestamp",
                                                "date",         "datetime",     "julianday",
                                                "strftime",     "time",         "unixepoch"};

bool IsOneOf(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, Lower(name)) != names.end();
}

std::mutex compile_mutex;

}  // namespace

Result<Database> OpenGuarded() {
  sqlite3* raw = nullptr;
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
  const int rc = sqlite3_open_v2(":memory:", &raw, kFlags, nullptr);
  Database db(raw);
  if (rc != SQLITE_OK) {
    return Fail(Code::kInternal, std::string("policy engine: ") + sqlite3_errstr(rc));
  }
  if (sqlite3_memory_used() == 0) {
    return Fail(Code::kInternal,
                "policy engine: SQLite counts no memory here (SQLITE_CONFIG_MEMSTATUS is 0)");
  }
  for (const auto& [name, on] : kSwitches) sqlite3_db_config(db.get(), name, on, nullptr);
  for (const auto& [name, value] : kLimits) sqlite3_limit(db.get(), name, value);
  // Sorting must neither touch the disk nor build indexes that read cells nobody asked for.
  if (sqlite3_exec(db.get(), "PRAGMA temp_store = MEMORY; PRAGMA automatic_index = OFF", nullptr,
                   nullptr, nullptr) != SQLITE_OK) {
    return Fail(Code::kInternal, std::string("policy engine: ") + sqlite3_errmsg(db.get()));
  }
  if (Status done = RegisterCollations(db.get()); !done) return tl::unexpected(done.error());
  if (Status done = RegisterSqlFunctions(db.get()); !done) return tl::unexpected(done.error());
  return db;
}

WorkBudget::WorkBudget(sqlite3* db, const EngineLimits& limits) : limits_(limits) {
  sqlite3_progress_handler(db, kOpsBetweenChecks, &WorkBudget::Progress, this);
}

void WorkBudget::Begin() {
  ops_ = 0;
  over_ = nullptr;
}

int WorkBudget::Progress(void* self) { return static_cast<WorkBudget*>(self)->Spend() ? 0 : 1; }

// The clock and the heap are read for the first time here, so that a short run pays for neither.
bool WorkBudget::Spend() {
  const auto now = std::chrono::steady_clock::now();
  if (ops_ == 0) {
    started_ = now;
    memory_before_ = sqlite3_memory_used();
  }
  ops_ += kOpsBetweenChecks;
  const int64_t grown = sqlite3_memory_used() - memory_before_;
  if (ops_ > limits_.max_vm_ops) {
    over_ = "steps";
  } else if (grown > static_cast<int64_t>(limits_.memory_bytes)) {
    over_ = "memory";
  } else if (now - started_ > limits_.deadline) {
    over_ = "time";
  }
  return over_ == nullptr;
}

std::string WorkBudget::Exceeded(int result_code) const {
  const int primary = result_code & 0xff;
  const std::string_view over = over_ == nullptr ? "" : over_;
  if (primary == SQLITE_TOOBIG) {
    return "over the limit of " + std::to_string(kMaxValueBytes) + " bytes for one value";
  }
  if (over == "steps") {
    return "over the limit of " + std::to_string(limits_.max_vm_ops) + " steps";
  }
  if (over == "time")
    return "over the limit of " + std::to_string(limits_.deadline.count()) + " ms";
  if (over == "memory" || primary == SQLITE_NOMEM) {
    return "over the limit of " + std::to_string(limits_.memory_bytes) + " bytes of memory";
  }
  return {};
}

Authorizer::Authorizer(sqlite3* db) { sqlite3_set_authorizer(db, &Authorizer::Check, this); }

void Authorizer::Watch(OnRead on_read) {
  watching_ = true;
  on_read_ = std::move(on_read);
  refused_.clear();
  reads_clock_ = false;
  calls_ = 0;
}

int Authorizer::Refuse(std::string what) {
  if (refused_.empty()) refused_ = std::move(what);
  return SQLITE_DENY;
}

// Without a column it may be the name of a CTE of which only the rows count.
bool Authorizer::MayRead(const std::string& table, const std::string& column) const {
  if (on_read_(table.c_str(), column.c_str())) return true;
  const std::string name = Lower(table);
  if (name == "json_each" || name == "json_tree") return true;
  return column.empty() && !name.starts_with("sqlite_");
}

int Authorizer::Check(void* self, int action, const char* a, const char* b, const char*,
                      const char*) {
  auto& authorizer = *static_cast<Authorizer*>(self);
  if (!authorizer.watching_) return SQLITE_OK;
  if (!authorizer.on_read_) return authorizer.Refuse("compiling is over");
  if (++authorizer.calls_ > kMaxAuthorizerCalls) return authorizer.Refuse("too complex");
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      if (authorizer.MayRead(a == nullptr ? "" : a, b == nullptr ? "" : b)) return SQLITE_OK;
      return authorizer.Refuse("table " + Excerpt(a, 64) + " is not evidence");
    case SQLITE_FUNCTION:
      if (IsOneOf(kClockFunctions, b)) authorizer.reads_clock_ = true;
      if (IsOneOf(kFunctions, b) || IsAddedFunction(Lower(b))) return SQLITE_OK;
      return authorizer.Refuse("function " + Excerpt(b, 64) + "() is not allowed");
    default:
      return authorizer.Refuse("only one SELECT is allowed");
  }
}

CompileHeapLimit::CompileHeapLimit(size_t growth) {
  compile_mutex.lock();
  soft_before_ = sqlite3_soft_heap_limit64(-1);
  hard_before_ = sqlite3_hard_heap_limit64(-1);
  const int64_t wanted = sqlite3_memory_used() + static_cast<int64_t>(growth);
  if (hard_before_ == 0 || wanted < hard_before_) sqlite3_hard_heap_limit64(wanted);
}

CompileHeapLimit::~CompileHeapLimit() {
  sqlite3_hard_heap_limit64(hard_before_);
  sqlite3_soft_heap_limit64(soft_before_);
  compile_mutex.unlock();
}

bool IsOnlyComments(std::string_view sql) {
  size_t i = 0;
  while (i < sql.size()) {
    if (std::string_view(" \t\r\n\f;").find(sql[i]) != std::string_view::npos) {
      ++i;
    } else if (sql.substr(i, 2) == "--") {
      i = std::min(sql.find('\n', i), sql.size());
    } else if (sql.substr(i, 2) == "/*") {
      const size_t end = sql.find("*/", i + 2);
      i = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace sallyport
