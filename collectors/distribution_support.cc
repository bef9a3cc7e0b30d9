// SPDX-License-Identifier: Apache-2.0
#include "collectors/distribution_support.h"

#include "collectors/dates.h"

namespace sallyport {
namespace {

struct Release {
  std::string_view id;
  std::string_view version_id;
  std::string_view full_until;
  std::string_view until;
};

// Debian's package distro-info-data 0.58+deb12u7, columns eol and eol-lts. Ubuntu's ESM and
// Debian's ELTS need a contract and do not count.
constexpr Release kReleases[] = {
    {"debian", "9", "2020-07-18", "2022-06-30"},
    {"debian", "10", "2022-09-10", "2024-06-30"},
    {"debian", "11", "2024-08-14", "2026-08-31"},
    {"debian", "12", "2026-07-11", "2028-06-30"},
    {"debian", "13", "2028-08-09", "2030-06-30"},
    {"ubuntu", "16.04", "2021-04-30", "2021-04-30"},
    {"ubuntu", "18.04", "2023-05-31", "2023-05-31"},
    {"ubuntu", "20.04", "2025-05-29", "2025-05-29"},
    {"ubuntu", "22.04", "2027-06-01", "2027-06-01"},
    {"ubuntu", "23.10", "2024-07-11", "2024-07-11"},
    {"ubuntu", "24.04", "2029-05-31", "2029-05-31"},
    {"ubuntu", "24.10", "2025-07-10", "2025-07-10"},
    {"ubuntu", "25.04", "2026-01-15", "2026-01-15"},
    {"ubuntu", "25.10", "2026-07-09", "2026-07-09"},
    {"ubuntu", "26.04", "2031-05-29", "2031-05-29"},
    {"ubuntu", "26.10", "2027-07-15", "2027-07-15"},
};

}  // namespace

std::optional<DistributionSupport> SupportOf(const OsRelease& release) {
  const std::string end = Get(release, "SUPPORT_END");
  if (!end.empty()) {
    if (!ParseDay(end)) return std::nullopt;
    return DistributionSupport{end, end};
  }
  const std::string id = Get(release, "ID");
  const std::string version_id = Get(release, "VERSION_ID");
  for (const Release& known : kReleases) {
    if (known.id != id || known.version_id != version_id) continue;
    return DistributionSupport{std::string(known.full_until), std::string(known.until)};
  }
  return std::nullopt;
}

}  // namespace sallyport
