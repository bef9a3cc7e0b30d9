// SPDX-License-Identifier: Apache-2.0
// LZ4 frames, as apt stores package lists: unpacked piece by piece by liblz4, so that a list of
// tens of megabytes is never whole in memory. Format: lz4_Frame_format.md 1.6.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// Calls `piece` with the content in order; the views live during the call. Frames that follow one
// another are one content; of none, none. kMalformed also for a checksum that is wrong, kTooLarge
// over `max_bytes` of content; what came before the error was passed on. kUnsupported in a build
// without liblz4 (lz4_frame_absent.cc).
Status UnpackLz4(std::string_view frames, size_t max_bytes,
                 const std::function<void(std::string_view)>& piece);

// One frame. kUnsupported likewise.
Result<std::string> PackLz4(std::string_view content);

}  // namespace sallyport
