// SPDX-License-Identifier: Apache-2.0
#include "collectors/dates.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int64_t> SecondsOf(int64_t year, int64_t month, int64_t day) {
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * int64_t{86'400};
}

// "00:53:02"
std::optional<int64_t> ParseTimeOfDay(std::string_view text) {
  const auto parts = Split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  int64_t out = 0;
  for (size_t i = 0; i < 3; ++i) {
    const auto number = ParseInt(parts[i]);
    if (!number || *number < 0 || *number > (i == 0 ? 23 : 60)) return std::nullopt;
    out = out * 60 + *number;
  }
  return out;
}

}  // namespace

std::optional<int64_t> ParseArchiveDate(std::string_view text) {
  const auto fields = Fields(text);
  if (fields.size() != 6) return std::nullopt;
  if (fields[5] != "UTC" && fields[5] != "GMT" && fields[5] != "+0000") return std::nullopt;
  const auto month = std::ranges::find(kMonths, fields[2]);
  const auto day = ParseInt(fields[1]);
  const auto year = ParseInt(fields[3]);
  const auto time = ParseTimeOfDay(fields[4]);
  if (month == std::end(kMonths) || !day || !year || !time) return std::nullopt;
  const auto date = SecondsOf(*year, month - std::begin(kMonths) + 1, *day);
  if (!date) return std::nullopt;
  return *date + *time;
}

std::optional<int64_t> ParseDay(std::string_view text) {
  const auto parts = Split(text, '-');
  if (parts.size() != 3) return std::nullopt;
  const auto year = ParseInt(parts[0]);
  const auto month = ParseInt(parts[1]);
  const auto day = ParseInt(parts[2]);
  if (!year || !month || !day) return std::nullopt;
  return SecondsOf(*year, *month, *day);
}

}  // namespace sallyport
