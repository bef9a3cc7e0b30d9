// SPDX-License-Identifier: Apache-2.0
#include "collectors/clamav_database.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kHeaderBytes = 512;

// Databases with a header: as released, with increments applied, unsigned.
constexpr std::string_view kWithHeader[] = {".cvd", ".cld", ".cud"};
// Signatures as plain text. Lists of exceptions (.fp, .sfp, .ign2) find nothing and do not count.
constexpr std::string_view kPlain[] = {".db",  ".hdb", ".hsb", ".hdu", ".hsu", ".mdb",
                                       ".msb", ".mdu", ".msu", ".ndb", ".ndu", ".ldb",
                                       ".ldu", ".cdb", ".cbc", ".yar", ".yara"};

template <size_t N>
bool HasEnding(const std::string& name, const std::string_view (&endings)[N]) {
  return std::ranges::any_of(endings, [&](std::string_view e) { return name.ends_with(e); });
}

Result<int64_t> BuiltAt(const Host& host, const std::string& path) {
  if (!HasEnding(path, kWithHeader)) {
    const Result<FileStat> stat = host.Stat(path);
    if (!stat) return tl::unexpected(stat.error());
    return stat->modified_s;
  }
  const Result<std::string> header = host.ReadHead(path, kHeaderBytes);
  if (!header) return tl::unexpected(header.error());
  const std::optional<int64_t> built = ClamavBuildTime(*header);
  if (!built) return Fail(Code::kMalformed, path + ": not a ClamAV header");
  return *built;
}

}  // namespace

std::optional<int64_t> ClamavBuildTime(std::string_view header) {
  const auto fields = Split(header.substr(0, kHeaderBytes), ':');
  if (fields.size() < 9 || fields[0] != "ClamAV-VDB") return std::nullopt;
  const std::optional<int64_t> seconds = ParseInt(Trim(fields[8]));
  return seconds && *seconds > 0 ? seconds : std::nullopt;
}

std::string ClamdOption(std::string_view configuration, std::string_view name) {
  std::string out;
  for (std::string_view line : Lines(configuration)) {
    line = Trim(line);
    if (!line.starts_with(name)) continue;
    const std::string_view rest = line.substr(name.size());
    if (rest.empty() || (rest[0] != ' ' && rest[0] != '\t')) continue;
    std::string_view value = Trim(rest);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    out = value;
  }
  return out;
}

Result<std::optional<NewestSignatures>> NewestClamavSignatures(const Host& host,
                                                               const std::string& folder) {
  const auto entries = host.ListDir(folder);
  if (!entries) {
    if (entries.error().code == Code::kNotFound) return std::optional<NewestSignatures>();
    return tl::unexpected(entries.error());
  }
  std::vector<std::string> daily;
  std::vector<std::string> all;
  for (const DirEntry& entry : *entries) {
    if (!HasEnding(entry.name, kWithHeader) && !HasEnding(entry.name, kPlain)) continue;
    all.push_back(entry.name);
    if (entry.name == "daily.cvd" || entry.name == "daily.cld") daily.push_back(entry.name);
  }
  std::optional<NewestSignatures> newest;
  for (const std::string& name : daily.empty() ? all : daily) {
    const std::string path = folder + "/" + name;
    const Result<int64_t> built = BuiltAt(host, path);
    if (!built) return tl::unexpected(built.error());
    if (!newest || *built > newest->built_s) newest = NewestSignatures{path, *built};
  }
  return newest;
}

}  // namespace sallyport
