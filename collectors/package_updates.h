// SPDX-License-Identifier: Apache-2.0
// An update that a package manager offers, whichever manager it is.
#pragma once

#include <string>
#include <vector>

#include "base/table.h"

namespace sallyport {

struct PackageUpdate {
  std::string package;
  std::string architecture;
  Value installed = Unknown{};
  std::string candidate;
  std::string origin;
  Value security = Unknown{};
  Value phased = std::monostate{};
  Value held = std::monostate{};
  Value esm = std::monostate{};
  Value severity = std::monostate{};
  Value advisory = std::monostate{};

  friend bool operator==(const PackageUpdate&, const PackageUpdate&) = default;
};

// What a package manager other than apt says of the machine, by the metadata that it last fetched:
// nothing here goes to the network.
struct OfferedUpdates {
  std::vector<PackageUpdate> updates;
  int64_t security = 0;  // of these, in the manager's own unit: packages, or patches of zypper
  int64_t packages = 0;  // packages that would be brought up to date

  friend bool operator==(const OfferedUpdates&, const OfferedUpdates&) = default;
};

}  // namespace sallyport
