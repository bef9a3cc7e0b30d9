// SPDX-License-Identifier: Apache-2.0
// P-256 keys: the device's identity key, opened by URI, and parsed public keys kept for verifying.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// OpenSSL's, so that this header needs none of it.
using EVP_PKEY = struct evp_pkey_st;

namespace sallyport {

// A public key parsed once and kept; Verify may be called from any thread at the same time.
// Verifying parses nothing: d2i_PUBKEY costs more than the verification itself.
class PublicKey {
 public:
  // SubjectPublicKeyInfo, DER. Anything but P-256 is kUnsupported; a second encoding of the same
  // key (compressed point, explicit curve) is kMalformed, so that one key has one key id.
  static Result<PublicKey> FromSpki(std::string_view der);

  // ECDSA over SHA-256 of `message`, DER signature. kBadSignature when it does not verify,
  // whatever the reason (also trailing bytes after the DER).
  Status Verify(std::string_view message, std::string_view signature) const;

  const std::string& spki() const;    // DER
  const std::string& key_id() const;  // lower-case hex SHA-256 of spki()
  EVP_PKEY* get() const;              // borrowed

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// A private key that may not leave where it is. Copies share it.
// URIs: "file:/path/key.pem" (PKCS#8 PEM, mode 0600; RFC 8089). Other schemes are kUnsupported
// until a provider for them is there; what is opened here is all that the callers know of keys.
class SigningKey {
 public:
  static Result<SigningKey> Open(const std::string& uri);
  // Makes a P-256 key at a URI where there is none (kConflict); written atomically with mode 0600.
  static Result<SigningKey> Create(const std::string& uri);
  // Only in memory: TLS leaf keys.
  static Result<SigningKey> Generate();

  Result<std::string> Sign(std::string_view message) const;  // ECDSA P-256/SHA-256, DER
  const PublicKey& public_key() const;
  EVP_PKEY* get() const;                   // borrowed: for CSRs and certificates
  Result<std::string> PrivatePem() const;  // only for keys of Generate() and file:

 private:
  static Result<SigningKey> Adopt(EVP_PKEY* key);  // takes it over

  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// The file: URI of an absolute path.
std::string FileUri(std::string_view path);

// The path in a URI of RFC 8089: file:/path or file:///path; %xx is decoded. kUnsupported for
// another scheme, kInvalidArgument.
Result<std::string> PathOfUri(const std::string& uri);

std::string Sha256(std::string_view bytes);                              // 32 bytes
std::string HmacSha256(std::string_view key, std::string_view message);  // 32 bytes
bool EqualConstantTime(std::string_view a, std::string_view b);
std::string RandomBytes(size_t count);  // from the system's generator
std::string ToBase64(std::string_view bytes);
Result<std::string> FromBase64(std::string_view text);

}  // namespace sallyport
