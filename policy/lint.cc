// SPDX-License-Identifier: Apache-2.0
#include "policy/lint.h"

namespace sallyport {

std::vector<std::string> FindWeaknesses(Engine& engine, std::span<const Schema> schemas) {
  std::vector<TableResult> empty;
  for (const Schema& schema : schemas) {
    TableResult result;
    result.table = schema.name;
    for (const Column& column : schema.columns) result.columns.emplace_back(column.name);
    empty.push_back(std::move(result));
  }
  std::vector<std::string> found;
  const std::vector<Policy>& policies = engine.policies().policies;
  for (size_t i = 0; i < policies.size(); ++i) {
    const Policy& policy = policies[i];
    const Os os = policy.platforms.empty() ? Os::kLinux : policy.platforms.front();
    const auto outcome = engine.Evaluate(os, empty)[i];
    if (!outcome || outcome->verdict != Verdict::kPass) continue;
    found.push_back(policy.name + (outcome->tables.empty() ? ": passes without reading any table"
                                                           : ": passes when every table is empty"));
  }
  return found;
}

}  // namespace sallyport
