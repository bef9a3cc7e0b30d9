// SPDX-License-Identifier: Apache-2.0
// Table registry: values and subkeys of keys, as osquery shows them.
#include <algorithm>

#include "base/text.h"
#include "collectors/osquery/paths.h"
#include "collectors/paths/flat_rows.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/path_pattern.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

constexpr size_t kMaxKeys = 10'000;  // that one pattern matches
constexpr size_t kMaxKeyDepth = 64;  // below %%
constexpr std::string_view kHives[] = {"HKEY_LOCAL_MACHINE", "HKEY_USERS"};

bool HasWildcard(std::string_view text) { return text.find('%') != std::string_view::npos; }

Status Append(const std::string& pattern, std::string key, std::vector<std::string>* keys) {
  if (keys->size() == kMaxKeys) {
    return Fail(Code::kTooLarge, pattern + ": over " + std::to_string(kMaxKeys) + " keys");
  }
  keys->push_back(std::move(key));
  return {};
}

// A key that is not there has no subkeys; one that is refused refuses the pattern.
Result<std::vector<std::string>> Subkeys(const Host& host, const std::string& key,
                                         const std::string& pattern) {
  auto names = host.ListRegistry(key);
  if (names || names.error().code != Code::kNotFound) {
    return names ? std::move(names)
                 : Result<std::vector<std::string>>(Wrap(names.error(), pattern));
  }
  return std::vector<std::string>();
}

Status AppendBelow(const Host& host, const std::string& key, const std::string& pattern,
                   size_t depth, std::vector<std::string>* keys) {
  if (depth > kMaxKeyDepth) {
    return Fail(Code::kTooLarge, pattern + ": over " + std::to_string(kMaxKeyDepth) + " keys deep");
  }
  const auto names = Subkeys(host, key, pattern);
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    const std::string below = key + "\\" + name;
    if (const Status ok = Append(pattern, below, keys); !ok) return ok;
    if (const Status ok = AppendBelow(host, below, pattern, depth + 1, keys); !ok) return ok;
  }
  return {};
}

// The keys that one component more of a pattern leads to.
Result<std::vector<std::string>> Next(const Host& host, const std::vector<std::string>& keys,
                                      std::string_view component, const std::string& pattern) {
  std::vector<std::string> out;
  for (const std::string& key : keys) {
    if (!HasWildcard(component)) {
      out.push_back(key + "\\" + std::string(component));
      continue;
    }
    const auto names = Subkeys(host, key, pattern);
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names) {
      if (!MatchesComponent(Os::kWindows, component, name)) continue;
      if (const Status ok = Append(pattern, key + "\\" + name, &out); !ok) {
        return tl::unexpected(ok.error());
      }
    }
  }
  return out;
}

