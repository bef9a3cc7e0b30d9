// SPDX-License-Identifier: Apache-2.0
// The service's clock, as an argument.
#pragma once

#include <functional>

#include "base/now.h"

namespace sallyport {

using Clock = std::function<Now()>;

// CLOCK_BOOTTIME and CLOCK_REALTIME, clock_gettime(2).
Now SystemNow();

}  // namespace sallyport
