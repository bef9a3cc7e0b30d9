// SPDX-License-Identifier: Apache-2.0
#include "base/timestamp.h"

#include <array>
#include <cstdio>

namespace sallyport {

std::string Timestamp(Millis wall) {
  using std::chrono::floor;
  constexpr std::chrono::sys_days kFirst = std::chrono::year{1} / 1 / 1;
  constexpr std::chrono::sys_days kEnd = std::chrono::year{10'000} / 1 / 1;
  if (wall < kFirst.time_since_epoch() || wall >= kEnd.time_since_epoch()) return "?";
  const std::chrono::sys_seconds at(floor<std::chrono::seconds>(wall));
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                      static_cast<int>(time.minutes().count()),
                      static_cast<int>(time.seconds().count()));
  return text.data();
}

}  // namespace sallyport
