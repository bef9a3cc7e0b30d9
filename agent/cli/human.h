// SPDX-License-Identifier: Apache-2.0
// Text for people and terminals: durations, moments, colours, and foreign text made harmless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/now.h"

namespace sallyport {

// "40 s", "2 h 10 m", "1 d 3 h": the two largest units, rounded down.
std::string Duration(Millis duration);
// "2026-11-24 09:00", local time; "never" for zero.
std::string Moment(Millis wall);

// Control characters become \xNN, so that no value of a stranger moves the cursor. UTF-8 stays.
std::string Printable(std::string_view text);

// What a word is painted with; a style without colour paints nothing. Every state has its word.
class Style {
 public:
  enum class Paint { kGood, kWarning, kBad, kFaint };

  explicit Style(bool color) : color_(color) {}
  std::string operator()(Paint paint, std::string_view text) const;

 private:
  bool color_;
};

// Colour is for terminals, and not for those who set NO_COLOR (https://no-color.org).
bool WantsColor(bool is_terminal, const char* no_color);

}  // namespace sallyport
