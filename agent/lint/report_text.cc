// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "agent/lint/report_view.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kWidth = 100;

// "label  text", wrapped at blanks; further lines stand under the text.
std::string Field(std::string_view indent, std::string_view label, std::string_view text) {
  if (text.empty()) return {};
  std::string line = std::string(indent) + std::string(label);
  line.resize(std::max(line.size() + 1, indent.size() + 10), ' ');
  const std::string under(line.size(), ' ');
  std::string out;
  bool first = true;
  for (std::string_view word : Fields(text)) {
    if (!first && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = under;
      first = true;
    }
    line += (first ? "" : " ") + Printable(word);
    first = false;
  }
  return out + line + "\n";
}

std::string PlaceText(const ConfigFinding& finding) {
  std::string out = Printable(finding.path);
  if (finding.line > 0) out += ":" + std::to_string(finding.line);
  if (finding.column > 0) out += ":" + std::to_string(finding.column);
  return out;
}

Style::Paint PaintOf(Severity severity) {
  if (severity == Severity::kError) return Style::Paint::kBad;
  return severity == Severity::kWarning ? Style::Paint::kWarning : Style::Paint::kFaint;
}

std::string Counted(size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string Summary(const ConfigReport& report) {
  size_t counts[3] = {};
  size_t unknown = 0;
  size_t allowed = 0;
  size_t borne = 0;
  for (const ConfigFinding& finding : report.findings) {
    if (finding.allowed) {
      ++allowed;
    } else if (finding.in_baseline) {
      ++borne;
    } else if (finding.kind == FindingKind::kUnknown) {
      ++unknown;
    } else {
      ++counts[static_cast<size_t>(finding.severity)];
    }
  }
  const auto unread =
      static_cast<size_t>(std::ranges::count(report.files_unread, false, &UnreadFile::in_baseline));
  std::string out = Counted(report.files_read.size(), "file", "files") + " read, " +
                    std::to_string(unread) + " not read: " + Counted(counts[2], "error", "errors") +
                    ", " + Counted(counts[1], "warning", "warnings") + ", " +
                    Counted(counts[0], "note", "notes") + ", " + std::to_string(unknown) +
                    " cannot be judged";
  borne += report.files_unread.size() - unread;
  if (allowed > 0) out += "; " + std::to_string(allowed) + " allowed by comments";
  if (borne > 0) out += "; " + std::to_string(borne) + " in the baseline";
  return out + "\n";
}

}  // namespace

std::string FindingText(const ConfigFinding& finding, const Style& style, std::string_view indent) {
  const bool unknown = finding.kind == FindingKind::kUnknown;
  const std::string word = unknown ? "cannot be judged" : SeverityName(finding.severity);
  const std::string inner = std::string(indent) + "    ";
  std::string out = std::string(indent) + PlaceText(finding) + ": " +
                    style(unknown ? Style::Paint::kWarning : PaintOf(finding.severity), word) +
                    ": " + Printable(finding.rule) + "\n";
  out += Field(inner, finding.kind == FindingKind::kFile ? "why" : "rule", finding.message);
  out += Field(inner, "seen", finding.observed);
  out += Field(inner, "expected", finding.expected);
  return out + Field(inner, "fix", finding.remedy);
}

std::string LintText(const ConfigReport& report, const Style& style) {
  std::string out;
  std::map<std::string, std::string> told;  // what mends, and the rule that said it first
  for (ConfigFinding finding : report.findings) {
    if (!finding.IsNew()) continue;
    const auto [before, is_new] = told.emplace(finding.remedy, finding.rule);
    if (!is_new && !finding.remedy.empty()) finding.remedy = "as above, at " + before->second;
    out += FindingText(finding, style);
  }
  for (const UnreadFile& unread : report.files_unread) {
    if (unread.in_baseline) continue;
    // Most reasons begin with the path, some with a file that this one includes.
    const bool says_itself = unread.why.starts_with(unread.path + ":");
    out += style(Style::Paint::kWarning, "not read") + ": " +
           Printable(says_itself ? unread.why : unread.path + ": " + unread.why) + "\n";
  }
  if (!out.empty()) out += "\n";
  return out + Summary(report);
}

Result<std::string> ExplainRule(const ConfigReport& report, std::string_view rule) {
  const auto found = std::ranges::find(report.rules, rule, &ConfigRule::id);
  if (found == report.rules.end()) {
    std::vector<std::string> ids;
    for (const ConfigRule& each : report.rules) ids.push_back(each.id);
    return Fail(Code::kNotFound,
                "no rule " + Excerpt(rule, 60) + "; there are: " + Join(ids, ", "));
  }
  return found->id + " (" + SeverityName(found->severity) + ")\n" +
         Field("  ", "why", found->about) + Field("  ", "expected", found->expected) +
         Field("  ", "fix", found->remedy);
}

}  // namespace sallyport
