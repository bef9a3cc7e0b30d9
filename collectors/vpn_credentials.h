// SPDX-License-Identifier: Apache-2.0
// Table vpn_credentials: where lie the secrets of the VPN connections, and how?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kVpnCredentialsColumns[] = {
    {"connection", Type::kText, "NULL: of no single connection"},
    {"client", Type::kText, "as in vpn_connections"},
    {"kind", Type::kText,
     "psk, password, nt_hash, ppk, private_key, key_passphrase, pin, static_key, certificate"},
    {"owner", Type::kText, "whose, or for which peers, as written; NULL: not said"},
    {"any_peer", Type::kInteger, "1: counts for every peer; NULL: no shared key"},
    {"storage", Type::kText, "config, file, keyring, prompt, none"},
    {"sealed", Type::kInteger, "0: readable by whoever reads secret_path"},
    {"secret_path", Type::kText, "the file that holds it; NULL: none does"},
    {"others_read", Type::kInteger,
     "1: the mode of secret_path lets everybody read it; NULL: no file"},
    {"modified", Type::kBigint, "when secret_path changed last, seconds since 1970; NULL: no file"},
    {"not_after", Type::kBigint, "end of a certificate, seconds since 1970; NULL: none"},
    {"key_bits", Type::kInteger, "of a certificate's key; NULL: none"},
    {"source", Type::kText, "file:line"},
    {"path", Type::kText, "the file of `source`"},
    {"line", Type::kInteger, "its line"},
    {"col", Type::kInteger, "its column, counted in bytes from 1"},
};
inline constexpr Schema kVpnCredentials{
    "vpn_credentials", kVpnCredentialsColumns,
    "secrets and certificates of VPN connections; never the secret itself"};

// A row for each secret or certificate that a configuration holds or names. Errors as
// VpnConnectionsLinux.
Result<Rows> VpnCredentialsLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
