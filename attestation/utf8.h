// SPDX-License-Identifier: Apache-2.0
// Text for protobuf's string fields, which a peer's parser refuses when it is not UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace sallyport {

// RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF. NUL is a character.
bool IsUtf8(std::string_view text);

// The text itself when it is UTF-8; otherwise each byte above 0x7f as \xNN.
std::string WireText(std::string_view text);

}  // namespace sallyport
