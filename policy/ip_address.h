// SPDX-License-Identifier: Apache-2.0
// Internet addresses as their bytes, without asking a system.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

// 4 bytes ("192.0.2.1"; no leading zeros) or 16 ("2001:db8::1", "::ffff:192.0.2.1"); RFC 4291, 2.2.
// A zone ("%eth0") is refused.
std::optional<std::string> ParseIpAddress(std::string_view text);

// Whether an address lies in "192.0.2.0/24" or "2001:db8::/32"; nothing when either is none. One of
// the other family does not lie in it.
std::optional<bool> IsInCidrBlock(std::string_view block, std::string_view address);

}  // namespace sallyport
