// SPDX-License-Identifier: Apache-2.0
// For systems that are built without liblz4.
#include "collectors/lz4_frame.h"

namespace sallyport {

Status UnpackLz4(std::string_view, size_t, const std::function<void(std::string_view)>&) {
  return Fail(Code::kUnsupported, "lz4: built without liblz4");
}

Result<std::string> PackLz4(std::string_view) {
  return Fail(Code::kUnsupported, "lz4: built without liblz4");
}

}  // namespace sallyport
