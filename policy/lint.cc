// SPDX-License-Identifier: Apache-2.0
#include "policy/lint.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "policy/engine.h"
#include "policy/reads.h"
#include "policy/regex.h"
#include "policy/statement_shape.h"

namespace sallyport {
namespace {

// What Engine::Compile says after the policy's name: "query: no such table: x".
struct Refusal {
  std::string rule = "not-compiled";
  std::string text;
};

Refusal RefusalOf(const std::string& message) {
  Refusal out{.text = message};
  for (std::string_view key : {": query: ", ": observe: "}) {
    if (const size_t at = message.find(key); at != std::string::npos) {
      out.text = message.substr(at + 2);
      break;
    }
  }
  const auto says = [&](std::string_view what) { return out.text.find(what) != std::string::npos; };
  if (says(": no such table: ")) out.rule = "unknown-table";
  if (says(": no such column: ")) out.rule = "unknown-column";
  if (says(": something follows the SELECT: ")) out.rule = "many-statements";
  return out;
}

// A row that SQL finds by the keys it asked for; all other cells are NULL.
Row NullRow(const Schema& schema, const Keys& keys) {
  Row row(schema.columns.size(), Cell(std::nullopt));
  for (const Key& key : keys) {
    const int column = schema.IndexOf(key.column);
    if (column < 0) continue;
    std::string value = key.value;
    std::erase(value, '%');
    const auto number = ParseInt(value);
    const bool text = schema.columns[static_cast<size_t>(column)].type == Type::kText;
    row[static_cast<size_t>(column)] = text || !number ? Cell(value) : Cell(*number);
  }
  return row;
}

// The tables whose names stand somewhere in the policy: no other can be read, and each that is
// declared costs an engine time.
std::vector<Schema> TablesNamedIn(const Policy& policy, std::span<const Schema> schemas) {
  const std::string text = Lower(policy.query + "\n" + policy.observe);
  std::vector<Schema> out;
  for (const Schema& schema : schemas) {
    const bool by_alias = !schema.alias.empty() && text.find(schema.alias) != std::string::npos;
    if (by_alias || text.find(schema.name) != std::string::npos) out.push_back(schema);
  }
  return out;
}

const Schema* SchemaOf(std::span<const Schema> schemas, std::string_view table) {
  const auto found = std::ranges::find(schemas, table, &Schema::name);
  return found == schemas.end() ? nullptr : &*found;
}

// All that the policy asks for, found empty or with one row of NULLs.
std::vector<TableResult> Evidence(std::span<const Schema> schemas, const Reads& reads,
                                  bool with_row) {
  std::vector<TableResult> out;
  const auto add = [&](const Schema& schema, const Keys& keys) {
    TableResult result;
    result.table = schema.name;
    result.keys = keys;
    for (const Column& column : schema.columns) result.columns.emplace_back(column.name);
    if (with_row) result.rows.push_back(NullRow(schema, keys));
    out.push_back(std::move(result));
  };
  for (const Schema& schema : schemas) add(schema, {});
  for (const TableRead& read : reads.tables) {
    const Schema* schema = SchemaOf(schemas, read.table);
    if (schema != nullptr && !read.keys.empty()) add(*schema, read.keys);
  }
  return out;
}

class PolicyLinter : public Linter {
 public:
  PolicyLinter(std::span<const Schema> schemas, ShapeReader shapes)
      : schemas_(schemas), shapes_(std::move(shapes)) {}

  void Lint(const Policy& policy, std::string_view file, LintReport* report) override;

 private:
  // One policy that is being looked at.
  struct Case {
    const Policy& policy;
    std::string file;
    LintReport* report;
    std::vector<Schema> schemas;  // of the tables that it names

    void Add(std::string rule, std::string text) const {
      report->findings.push_back(
          {std::move(rule), policy.name, file, policy.line, std::move(text)});
    }
  };

  void Look(const Policy& policy, std::string_view file, LintReport* report);
  static void Run(const Case& each, const PolicySet& set, const Reads& reads, bool always_has_row);
  static void LookAtKeys(const Case& each, const Reads& reads, const StatementShape& shape);
  static void LookAtShape(const Case& each, const StatementShape& shape);

