// SPDX-License-Identifier: Apache-2.0
// What dnf offers, from the metadata that it has cached: dnf(8), "-C" keeps it off the network.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collectors/package_updates.h"
#include "platform/host.h"

namespace sallyport {

struct DnfPackage {
  std::string name;
  std::string arch;
  std::string version;  // epoch:version-release, without an epoch of 0
  std::string repository;

  friend bool operator==(const DnfPackage&, const DnfPackage&) = default;
};

struct DnfAdvisory {
  std::string id;        // RHSA-2024:0310
  std::string severity;  // Important; empty: none was given
  DnfPackage package;    // that mends it; its repository is not told

  friend bool operator==(const DnfAdvisory&, const DnfAdvisory&) = default;
};

// `dnf check-update`, to the heading of obsoleting packages. Long lines are folded by dnf.
Result<std::vector<DnfPackage>> ParseDnfCheckUpdate(std::string_view text);
// `dnf updateinfo list --security` of dnf 4: "RHSA-2024:0310 Important/Sec.
// openssl-libs-3.0.7-...".
Result<std::vector<DnfAdvisory>> ParseDnfUpdateinfo(std::string_view text);

// An update is a security update when any advisory names its package: a fix that a later build
// supersedes is missing still. Exit code 100 of check-update says that there are updates.
Result<OfferedUpdates> ReadDnfUpdates(const Host& host);

inline constexpr char kDnf[] = "/usr/bin/dnf";

}  // namespace sallyport