// "HKEY_USERS\%\SOFTWARE\X"; with %% at the end also everything below.
Result<std::vector<std::string>> KeysLike(const Host& host, const std::string& pattern) {
  std::vector<std::string_view> parts = Split(pattern, '\\');
  std::vector<std::string> keys;
  for (const std::string_view hive : kHives) {
    const bool named = Lower(parts[0]) == Lower(hive);
    if (named) keys.emplace_back(parts[0]);
    if (!named && HasWildcard(parts[0]) && MatchesComponent(Os::kWindows, parts[0], hive)) {
      keys.emplace_back(hive);
    }
  }
  if (keys.empty()) return Fail(Code::kInvalidArgument, pattern + ": no hive that is read here");
  const bool below = parts.back().ends_with("%%");
  for (size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    auto next = Next(host, keys, parts[i], pattern);
    if (!next) return next;
    keys = *std::move(next);
  }
  if (!below) return keys;
  const std::vector<std::string> tops = keys;
  for (const std::string& top : tops) {
    if (const Status ok = AppendBelow(host, top, pattern, 1, &keys); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  return keys;
}

// What of a key's rows is asked for: all, or those whose name matches.
struct AskedKey {
  std::string key;
  std::optional<std::string> name = {};  // a pattern of one component; nullopt: all
  bool like = false;
};

bool Matches(const AskedKey& asked, const std::string& name) {
  if (!asked.name) return true;
  return asked.like ? MatchesComponent(Os::kWindows, *asked.name, name)
                    : Lower(*asked.name) == Lower(name);
}

class Reader {
 public:
  explicit Reader(const Host& host) : host_(host) {}

  Status Read(const AskedKey& asked) {
    const auto content = host_.ReadRegistryKey(asked.key);
    if (!content && content.error().code == Code::kNotFound) return {};
    if (!content) return tl::unexpected(content.error());
    const auto names = host_.ListRegistry(asked.key);
    if (!names && names.error().code != Code::kNotFound) return tl::unexpected(names.error());
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      if (!Matches(asked, name)) continue;
      // When a subkey was written is not asked of each.
      const Status ok = Add({Cell(asked.key), Cell(asked.key + "\\" + name), Cell(name),
                             Cell("subkey"), Cell(""), Cell(Unknown{})});
      if (!ok) return ok;
    }
    for (const RegistryEntry& entry : content->entries) {
      if (!Matches(asked, entry.name)) continue;
      const Status ok =
          Add({Cell(asked.key), Cell(asked.key + "\\" + entry.name),
               Cell(entry.name.empty() ? "(Default)" : entry.name), Cell(entry.type),
               entry.data && IsPlainText(*entry.data) ? Cell(*entry.data) : Cell(Unknown{}),
               Cell(content->modified_s)});
      if (!ok) return ok;
    }
    return {};
  }

  Rows Take() { return std::move(rows_); }

 private:
  Status Add(Row row) {
    if (const Status ok = budget_.Take(row, "registry"); !ok) return ok;
    rows_.push_back(std::move(row));
    return {};
  }

  const Host& host_;
  Rows rows_;
  RowBudget budget_;
};

Result<std::vector<AskedKey>> AskedByKey(const Host& host, const Key& key) {
  if (!key.like) return std::vector{AskedKey{key.value}};
  const auto keys = KeysLike(host, key.value);
  if (!keys) return tl::unexpected(keys.error());
  std::vector<AskedKey> out;
  for (const std::string& one : *keys) out.push_back({one});
  return out;
}

// The last part of a path is a value's name, or a subkey's. One that ends with a backslash is the
// default value's. What %% at the end matches are all names below.
Result<std::vector<AskedKey>> AskedByPath(const Host& host, const Key& path) {
  const size_t slash = path.value.rfind('\\');
  if (slash == std::string::npos) {
    return Fail(Code::kInvalidArgument, path.value + ": no path of a registry value");
  }
  const std::string parent = path.value.substr(0, slash);
  const std::string name = path.value.substr(slash + 1);
  if (!path.like) return std::vector{AskedKey{parent, name}};
  auto keys = KeysLike(host, parent);
  if (!keys) return tl::unexpected(keys.error());
  std::vector<AskedKey> out;
  for (const std::string& key : *keys) out.push_back({key, name, true});
  if (!name.ends_with("%%")) return out;
  const auto below = KeysLike(host, path.value);
  if (!below) return tl::unexpected(below.error());
  for (const std::string& key : *below) out.push_back({key});
  return out;
}

}  // namespace

Result<Rows> RegistryTable(const Host& host, const Keys& keys) {
  const auto path = std::ranges::find(keys, "path", &Key::column);
  const auto key = std::ranges::find(keys, "key", &Key::column);
  if (path == keys.end() && key == keys.end()) {
    return Fail(Code::kInvalidArgument, "registry: needs a key or a path");
  }
  const auto asked = path != keys.end() ? AskedByPath(host, *path) : AskedByKey(host, *key);
  if (!asked) return tl::unexpected(asked.error());
  Reader reader(host);
  for (const AskedKey& one : *asked) {
    if (const Status ok = reader.Read(one); !ok) return tl::unexpected(ok.error());
  }
  return reader.Take();
}

}  // namespace sallyport
