// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/sysctl_config.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr const char* kFolders[] = {"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
                                    "/usr/lib/sysctl.d", "/lib/sysctl.d"};
constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxAssignments = 100'000;

std::string Swapped(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '/') {
      c = '.';
    } else if (c == '.') {
      c = '/';
    }
  }
  return out;
}

// Where * is anything but a slash. Both end; no step is taken twice.
bool Fits(std::string_view pattern, std::string_view path) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, from = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == path[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && path[from] != '/') {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// nullopt: there is none.
Result<std::optional<std::string>> ReadConfig(const Host& host, const std::string& path) {
  const auto real = host.RealPath(path);
  if (real && *real == "/dev/null") return std::optional<std::string>("");
  auto text = host.ReadFile(path, kMaxBytes);
  if (text) return std::optional<std::string>(std::move(*text));
  if (text.error().code == Code::kNotFound) return std::optional<std::string>();
  return tl::unexpected(text.error());
}

}  // namespace

std::string SysctlName(std::string_view path) { return Swapped(path); }

std::string SysctlPath(std::string_view name) {
  const size_t separator = name.find_first_of("./");
  if (separator != std::string_view::npos && name[separator] == '/') return std::string(name);
  return Swapped(name);
}

void SysctlConfig::Add(std::string_view text) {
  for (const std::string_view whole : Lines(text)) {
    std::string_view line = Trim(whole);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const bool minus = line[0] == '-';  // with a value: errors do not matter
    if (minus) line.remove_prefix(1);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos && !minus) continue;
    const std::string path = SysctlPath(Trim(line.substr(0, equals)));
    if (path.empty() || lines_.size() == kMaxAssignments) continue;
    if (equals == std::string_view::npos) {
      lines_.push_back({path, "", true});
    } else {
      lines_.push_back({path, std::string(Trim(line.substr(equals + 1))), false});
    }
  }
}

std::optional<std::string> SysctlConfig::ValueOf(std::string_view name) const {
  const std::string path = SysctlPath(name);
  std::optional<std::string> by_pattern;
  for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
    if (line->path == path) {
      return line->excludes ? std::nullopt : std::optional<std::string>(line->value);
    }
    const bool pattern = line->path.find('*') != std::string::npos;
    if (pattern && !line->excludes && !by_pattern && Fits(line->path, path)) {
      by_pattern = line->value;
    }
  }
  return by_pattern;
}

Result<SysctlConfig> ReadSysctlConfig(const Host& host) {
  std::map<std::string, std::string> files;  // by name, to the path that counts
  for (const char* folder : kFolders) {
    const auto entries = host.ListDir(folder);
    if (!entries && entries.error().code == Code::kNotFound) continue;
    if (!entries) return tl::unexpected(entries.error());
    for (const DirEntry& entry : *entries) {
      if (!entry.name.ends_with(".conf")) continue;
      files.emplace(entry.name, std::string(folder) + "/" + entry.name);
    }
  }
  SysctlConfig config;
  const auto add = [&](const std::string& path) -> Status {
    const auto text = ReadConfig(host, path);
    if (!text) return tl::unexpected(text.error());
    if (*text) config.Add(**text);
    return {};
  };
  for (const auto& [name, path] : files) {
    if (const Status ok = add(path); !ok) return tl::unexpected(ok.error());
  }
  if (const Status ok = add("/etc/sysctl.conf"); !ok) return tl::unexpected(ok.error());
  return config;
}

}  // namespace sallyport
