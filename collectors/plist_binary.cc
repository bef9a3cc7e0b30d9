// SPDX-License-Identifier: Apache-2.0
#include "collectors/plist_binary.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/utf16.h"

namespace sallyport {
namespace {

constexpr size_t kTrailerBytes = 32;
constexpr int64_t kSecondsFrom1970To2001 = 978'307'200;

class BinaryReader {
 public:
  BinaryReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Result<Plist> Read() {
    if (bytes_.size() < 8 + kTrailerBytes) return Broken("too short");
    const size_t trailer = bytes_.size() - kTrailerBytes;
    offset_bytes_ = Byte(trailer + 6);
    reference_bytes_ = Byte(trailer + 7);
    const auto count = Number(trailer + 8, 8);
    const auto top = Number(trailer + 16, 8);
    const auto table = Number(trailer + 24, 8);
    if (offset_bytes_ < 1 || offset_bytes_ > 8 || reference_bytes_ < 1 || reference_bytes_ > 8) {
      return Broken("a number of an impossible size");
    }
    if (table < 8 || table > trailer || count > (trailer - table) / offset_bytes_) {
      return Broken("its table of offsets lies outside");
    }
    count_ = count;
    table_ = table;
    return Object(top, 0);
  }

 private:
  tl::unexpected<Error> Broken(const char* what) const {
    return Fail(Code::kMalformed, name_ + ": binary property list: " + what);
  }

  uint8_t Byte(size_t at) const { return static_cast<uint8_t>(bytes_[at]); }

  // Big-endian; the caller has seen that the bytes are there.
  uint64_t Number(size_t at, size_t size) const {
    uint64_t out = 0;
    for (size_t i = 0; i < size; ++i) out = out << 8 | Byte(at + i);
    return out;
  }

  Result<Plist> Object(uint64_t reference, size_t depth) {
    if (depth > kMaxPlistDepth || ++values_ > kMaxPlistValues) {
      return Fail(Code::kTooLarge, name_ + ": property list: too deep, or too many values");
    }
    if (reference >= count_) return Broken("an object that is not there");
    const uint64_t at = Number(table_ + reference * offset_bytes_, offset_bytes_);
    if (at < 8 || at >= table_) return Broken("an offset that lies outside");
    const uint8_t marker = Byte(at);
    const uint8_t low = marker & 0x0F;
    switch (marker >> 4) {
      case 0x0:
        if (low == 0x8 || low == 0x9)
          return Plist{.kind = Plist::Kind::kBoolean, .number = low & 1};
        return Broken("a value of no type");
      case 0x1:
        return Integer(at + 1, low);
      case 0x2:
        return Real(at + 1, low, Plist::Kind::kReal);
      case 0x3:
        return Real(at + 1, low, Plist::Kind::kDate);
      case 0x8:  // the index of an archive
        return Uid(at + 1, size_t{low} + 1);
      default:
        return Sized(at, marker >> 4, low, depth);
    }
  }

  Result<std::string_view> Take(uint64_t at, uint64_t size) const {
    if (at > table_ || size > table_ - at) return Broken("a value that ends outside");
    return bytes_.substr(at, size);
  }

  // 1, 2 and 4 bytes have no sign, 8 have one; of 16 the lower half counts.
  Result<Plist> Integer(uint64_t at, uint8_t power) const {
    if (power > 4) return Broken("a number of an impossible size");
    const size_t size = size_t{1} << power;
    if (const auto taken = Take(at, size); !taken) return tl::unexpected(taken.error());
    const uint64_t value = size == 16 ? Number(at + 8, 8) : Number(at, size);
    return Plist{.kind = Plist::Kind::kInteger, .number = static_cast<int64_t>(value)};
  }

  Result<Plist> Uid(uint64_t at, size_t size) const {
    if (size > 8) return Broken("a number of an impossible size");
    if (const auto taken = Take(at, size); !taken) return tl::unexpected(taken.error());
    return Plist{.kind = Plist::Kind::kInteger, .number = static_cast<int64_t>(Number(at, size))};
  }

