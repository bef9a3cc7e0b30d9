// SPDX-License-Identifier: Apache-2.0
// The words that all of the gate shares: tiers, addresses, and the place of a session's packets.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/now.h"
#include "base/result.h"

namespace sallyport::gateway {

// In order: a higher one allows more.
enum class Tier { kNone = 0, kQuarantine = 1, kLimited = 2, kFull = 3 };
const char* TierName(Tier tier);  // "none", "quarantine", "limited", "full"
std::optional<Tier> TierFromName(std::string_view name);

// An IPv4 address, host byte order.
struct Ipv4 {
  uint32_t bits = 0;

  friend auto operator<=>(const Ipv4&, const Ipv4&) = default;
};
std::string ToText(Ipv4 address);
std::optional<Ipv4> ParseIpv4(std::string_view text);  // dotted quad, nothing else

// Where a session's packets come from and go to: the key of the kernel's sets.
struct Place {
  std::string interface;
  Ipv4 address;

  friend auto operator<=>(const Place&, const Place&) = default;
};
std::string ToText(const Place& place);

// An element of the kernel's sets of leases: packets of this place go by its tier until it ends.
struct Element {
  Place place;
  Tier tier = Tier::kNone;
  Millis left{0};      // until the kernel ends it by itself
  std::string device;  // whose it is: the element's comment; empty when none of ours wrote it

  friend bool operator==(const Element&, const Element&) = default;
};

// An element out of the set of one tier into that of another. Tier::kNone: no set.
struct Move {
  Place place;
  std::optional<Tier> before;  // nullopt: not known, so out of all others
  Tier after = Tier::kNone;
  Millis timeout{0};  // from now; over 0 and at most kMaxTimeout unless after is kNone
  std::string device;

  friend bool operator==(const Move&, const Move&) = default;
};
inline constexpr Millis kMaxTimeout{24 * 3600 * 1000};

}  // namespace sallyport::gateway
