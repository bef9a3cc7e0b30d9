// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "collectors/host_firewall.h"
#include "collectors/windows_firewall.h"

namespace sallyport {
namespace {

// Of the profiles what all of them say, or else what those say whose networks are connected: by two
// of them `mixed`.
template <typename Part>
Value Counting(const FirewallProfiles& profiles, const std::vector<size_t>& connected, Part part,
               const Value& mixed) {
  const auto same = [&](const auto& which) {
    return std::ranges::all_of(
        which, [&](size_t i) { return profiles.at(i).*part == profiles.at(which.front()).*part; });
  };
  const std::vector<size_t> all = {0, 1, 2};
  if (same(all)) return profiles[0].*part;
  if (connected.empty()) return Unknown{};
  if (same(connected)) return profiles.at(connected.front()).*part;
  const bool told =
      std::ranges::none_of(connected, [&](size_t i) { return IsUnknown(profiles.at(i).*part); });
  return told ? mixed : Cell(Unknown{});
}

// What one firewall does not block, another one may.
Value UnlessAnother(const Value& effect, const std::optional<bool>& other) {
  return effect == Cell("blocked") || other == std::optional(false) ? effect : Cell(Unknown{});
}

}  // namespace

// [MS-FASP]: the service enforces; stopped, it enforces nothing.
Result<Rows> HostFirewallWindows(const Host& host, const Keys&) {
  const std::optional<bool> other = OtherFirewallIsOn(host);
  const Result<bool> runs = FirewallServiceRuns(host);
  if (!runs && runs.error().code == Code::kNotFound) {
    const Value open = UnlessAnother(Cell("open"), other);
    return Rows{{open, open, Cell(std::nullopt), Cell(std::nullopt), Cell(std::nullopt)}};
  }
  const FirewallProfiles profiles = ReadFirewallProfiles(host);
  const std::vector<size_t> connected = ConnectedProfiles(host);
  const auto effect = [&](Value FirewallProfile::*part) {
    if (!runs) return Cell(Unknown{});
    const Value told = *runs ? Counting(profiles, connected, part, Cell("partial")) : Cell("open");
    return UnlessAnother(told, other);
  };
  return Rows{{effect(&FirewallProfile::inbound), effect(&FirewallProfile::outbound),
               Cell("windows_firewall"),
               Counting(profiles, connected, &FirewallProfile::enabled, Cell(0)),
               runs ? Cell(*runs) : Cell(Unknown{})}};
}

}  // namespace sallyport
