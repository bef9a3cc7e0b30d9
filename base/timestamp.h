// SPDX-License-Identifier: Apache-2.0
// A moment as machines write it.
#pragma once

#include <string>

#include "base/now.h"

namespace sallyport {

// "2026-11-24T09:00:00Z": RFC 3339, UTC, whole seconds (rounded down). "?" for a moment before the
// year 1 or after 9999, which RFC 3339 cannot write.
std::string Timestamp(Millis wall);

}  // namespace sallyport
