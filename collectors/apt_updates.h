// SPDX-License-Identifier: Apache-2.0
// Which installed packages are older than what apt's lists offer, by the origin of the offer.
// Pins of apt_preferences(5) are not considered: a security update that is pinned away is missing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/apt_lists.h"
#include "collectors/dpkg_status.h"
#include "platform/host.h"

namespace sallyport {

struct UpdateCounts {
  bool has_lists = false;           // else nothing below means anything
  bool has_security_lists = false;  // else the security counts mean nothing
  int64_t security = 0;             // below a version of a security origin, held ones included
  int64_t security_held = 0;
  int64_t pending = 0;  // neither held nor phased, from any origin that upgrades by itself
  int64_t held = 0;
  int64_t phased = 0;  // Phased-Update-Percentage below 100 and no other version is newer

  friend bool operator==(const UpdateCounts&, const UpdateCounts&) = default;
};

// Reads every list. The lists weigh tens of megabytes and change once a day, so the last answer is
// kept (per thread) and given again as long as `status_text`, the sources and size and time of
// every list are the same.
Result<UpdateCounts> CountUpdates(const Host& host, std::string_view status_text,
                                  const std::vector<InstalledPackage>& installed,
                                  const std::vector<AptSource>& sources);

}  // namespace sallyport
