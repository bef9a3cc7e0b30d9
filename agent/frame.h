// SPDX-License-Identifier: Apache-2.0
// Frames of the local sockets: length (4 bytes, big-endian), then that many bytes of message.
// proto/sallyport/v1/local.proto says which messages.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

inline constexpr size_t kMaxFrameBytes = 4 << 20;

// kTooLarge over kMaxFrameBytes.
Result<std::string> EncodeFrame(std::string_view message);

// Cuts a stream of bytes into messages. After an error the stream is lost: close it.
class FrameReader {
 public:
  void Add(std::string_view bytes) { buffer_.append(bytes); }

  // The next whole message, or none yet. A length over kMaxFrameBytes is kTooLarge, told as soon
  // as the length is there.
  Result<std::optional<std::string>> Next();

  size_t buffered() const { return buffer_.size() - at_; }

 private:
  std::string buffer_;
  size_t at_ = 0;  // start of what was not handed out yet
};

}  // namespace sallyport
