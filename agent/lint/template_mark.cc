// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/template_mark.h"

#include <algorithm>

namespace sallyport {
namespace {

struct Language {
  std::string_view opening;
  std::string_view closing;
  bool in_comments;
};
constexpr Language kLanguages[] = {
    {"{{", "}}", true}, {"{%", "%}", true}, {"<%", "%>", true}, {"${", "}", false}};

bool IsInComment(std::string_view text, size_t at) {
  const size_t line = text.rfind('\n', at);
  const size_t start = line == std::string_view::npos ? 0 : line + 1;
  const size_t first = text.find_first_not_of(" \t", start);
  return first < at && (text[first] == '#' || text[first] == ';');
}

size_t FindOpening(std::string_view text, const Language& language) {
  size_t at = text.find(language.opening);
  while (at != std::string_view::npos && !language.in_comments && IsInComment(text, at)) {
    // The rest of the line is a comment too; asked mark by mark, a long line costs its square.
    const size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? end : text.find(language.opening, end);
  }
  if (at == std::string_view::npos) return at;
  const bool closed = text.find(language.closing, at + 2) != std::string_view::npos;
  return closed ? at : std::string_view::npos;
}

}  // namespace

std::optional<TemplateMark> FindTemplate(std::string_view text) {
  size_t first = std::string_view::npos;
  std::string_view opening;
  for (const Language& language : kLanguages) {
    const size_t at = FindOpening(text, language);
    if (at >= first) continue;
    first = at;
    opening = language.opening;
  }
  if (first == std::string_view::npos) return std::nullopt;
  const auto before = text.substr(0, first);
  return TemplateMark{1 + static_cast<int>(std::ranges::count(before, '\n')), opening};
}

}  // namespace sallyport
