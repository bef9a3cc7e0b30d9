// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/path_pattern.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace sallyport {
namespace {

struct Pattern {
  std::string root;                     // "/" or "C:\"
  std::vector<std::string> components;  // between slashes
  char slash = '/';
  bool folders_only = false;  // it ends with a slash
  bool recursive = false;
};

bool IsSlash(Os os, char c) { return c == '/' || (os == Os::kWindows && c == '\\'); }

Result<Pattern> ParsePattern(Os os, const std::string& text) {
  Pattern out;
  size_t at = 1;
  if (os == Os::kWindows) {
    if (text.size() < 3 || text[0] == '%' || text[1] != ':' || !IsSlash(os, text[2])) {
      return Fail(Code::kInvalidArgument, text + ": not absolute");
    }
    at = 3;
    out.slash = text[2];
  } else if (!text.starts_with('/')) {
    return Fail(Code::kInvalidArgument, text + ": not absolute");
  }
  out.root = text.substr(0, at);
  while (at < text.size()) {
    const auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                  [os](char c) { return IsSlash(os, c); });
    const auto next = static_cast<size_t>(end - text.begin());
    if (next > at) out.components.push_back(text.substr(at, next - at));
    at = next + 1;
  }
  out.folders_only = IsSlash(os, text.back());
  out.recursive = !out.components.empty() && out.components.back().ends_with("%%");
  return out;
}

class Search {
 public:
  Search(const Host& host, const std::string& text, const Pattern& pattern)
      : host_(host), text_(text), pattern_(pattern) {}

  Result<std::vector<std::string>> Run() {
    if (const Status ok = Descend(pattern_.root, 0); !ok) return tl::unexpected(ok.error());
    std::ranges::sort(found_);
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return std::move(found_);
  }

 private:
  // `folder` ends with a slash; its entries meet component `index`.
  Status Descend(const std::string& folder, size_t index) {
    if (index == pattern_.components.size()) return Found(folder, true);
    const std::string& component = pattern_.components[index];
    if (component.find('%') != std::string::npos) return List(folder, index);
    const bool last = index + 1 == pattern_.components.size();
    if (!last) return Descend(folder + component + pattern_.slash, index + 1);
    const auto details = host_.Inspect(folder + component);
    if (!details) {
      if (details.error().code == Code::kNotFound) return {};
      return Wrap(details.error(), text_);
    }
    return Found(folder + component, details->kind == FileDetails::Kind::kDirectory);
  }

  Status List(const std::string& folder, size_t index) {
    const auto entries = Entries(folder);
    if (!entries) return tl::unexpected(entries.error());
    const bool last = index + 1 == pattern_.components.size();
    for (const DirEntry& entry : *entries) {
      if (!MatchesComponent(host_.os(), pattern_.components[index], entry.name)) continue;
      const std::string path = folder + entry.name;
      const auto is_folder = IsFolder(path, entry.type);
      if (!is_folder) return tl::unexpected(is_folder.error());
      if (!last) {
        if (!*is_folder) continue;
        if (const Status ok = Descend(path + pattern_.slash, index + 1); !ok) return ok;
        continue;
      }
      if (const Status ok = Found(path, *is_folder); !ok) return ok;
      if (!*is_folder || !pattern_.recursive) continue;
      if (const Status ok = Below(path, entry.type, 1); !ok) return ok;
    }
    return {};
  }

  // Everything below a folder that was found.
  Status Below(const std::string& folder, FileType type, size_t depth) {
    if (depth > kMaxPatternDepth) {
      return Fail(Code::kTooLarge, text_ + ": over " + std::to_string(kMaxPatternDepth) +
                                       " folders deep: " + folder);
    }
    if (type == FileType::kSymlink) {
      const auto leads = LeadsOn(folder);
      if (!leads) return tl::unexpected(leads.error());
      if (!*leads) return {};
    }
    const auto entries = Entries(folder + pattern_.slash);
    if (!entries) return tl::unexpected(entries.error());
    for (const DirEntry& entry : *entries) {
      if (!MatchesComponent(host_.os(), "%", entry.name)) continue;
      const std::string path = folder + pattern_.slash + entry.name;
      const auto is_folder = IsFolder(path, entry.type);
      if (!is_folder) return tl::unexpected(is_folder.error());
      if (const Status ok = Found(path, *is_folder); !ok) return ok;
      if (!*is_folder) continue;
      if (const Status ok = Below(path, entry.type, depth + 1); !ok) return ok;
    }
    return {};
  }

