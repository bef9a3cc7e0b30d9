// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/lint/report_view.h"

namespace sallyport {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSchema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
constexpr char kRoot[] = "%SRCROOT%";

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/").find(c) != std::string_view::npos;
}

// RFC 3986, 2.1.
std::string UriPath(std::string_view path) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : path) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

bool IsAbsolute(std::string_view path) {
  return path.starts_with('/') || (path.size() > 2 && path[1] == ':' && path[2] == '/');
}

Json ArtifactLocation(const std::string& path) {
  if (!IsAbsolute(path)) return {{"uri", UriPath(path)}, {"uriBaseId", kRoot}};
  return {{"uri", (path.starts_with('/') ? "file://" : "file:///") + UriPath(path)}};
}

Json Location(const std::string& path, int line, int column) {
  Json physical = {{"artifactLocation", ArtifactLocation(path)}};
  if (line > 0) {
    physical["region"] = {{"startLine", line}};
    if (column > 0) physical["region"]["startColumn"] = column;
  }
  return {{"physicalLocation", physical}};
}

// "vpn-weak-encryption": VpnWeakEncryption, as SARIF2012 asks for names.
std::string PascalCase(std::string_view id) {
  std::string out;
  bool upper = true;
  for (char c : id) {
    const bool letter = (c >= 'a' && c <= 'z');
    if (!letter && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) {
      upper = true;
      continue;
    }
    out += upper && letter ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

std::string Sentence(const std::string& text) {
  return text.empty() || text.ends_with('.') ? text : text + ".";
}

// 3.11.5: braces of the text itself are doubled.
std::string WithoutPlaceholders(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
  return out;
}

// Around what is said of one finding, by its kind.
std::pair<std::string, std::string> Around(FindingKind kind, const std::string& about) {
  switch (kind) {
    case FindingKind::kFail:
      return {"Fails here: " + Sentence(about) + " Seen: '", "'."};
    case FindingKind::kUnknown:
      return {"Cannot be judged here: " + Sentence(about) + " Seen: '", "'."};
    case FindingKind::kFile:
      return {"Told of this file: '", "'."};
  }
  return {};
}

Json MessageStrings(const ConfigRule& rule) {
  Json out = Json::object();
  for (FindingKind kind : {FindingKind::kFail, FindingKind::kUnknown, FindingKind::kFile}) {
    const auto [before, after] = Around(kind, rule.about);
    out[FindingKindName(kind)] = {{"text", WithoutPlaceholders(before) + "{0}" + after}};
  }
  return out;
}

// With its text besides: not every reader fills in the rule's.
Json MessageJson(const ConfigFinding& finding) {
  const bool of_file = finding.kind == FindingKind::kFile;
  const std::string& said = of_file ? finding.message : finding.observed;
  const auto [before, after] = Around(finding.kind, finding.message);
  return {{"text", before + said + after},
          {"id", FindingKindName(finding.kind)},
          {"arguments", Json::array({said})}};
}

Json RuleJson(const ConfigRule& rule) {
  Json out = {{"id", rule.id},
              {"name", PascalCase(rule.id) + "Rule"},
              {"shortDescription", {{"text", Sentence(rule.about)}}},
              {"fullDescription", {{"text", Sentence(rule.about)}}},
              {"messageStrings", MessageStrings(rule)},
              {"defaultConfiguration", {{"level", SeverityName(rule.severity)}}}};
  std::string help = rule.expected.empty() ? "" : "Expected: " + Sentence(rule.expected);
  if (!rule.remedy.empty()) help += (help.empty() ? "" : "\n") + Sentence(rule.remedy);
  if (!help.empty()) out["help"] = {{"text", help}};
  return out;
}

Json ResultJson(const ConfigFinding& finding, const std::vector<ConfigRule>& rules) {
  const bool unknown = finding.kind == FindingKind::kUnknown;
  const auto rule = std::ranges::find(rules, finding.rule, &ConfigRule::id);
  Json out = {{"ruleId", finding.rule}};
  if (rule != rules.end()) out["ruleIndex"] = rule - rules.begin();
  out["kind"] = unknown ? "open" : "fail";
  // 3.27.10: where the kind is not "fail" the level is "none".
  out["level"] = unknown ? "none" : SeverityName(finding.severity);
  out["message"] = MessageJson(finding);
  out["locations"] = Json::array({Location(finding.path, finding.line, finding.column)});
  out["partialFingerprints"] = {{"sallyportFinding/v1", finding.fingerprint}};
  Json suppressions = Json::array();
  if (finding.allowed) {
    suppressions.push_back({{"kind", "inSource"}, {"justification", *finding.allowed}});
  }
  if (finding.in_baseline) {
    suppressions.push_back({{"kind", "external"}, {"justification", "in the baseline"}});
  }
  // 3.27.23: when any result has suppressions, all have, if empty.
  out["suppressions"] = suppressions;
  return out;
}

Json NotificationJson(const UnreadFile& unread) {
  Json location = Location(unread.path, unread.line, 0);
  return {{"descriptor", {{"id", "unread"}}},
          {"level", "warning"},
          {"message", {{"text", Sentence("Not read: " + unread.why)}}},
          {"locations", Json::array({location})}};
}

}  // namespace

std::string LintSarif(const ConfigReport& report) {
  Json rules = Json::array();
  for (const ConfigRule& rule : report.rules) rules.push_back(RuleJson(rule));
  Json results = Json::array();
  for (const ConfigFinding& finding : report.findings) {
    results.push_back(ResultJson(finding, report.rules));
  }
  Json notifications = Json::array();
  for (const UnreadFile& unread : report.files_unread) {
    if (!unread.in_baseline) notifications.push_back(NotificationJson(unread));
  }
  const Json notification_rules = Json::array(
      {{{"id", "unread"},
        {"shortDescription", {{"text", "A file was not read."}}},
        {"fullDescription", {{"text", "A file was not read, and so it was not judged."}}},
        {"help",
         {{"text", "Mend what keeps it from being read, or write it into the baseline."}}}}});
  const Json driver = {{"name", "sallyport"},
                       {"semanticVersion", SALLYPORT_VERSION},
                       {"rules", rules},
                       {"notifications", notification_rules}};
  const Json run = {
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", "sallyport-lint/"}}},
      {"columnKind", "utf16CodeUnits"},
      {"originalUriBaseIds",
       {{kRoot, {{"description", {{"text", "The folder where the linter was run."}}}}}}},
      {"invocations", Json::array({{{"executionSuccessful", true},
                                    {"toolExecutionNotifications", notifications}}})},
      {"results", results}};
  const Json log = {{"$schema", kSchema}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sallyport
