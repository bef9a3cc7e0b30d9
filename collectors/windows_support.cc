// SPDX-License-Identifier: Apache-2.0
#include "collectors/windows_support.h"

namespace sallyport {
namespace {

// Days of learn.microsoft.com/windows/release-health (release information of Windows 10 and 11), as
// of November 2026.
struct Release {
  int64_t build;
  std::string_view home;        // Home, Pro, Pro Education, Pro for Workstations
  std::string_view enterprise;  // Enterprise, Education
  std::string_view ltsc;        // Enterprise LTSC
};
constexpr Release kReleases[] = {
    {14'393, "2018-04-10", "2019-04-09", "2026-10-13"},
    {17'763, "2020-11-10", "2021-05-11", "2029-01-09"},
    {19'044, "2023-06-13", "2024-06-11", "2027-01-12"},
    {19'045, "2025-10-14", "2025-10-14", ""},
    {22'000, "2023-10-10", "2024-10-08", ""},
    {22'621, "2024-10-08", "2025-10-14", ""},
    {22'631, "2025-11-11", "2026-11-10", ""},
    {26'100, "2026-10-13", "2027-10-12", "2029-10-09"},
    {26'200, "2027-10-12", "2028-10-10", ""},
    {28'000, "2028-03-14", "2029-03-13", ""},
};

constexpr int64_t kLastWindows10 = 19'045;
constexpr int64_t kLastForAll = 6'456;  // 19045.6456 of 2025-10-14, KB5066791
constexpr std::string_view kLastExtended = "2028-10-10";

std::string_view DayOf(const Release& release, std::string_view edition) {
  // "Core" is Home; EnterpriseS and IoTEnterpriseS are LTSC, the latter with later days of its own.
  if (edition == "EnterpriseS" || edition == "EnterpriseSN") return release.ltsc;
  if (edition.starts_with("Core") || edition.starts_with("Professional")) return release.home;
  if (edition.starts_with("Enterprise") || edition.starts_with("Education")) {
    return release.enterprise;
  }
  return {};
}

}  // namespace

std::optional<WindowsSupport> WindowsSupportOf(int64_t build, std::optional<int64_t> revision,
                                               std::string_view edition) {
  for (const Release& release : kReleases) {
    if (release.build != build) continue;
    const std::string_view day = DayOf(release, edition);
    if (day.empty()) return std::nullopt;
    const bool extended = build == kLastWindows10 && revision && *revision > kLastForAll;
    return WindowsSupport{day, extended ? kLastExtended : day};
  }
  return std::nullopt;
}

}  // namespace sallyport
