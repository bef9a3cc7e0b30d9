// SPDX-License-Identifier: Apache-2.0
// Digests of bytes, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

struct Digests {
  std::string md5;  // hexadecimal, lower case
  std::string sha1;
  std::string sha256;
};

// kUnsupported in a build without OpenSSL.
Result<Digests> DigestsOf(std::string_view bytes);

}  // namespace sallyport
