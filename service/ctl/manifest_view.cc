// SPDX-License-Identifier: Apache-2.0
#include "service/ctl/manifest_view.h"

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "base/text.h"
#include "collectors/tables.h"

namespace sallyport {
namespace {

using nlohmann::json;

constexpr Os kSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};
constexpr const char* kSchema = "sallyport.policy-manifest/v1";

std::vector<std::string> SystemWords(OsSet systems) {
  std::vector<std::string> words;
  for (const Os os : kSystems) {
    if (systems.contains(os)) words.emplace_back(OsName(os));
  }
  return words;
}

// "all rows of disk_volumes", "rows of file whose path is /etc/hosts".
std::string WhatLeaves(const TableRead& read) {
  if (read.keys.empty()) return "all rows of " + read.table;
  std::vector<std::string> keys;
  for (const Key& key : read.keys) {
    keys.push_back(key.column + (key.like ? " matches " : " is ") + Excerpt(key.value, 400));
  }
  return "rows of " + read.table + " whose " + Join(keys, " and whose ");
}

std::string Counted(size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Result<PolicySet> ReadPolicyFiles(std::span<const std::string> files) {
  PolicySet all;
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    std::ostringstream yaml;
    yaml << file.rdbuf();
    if (!file) return Fail(Code::kNotFound, name + ": cannot be read");
    Result<PolicySet> set = ParsePolicies(yaml.str(), name);
    if (!set) return tl::unexpected(set.error());
    for (Policy& policy : set->policies) all.policies.push_back(std::move(policy));
  }
  return all;
}

Result<Reads> ReadsOf(const PolicySet& set) { return LearnReads(set, AllSchemas()); }

std::string ManifestText(const PolicySet& set, const Reads& reads) {
  std::string text = Counted(set.policies.size(), "policy", "policies");
  text += reads.tables.empty()
              ? ". Nothing leaves the laptop.\n"
              : ". These rows leave the laptop, with these columns and no other:\n";
  for (const TableRead& read : reads.tables) {
    text += "\n" + WhatLeaves(read) + "\n";
    text +=
        "  columns   " +
        (read.columns.empty() ? "none, only how many rows there are" : Join(read.columns, ", ")) +
        "\n";
    text += "  at most   " + DurationText(read.max_age) + " old\n";
    text += "  on        " + Join(SystemWords(read.systems), ", ") + "\n";
    text += "  for       " + Join(read.policies, ", ") + "\n";
  }
  if (reads.unlearnt.empty()) return text;
  text += "\nNot collected, so these policies are unknown wherever they get that far:\n";
  for (const UnlearntRead& read : reads.unlearnt) {
    text += "  " + read.policy + ": " + read.table + ": " + read.why + "\n";
  }
  return text;
}

json ManifestJson(const PolicySet& set, const Reads& reads) {
  json out = {{"schema", kSchema},
              {"policies", set.policies.size()},
              {"tables", json::array()},
              {"unlearnt", json::array()}};
  for (const TableRead& read : reads.tables) {
    json keys = json::array();
    for (const Key& key : read.keys) {
      keys.push_back({{"column", key.column}, {"value", key.value}, {"like", key.like}});
    }
    out["tables"].push_back({{"table", read.table},
                             {"keys", std::move(keys)},
                             {"columns", read.columns},
                             {"max_age_ms", read.max_age.count()},
                             {"systems", SystemWords(read.systems)},
                             {"policies", read.policies}});
  }
  for (const UnlearntRead& read : reads.unlearnt) {
    out["unlearnt"].push_back({{"policy", read.policy}, {"table", read.table}, {"why", read.why}});
  }
  return out;
}

}  // namespace sallyport
