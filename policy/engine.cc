// SPDX-License-Identifier: Apache-2.0
#include "policy/engine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "policy/evidence_table.h"
#include "policy/observed.h"
#include "policy/sql_guard.h"

namespace sallyport {
namespace {

constexpr std::array<const char*, 4> kVerdictNames = {"pass", "fail", "unknown", "stale"};
constexpr std::string_view kCollectorStatus = "collector_status";

class SqliteEngine : public Engine {
 public:
  SqliteEngine(const PolicySet& set, const EngineLimits& limits, Database db)
      : set_(set),
        limits_(limits),
        db_(std::move(db)),
        authorizer_(db_.get()),
        budget_(db_.get(), limits) {}

  Status AddTables(std::span<const Schema> schemas) {
    return tables_.Add(db_.get(), schemas, log_);
  }
  Status CompileAll();

  RawOutcomes Evaluate(Os os, std::span<const TableResult> results) override;
  const PolicySet& policies() const override { return set_; }

 private:
  struct Compiled {
    Statement query;
    Statement observe;  // null: none
    bool reads_clock = false;
  };

  Result<Statement> CompileOne(const Policy& policy, const char* key, const std::string& sql);

  void Bind(std::span<const TableResult> results);
  RawOutcome Run(const Policy& policy, const Compiled& compiled);
  void Date(const Policy& policy, RawOutcome& outcome) const;
  std::string Observe(const Compiled& compiled, std::string summary);

