// SPDX-License-Identifier: Apache-2.0
#include "policy/query.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "base/text.h"
#include "policy/evidence_table.h"
#include "policy/sql_guard.h"

namespace sallyport {
namespace {

constexpr size_t kMaxFetches = 512;
constexpr size_t kMaxDoubts = 20;

Value CellOf(sqlite3_stmt* statement, int column) {
  sqlite3_value* value = sqlite3_column_value(statement, column);
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_NULL:
      return std::monostate{};
    default: {
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
      const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
      return bytes == nullptr ? std::string() : std::string(bytes, size);
    }
  }
}

// One statement, run again for each table that it turns out to ask for, until it has all of them.
class QueryRun {
 public:
  QueryRun(Database db, const FetchTable& fetch, const EngineLimits& limits)
      : fetch_(fetch), db_(std::move(db)), authorizer_(db_.get()), budget_(db_.get(), limits) {}

  Status AddTables(std::span<const Schema> schemas) {
    return tables_.Add(db_.get(), schemas, log_);
  }
  Status Compile(const std::string& sql);
  Result<QueryAnswer> Run();

 private:
  Status RunOnce(QueryAnswer& answer);
  Result<bool> Fetch();

  const FetchTable& fetch_;
  // The order matters: statements go before the database, the database before what it points to.
  RunLog log_;
  std::deque<TableResult> results_;  // their addresses stay
  std::set<std::pair<std::string, Keys>> fetched_;
  TableSet<EvidenceTable> tables_;
  Database db_;
  Authorizer authorizer_;
  WorkBudget budget_;
  Statement statement_;
};

Status QueryRun::Compile(const std::string& sql) {
  if (sql.find('\0') != std::string::npos) return Fail(Code::kInvalidArgument, "a NUL byte");
  authorizer_.Watch(
      [this](const char* table, const char*) { return tables_.FindInSql(table) != nullptr; });
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int rc = sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &raw, &tail);
  statement_.reset(raw);
  if (!authorizer_.refused().empty()) return Fail(Code::kInvalidArgument, authorizer_.refused());
  if (rc != SQLITE_OK) return Fail(Code::kInvalidArgument, sqlite3_errmsg(db_.get()));
  if (raw == nullptr) return Fail(Code::kInvalidArgument, "no statement");
  if (!IsOnlyComments(tail) || sqlite3_stmt_isexplain(raw) != 0 ||
      sqlite3_stmt_readonly(raw) == 0 || sqlite3_column_count(raw) == 0) {
    return Fail(Code::kInvalidArgument, "only one SELECT is allowed");
  }
  authorizer_.Close();
  return {};
}

Status QueryRun::RunOnce(QueryAnswer& answer) {
  sqlite3_stmt* statement = statement_.get();
  const int columns = sqlite3_column_count(statement);
  answer = {};
  for (int i = 0; i < columns; ++i) answer.columns.emplace_back(sqlite3_column_name(statement, i));
  log_.Begin();
  log_.show_unknown = true;
  log_.note_missing = true;
  budget_.Begin();
  int rc = SQLITE_ROW;
  while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
    if (answer.rows.size() == kMaxQueryRows) break;
    Row& row = answer.rows.emplace_back();
    for (int i = 0; i < columns; ++i) row.push_back(CellOf(statement, i));
  }
  const std::string limit = budget_.Exceeded(rc);
  const std::string error = sqlite3_errmsg(db_.get());
  sqlite3_reset(statement);
  if (rc == SQLITE_DONE) return {};
  if (rc == SQLITE_ROW) {
    return Fail(Code::kTooLarge, "over " + std::to_string(kMaxQueryRows) + " rows");
  }
  return Fail(limit.empty() ? Code::kInvalidArgument : Code::kExhausted,
              limit.empty() ? error : limit);
}

// What the run found missing and was not fetched before; false when there is nothing. What was
// fetched and is still missing needs a key that the statement does not fix.
Result<bool> QueryRun::Fetch() {
  bool any = false;
  for (const RunLog::Ask& ask : log_.missing) {
    if (!fetched_.emplace(ask.table->name(), ask.keys).second) continue;
    if (results_.size() == kMaxFetches) {
      return Fail(Code::kTooLarge,
                  "it asks for over " + std::to_string(kMaxFetches) + " tables and keys");
    }
    results_.push_back(fetch_(ask.table->name(), ask.keys));
    ask.table->Bind(results_.back());
    any = true;
  }
  return any;
}

Result<QueryAnswer> QueryRun::Run() {
  QueryAnswer answer;
  for (bool again = true; again;) {
    if (Status run = RunOnce(answer); !run) return tl::unexpected(run.error());
    const Result<bool> fetched = Fetch();
    if (!fetched) return tl::unexpected(fetched.error());
    again = *fetched;
  }
  if (log_.doubt.kind != Doubt::Kind::kNone && log_.doubt.kind != Doubt::Kind::kState) {
    answer.doubts.push_back(DoubtText(log_.doubt));
  }
  for (const TableResult& result : results_) {
    if (result.state == State::kValue) continue;
    if (answer.doubts.size() == kMaxDoubts) {
      answer.doubts.emplace_back("...");
      break;
    }
    const Doubt doubt{
        .kind = Doubt::Kind::kState, .table = tables_.Find(result.table), .result = &result};
    answer.doubts.push_back(DoubtText(doubt));
  }
  return answer;
}

}  // namespace

Result<QueryAnswer> RunQuery(const std::string& sql, std::span<const Schema> schemas,
                             const FetchTable& fetch, const EngineLimits& limits) {
  auto db = OpenGuarded();
  if (!db) return tl::unexpected(db.error());
  QueryRun run(std::move(*db), fetch, limits);
  if (Status done = run.AddTables(schemas); !done) return tl::unexpected(done.error());
  if (Status done = run.Compile(sql); !done) return tl::unexpected(done.error());
  return run.Run();
}

}  // namespace sallyport
