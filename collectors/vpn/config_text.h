// SPDX-License-Identifier: Apache-2.0
// The text of a configuration file, within bounds, and its lines with their places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/vpn/span.h"
#include "platform/host.h"

namespace sallyport {

inline constexpr size_t kMaxConfigBytes = 4 << 20;  // of one file
inline constexpr size_t kMaxConfigLines = 200'000;
inline constexpr size_t kMaxValueBytes = 64 << 10;  // of one setting
inline constexpr size_t kMaxListEntries = 1'000;    // of one setting

enum class Bom {
  kRefuse,  // the program takes it for a character
  kSkip,
};

// kMalformed for what is no text: NUL bytes and UTF-16, and a byte order mark where it is refused.
// kTooLarge over the bounds. Messages name the path, never content.
Result<std::string> ReadConfigText(const Host& host, const std::string& path, Bom bom);

struct ConfigLine {
  std::string_view text;  // without blanks around it
  int line = 0;
  int column = 0;  // of its first character
  bool indented = false;
};

// All lines but empty ones.
std::vector<ConfigLine> ConfigLines(std::string_view text);

// The place of `part`, which lies in the line's text.
Span PlaceOf(const std::string& file, const ConfigLine& line, std::string_view name,
             std::string_view value);

// A name that is not known, for a cell or a message: a secret that got into the place of a name (a
// key on the line after "PrivateKey =") must not be shown as one. Short names of letters, digits
// and
// "_.-" are shown but for those with 16 hex digits in a row.
std::string ShownName(std::string_view name);

// Whether the value of a setting is within the bounds above; any of `separators` parts a list. Else
// the message says which bound, without a place.
Status CheckValue(std::string_view value, std::string_view separators);

// "file:line: what"
tl::unexpected<Error> MalformedLine(const std::string& file, const ConfigLine& line,
                                    const std::string& what);

}  // namespace sallyport