  PolicySet set_;
  EngineLimits limits_;
  // The order matters: statements go before the database, the database before what it points to.
  RunLog log_;
  TableSet<EvidenceTable> tables_;
  Database db_;
  Authorizer authorizer_;
  WorkBudget budget_;
  std::vector<Compiled> compiled_;
  std::span<const TableResult> results_;  // of the Evaluate that is under way
};

Result<Statement> SqliteEngine::CompileOne(const Policy& policy, const char* key,
                                           const std::string& sql) {
  const auto fail = [&](const std::string& why) {
    const std::string line = policy.line > 0 ? " (line " + std::to_string(policy.line) + ")" : "";
    return Fail(Code::kInvalidArgument,
                "policy " + Excerpt(policy.name) + line + ": " + key + ": " + why);
  };
  if (sql.size() > static_cast<size_t>(kMaxValueBytes)) return fail("longer than 64 KiB");
  if (sql.find('\0') != std::string::npos) return fail("a NUL byte");

  authorizer_.Watch(
      [&](const char* table, const char*) { return tables_.FindInSql(table) != nullptr; });
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int rc = sqlite3_prepare_v3(db_.get(), sql.c_str(), static_cast<int>(sql.size()) + 1,
                                    SQLITE_PREPARE_PERSISTENT, &raw, &tail);
  Statement statement(raw);
  if (!authorizer_.refused().empty()) return fail(authorizer_.refused());
  if (rc == SQLITE_NOMEM) return fail("over the memory limit while compiling");
  if (rc != SQLITE_OK) return fail(Excerpt(sqlite3_errmsg(db_.get()), 200));
  if (statement == nullptr) return fail("no statement");
  if (!IsOnlyComments(tail))
    return fail("something follows the SELECT: " + Excerpt(Trim(tail), 40));
  if (sqlite3_stmt_isexplain(raw) != 0) return fail("only one SELECT is allowed");
  if (sqlite3_stmt_readonly(raw) == 0 || sqlite3_column_count(raw) == 0) {
    return fail("only one SELECT is allowed");
  }
  return statement;
}

Status SqliteEngine::CompileAll() {
  const CompileHeapLimit heap(limits_.memory_bytes);
  for (const Policy& policy : set_.policies) {
    auto query = CompileOne(policy, "query", policy.query);
    if (!query) return tl::unexpected(query.error());
    Compiled compiled{std::move(*query), nullptr, authorizer_.reads_clock()};
    if (!policy.observe.empty()) {
      auto observe = CompileOne(policy, "observe", policy.observe);
      if (!observe) return tl::unexpected(observe.error());
      compiled.observe = std::move(*observe);
      compiled.reads_clock = compiled.reads_clock || authorizer_.reads_clock();
    }
    compiled_.push_back(std::move(compiled));
  }
  authorizer_.Close();
  return {};
}

void SqliteEngine::Bind(std::span<const TableResult> results) {
  results_ = results;
  for (const auto& table : tables_) table->Clear();
  for (const TableResult& result : results) {
    if (EvidenceTable* table = tables_.Find(result.table); table != nullptr) table->Bind(result);
  }
}

RawOutcomes SqliteEngine::Evaluate(Os os, std::span<const TableResult> results) {
  Bind(results);
  RawOutcomes outcomes(set_.policies.size());
  for (size_t i = 0; i < set_.policies.size(); ++i) {
    const Policy& policy = set_.policies[i];
    if (policy.AppliesTo(os)) outcomes[i] = Run(policy, compiled_[i]);
  }
  Bind({});  // nothing is kept of the caller's rows
  return outcomes;
}

// Fills what was read, how long these facts stay good, and the verdict stale.
void SqliteEngine::Date(const Policy& policy, RawOutcome& outcome) const {
  outcome.facts_left = policy.max_age;
  outcome.tables.reserve(log_.asked.size());
  for (const EvidenceTable* table : log_.asked) {
    outcome.tables.push_back(table->name());
    const Millis left = policy.max_age - table->oldest();
    outcome.facts_left = std::min(outcome.facts_left, left);
    if (left.count() >= 0 || outcome.verdict == Verdict::kUnknown) continue;
    outcome.verdict = Verdict::kStale;
    outcome.reason = table->name() + ": " + DurationText(table->oldest()) + " old, at most " +
                     DurationText(policy.max_age) + " is good";
  }
  outcome.facts_left = std::max(outcome.facts_left, Millis(0));
  outcome.facts.reserve(log_.used.size());
  for (const TableResult* used : log_.used) {
    outcome.facts.push_back(static_cast<uint32_t>(used - results_.data()));
  }
}

RawOutcome SqliteEngine::Run(const Policy& policy, const Compiled& compiled) {
  RawOutcome outcome;
  log_.Begin();
  budget_.Begin();
  const int rc = sqlite3_step(compiled.query.get());
  if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
    outcome.verdict = rc == SQLITE_ROW ? Verdict::kPass : Verdict::kFail;
    const auto is_status = [](const EvidenceTable* t) { return t->name() == kCollectorStatus; };
    outcome.repeatable = !compiled.reads_clock && std::ranges::none_of(log_.asked, is_status);
  } else {
    outcome.reason = budget_.Exceeded(rc);
    if (outcome.reason.empty()) outcome.reason = Excerpt(sqlite3_errmsg(db_.get()), 160);
  }
  sqlite3_reset(compiled.query.get());
  if (log_.doubt.kind != Doubt::Kind::kNone) {
    outcome.verdict = Verdict::kUnknown;
    outcome.reason = DoubtText(log_.doubt);
  }
  Date(policy, outcome);
  if (outcome.verdict == Verdict::kPass) return outcome;
  outcome.observed = Observe(compiled, SummariseReads(log_.asked));
  if (outcome.observed.empty()) {
    outcome.observed = outcome.reason.empty() ? "no table was read" : outcome.reason;
  }
  return outcome;
}

// What the observe statement shows, where it could look at all it asked for; else the summary.
std::string SqliteEngine::Observe(const Compiled& compiled, std::string summary) {
  if (compiled.observe == nullptr) return summary;
  log_.Begin();
  log_.show_unknown = true;
  budget_.Begin();
  std::string rows = PrintRows(compiled.observe.get());
  const int rc = sqlite3_reset(compiled.observe.get());
  log_.show_unknown = false;
  const bool blind = log_.doubt.kind == Doubt::Kind::kNoTable ||
                     log_.doubt.kind == Doubt::Kind::kState || log_.doubt.kind == Doubt::Kind::kKey;
  return rc != SQLITE_OK || blind || rows.empty() ? summary : rows;
}

}  // namespace

const char* VerdictName(Verdict verdict) { return kVerdictNames.at(static_cast<size_t>(verdict)); }

bool Redate(const PolicySet& set, std::span<const Millis> ages, RawOutcomes* outcomes) {
  for (size_t i = 0; i < outcomes->size(); ++i) {
    std::optional<RawOutcome>& outcome = (*outcomes)[i];
    if (!outcome) continue;
    if (!outcome->repeatable || outcome->verdict == Verdict::kStale) return false;
    const Millis max_age = set.policies[i].max_age;
    Millis left = max_age;
    for (const uint32_t fact : outcome->facts) left = std::min(left, max_age - ages[fact]);
    if (left.count() < 0 && outcome->verdict != Verdict::kUnknown) return false;
    outcome->facts_left = std::max(left, Millis(0));
  }
  return true;
}

Result<std::unique_ptr<Engine>> Engine::Compile(const PolicySet& set,
                                                std::span<const Schema> schemas,
                                                const EngineLimits& limits) {
  auto db = OpenGuarded();
  if (!db) return tl::unexpected(db.error());
  auto engine = std::make_unique<SqliteEngine>(set, limits, std::move(*db));
  if (Status done = engine->AddTables(schemas); !done) return tl::unexpected(done.error());
  if (Status done = engine->CompileAll(); !done) return tl::unexpected(done.error());
  return engine;
}

}  // namespace sallyport
