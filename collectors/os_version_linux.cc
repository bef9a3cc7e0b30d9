// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/os_release.h"
#include "collectors/os_version.h"

namespace sallyport {
namespace {

// "22.04" is 22, 4, 0. A rolling release has no VERSION_ID and no numbers.
Value VersionPart(const std::string& version_id, size_t index) {
  if (version_id.empty()) return Cell(std::nullopt);
  const auto parts = Split(version_id, '.');
  if (index >= parts.size()) return Cell(0);
  const std::optional<int64_t> number = ParseInt(parts[index]);
  return number ? Cell(*number) : Cell(Unknown{});
}

Value TextOf(const OsRelease& release, const std::string& name) {
  const std::string value = Get(release, name);
  return value.empty() ? Cell(std::nullopt) : Cell(value);
}

}  // namespace

Result<Rows> OsVersionLinux(const Host& host, const Keys&) {
  const Result<OsRelease> release = ReadOsRelease(host);
  if (!release) return tl::unexpected(release.error());

  const std::string version = Get(*release, "VERSION");
  const std::string version_id = Get(*release, "VERSION_ID");
  const Result<std::string> arch = ReadTrimmed(host, "/proc/sys/kernel/arch");  // since Linux 6.1
  return Rows{{
      TextOf(*release, "NAME"),
      version.empty() ? TextOf(*release, "VERSION_ID") : Cell(version),
      VersionPart(version_id, 0),
      VersionPart(version_id, 1),
      VersionPart(version_id, 2),
      TextOf(*release, "BUILD_ID"),
      TextOf(*release, "ID"),
      TextOf(*release, "ID_LIKE"),
      TextOf(*release, "VERSION_CODENAME"),
      arch ? Cell(*arch) : Cell(Unknown{}),
      Cell(std::nullopt),
      Cell(std::nullopt),
      Cell(std::nullopt),
  }};
}

}  // namespace sallyport
