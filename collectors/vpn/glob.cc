// SPDX-License-Identifier: Apache-2.0
#include "collectors/vpn/glob.h"

#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"

namespace sallyport {
namespace {

// Where `[` at `at` closes, or npos: then it stands for itself. "[]a]" and "[!]a]" hold "]".
size_t ClosingBracket(std::string_view pattern, size_t at) {
  size_t first = at + 1;
  if (first < pattern.size() && (pattern[first] == '!' || pattern[first] == '^')) ++first;
  return pattern.find(']', first + 1);
}

bool InBracket(std::string_view set, char c) {
  const bool negated = set.starts_with('!') || set.starts_with('^');
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (set[i] <= c && c <= set[i + 2]);
      i += 2;
    } else {
      found = found || set[i] == c;
    }
  }
  return found != negated;
}

// Does the element at pattern[*at] match c? Moves *at behind the element.
bool MatchesOne(std::string_view pattern, size_t* at, char c) {
  const char p = pattern[*at];
  if (p == '[') {
    const size_t close = ClosingBracket(pattern, *at);
    if (close != std::string_view::npos) {
      const bool yes = InBracket(pattern.substr(*at + 1, close - *at - 1), c);
      *at = close + 1;
      return yes;
    }
  }
  if (p == '\\' && *at + 1 < pattern.size()) ++*at;
  const bool yes = p == '?' || pattern[*at] == c;
  ++*at;
  return yes;
}

std::string WithoutBackslashes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out.push_back(text[i]);
  }
  return out;
}

// All that one folder adds to `out` for one part of the pattern.
Status Expand(const Host& host, const std::string& folder, std::string_view part,
              std::vector<std::string>* out) {
  const auto entries = host.ListDir(folder.empty() ? "/" : folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return {};
    return tl::unexpected(entries.error());
  }
  for (const DirEntry& entry : *entries) {
    if (MatchesWildcard(part, entry.name)) out->push_back(folder + "/" + entry.name);
  }
  return {};
}

}  // namespace

bool HasWildcard(std::string_view pattern) {
  return pattern.find_first_of("*?[") != std::string_view::npos;
}

// The usual greedy match: on a mismatch only the last `*` takes one character more, so the work is
// bounded by the product of the lengths.
bool MatchesWildcard(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  size_t p = 0;
  size_t star = std::string_view::npos;
  size_t star_n = 0;
  size_t n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_n = n;
      continue;
    }
    size_t next = p;
    if (p < pattern.size() && MatchesOne(pattern, &next, name[n])) {
      p = next;
      ++n;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star;
    n = ++star_n;
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Result<std::vector<std::string>> Glob(const Host& host, const std::string& pattern, size_t limit) {
  std::vector<std::string> paths = {""};
  for (std::string_view part : Split(pattern, '/')) {
    if (part.empty()) continue;
    std::vector<std::string> next;
    for (const std::string& path : paths) {
      if (!HasWildcard(part)) {
        next.push_back(path + "/" + WithoutBackslashes(part));
      } else if (const Status expanded = Expand(host, path, part, &next); !expanded) {
        return tl::unexpected(expanded.error());
      }
      if (next.size() > limit) {
        return Fail(Code::kTooLarge, pattern + ": more than " + std::to_string(limit) + " files");
      }
    }
    paths = std::move(next);
  }
  // A name behind a wildcard need not exist, and a folder is no file.
  std::erase_if(paths, [&](const std::string& path) {
    const Result<FileStat> stat = host.Stat(path);
    return stat ? stat->type == FileType::kDirectory : stat.error().code == Code::kNotFound;
  });
  std::ranges::sort(paths);
  return paths;
}

}  // namespace sallyport
