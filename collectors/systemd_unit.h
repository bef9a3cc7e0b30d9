// SPDX-License-Identifier: Apache-2.0
// One unit of systemd, asked over the system bus: org.freedesktop.systemd1(5).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// "active", "inactive", "failed", ... Without a bus an error.
Result<Value> UnitActiveState(const Host& host, std::string_view unit);

// The process that systemd holds for the service's own; 0: it has none.
Result<Value> UnitMainPid(const Host& host, std::string_view unit);

}  // namespace sallyport
