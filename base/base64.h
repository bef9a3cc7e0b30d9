// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 section 4, with padding).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

std::string EncodeBase64(std::string_view bytes);
// kMalformed for a foreign character, a wrong length or wrong padding.
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace sallyport
