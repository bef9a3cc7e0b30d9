// SPDX-License-Identifier: Apache-2.0
#include "collectors/paths/path_keys.h"

#include <algorithm>

#include "collectors/paths/path_pattern.h"

namespace sallyport {
namespace {

// Where two keys speak of one column, the one that names a single value.
const Key* KeyOf(const Keys& keys, std::string_view column) {
  const Key* found = nullptr;
  for (const Key& key : keys) {
    if (key.column == column && (found == nullptr || (found->like && !key.like))) found = &key;
  }
  return found;
}

Result<std::vector<AskedPath>> AskedByPath(const Host& host, const Key& key) {
  std::vector<AskedPath> out;
  if (!key.like) return std::vector{AskedPath{key.value, DirectoryOf(host, key.value), true}};
  const auto paths = PathsLike(host, key.value);
  if (!paths) return tl::unexpected(paths.error());
  for (const std::string& path : *paths) out.push_back({path, DirectoryOf(host, path), false});
  return out;
}

Status AppendEntries(const Host& host, const std::string& asked, const std::string& folder,
                     std::vector<AskedPath>* out) {
  const auto entries = host.ListDir(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return {};
    return Wrap(entries.error(), asked);
  }
  const bool windows = host.os() == Os::kWindows && folder.find('\\') != std::string::npos;
  const std::string slash = IsFolderPath(folder) ? "" : windows ? "\\" : "/";
  if (out->size() + entries->size() > kMaxMatches) {
    return Fail(Code::kTooLarge, asked + ": over " + std::to_string(kMaxMatches) + " paths");
  }
  for (const DirEntry& entry : *entries) {
    out->push_back({folder + slash + entry.name, folder, false});
  }
  return {};
}

Result<std::vector<AskedPath>> AskedByDirectory(const Host& host, const Key& key) {
  std::vector<std::string> folders{key.value};
  if (key.like) {
    auto found = PathsLike(host, key.value);
    if (!found) return tl::unexpected(found.error());
    folders = *std::move(found);
    std::erase_if(folders, [](const std::string& path) { return !IsFolderPath(path); });
  }
  std::vector<AskedPath> out;
  for (const std::string& folder : folders) {
    if (const Status ok = AppendEntries(host, key.value, folder, &out); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  return out;
}

size_t LastSlash(const Host& host, const std::string& path) {
  return host.os() == Os::kWindows ? path.find_last_of("/\\") : path.rfind('/');
}

}  // namespace

std::string DirectoryOf(const Host& host, const std::string& path) {
  const size_t slash = LastSlash(host, path);
  if (slash == std::string::npos || path == "/") return "";
  if (slash == 2 && path[1] == ':') return path.substr(0, 3);
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string FilenameOf(const Host& host, const std::string& path) {
  const size_t slash = LastSlash(host, path);
  if (path == "/" || slash == std::string::npos) return path;
  return slash + 1 == path.size() ? "." : path.substr(slash + 1);
}

Result<std::vector<AskedPath>> AskedPaths(const Host& host, const Schema& schema,
                                          const Keys& keys) {
  if (const Key* key = KeyOf(keys, "path")) return AskedByPath(host, *key);
  if (schema.IndexOf("directory") < 0) {
    return Fail(Code::kInvalidArgument, std::string(schema.name) + ": needs a path");
  }
  if (const Key* key = KeyOf(keys, "directory")) return AskedByDirectory(host, *key);
  return Fail(Code::kInvalidArgument, std::string(schema.name) + ": needs a path or a directory");
}

Result<std::vector<AskedContent>> AskedContents(const Host& host, const Schema& schema,
                                                const Keys& keys, size_t max_bytes) {
  const auto asked = AskedPaths(host, schema, keys);
  if (!asked) return tl::unexpected(asked.error());
  std::vector<AskedContent> out;
  size_t left = max_bytes;
  for (const AskedPath& one : *asked) {
    if (!one.by_name && IsFolderPath(one.path)) continue;
    auto bytes = host.ReadFile(one.path, max_bytes);
    if (!bytes) {
      if (bytes.error().code == Code::kNotFound) continue;
      return tl::unexpected(bytes.error());
    }
    if (bytes->size() > left) {
      return Fail(Code::kTooLarge,
                  one.path + ": with those before it over " + std::to_string(max_bytes) + " bytes");
    }
    left -= bytes->size();
    out.push_back({one.path, *std::move(bytes)});
  }
  return out;
}

}  // namespace sallyport
