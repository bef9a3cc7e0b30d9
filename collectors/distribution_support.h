// SPDX-License-Identifier: Apache-2.0
// Until when a distribution gets security updates that cost nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collectors/os_release.h"

namespace sallyport {

struct DistributionSupport {
  std::string full_until;  // date, the distribution's own support
  std::string until;       // date, with long-term support that is free for all: Debian LTS

  friend bool operator==(const DistributionSupport&, const DistributionSupport&) = default;
};

// By SUPPORT_END of os-release where the vendor writes it, else by ID and VERSION_ID from our own
// list. nullopt: not known; derivatives of a known distribution too, they have their own dates.
std::optional<DistributionSupport> SupportOf(const OsRelease& release);

}  // namespace sallyport
