// SPDX-License-Identifier: Apache-2.0
// What the service manager of Windows knows.
#pragma once

#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// kTooLarge over 20,000 services.
Result<std::vector<ServiceInfo>> ListServices();

}  // namespace sallyport
