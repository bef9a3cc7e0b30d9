// SPDX-License-Identifier: Apache-2.0
#include "policy/ip_address.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace sallyport {
namespace {

std::optional<std::string> ParseV4(std::string_view text) {
  std::string out;
  for (std::string_view part : Split(text, '.')) {
    const bool digits = !part.empty() && part.size() <= 3 &&
                        std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    const auto number = ParseInt(part);
    if (!number || *number > 255) return std::nullopt;
    out += static_cast<char>(*number);
  }
  if (out.size() != 4) return std::nullopt;
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Groups of 16 bits by colons; at the end of an address there may be an IPv4 address. Empty text:
// no groups.
std::optional<std::string> ParseGroups(std::string_view text, bool at_end) {
  std::string out;
  if (text.empty()) return out;
  const auto parts = Split(text, ':');
  for (size_t i = 0; i < parts.size(); ++i) {
    if (at_end && i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const auto v4 = ParseV4(parts[i]);
      if (!v4) return std::nullopt;
      out += *v4;
      continue;
    }
    if (parts[i].empty() || parts[i].size() > 4) return std::nullopt;
    unsigned group = 0;
    for (char c : parts[i]) {
      const int digit = HexDigit(c);
      if (digit < 0) return std::nullopt;
      group = group * 16 + static_cast<unsigned>(digit);
    }
    out += static_cast<char>(group >> 8);
    out += static_cast<char>(group & 0xffU);
  }
  return out;
}

std::optional<std::string> ParseV6(std::string_view text) {
  const size_t gap = text.find("::");
  const auto before = ParseGroups(text.substr(0, gap), gap == std::string_view::npos);
  if (!before) return std::nullopt;
  if (gap == std::string_view::npos) return before->size() == 16 ? before : std::nullopt;
  const auto after = ParseGroups(text.substr(gap + 2), true);
  if (!after || before->size() + after->size() > 14) return std::nullopt;
  return *before + std::string(16 - before->size() - after->size(), '\0') + *after;
}

}  // namespace

std::optional<std::string> ParseIpAddress(std::string_view text) {
  return text.find(':') == std::string_view::npos ? ParseV4(text) : ParseV6(text);
}

std::optional<bool> IsInCidrBlock(std::string_view block, std::string_view address) {
  const size_t slash = block.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto network = ParseIpAddress(block.substr(0, slash));
  const auto wanted = ParseIpAddress(address);
  const auto bits = ParseInt(block.substr(slash + 1));
  if (!network || !wanted || !bits) return std::nullopt;
  if (*bits < 0 || *bits > static_cast<int64_t>(network->size()) * 8) return std::nullopt;
  if (network->size() != wanted->size()) return false;
  const auto whole = static_cast<size_t>(*bits / 8);
  if (network->compare(0, whole, *wanted, 0, whole) != 0) return false;
  if (*bits % 8 == 0) return true;
  const int differs = (*network)[whole] ^ (*wanted)[whole];
  return (differs & (0xff00 >> (*bits % 8)) & 0xff) == 0;
}

}  // namespace sallyport
