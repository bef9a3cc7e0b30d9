// SPDX-License-Identifier: Apache-2.0
// Takes secrets out of text before it is written down.
#pragma once

#include <string>
#include <string_view>

namespace sallyport {

inline constexpr std::string_view kRedacted = "[redacted]";

// `source` is the path of a file, or the command, that the text came from. What goes:
// - the body of PEM blocks of private keys and of OpenVPN static keys;
// - values of keys that name a secret ("secret", "psk", "password", "private-key", "pin", ... at
//   the end of the key's name), written as key = value, key: value, "key": "value", --key value or
//   <key>name</key><string>value</string>: swanctl.conf, NetworkManager, wg(8), netplan, plists;
// - what follows the type in ipsec.secrets(5) lines (": PSK ...", ": EAP ...");
// - crypt(5) hashes;
// - user and password in addresses (https://user:password@host/);
// - the whole content of files that hold nothing else: shadow, ppp's secrets, *.key, *.p12.
// Lists of packages that apt fetched stay as they are: they are public, and compressed.
// Rather too much than too little. The number of lines before a secret stays as it was.
std::string RedactSecrets(std::string_view source, std::string_view text);

// Does this name of a key, property or registry value name a secret?
bool NamesSecret(std::string_view name);

}  // namespace sallyport