  Result<Plist> Real(uint64_t at, uint8_t power, Plist::Kind kind) const {
    if (power != 2 && power != 3) return Broken("a number of an impossible size");
    const size_t size = size_t{1} << power;
    if (const auto taken = Take(at, size); !taken) return tl::unexpected(taken.error());
    const double value = power == 2
                             ? double{std::bit_cast<float>(static_cast<uint32_t>(Number(at, 4)))}
                             : std::bit_cast<double>(Number(at, 8));
    if (kind == Plist::Kind::kReal) return Plist{.kind = kind, .real = value};
    if (!(std::abs(value) < 1e12)) return Broken("a date beyond all time");
    return Plist{.kind = kind,
                 .number = static_cast<int64_t>(std::floor(value)) + kSecondsFrom1970To2001};
  }

  // What has a length: in its marker, or as a number behind it.
  Result<Plist> Sized(uint64_t at, int type, uint8_t low, size_t depth) {
    uint64_t size = low;
    uint64_t begin = at + 1;
    if (low == 0xF) {
      if (begin >= table_ || Byte(begin) >> 4 != 1) return Broken("a length that is no number");
      const uint8_t power = Byte(begin) & 0x0F;
      const auto length = Integer(begin + 1, power);
      if (!length) return length;
      if (length->number < 0) return Broken("a length below zero");
      size = static_cast<uint64_t>(length->number);
      begin += 1 + (uint64_t{1} << power);
    }
    switch (type) {
      case 0x4:
        return Text(begin, size, Plist::Kind::kData);
      case 0x5:
        return Text(begin, size, Plist::Kind::kText);
      case 0x6:
        return WideText(begin, size);
      case 0xA:
        return Array(begin, size, depth);
      case 0xD:
        return Dict(begin, size, depth);
      default:
        return Broken("a value of no type");
    }
  }

  Result<Plist> Text(uint64_t at, uint64_t size, Plist::Kind kind) const {
    const auto taken = Take(at, size);
    if (!taken) return tl::unexpected(taken.error());
    const bool ascii = std::ranges::all_of(*taken, [](char c) { return (c & 0x80) == 0; });
    if (kind == Plist::Kind::kText && !ascii) return Broken("text that is no ASCII");
    return Plist{.kind = kind, .text = std::string(*taken)};
  }

  Result<Plist> WideText(uint64_t at, uint64_t size) const {
    if (size > bytes_.size()) return Broken("a value that ends outside");
    if (const auto taken = Take(at, size * 2); !taken) return tl::unexpected(taken.error());
    std::u16string wide;
    for (uint64_t i = 0; i < size; ++i) {
      wide += static_cast<char16_t>(Number(at + i * 2, 2));
    }
    auto text = ToUtf8(wide);
    if (!text) return Broken("text that is no UTF-16");
    return Plist{.kind = Plist::Kind::kText, .text = *std::move(text)};
  }

  Result<Plist> Array(uint64_t at, uint64_t size, size_t depth) {
    if (size > bytes_.size()) return Broken("a value that ends outside");
    if (const auto taken = Take(at, size * reference_bytes_); !taken) {
      return tl::unexpected(taken.error());
    }
    Plist out{.kind = Plist::Kind::kArray};
    for (uint64_t i = 0; i < size; ++i) {
      auto item = Object(Number(at + i * reference_bytes_, reference_bytes_), depth + 1);
      if (!item) return item;
      out.items.push_back(*std::move(item));
    }
    return out;
  }

  Result<Plist> Dict(uint64_t at, uint64_t size, size_t depth) {
    if (size > bytes_.size()) return Broken("a value that ends outside");
    const uint64_t width = size * reference_bytes_;
    if (const auto taken = Take(at, width * 2); !taken) return tl::unexpected(taken.error());
    Plist out{.kind = Plist::Kind::kDict};
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t place = at + i * reference_bytes_;
      auto key = Object(Number(place, reference_bytes_), depth + 1);
      if (!key) return key;
      if (key->kind != Plist::Kind::kText) return Broken("a key that is no text");
      auto value = Object(Number(place + width, reference_bytes_), depth + 1);
      if (!value) return value;
      out.entries.emplace_back(std::move(key->text), *std::move(value));
    }
    return out;
  }

  std::string_view bytes_;
  const std::string& name_;
  size_t offset_bytes_ = 0;
  size_t reference_bytes_ = 0;
  uint64_t count_ = 0;
  uint64_t table_ = 0;  // where objects end
  size_t values_ = 0;
};

}  // namespace

Result<Plist> ParseBinaryPlist(std::string_view bytes, const std::string& name) {
  return BinaryReader(bytes, name).Read();
}

}  // namespace sallyport
