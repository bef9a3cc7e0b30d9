// SPDX-License-Identifier: Apache-2.0
// ByteReader: a bounded cursor over bytes of a stranger. A length is a claim, never a fact.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// Integers are big-endian (network order). A read past the end is kMalformed and moves nothing.
// The reader does not own the bytes; views that it returns live as long as they do.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  Result<uint8_t> U8();
  Result<uint16_t> U16();
  Result<uint32_t> U32();
  Result<std::string_view> Take(size_t count);
  size_t remaining() const { return bytes_.size() - at_; }
  bool done() const { return at_ == bytes_.size(); }
  size_t position() const { return at_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// Append big-endian integers.
void PutU8(std::string& out, uint8_t v);
void PutU16(std::string& out, uint16_t v);
void PutU32(std::string& out, uint32_t v);
void PutU64(std::string& out, uint64_t v);

}  // namespace sallyport
