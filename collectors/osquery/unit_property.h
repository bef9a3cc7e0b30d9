// SPDX-License-Identifier: Apache-2.0
// A property of a unit of systemd as a cell.
#pragma once

#include <string>

#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// `interface` is the last part of its name: "Unit", "Service". NULL: this unit has no such
// property; unknown: it could not be asked.
Value UnitProperty(const Host& host, const SystemdUnit& unit, const std::string& interface,
                   const std::string& property);

}  // namespace sallyport
