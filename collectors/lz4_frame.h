// SPDX-License-Identifier: Apache-2.0
// LZ4 frames, as apt stores package lists: unpacked piece by piece, so that a list of tens of
// megabytes is never whole in memory. Formats: lz4_Frame_format.md 1.6, lz4_Block_format.md.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// Calls `piece` with the content in order; the views live during the call. Frames that follow one
// another are one content. Checksums are not verified: apt has verified the list, and a bound on
// the output holds whatever the bytes claim. kMalformed, or kTooLarge over `max_bytes` of content.
Status UnpackLz4(std::string_view frames, size_t max_bytes,
                 const std::function<void(std::string_view)>& piece);

}  // namespace sallyport
