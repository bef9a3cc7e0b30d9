// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <algorithm>
#include <array>

namespace sallyport {
namespace {

constexpr std::array<const char*, 4> kTierNames = {"none", "quarantine", "limited", "full"};
constexpr std::array<const char*, 4> kModeNames = {"report", "notify", "warn", "block"};

}  // namespace

const char* TierName(Tier tier) { return kTierNames.at(static_cast<size_t>(tier)); }

std::optional<Tier> TierFromName(std::string_view name) {
  for (size_t i = 0; i < kTierNames.size(); ++i) {
    if (name == kTierNames[i]) return static_cast<Tier>(i);
  }
  return std::nullopt;
}

const char* ModeName(Mode mode) { return kModeNames.at(static_cast<size_t>(mode)); }

bool Policy::HasLabels() const {
  return !labels_include_any.empty() || !labels_include_all.empty() || !labels_exclude_any.empty();
}

bool Policy::AppliesTo(Os os) const {
  return platforms.empty() || std::ranges::find(platforms, os) != platforms.end();
}

}  // namespace sallyport
