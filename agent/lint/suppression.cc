// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/suppression.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "base/timestamp.h"

namespace sallyport {
namespace {

constexpr std::string_view kMark = "sallyport:";
constexpr std::string_view kComments[] = {"#", ";", "//", "<!--"};

// Where a comment begins on this line; npos: there is none.
size_t CommentStart(std::string_view line) {
  size_t first = std::string_view::npos;
  for (std::string_view sign : kComments) {
    for (size_t at = line.find(sign); at != std::string_view::npos; at = line.find(sign, at + 1)) {
      if (at != 0 && line[at - 1] != ' ' && line[at - 1] != '\t') continue;
      first = std::min(first, at);
      break;
    }
  }
  return first;
}

bool HasContent(std::string_view line) {
  const std::string_view text = Trim(line);
  return !text.empty() && CommentStart(text) != 0;
}

bool IsDate(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = ParseInt(text.substr(0, 4));
  const auto month = ParseInt(text.substr(5, 2));
  const auto day = ParseInt(text.substr(8, 2));
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
      .ok();
}

// `key=` at the front of *rest, with a value in quotes or up to the next blank.
bool TakeSetting(std::string_view key, std::string_view* rest, std::string* value) {
  if (!rest->starts_with(key)) return false;
  std::string_view text = rest->substr(key.size());
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  const size_t end = std::min(quoted ? text.find('"') : text.find_first_of(" \t"), text.size());
  *value = std::string(Trim(text.substr(0, end)));
  text.remove_prefix(std::min(text.size(), end + (quoted ? 1 : 0)));
  *rest = Trim(text);
  return true;
}

// What follows the mark.
Suppression Parse(std::string_view rest, int line) {
  Suppression out;
  out.line = line;
  if (const size_t end = rest.find("-->"); end != std::string_view::npos) {
    rest = rest.substr(0, end);
  }
  rest = Trim(rest);
  if (!rest.starts_with("allow ")) {
    out.problem = "only `allow RULE reason=\"...\" [until=YYYY-MM-DD]` is understood";
    return out;
  }
  rest = Trim(rest.substr(6));
  const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  out.rule = std::string(rest.substr(0, end));
  rest = Trim(rest.substr(end));
  while (TakeSetting("reason=", &rest, &out.reason) || TakeSetting("until=", &rest, &out.until)) {
  }
  if (out.reason.empty()) {
    out.problem = "a reason is required: reason=\"...\"";
  } else if (!out.until.empty() && !IsDate(out.until)) {
    out.problem = "until= is no date of the form YYYY-MM-DD";
  } else if (!rest.empty()) {
    out.problem = "something follows that is neither reason=\"...\" nor until=YYYY-MM-DD";
  }
  return out;
}

// Of each line the next one after it that has content, by number; 0: there is none.
std::vector<int> NextContent(const std::vector<std::string_view>& lines) {
  std::vector<int> out(lines.size(), 0);
  for (size_t at = lines.size(); at-- > 1;) {
    out[at - 1] = HasContent(lines[at]) ? static_cast<int>(at) + 1 : out[at];
  }
  return out;
}

Suppression OverTheBound(int line) {
  Suppression out;
  out.line = line;
  out.problem =
      "one file may have " + std::to_string(kMaxSuppressions) + "; those from here on are not read";
  return out;
}

std::string ProblemOf(const Suppression& suppression, std::span<const ConfigRule> rules,
                      const std::string& today) {
  if (!suppression.problem.empty()) return suppression.problem;
  if (std::ranges::find(rules, suppression.rule, &ConfigRule::id) == rules.end()) {
    return "there is no rule " + Excerpt(suppression.rule, 60);
  }
  if (!suppression.until.empty() && suppression.until < today) {
    return "the exception for " + suppression.rule + " ended with " + suppression.until;
  }
  return {};
}

}  // namespace

std::vector<Suppression> FindSuppressions(std::string_view text) {
  std::vector<Suppression> out;
  if (text.find(kMark) == std::string_view::npos) return out;
  const std::vector<std::string_view> lines = Lines(text);
  const std::vector<int> next_content = NextContent(lines);
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t comment = CommentStart(lines[i]);
    if (comment == std::string_view::npos) continue;
    const size_t words = lines[i].find_first_not_of("#;/<!- \t", comment);
    if (words == std::string_view::npos || !lines[i].substr(words).starts_with(kMark)) continue;
    const int line = static_cast<int>(i) + 1;
    if (out.size() == kMaxSuppressions) {
      out.push_back(OverTheBound(line));
      break;
    }
    Suppression found = Parse(lines[i].substr(words + kMark.size()), line);
    const bool alone = Trim(lines[i].substr(0, comment)).empty();
    found.covers = alone ? next_content[i] : line;
    out.push_back(std::move(found));
  }
  return out;
}

void ApplySuppressions(const std::string& path, std::span<const Suppression> suppressions,
                       std::span<const ConfigRule> rules, Millis now_wall,
                       std::vector<ConfigFinding>* findings) {
  const std::string today = Timestamp(now_wall).substr(0, 10);
  for (const Suppression& suppression : suppressions) {
    const std::string problem = ProblemOf(suppression, rules, today);
    if (!problem.empty()) {
      ConfigFinding& finding = findings->emplace_back();
      finding.rule = kSuppressionRule;
      finding.kind = FindingKind::kFile;
      finding.path = path;
      finding.line = suppression.line;
      finding.message = "This comment allows nothing: " + problem + ".";
      finding.observed = suppression.rule.empty() ? "" : "allow " + Excerpt(suppression.rule, 60);
      continue;
    }
    for (ConfigFinding& finding : *findings) {
      if (finding.path == path && finding.rule == suppression.rule && finding.line != 0 &&
          finding.line == suppression.covers) {
        finding.allowed = suppression.reason;
      }
    }
  }
}

}  // namespace sallyport
