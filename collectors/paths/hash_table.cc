// SPDX-License-Identifier: Apache-2.0
// Table hash.
#include "collectors/osquery/paths.h"
#include "collectors/paths/digests.h"
#include "collectors/paths/path_keys.h"
#include "collectors/paths/path_pattern.h"
#include "collectors/paths/tables.h"

namespace sallyport {
namespace {

constexpr size_t kMaxHashedBytes = 50 << 20;  // osquery's read_max
constexpr size_t kMaxBytesOfKey = 256 << 20;

// nullopt: nothing that has a digest.
Result<std::optional<std::string>> Content(const Host& host, const std::string& path) {
  const auto stat = host.Stat(path);
  if (stat && stat->type != FileType::kFile) return std::nullopt;
  auto bytes = stat ? host.ReadFile(path, kMaxHashedBytes)
                    : Result<std::string>(tl::unexpected(stat.error()));
  if (bytes) return *std::move(bytes);
  if (bytes.error().code == Code::kNotFound) return std::nullopt;
  return tl::unexpected(bytes.error());
}

}  // namespace

Result<Rows> HashTable(const Host& host, const Keys& keys) {
  const auto asked = AskedPaths(host, kHash, keys);
  if (!asked) return tl::unexpected(asked.error());
  Rows rows;
  size_t left = kMaxBytesOfKey;
  for (const AskedPath& one : *asked) {
    const auto bytes = Content(host, one.path);
    if (!bytes) return tl::unexpected(bytes.error());
    if (!*bytes) continue;
    if ((*bytes)->size() > left) {
      return Fail(Code::kTooLarge, one.path + ": with those before it over " +
                                       std::to_string(kMaxBytesOfKey) + " bytes");
    }
    left -= (*bytes)->size();
    const auto digests = DigestsOf(**bytes);
    if (!digests) return tl::unexpected(digests.error());
    rows.push_back({Cell(one.path), Cell(one.directory), Cell(digests->md5), Cell(digests->sha1),
                    Cell(digests->sha256)});
  }
  return rows;
}

}  // namespace sallyport
