// SPDX-License-Identifier: Apache-2.0
#include "service/ctl/lint_view.h"

#include <fstream>
#include <map>
#include <sstream>

#include "collectors/tables.h"
#include "policy/policy.h"

namespace sallyport {
namespace {

Result<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file) return Fail(Code::kNotFound, "cannot be read");
  return bytes.str();
}

std::string Counted(size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Result<LintReport> LintPolicyFiles(std::span<const std::string> files) {
  const std::vector<Schema> schemas = AllSchemas();
  auto linter = Linter::Make(schemas);
  if (!linter) return tl::unexpected(linter.error());
  LintReport report;
  std::map<std::string, std::string> first_file;  // by policy
  for (const std::string& file : files) {
    const auto yaml = ReadWhole(file);
    if (!yaml) {
      report.findings.push_back({"file", "", file, 0, yaml.error().message});
      continue;
    }
    const PolicyFileContent content = ReadPolicies(*yaml, file);
    for (const PolicyProblem& problem : content.problems) {
      report.findings.push_back({"file", problem.policy, file, problem.line, problem.text});
    }
    for (const PolicyProblem& other : content.passed_over) {
      report.findings.push_back({"passed-over", other.policy, file, other.line, other.text});
    }
    for (const PolicyProblem& key : content.unknown_keys) {
      report.findings.push_back({"unknown-key", key.policy, file, key.line, key.text});
    }
    for (const Policy& policy : content.policies) {
      const auto [first, is_new] = first_file.emplace(policy.name, file);
      if (!is_new) {
        report.findings.push_back({"file", policy.name, file, policy.line,
                                   "name: a policy of " + first->second + " has it too"});
      }
      (*linter)->Lint(policy, file, &report);
    }
  }
  return report;
}

std::string LintText(const LintReport& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    out += finding.file;
    if (finding.line > 0) out += ":" + std::to_string(finding.line);
    if (!finding.policy.empty()) out += ": " + finding.policy;
    out += ": " + finding.text + " [" + finding.rule + "]\n";
  }
  return out + Counted(report.policies, "policy", "policies") + ", " +
         Counted(report.unprepared, "does", "do") + " not prepare, " +
         Counted(report.findings.size(), "finding", "findings") + "\n";
}

nlohmann::json LintJson(const LintReport& report) {
  nlohmann::json findings = nlohmann::json::array();
  for (const Finding& finding : report.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"policy", finding.policy},
                        {"file", finding.file},
                        {"line", finding.line},
                        {"text", finding.text}});
  }
  return {{"schema", "sallyport.policy-lint/v1"},
          {"policies", report.policies},
          {"unprepared", report.unprepared},
          {"findings", std::move(findings)}};
}

}  // namespace sallyport
