// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/text.h"
#include "policy/policy.h"

namespace sallyport {
namespace {

struct Unit {
  std::string_view name;
  int64_t millis;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr int64_t kLongest = int64_t{3650} * 86'400'000;  // ten years: sums cannot overflow

}  // namespace

Result<Millis> ParseDuration(std::string_view text) {
  const size_t digits = text.find_first_not_of("0123456789");
  const auto fail = [&](const char* why) {
    return Fail(Code::kInvalidArgument, "duration " + Excerpt(text, 32) + ": " + why);
  };
  if (digits == 0 || digits == std::string_view::npos) {
    return fail("write a whole number and a unit: 72h, 15m, 90s, 250ms or 2d");
  }
  const std::optional<int64_t> number = ParseInt(text.substr(0, digits));
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) != unit.name) continue;
    if (!number || *number > kLongest / unit.millis) return fail("longer than ten years");
    return Millis(*number * unit.millis);
  }
  return fail("the unit is none of d, h, m, s, ms");
}

std::string DurationText(Millis duration) {
  int64_t left = duration.count();
  if (left == 0) return "0s";
  std::string out = left < 0 ? "-" : "";
  for (size_t i = 1; i < kUnits.size(); ++i) {  // no days: a grace of 72h reads as it was written
    const int64_t count = left / kUnits[i].millis;
    left %= kUnits[i].millis;
    if (count == 0) continue;
    if (out.size() > 1) out += ' ';
    out += std::to_string(count < 0 ? -count : count) + std::string(kUnits[i].name);
  }
  return out;
}

}  // namespace sallyport
