// SPDX-License-Identifier: Apache-2.0
// Text between UTF-8, which all of our strings are, and UTF-16, which Windows speaks.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// kMalformed, with the place: bytes that are no UTF-8 (RFC 3629: shortest form, no surrogates).
Result<std::u16string> ToUtf16(std::string_view utf8);

// kMalformed, with the place: a surrogate that stands alone. Windows lets such names through
// (they are "WTF-16"); two of them would become one text if they were replaced.
Result<std::string> ToUtf8(std::u16string_view utf16);

}  // namespace sallyport
