// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "agent/lint/report_view.h"
#include "base/timestamp.h"

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json OrNull(int number) { return number == 0 ? Json() : Json(number); }

}  // namespace

Json FindingJson(const ConfigFinding& finding) {
  return {{"rule", finding.rule},
          {"kind", FindingKindName(finding.kind)},
          {"severity", SeverityName(finding.severity)},
          {"path", finding.path},
          {"line", OrNull(finding.line)},
          {"column", OrNull(finding.column)},
          {"message", finding.message},
          {"observed", OrNull(finding.observed)},
          {"expected", OrNull(finding.expected)},
          {"remedy", OrNull(finding.remedy)},
          {"fingerprint", finding.fingerprint},
          {"allowed", finding.allowed ? Json(*finding.allowed) : Json()},
          {"in_baseline", finding.in_baseline}};
}

std::string LintJson(const ConfigReport& report, Millis now_wall) {
  Json read = Json::array();
  for (const ReadFile& file : report.files_read) {
    read.push_back(
        {{"path", file.path}, {"kind", file.kind}, {"included_by", OrNull(file.included_by)}});
  }
  Json unread = Json::array();
  for (const UnreadFile& file : report.files_unread) {
    unread.push_back({{"path", file.path},
                      {"kind", OrNull(file.kind)},
                      {"why", file.why},
                      {"line", OrNull(file.line)},
                      {"fingerprint", file.fingerprint},
                      {"in_baseline", file.in_baseline}});
  }
  Json findings = Json::array();
  for (const ConfigFinding& finding : report.findings) findings.push_back(FindingJson(finding));
  const Json json = {{"schema", "sallyport.lint/v1"},
                     {"generated_at", Timestamp(now_wall)},
                     {"files_read", read},
                     {"files_unread", unread},
                     {"files_other", report.files_other},
                     {"findings", findings}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sallyport
