// SPDX-License-Identifier: Apache-2.0
// Evidence made of literals, for the tests of the policy engine.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/table.h"
#include "policy/engine.h"

namespace sallyport {

inline constexpr Column kTestVolumeColumns[] = {
    {"mount_point", Type::kText, ""},
    {"protection", Type::kText, ""},
    {"exempt", Type::kInteger, ""},
};
inline constexpr Column kTestProductColumns[] = {
    {"name", Type::kText, "", "nocase"},
    {"running", Type::kInteger, ""},
    {"load", Type::kDouble, ""},
};
inline constexpr Column kTestFileColumns[] = {
    {"path", Type::kText, "", "", Role::kRequired},
    {"line", Type::kText, ""},
};
inline constexpr Column kTestOsColumns[] = {
    {"version", Type::kText, "", "version"},
    {"arch", Type::kText, ""},
};
inline constexpr Column kTestStatusColumns[] = {
    {"table_name", Type::kText, ""},
    {"state", Type::kText, ""},
    {"error", Type::kText, ""},
};
inline constexpr Schema kTestSchemas[] = {
    {"disk_volumes", kTestVolumeColumns},     {"edr_products", kTestProductColumns},
    {"file_lines", kTestFileColumns},         {"os_version", kTestOsColumns},
    {"collector_status", kTestStatusColumns},
};

// A table with the columns of its schema.
inline TableResult Table(const std::string& name, Rows rows) {
  TableResult result;
  result.table = name;
  for (const Schema& schema : kTestSchemas) {
    if (schema.name != name) continue;
    for (const Column& column : schema.columns) result.columns.emplace_back(column.name);
  }
  result.rows = std::move(rows);
  return result;
}

inline TableResult Failed(const std::string& name, State state, const std::string& error) {
  TableResult result = Table(name, {});
  result.state = state;
  result.error = error;
  return result;
}

// With these of its columns alone.
inline TableResult Narrowed(const TableResult& whole, const std::vector<std::string>& columns) {
  TableResult result = whole;
  result.columns.clear();
  result.rows.assign(whole.rows.size(), {});
  for (size_t i = 0; i < whole.columns.size(); ++i) {
    if (std::ranges::find(columns, whole.columns[i]) == columns.end()) continue;
    result.columns.push_back(whole.columns[i]);
    for (size_t row = 0; row < whole.rows.size(); ++row) {
      result.rows[row].push_back(whole.rows[row][i]);
    }
  }
  return result;
}

inline TableResult Aged(TableResult result, std::chrono::milliseconds age) {
  result.age = age;
  return result;
}

inline Policy Sql(const std::string& query, const std::string& observe = "") {
  Policy policy;
  policy.name = "p";
  policy.query = query;
  policy.observe = observe;
  return policy;
}

inline Result<std::unique_ptr<Engine>> CompileSql(const std::string& query,
                                                  const EngineLimits& limits = {}) {
  return Engine::Compile(PolicySet{{Sql(query)}, "test"}, kTestSchemas, limits);
}

// What one policy comes to over this evidence, on Linux.
inline RawOutcome RunPolicy(const Policy& policy, const std::vector<TableResult>& evidence) {
  auto engine = Engine::Compile(PolicySet{{policy}, "test"}, kTestSchemas);
  RawOutcome refused;
  if (!engine) {
    refused.reason = engine.error().message;
    return refused;
  }
  return *(*engine)->Evaluate(Os::kLinux, evidence)[0];
}
inline RawOutcome RunPolicy(const std::string& query, const std::vector<TableResult>& evidence) {
  return RunPolicy(Sql(query), evidence);
}

// "pass", or "unknown: why".
inline std::string Brief(const RawOutcome& outcome) {
  const std::string verdict = VerdictName(outcome.verdict);
  return outcome.reason.empty() ? verdict : verdict + ": " + outcome.reason;
}
inline std::string Brief(const std::string& query, const std::vector<TableResult>& evidence) {
  return Brief(RunPolicy(query, evidence));
}

}  // namespace sallyport
