// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/pack_judge.h"

#include <algorithm>

#include "base/text.h"
#include "policy/query.h"

namespace sallyport {
namespace {

// As RunQuery shows a cell that could not be told.
constexpr std::string_view kUnknownCell = "unknown";
constexpr std::string_view kSource = "source";

// A file may have ten thousand connections.
constexpr EngineLimits kLimits{std::chrono::seconds(5), 256 << 20, 100'000'000};

struct Place {
  std::string path;
  int line = 0;
  int column = 0;
};

// Takes ":123" from the end of *text; 0 when there is none.
int TakeNumber(std::string* text) {
  const size_t colon = text->rfind(':');
  if (colon == std::string::npos || colon == 0) return 0;
  const auto number = ParseInt(std::string_view(*text).substr(colon + 1));
  if (!number || *number < 1 || *number > 1'000'000'000) return 0;
  text->resize(colon);
  return static_cast<int>(*number);
}

Place PlaceOf(std::string source) {
  Place place;
  const int last = TakeNumber(&source);
  const int before = last == 0 ? 0 : TakeNumber(&source);
  place.line = before == 0 ? last : before;
  place.column = before == 0 ? 0 : last;
  place.path = std::move(source);
  return place;
}

ConfigFinding FindingOf(const Policy& policy, const std::string& path) {
  ConfigFinding finding;
  finding.rule = policy.name;
  finding.severity = SeverityOf(policy);
  finding.path = path;
  finding.message = policy.description;
  finding.expected = policy.expected;
  finding.remedy = policy.resolution;
  return finding;
}

bool IsUnknownCell(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && *text == kUnknownCell;
}

ConfigFinding FindingOfRow(const Policy& policy, const std::string& path,
                           const std::vector<std::string>& columns, const Row& row) {
  ConfigFinding finding = FindingOf(policy, path);
  std::vector<std::string> shown;
  for (size_t i = 0; i < row.size(); ++i) {
    if (IsNull(row[i])) continue;
    const std::string text = Excerpt(ToText(row[i]), 200);
    if (columns[i] == kSource) {
      const auto* source = std::get_if<std::string>(&row[i]);
      if (source == nullptr || *source == kUnknownCell || source->empty()) continue;
      Place place = PlaceOf(*source);
      finding.path = std::move(place.path);
      finding.line = place.line;
      finding.column = place.column;
    } else if (i == 0) {
      finding.observed = text;
    } else {
      shown.push_back(columns[i] + "=" + text);
    }
    if (IsUnknownCell(row[i])) finding.kind = FindingKind::kUnknown;
  }
  if (!shown.empty()) {
    finding.observed += (finding.observed.empty() ? "" : ": ") + Join(shown, ", ");
  }
  return finding;
}

// The rows of `observe`; none where it cannot be run over these tables alone.
QueryAnswer Observe(const Policy& policy, std::span<const Schema> schemas,
                    std::span<const TableResult> tables) {
  if (policy.observe.empty()) return {};
  std::vector<Schema> known;
  for (const Schema& schema : schemas) {
    if (std::ranges::find(tables, schema.name, &TableResult::table) != tables.end()) {
      known.push_back(schema);
    }
  }
  const auto fetch = [&](const std::string& table, const Keys& keys) {
    const auto found = std::ranges::find(tables, table, &TableResult::table);
    TableResult result = found == tables.end() ? TableResult{} : *found;
    result.table = table;
    result.keys = keys;
    return result;
  };
  const auto answer = RunQuery(policy.observe, known, fetch, kLimits);
  return answer ? *answer : QueryAnswer{};
}

bool IsOfFiles(const RawOutcome& outcome, std::span<const TableResult> tables) {
  return std::ranges::all_of(outcome.tables, [&](const std::string& name) {
    return std::ranges::find(tables, name, &TableResult::table) != tables.end();
  });
}

}  // namespace

Result<PackJudge> PackJudge::Make(std::string_view yaml, std::string_view name,
                                  std::span<const Schema> schemas) {
  const Result<PolicySet> set = ParsePolicies(yaml, name);
  if (!set) return tl::unexpected(set.error());
  Result<std::unique_ptr<Engine>> engine = Engine::Compile(*set, schemas, kLimits);
  if (!engine) return tl::unexpected(engine.error());
  return PackJudge(std::move(*engine), schemas);
}

std::vector<ConfigFinding> PackJudge::Judge(Os os, std::span<const TableResult> tables,
                                            const std::string& path) {
  std::vector<ConfigFinding> findings;
  const RawOutcomes outcomes = engine_->Evaluate(os, tables);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i] || outcomes[i]->verdict == Verdict::kPass) continue;
    const RawOutcome& outcome = *outcomes[i];
    if (!IsOfFiles(outcome, tables)) continue;
    const Policy& policy = engine_->policies().policies[i];
    const QueryAnswer rows = Observe(policy, schemas_, tables);
    const size_t before = findings.size();
    bool told_unknown = false;
    for (const Row& row : rows.rows) {
      findings.push_back(FindingOfRow(policy, path, rows.columns, row));
      told_unknown = told_unknown || findings.back().kind == FindingKind::kUnknown;
    }
    const bool failed = outcome.verdict == Verdict::kFail;
    if (failed ? findings.size() > before : told_unknown) continue;
    ConfigFinding finding = FindingOf(policy, path);
    finding.kind = failed ? FindingKind::kFail : FindingKind::kUnknown;
    finding.observed = failed ? outcome.observed : outcome.reason;
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<ConfigRule> PackJudge::Rules() const {
  std::vector<ConfigRule> out;
  for (const Policy& policy : engine_->policies().policies) {
    out.push_back({.id = policy.name,
                   .severity = SeverityOf(policy),
                   .about = policy.description,
                   .expected = policy.expected,
                   .remedy = policy.resolution});
  }
  return out;
}

}  // namespace sallyport
