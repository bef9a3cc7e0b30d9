// SPDX-License-Identifier: Apache-2.0
// The embedded certificate authority, and certificates and requests as values. Profile: RFC 5280.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/keys.h"
#include "base/now.h"
#include "base/result.h"

namespace sallyport {

// What a leaf says about its holder, in its one URI SAN:
//   sallyport://<trust domain>/device/<id>   sallyport://<trust domain>/gateway/<name>
struct LeafName {
  enum class Role { kDevice, kGateway };
  Role role = Role::kDevice;
  std::string trust_domain;
  std::string id;

  friend bool operator==(const LeafName&, const LeafName&) = default;
};

// Lower-case letters, digits and inner hyphens, 1 to 63: fits a DNS label.
bool IsValidId(std::string_view id);
// Labels as above, with dots between; at most 189 bytes, so that <id>.<trust domain> is a DNS name.
// kInvalidArgument.
Status CheckTrustDomain(std::string_view domain);
// Both parts. kInvalidArgument.
Status CheckLeafName(const LeafName& name);
std::string LeafUri(const LeafName& name);

struct CertificateInfo {
  std::string subject_cn;
  std::string serial_hex;
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  Millis not_before{0};  // wall
  Millis not_after{0};
  std::string spki;  // DER
};

Result<CertificateInfo> ParseCertificate(std::string_view der);
// kMalformed unless there is exactly one sallyport URI SAN and it is well-formed.
Result<LeafName> LeafNameOf(const CertificateInfo& certificate);
std::string CertificatePem(std::string_view der);
Result<std::string> CertificateDer(std::string_view pem);  // the first certificate of the PEM

// PKCS#10, DER. The subject is of no account: the CA writes its own.
Result<std::string> MakeRequest(const SigningKey& key, std::string_view common_name);
// Checks the request's own signature (proof of possession): kBadSignature.
Result<PublicKey> VerifyRequest(std::string_view request_der);

// A P-256 CA whose key lies in `folder`/ca.key, certificate in ca.crt (PEM), CRL in ca.crl (DER).
class CertificateAuthority {
 public:
  // Opens, or makes on first start. A folder with one of the two files is kConflict, not a new CA;
  // so are a key that is not the certificate's and a CA of another trust domain. The folder gets
  // mode 0700. Ten years, path length 0; its URI SAN is sallyport://<trust domain>.
  static Result<CertificateAuthority> Open(const std::string& folder,
                                           const std::string& trust_domain, Now now);

  // A certificate begins five minutes before now and ends with the CA at the latest. kConflict when
  // the CA has expired; kInvalidArgument for names that are none, or not of this trust domain.

  // TLS client (device, gateway) leaf: URI SAN, EKU clientAuth, critical digitalSignature.
  Result<std::string> IssueLeaf(const PublicKey& key, const LeafName& name, Now now,
                                std::chrono::seconds lifetime) const;
  // VPN certificate: DNS SAN <id>.<trust domain> and the URI SAN; EKU clientAuth for devices,
  // serverAuth for gateways. The common name is the DNS name, or the id where that is over 64
  // bytes (RFC 5280, ub-common-name).
  Result<std::string> IssueVpn(const PublicKey& key, const LeafName& name, Now now,
                               std::chrono::seconds lifetime) const;
  // TLS server certificate of the policy service.
  Result<std::string> IssueServer(const PublicKey& key, const std::vector<std::string>& dns_names,
                                  const std::vector<std::string>& ip_addresses, Now now,
                                  std::chrono::seconds lifetime) const;
  // A CRL without entries, DER, with AuthorityKeyIdentifier and a number that grows (charon needs
  // the first, RFC 5280 5.2.3 the second).
  Result<std::string> MakeCrl(uint64_t number, Now now, std::chrono::seconds lifetime) const;

  // Writes `folder`/ca.crl anew when it is missing, not of this CA, or due within a day. Open does
  // it; a service that runs for days calls it once a day.
  Status RefreshCrl(const std::string& folder, Now now) const;

  // Signature and dates, then what it says; the name is LeafNameOf's business. kBadSignature with
  // OpenSSL's reason.
  Result<CertificateInfo> Verify(std::string_view certificate_der, Now now) const;

  const std::string& certificate_der() const;
  const std::string& trust_domain() const;

 private:
  Status CheckOwnName(const LeafName& name) const;

  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace sallyport
