// SPDX-License-Identifier: Apache-2.0
// Dates as files write them, to seconds since 1970, UTC; without locale and without a time zone
// database.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport {

// RFC 2822 as Debian's archives write it: "Sat, 21 Nov 2026 00:53:02 UTC" (also GMT, +0000).
std::optional<int64_t> ParseArchiveDate(std::string_view text);

// "2028-06-30": the first second of that day.
std::optional<int64_t> ParseDay(std::string_view text);

}  // namespace sallyport
