// SPDX-License-Identifier: Apache-2.0
// Which installed packages are older than what apt's lists offer, by the origin of the offer.
// Pins of apt_preferences(5) are not considered: a security update that is pinned away is missing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/apt_lists.h"
#include "collectors/dpkg_status.h"
#include "platform/host.h"

namespace sallyport {

// A package with a newer version in the lists. With an update that only the owner of an ESM token
// can have, a package may be there twice.
struct AptUpdate {
  std::string package;
  std::string architecture;
  std::string installed;
  std::string candidate;  // the newest offered
  std::string origin;     // "Debian:stable-security", of the candidate
  bool security = false;  // a security origin has a newer version, the candidate or one before it
  bool now = false;       // an origin that upgrades by itself offers it to everybody
  bool phased = false;    // Phased-Update-Percentage is below 100, and nothing else is newer
  bool held = false;
  bool esm = false;      // the candidate is of Ubuntu's ESM
  bool offered = false;  // this machine can have it: not so of ESM without a token

  friend bool operator==(const AptUpdate&, const AptUpdate&) = default;
};

struct UpdateCounts {
  bool has_lists = false;           // else nothing below means anything
  bool has_security_lists = false;  // else the security counts mean nothing
  int64_t security = 0;             // below a version of a security origin, held ones included
  int64_t security_held = 0;
  int64_t pending = 0;  // neither held nor phased, from any origin that upgrades by itself
  int64_t held = 0;
  int64_t phased = 0;
  std::vector<AptUpdate> updates;  // sorted by package; also those that are not counted

  friend bool operator==(const UpdateCounts&, const UpdateCounts&) = default;
};

// Reads every list. The lists weigh tens of megabytes and change once a day, so the last answer is
// kept and given again as long as `status_text`, the sources and size and time of every list are
// the same.
Result<UpdateCounts> CountUpdates(const Host& host, std::string_view status_text,
                                  const std::vector<InstalledPackage>& installed,
                                  const std::vector<AptSource>& sources);

// Of both folders of lists.
Result<std::vector<AptSource>> AllAptSources(const Host& host);

// Does this machine have a token for ESM? By /var/lib/ubuntu-advantage/status.json; what cannot be
// read there counts as yes, so that an update is rather missing than not.
bool HasEsmToken(const Host& host);

}  // namespace sallyport
