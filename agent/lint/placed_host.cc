// SPDX-License-Identifier: Apache-2.0
#include "agent/lint/placed_host.h"

#include <algorithm>
#include <string_view>

namespace sallyport {
namespace {

constexpr std::string_view kPathColumns[] = {"source", "path", "secret_path", "problem"};

bool IsAtOrBelow(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Where a path of a message may begin and end.
constexpr std::string_view kAround = " \"'(,:;)";

bool BeginsPath(std::string_view text, size_t at) {
  return text[at] == '/' && (at == 0 || kAround.find(text[at - 1]) != std::string_view::npos);
}

bool EndsPath(std::string_view text, size_t at) {
  return at >= text.size() || text[at] == '/' || kAround.find(text[at]) != std::string_view::npos;
}

}  // namespace

Result<std::string> PlacedHost::Find(const std::string& path) const {
  for (const Placed& placed : placed_) {
    if (!IsAtOrBelow(path, placed.machine)) continue;
    if (placed.tree.empty()) break;
    return placed.tree + path.substr(placed.machine.size());
  }
  return Fail(Code::kNotFound, path + ": not in what is linted");
}

// Files that are placed one by one.
std::vector<DirEntry> PlacedHost::PlacedIn(const std::string& folder) const {
  std::vector<DirEntry> out;
  for (const Placed& placed : placed_) {
    const size_t slash = placed.machine.rfind('/');
    if (placed.tree.empty() || placed.machine.substr(0, slash) != folder) continue;
    out.push_back({placed.machine.substr(slash + 1), FileType::kFile});
  }
  return out;
}

Result<std::string> PlacedHost::ReadFile(const std::string& path, size_t max_bytes) const {
  const Result<std::string> found = Find(path);
  return found ? host_.ReadFile(*found, max_bytes) : found;
}

Result<std::vector<DirEntry>> PlacedHost::ListDir(const std::string& path) const {
  const Result<std::string> found = Find(path);
  if (found) return host_.ListDir(*found);
  std::vector<DirEntry> entries = PlacedIn(path);
  if (entries.empty()) return tl::unexpected(found.error());
  return entries;
}

Result<FileStat> PlacedHost::Stat(const std::string& path) const {
  const Result<std::string> found = Find(path);
  if (found) return host_.Stat(*found);
  if (PlacedIn(path).empty()) return tl::unexpected(found.error());
  FileStat folder;
  folder.type = FileType::kDirectory;
  return folder;
}

Result<std::string> PlacedHost::ReadLink(const std::string& path) const {
  const Result<std::string> found = Find(path);
  return found ? host_.ReadLink(*found) : found;
}

Result<std::string> PlacedHost::RealPath(const std::string& path) const {
  const Result<std::string> found = Find(path);
  if (!found) return found;
  const Result<std::string> real = host_.RealPath(*found);
  return real ? Result<std::string>(path) : real;
}

Result<CommandOutput> PlacedHost::Run(const Command& command) const { return host_.Run(command); }

Result<Value> PlacedHost::ReadDbusProperty(const DbusProperty& property) const {
  return host_.ReadDbusProperty(property);
}

std::string PlacedHost::InTree(std::string_view text) const {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const auto fits = [&](const Placed& placed) {
      return text.substr(at).starts_with(placed.machine) &&
             EndsPath(text, at + placed.machine.size());
    };
    const auto found = BeginsPath(text, at) ? std::ranges::find_if(placed_, fits) : placed_.end();
    if (found == placed_.end() || found->tree.empty()) {
      out += text[at++];
    } else {
      out += found->tree;
      at += found->machine.size();
    }
  }
  return out;
}

void PlacedHost::PlaceInTree(TableResult* table) const {
  for (size_t i = 0; i < table->columns.size(); ++i) {
    if (std::ranges::find(kPathColumns, table->columns[i]) == std::end(kPathColumns)) continue;
    for (Row& row : table->rows) {
      if (auto* text = std::get_if<std::string>(&row[i])) *text = InTree(*text);
    }
  }
}

}  // namespace sallyport
