// SPDX-License-Identifier: Apache-2.0
#include "collectors/ip_text.h"

#include <algorithm>
#include <charconv>

namespace sallyport {
namespace {

std::string Hex(unsigned number) {
  char text[8];
  const auto end = std::to_chars(text, text + sizeof text, number, 16).ptr;
  return std::string(text, end);
}

// The longest run of zero groups, at least two of them: where it begins, and its length.
std::pair<size_t, size_t> LongestZeros(const std::array<unsigned, 8>& groups) {
  std::pair<size_t, size_t> best{8, 1};
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best.second) best = {i, end - i};
  }
  return best;
}

template <size_t N>
std::array<uint8_t, N> MaskOf(int64_t prefix) {
  std::array<uint8_t, N> mask{};
  for (size_t i = 0; i < N; ++i) {
    const int64_t bits = std::clamp<int64_t>(prefix - static_cast<int64_t>(i) * 8, 0, 8);
    mask[i] = static_cast<uint8_t>(0xFF00u >> bits);
  }
  return mask;
}

// Eight digits, the last byte first.
bool ReadWord(std::string_view digits, uint8_t* out) {
  const auto number = ParseHex(digits);
  if (!number) return false;
  for (int i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(*number >> (8 * i));
  return true;
}

}  // namespace

std::string IpText(const Ipv4Bytes& a) {
  return std::to_string(a[0]) + "." + std::to_string(a[1]) + "." + std::to_string(a[2]) + "." +
         std::to_string(a[3]);
}

std::string IpText(const Ipv6Bytes& address) {
  std::array<unsigned, 8> groups{};
  for (size_t i = 0; i < 8; ++i) groups[i] = address[2 * i] * 256u + address[2 * i + 1];
  const auto [begin, length] = LongestZeros(groups);
  const bool mapped = begin == 0 && length == 5 && groups[5] == 0xFFFF;
  const bool compatible = begin == 0 && length == 6;  // as inet_ntop(3) has it
  const size_t last = mapped || compatible ? 6 : 8;
  std::string out;
  for (size_t i = 0; i < last; ++i) {
    if (i == begin) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && !out.ends_with("::")) out += ":";
    out += Hex(groups[i]);
  }
  if (last == 6) {
    if (!out.ends_with(':')) out += ":";
    out += IpText(Ipv4Bytes{address[12], address[13], address[14], address[15]});
  }
  return out;
}

std::string MaskText(int64_t prefix, bool ipv6) {
  if (prefix < 0 || prefix > (ipv6 ? 128 : 32)) return "";
  return ipv6 ? IpText(MaskOf<16>(prefix)) : IpText(MaskOf<4>(prefix));
}

std::optional<uint64_t> ParseHex(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> ProcNetAddress(std::string_view digits) {
  if (digits.size() == 8) {
    Ipv4Bytes address;
    if (!ReadWord(digits, address.data())) return std::nullopt;
    return IpText(address);
  }
  if (digits.size() != 32) return std::nullopt;
  Ipv6Bytes address;
  for (size_t i = 0; i < 4; ++i) {
    if (!ReadWord(digits.substr(8 * i, 8), address.data() + 4 * i)) return std::nullopt;
  }
  return IpText(address);
}

}  // namespace sallyport
