// SPDX-License-Identifier: Apache-2.0
#include "base/utf16.h"

#include <cstdint>
#include <optional>

namespace sallyport {
namespace {

struct Scalar {
  char32_t value = 0;
  size_t units = 0;  // code units that it took
};

// RFC 3629, section 4: smallest value that needs this many bytes.
constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

std::optional<Scalar> TakeUtf8(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return Scalar{lead, 1};
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc0 || lead > 0xf4 || text.size() < size) return std::nullopt;
  char32_t value = lead & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0u) != 0x80) return std::nullopt;
    value = value << 6 | (byte & 0x3fu);
  }
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kSmallest[size] || value > 0x10ffff || surrogate) return std::nullopt;
  return Scalar{value, size};
}

std::optional<Scalar> TakeUtf16(std::u16string_view text) {
  const char16_t first = text[0];
  if (first < 0xd800 || first >= 0xe000) return Scalar{first, 1};
  if (first >= 0xdc00 || text.size() < 2) return std::nullopt;
  const char16_t second = text[1];
  if (second < 0xdc00 || second >= 0xe000) return std::nullopt;
  return Scalar{0x10000 + ((first - char32_t{0xd800}) << 10) + (second - char32_t{0xdc00}), 2};
}

void PutUtf8(std::string& out, char32_t value) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (value < 0x80) return put(value);
  if (value < 0x800) {
    put(0xc0 | value >> 6);
  } else if (value < 0x10000) {
    put(0xe0 | value >> 12);
    put(0x80 | (value >> 6 & 0x3f));
  } else {
    put(0xf0 | value >> 18);
    put(0x80 | (value >> 12 & 0x3f));
    put(0x80 | (value >> 6 & 0x3f));
  }
  put(0x80 | (value & 0x3f));
}

void PutUtf16(std::u16string& out, char32_t value) {
  if (value < 0x10000) return out.push_back(static_cast<char16_t>(value));
  out.push_back(static_cast<char16_t>(0xd800 + ((value - 0x10000) >> 10)));
  out.push_back(static_cast<char16_t>(0xdc00 + ((value - 0x10000) & 0x3ff)));
}

}  // namespace

Result<std::u16string> ToUtf16(std::string_view utf8) {
  std::u16string out;
  out.reserve(utf8.size());
  for (size_t at = 0; at < utf8.size();) {
    const auto scalar = TakeUtf8(utf8.substr(at));
    if (!scalar) return Fail(Code::kMalformed, "not UTF-8 at byte " + std::to_string(at));
    PutUtf16(out, scalar->value);
    at += scalar->units;
  }
  return out;
}

Result<std::string> ToUtf8(std::u16string_view utf16) {
  std::string out;
  out.reserve(utf16.size());
  for (size_t at = 0; at < utf16.size();) {
    const auto scalar = TakeUtf16(utf16.substr(at));
    if (!scalar) return Fail(Code::kMalformed, "not UTF-16 at unit " + std::to_string(at));
    PutUtf8(out, scalar->value);
    at += scalar->units;
  }
  return out;
}

}  // namespace sallyport
