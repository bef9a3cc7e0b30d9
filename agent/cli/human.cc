// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/human.h"

#include <array>
#include <ctime>

namespace sallyport {
namespace {

// The command has one thread, and every system has std::localtime.
std::string LocalTime(Millis wall, const char* format) {
  const auto seconds = static_cast<std::time_t>(wall.count() / 1000);
  const std::tm* const parts = std::localtime(&seconds);
  if (parts == nullptr) return "?";  // a year that does not fit
  std::array<char, 64> buffer{};
  const size_t length = std::strftime(buffer.data(), buffer.size(), format, parts);
  return {buffer.data(), length};
}

}  // namespace

std::string Duration(Millis duration) {
  const int64_t seconds = duration.count() / 1000;
  if (seconds < 1) return duration.count() > 0 ? "under 1 s" : "0 s";
  struct Unit {
    int64_t seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400, " d"}, {3'600, " h"}, {60, " m"}, {1, " s"}};
  std::string text;
  int64_t left = seconds;
  int parts = 0;
  for (const Unit& unit : kUnits) {
    const int64_t count = left / unit.seconds;
    left %= unit.seconds;
    if (parts == 0 && count == 0) continue;
    if (count > 0) text += (text.empty() ? "" : " ") + std::to_string(count) + unit.name;
    if (++parts == 2) break;
  }
  return text;
}

std::string Moment(Millis wall) {
  return wall.count() == 0 ? "never" : LocalTime(wall, "%Y-%m-%d %H:%M");
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters, too.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(text[i + 1]) <= 0x9F;
    if (byte >= 0x20 && byte != 0x7F && !c1) {
      out += text[i];
      continue;
    }
    char escaped[5];
    std::snprintf(escaped, sizeof(escaped), "\\x%02X", byte);
    out += escaped;
    if (c1) {
      std::snprintf(escaped, sizeof(escaped), "\\x%02X", static_cast<unsigned char>(text[++i]));
      out += escaped;
    }
  }
  return out;
}

std::string Style::operator()(Paint paint, std::string_view text) const {
  if (!color_) return std::string(text);
  constexpr const char* kCodes[] = {"\033[32m", "\033[33m", "\033[31m", "\033[2m"};
  return kCodes[static_cast<size_t>(paint)] + std::string(text) + "\033[0m";
}

bool WantsColor(bool is_terminal, const char* no_color) {
  return is_terminal && (no_color == nullptr || *no_color == '\0');
}

}  // namespace sallyport
