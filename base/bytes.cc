// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

namespace sallyport {
namespace {

template <typename T>
Result<T> ReadInteger(ByteReader& reader) {
  const auto raw = reader.Take(sizeof(T));
  if (!raw) return tl::unexpected(raw.error());
  T value = 0;
  for (char c : *raw)
    value = static_cast<T>((static_cast<uint64_t>(value) << 8) | static_cast<uint8_t>(c));
  return value;
}

template <typename T>
void PutInteger(std::string& out, T v) {
  for (size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<char>((v >> (8 * i)) & 0xff));
}

}  // namespace

Result<uint8_t> ByteReader::U8() { return ReadInteger<uint8_t>(*this); }
Result<uint16_t> ByteReader::U16() { return ReadInteger<uint16_t>(*this); }
Result<uint32_t> ByteReader::U32() { return ReadInteger<uint32_t>(*this); }

Result<std::string_view> ByteReader::Take(size_t count) {
  if (count > remaining()) {
    return Fail(Code::kMalformed, "needs " + std::to_string(count) + " bytes at offset " +
                                      std::to_string(at_) + ", " + std::to_string(remaining()) +
                                      " left");
  }
  const std::string_view out = bytes_.substr(at_, count);
  at_ += count;
  return out;
}

void PutU8(std::string& out, uint8_t v) { out.push_back(static_cast<char>(v)); }
void PutU16(std::string& out, uint16_t v) { PutInteger(out, v); }
void PutU32(std::string& out, uint32_t v) { PutInteger(out, v); }
void PutU64(std::string& out, uint64_t v) { PutInteger(out, v); }

}  // namespace sallyport
