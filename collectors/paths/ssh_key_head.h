// SPDX-License-Identifier: Apache-2.0
// What the head of a file says of a private SSH key: PEM (RFC 1421, RFC 5958) or OpenSSH's own
// form (PROTOCOL.key). Nothing of the secret part is looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

struct SshKeyHead {
  std::optional<bool> encrypted = {};        // nullopt: the head does not tell
  std::optional<std::string> key_type = {};  // rsa, dsa, ec, ed25519
  std::optional<std::string> group = {};     // of ec: nistp256
  std::optional<int64_t> bits = {};

  friend bool operator==(const SshKeyHead&, const SshKeyHead&) = default;
};

// nullopt: no private key.
std::optional<SshKeyHead> ReadSshKeyHead(std::string_view head);

}  // namespace sallyport
