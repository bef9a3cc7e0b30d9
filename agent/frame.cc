// SPDX-License-Identifier: Apache-2.0
#include "agent/frame.h"

#include "base/bytes.h"

namespace sallyport {
namespace {

constexpr size_t kLengthBytes = 4;

tl::unexpected<Error> TooLong(size_t length) {
  return Fail(Code::kTooLarge, "frame of " + std::to_string(length) + " bytes, over " +
                                   std::to_string(kMaxFrameBytes));
}

}  // namespace

Result<std::string> EncodeFrame(std::string_view message) {
  if (message.size() > kMaxFrameBytes) return TooLong(message.size());
  std::string frame;
  frame.reserve(kLengthBytes + message.size());
  PutU32(frame, static_cast<uint32_t>(message.size()));
  frame.append(message);
  return frame;
}

Result<std::optional<std::string>> FrameReader::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (rest.size() < kLengthBytes) return std::nullopt;
  ByteReader reader(rest);
  const size_t length = *reader.U32();
  if (length > kMaxFrameBytes) return TooLong(length);
  if (reader.remaining() < length) return std::nullopt;
  std::string message(*reader.Take(length));
  at_ += kLengthBytes + length;
  if (at_ == buffer_.size() || at_ > kMaxFrameBytes) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  return message;
}

}  // namespace sallyport
