// SPDX-License-Identifier: Apache-2.0
// The client's side of enrollment, for agents and gates: get an identity, keep it in a folder, and
// fetch TLS leaves with it.
#pragma once

#include <memory>
#include <string>

#include "attestation/certificates.h"
#include "attestation/keys.h"
#include "base/result.h"

namespace grpc {
class ChannelCredentials;
}

namespace sallyport {

// A folder of mode 0700:
//   identity.key       identity key, PKCS#8 PEM, where identity_key_uri is a file: URI
//   ca.crt             the service's CA, PEM: pins both listeners
//   service.spki       the key that signs manifests, DER
//   vpn.key, vpn.crt   PEM, when a VPN certificate was asked for
//   enrollment.json    name and addresses; written last, so its presence means enrolled
// Keys of an enrollment that did not complete are used by the next one.
struct EnrollmentRecord {
  LeafName name;
  std::string identity_key_uri;
  std::string enrollment_address;   // host:port
  std::string attestation_address;  // host:port
  std::string ca_pem;
  std::string service_key_spki;  // DER

  friend bool operator==(const EnrollmentRecord&, const EnrollmentRecord&) = default;
};

struct EnrollmentOptions {
  std::string folder;
  std::string service;  // host:port of the enrollment listener
  std::string ca_file;  // PEM; the server must chain to it before the token is sent
  std::string token;
  LeafName::Role role = LeafName::Role::kDevice;
  bool want_vpn = true;
  std::string hostname;
  std::string platform;
};

// kConflict when the folder is enrolled already, or the token was for another role; kDenied with
// the service's reason; kUnavailable when it cannot be reached; kBadSignature when the server is
// not of this CA.
Result<EnrollmentRecord> Enroll(const EnrollmentOptions& options);

// kNotFound when the folder was never enrolled; kMalformed when a part of it is lost or damaged.
Result<EnrollmentRecord> LoadEnrollment(const std::string& folder);

struct Leaf {
  std::string certificate_der;
  std::string key_pem;  // in memory only
  Millis not_after{0};  // wall
};

// A fresh TLS key and leaf: Challenge, then RenewLeaf signed by the identity key. Blocks; bounded
// by `deadline`. Errors as of Enroll.
Result<Leaf> FetchLeaf(const EnrollmentRecord& record, const SigningKey& identity,
                       std::chrono::milliseconds deadline);

// Mutual TLS 1.3 towards the attestation listener.
std::shared_ptr<grpc::ChannelCredentials> LeafCredentials(const EnrollmentRecord& record,
                                                          const Leaf& leaf);

}  // namespace sallyport
