// SPDX-License-Identifier: Apache-2.0
// Hexadecimal, lower case.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

std::string ToHex(std::string_view bytes);
// Either case; an odd length or a foreign character is kMalformed.
Result<std::string> FromHex(std::string_view text);

}  // namespace sallyport
