// SPDX-License-Identifier: Apache-2.0
// The binary form of a property list, "bplist00", as CFBinaryPList.c of Apple's CF-Lite describes
// it: objects, a table of their offsets, and a trailer of 32 bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "collectors/plist_reader.h"

namespace sallyport {

inline constexpr size_t kMaxPlistDepth = 64;
inline constexpr size_t kMaxPlistValues = 200'000;

// `bytes` begins with "bplist00".
Result<Plist> ParseBinaryPlist(std::string_view bytes, const std::string& name);

}  // namespace sallyport