  std::span<const Schema> schemas_;
  ShapeReader shapes_;
};

void PolicyLinter::Run(const Case& each, const PolicySet& set, const Reads& reads,
                       bool always_has_row) {
  auto engine = Engine::Compile(set, each.schemas);
  if (!engine) return;  // it compiled just before
  const Os os = each.policy.platforms.empty() ? Os::kLinux : each.policy.platforms.front();
  const auto passes = [&](bool with_row) -> std::optional<RawOutcome> {
    auto outcome = (*engine)->Evaluate(os, Evidence(each.schemas, reads, with_row))[0];
    if (!outcome || outcome->verdict != Verdict::kPass) return std::nullopt;
    return outcome;
  };
  const auto empty = passes(false);
  if (empty && empty->tables.empty()) {
    each.Add("reads-nothing", "passes without reading any table");
    return;
  }
  if (always_has_row) {  // and so passes on all else
    each.Add("never-fails", "can never fail: it has a row whatever the tables hold");
    return;
  }
  if (empty) each.Add("passes-on-empty", "passes when every table is empty");
  const bool reads_cells = std::ranges::any_of(
      reads.tables, [](const TableRead& read) { return !read.columns.empty(); });
  if (reads_cells && passes(true)) {
    each.Add("passes-on-null", "passes when the cells that it reads are NULL");
  }
}

void PolicyLinter::LookAtShape(const Case& each, const StatementShape& shape) {
  std::set<std::string> said;
  for (const auto& order : shape.text_orders) {
    const std::string column = order.column.table + "." + order.column.column;
    if (!said.insert(column + order.constant).second) continue;
    each.Add("text-as-number", column + " is text and put in order with " +
                                   Excerpt(order.constant, 40) +
                                   ": '10' comes before '5'; CAST it, or COLLATE version");
  }
}

// The whole table is read, and a column that could have been a key is looked at by other means.
void PolicyLinter::LookAtKeys(const Case& each, const Reads& reads, const StatementShape& shape) {
  for (const UnlearntRead& read : reads.unlearnt) {
    each.Add("missing-key", read.table + ": " + read.why);
  }
  for (const TableRead& read : reads.tables) {
    const Schema* schema = SchemaOf(each.schemas, read.table);
    if (schema == nullptr || !read.keys.empty()) continue;
    for (const Column& column : schema->columns) {
      const ColumnName name{read.table, std::string(column.name)};
      if (column.role == Role::kPlain ||
          std::ranges::find(shape.restricted, name) == shape.restricted.end()) {
        continue;
      }
      each.Add("whole-table", "reads all of " + read.table + ": fix " + name.column +
                                  " by = or LIKE, and only that is collected");
      break;
    }
  }
}

void PolicyLinter::Lint(const Policy& policy, std::string_view file, LintReport* report) {
  const size_t before = report->findings.size();
  Look(policy, file, report);
  const auto rank = [](const Finding& finding) {
    return std::ranges::find(kLintRules, finding.rule, &LintRule::id) - std::begin(kLintRules);
  };
  const auto own = std::span(report->findings).subspan(before);
  std::ranges::stable_sort(own, {}, rank);
}

void PolicyLinter::Look(const Policy& policy, std::string_view file, LintReport* report) {
  const Case each{policy, std::string(file), report, TablesNamedIn(policy, schemas_)};
  ++report->policies;
  const PolicySet set{{policy}, "lint"};
  if (auto engine = Engine::Compile(set, each.schemas); !engine) {
    ++report->unprepared;
    Refusal refusal = RefusalOf(engine.error().message);
    each.Add(std::move(refusal.rule), std::move(refusal.text));
    return;
  }
  const auto shape = shapes_.Read(policy.query);
  const StatementShape& known = shape ? *shape : StatementShape();
  for (const std::string& pattern : known.patterns) {
    if (const auto regex = CompileRegex(pattern); !regex) each.Add("regex", regex.error().message);
  }
  const auto learnt = LearnReads(set, each.schemas);
  const Reads& reads = learnt ? *learnt : Reads();
  Run(each, set, reads, known.always_has_row);
  LookAtShape(each, known);
  LookAtKeys(each, reads, known);
  if (policy.HasLabels()) {
    each.Add("labels", "labels are not known here: it is judged on every device of its platforms");
  }
}

}  // namespace

Result<std::unique_ptr<Linter>> Linter::Make(std::span<const Schema> schemas) {
  auto shapes = ShapeReader::Open(schemas);
  if (!shapes) return tl::unexpected(shapes.error());
  return std::make_unique<PolicyLinter>(schemas, *std::move(shapes));
}

std::vector<std::string> FindWeaknesses(const PolicySet& set, std::span<const Schema> schemas) {
  const auto linter = Linter::Make(schemas);
  if (!linter) return {linter.error().message};
  LintReport report;
  for (const Policy& policy : set.policies) (*linter)->Lint(policy, "", &report);
  std::vector<std::string> out;
  for (const Finding& finding : report.findings)
    out.push_back(finding.policy + ": " + finding.text);
  return out;
}

}  // namespace sallyport
