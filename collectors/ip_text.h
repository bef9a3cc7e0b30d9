// SPDX-License-Identifier: Apache-2.0
// Internet addresses as text, as inet_ntop(3) writes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

using Ipv4Bytes = std::array<uint8_t, 4>;
using Ipv6Bytes = std::array<uint8_t, 16>;

std::string IpText(const Ipv4Bytes& address);
std::string IpText(const Ipv6Bytes& address);  // RFC 5952; ::ffff:192.0.2.1 for a mapped one

// The mask of a prefix length, as an address; "" for a length that the family does not have.
std::string MaskText(int64_t prefix, bool ipv6);

// "0100007F" of /proc/net/tcp: a 32-bit number in the order of the machine that wrote it, which is
// little-endian. 32 digits: four of them. nullopt: neither.
std::optional<std::string> ProcNetAddress(std::string_view digits);

// Up to 16 hexadecimal digits, all of the text.
std::optional<uint64_t> ParseHex(std::string_view text);

}  // namespace sallyport