  // Not upward, and nowhere twice: what is there was, or will be, found on the way.
  Result<bool> LeadsOn(const std::string& link) {
    const auto target = host_.RealPath(link);
    const auto here =
        host_.RealPath(link.substr(0, std::max<size_t>(link.rfind(pattern_.slash), 1)));
    for (const auto* path : {&target, &here}) {
      if (*path || path->error().code == Code::kNotFound) continue;
      return Wrap(path->error(), text_);
    }
    if (!target || !here) return false;
    const std::string up = *target == "/" ? *target : *target + pattern_.slash;
    return !(*here + pattern_.slash).starts_with(up) && links_.insert(*target).second;
  }

  Result<bool> IsFolder(const std::string& path, FileType type) {
    if (type != FileType::kSymlink) return type == FileType::kDirectory;
    const auto details = host_.Inspect(path);
    if (details) return details->kind == FileDetails::Kind::kDirectory;
    if (details.error().code == Code::kNotFound) return false;
    return Wrap(details.error(), text_);
  }

  Result<std::vector<DirEntry>> Entries(const std::string& folder) {
    const std::string name = folder == pattern_.root ? folder : folder.substr(0, folder.size() - 1);
    auto entries = host_.ListDir(name);
    if (!entries) {
      if (entries.error().code == Code::kNotFound) return std::vector<DirEntry>();
      return Wrap(entries.error(), text_);
    }
    looked_at_ += entries->size();
    if (looked_at_ > kMaxLookedAt) {
      return Fail(Code::kTooLarge,
                  text_ + ": over " + std::to_string(kMaxLookedAt) + " entries looked at");
    }
    return entries;
  }

  Status Found(const std::string& path, bool folder) {
    if (pattern_.folders_only && !folder) return {};
    if (found_.size() == kMaxMatches) {
      return Fail(Code::kTooLarge, text_ + ": over " + std::to_string(kMaxMatches) + " paths");
    }
    found_.push_back(folder && !IsFolderPath(path) ? path + pattern_.slash : path);
    return {};
  }

  const Host& host_;
  const std::string& text_;
  const Pattern& pattern_;
  std::vector<std::string> found_;
  std::set<std::string> links_;  // where links led that were gone into
  size_t looked_at_ = 0;
};

}  // namespace

bool IsFolderPath(std::string_view path) {
  return path.ends_with('/') || (path.ends_with('\\') && path.size() > 2 && path[1] == ':');
}

// Greedy: on a mismatch only the last % takes one character more, so the work is bounded by the
// product of the lengths.
bool MatchesComponent(Os os, std::string_view pattern, std::string_view name) {
  if (os != Os::kWindows && name.starts_with('.') && !pattern.starts_with('.')) return false;
  const std::string folded[] = {os == Os::kWindows ? Lower(pattern) : std::string(pattern),
                                os == Os::kWindows ? Lower(name) : std::string(name)};
  const std::string_view p(folded[0]);
  const std::string_view n(folded[1]);
  size_t at = 0;
  size_t star = std::string_view::npos;
  size_t star_n = 0;
  size_t i = 0;
  while (i < n.size()) {
    if (at < p.size() && p[at] == '%') {
      star = ++at;
      star_n = i;
    } else if (at < p.size() && p[at] == n[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star;
      i = ++star_n;
    } else {
      return false;
    }
  }
  return p.find_first_not_of('%', at) == std::string_view::npos;
}

Result<std::vector<std::string>> PathsLike(const Host& host, const std::string& pattern) {
  if (pattern.find('\0') != std::string::npos) {
    return Fail(Code::kInvalidArgument, "a pattern with a NUL in it");
  }
  const auto parsed = ParsePattern(host.os(), pattern);
  if (!parsed) return tl::unexpected(parsed.error());
  return Search(host, pattern, *parsed).Run();
}

}  // namespace sallyport
