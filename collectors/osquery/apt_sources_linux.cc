// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "collectors/apt_lists.h"
#include "collectors/dpkg_status.h"
#include "collectors/osquery/apt_repository.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxBytes = 4 << 20;
constexpr size_t kReleaseHead = 64 << 10;  // its checksums follow

// The fields before the checksums; "": apt has fetched nothing from there.
Result<std::string> ReadRelease(const Host& host, const AptRepository& repository) {
  const std::string prefix = std::string(kAptListsFolder) + "/" + AptListPrefix(repository);
  for (const char* file : {"InRelease", "Release"}) {
    auto text = host.ReadHead(prefix + file, kReleaseHead);
    if (text || text.error().code != Code::kNotFound) return text;
  }
  return std::string();
}

Status AddFile(const Host& host, const std::string& path, TableRows* rows) {
  const auto text = host.ReadFile(path, kMaxBytes);
  if (!text) return text.error().code == Code::kNotFound ? Status() : tl::unexpected(text.error());
  const auto repositories = path.ends_with(".list") ? ParseAptList(*text) : ParseAptSources(*text);
  if (!repositories) return Wrap(repositories.error(), path);
  for (const AptRepository& repository : *repositories) {
    const Result<std::string> release = ReadRelease(host, repository);
    const auto field = [&](const char* name) -> Value {
      if (!release) return Unknown{};
      const std::string_view value = StanzaField(*release, name);
      return value.empty() ? Cell(std::nullopt) : Cell(value);
    };
    rows->Add({{"name", Cell(AptRepositoryName(repository))},
               {"source", Cell(path)},
               {"base_uri", Cell(repository.uri)},
               {"release", field("Codename")},
               {"version", field("Version")},
               {"maintainer", field("Origin")},
               {"components", field("Components")},
               {"architectures", field("Architectures")}});
  }
  return {};
}

// apt leaves files of other names alone.
bool IsSourceName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return name.find_first_not_of(kAllowed) == std::string_view::npos &&
         (name.ends_with(".list") || name.ends_with(".sources"));
}

}  // namespace

Result<Rows> AptSourcesLinux(const Host& host, const Keys& keys) {
  if (const auto apt = host.ListDir("/etc/apt"); !apt) return tl::unexpected(apt.error());
  TableRows rows(kAptSources);
  if (const Status ok = AddFile(host, "/etc/apt/sources.list", &rows); !ok) {
    return tl::unexpected(ok.error());
  }
  const std::string folder = "/etc/apt/sources.list.d";
  const auto entries = host.ListDir(folder);
  if (!entries && entries.error().code != Code::kNotFound) return tl::unexpected(entries.error());
  for (const DirEntry& entry : entries.value_or(std::vector<DirEntry>())) {
    if (!IsSourceName(entry.name)) continue;
    const Status ok = AddFile(host, folder + "/" + entry.name, &rows);
    if (!ok) return tl::unexpected(ok.error());
  }
  return rows.Take(keys);
}

}  // namespace sallyport
