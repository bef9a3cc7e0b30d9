// SPDX-License-Identifier: Apache-2.0
#include "gateway/lease.h"

#include "base/text.h"

namespace sallyport::gateway {

const char* TierName(Tier tier) {
  switch (tier) {
    case Tier::kNone:
      return "none";
    case Tier::kQuarantine:
      return "quarantine";
    case Tier::kLimited:
      return "limited";
    case Tier::kFull:
      return "full";
  }
  return "?";
}

std::optional<Tier> TierFromName(std::string_view name) {
  for (Tier tier : {Tier::kNone, Tier::kQuarantine, Tier::kLimited, Tier::kFull}) {
    if (name == TierName(tier)) return tier;
  }
  return std::nullopt;
}

std::string ToText(Ipv4 address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (shift < 24) out += '.';
    out += std::to_string((address.bits >> shift) & 0xff);
  }
  return out;
}

std::optional<Ipv4> ParseIpv4(std::string_view text) {
  const auto parts = Split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  Ipv4 address;
  for (std::string_view part : parts) {
    const auto number = ParseInt(part);
    const bool canonical = part.size() == 1 || (part.size() <= 3 && part.front() > '0');
    if (!number || !canonical || *number < 0 || *number > 255) return std::nullopt;
    address.bits = address.bits << 8 | static_cast<uint32_t>(*number);
  }
  return address;
}

std::string ToText(const Place& place) { return place.interface + " . " + ToText(place.address); }

}  // namespace sallyport::gateway
