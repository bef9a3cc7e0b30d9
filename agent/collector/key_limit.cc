// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/key_limit.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kLongestKey = 4096;
// Folders of homes, of devices and of the kernel: below them is most of a machine, or no end.
constexpr std::string_view kBroad[] = {"home", "users", "root", "proc",  "sys",     "dev",
                                       "usr",  "var",   "mnt",  "media", "volumes", "windows"};

// "/etc/%" and "C:\Users\%": parts without separators, the drive among them.
std::vector<std::string> PartsOf(std::string_view pattern) {
  std::string text(pattern);
  std::ranges::replace(text, '\\', '/');
  std::vector<std::string> parts;
  for (std::string_view part : Split(text, '/')) {
    if (!part.empty()) parts.push_back(Lower(part));
  }
  return parts;
}

// Parts that are spelled out, from the left; a drive or the root of the registry is none.
size_t FixedParts(const std::vector<std::string>& parts) {
  const bool root = !parts.empty() && (parts[0].ends_with(':') || parts[0].starts_with("hkey_"));
  const auto first = parts.begin() + (root ? 1 : 0);
  const auto open = std::find_if(first, parts.end(), [](const std::string& part) {
    return part.find('%') != std::string::npos;
  });
  return static_cast<size_t>(open - first);
}

bool IsTooBroad(const std::string& pattern) {
  const std::vector<std::string> parts = PartsOf(pattern);
  const size_t fixed = FixedParts(parts);
  const bool below = pattern.ends_with("%%");
  const bool registry = !parts.empty() && parts[0].starts_with("hkey_");
  if (registry) return below && fixed < 2;
  const auto open = std::ranges::count_if(
      parts, [](const std::string& part) { return part.find('%') != std::string::npos; });
  if (!below) return fixed == 0 && open > 1;
  if (fixed == 0) return true;
  const bool drive = parts[0].ends_with(':');
  const std::string& top = parts[drive ? 1 : 0];
  const bool broad = std::ranges::find(kBroad, top) != std::end(kBroad);
  // Below /home/ann is as much as below /home; below /var/lib/x is not.
  const bool home = top == "home" || top == "users";
  return broad && fixed < (home ? 3u : 2u);
}

Status CheckKey(const Schema& schema, const Key& key) {
  const std::string name = std::string(schema.name) + ": " + Excerpt(ToText(key));
  const int column = schema.IndexOf(key.column);
  if (column < 0) return Fail(Code::kMalformed, name + ": no such column");
  const Column& declared = schema.columns[static_cast<size_t>(column)];
  if (declared.role == Role::kPlain) return Fail(Code::kMalformed, name + ": not a key column");
  if (key.value.size() > kLongestKey) return Fail(Code::kMalformed, name + ": too long");
  if (!key.like) return {};
  if (declared.type != Type::kText) return Fail(Code::kMalformed, name + ": not text");
  const size_t below = key.value.find("%%");
  if (below != std::string::npos && below + 2 != key.value.size()) {
    return Fail(Code::kMalformed, name + ": %% may stand at the end alone");
  }
  if (IsTooBroad(key.value)) {
    return Fail(Code::kDenied, name + ": never listed here, the pattern is too broad");
  }
  return {};
}

}  // namespace

Status CheckKeys(const Schema& schema, const Keys& keys) {
  if (keys.size() > schema.columns.size()) {
    return Fail(Code::kMalformed, std::string(schema.name) + ": " + std::to_string(keys.size()) +
                                      " keys for " + std::to_string(schema.columns.size()) +
                                      " columns");
  }
  for (const Key& key : keys) {
    if (Status ok = CheckKey(schema, key); !ok) return ok;
  }
  const auto required = [](const Column& column) { return column.role == Role::kRequired; };
  const bool fixed = std::ranges::any_of(keys, [&](const Key& key) {
    return required(schema.columns[static_cast<size_t>(schema.IndexOf(key.column))]);
  });
  if (fixed || std::ranges::none_of(schema.columns, required)) return {};
  std::vector<std::string> names;
  for (const Column& column : schema.columns) {
    if (required(column)) names.emplace_back(column.name);
  }
  return Fail(Code::kMalformed,
              std::string(schema.name) + ": no " + Join(names, " or ") + " is asked for");
}

}  // namespace sallyport
