// SPDX-License-Identifier: Apache-2.0
// JSON as flat rows.
#pragma once

#include <string_view>

#include "collectors/paths/flat_rows.h"

namespace sallyport {

// Adds a row for each string, number and boolean; null and empty containers have none. Numbers are
// written without an exponent. RFC 8259, a byte order mark allowed. kMalformed, kTooLarge (also for
// more than kMaxFlatDepth levels), naming the file; then `rows` is of no use.
Status FlattenJson(std::string_view text, const std::string& path, FlatRows* rows);

// A JSON value on each line; blank lines mean nothing. The first key is the value's number.
Status FlattenJsonLines(std::string_view text, const std::string& path, FlatRows* rows);

}  // namespace sallyport
