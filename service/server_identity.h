// SPDX-License-Identifier: Apache-2.0
// The TLS side of the listeners: the server's certificate and what a client must show.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attestation/certificates.h"

namespace sallyport {

// Key and certificates as files, which TLS reads again when they change.
class ServerIdentity {
 public:
  // In `folder`: server.key, server.crt (leaf, then CA) and, beside the CA's own files, nothing
  // else. IP addresses go where IP addresses belong (RFC 5280, 4.2.1.6).
  ServerIdentity(std::string folder, std::vector<std::string> names)
      : folder_(std::move(folder)), names_(std::move(names)) {}

  // Issues the certificate anew when there is none, when less than a third of its time is left,
  // when it is not of this CA, or when the names changed. Called at start, and daily by a service
  // that runs for months: connections made from `reread` later on see the new one.
  Status Refresh(const CertificateAuthority& ca, Now now) const;

  std::shared_ptr<grpc::ServerCredentials> ServerOnly(std::chrono::seconds reread) const;
  // A client certificate is required, and must chain to the CA.
  std::shared_ptr<grpc::ServerCredentials> MutualTls(std::chrono::seconds reread) const;

 private:
  Result<SigningKey> OpenOrCreateKey() const;
  bool StillGood(const CertificateAuthority& ca, const SigningKey& key, Now now) const;
  std::shared_ptr<grpc::ServerCredentials> Credentials(
      std::chrono::seconds reread, grpc_ssl_client_certificate_request_type clients) const;
  std::string NamesText() const;

  std::string folder_;
  std::vector<std::string> names_;
};

// "127.0.0.1:8443" -> "127.0.0.1"; "[::1]:8443" -> "::1".
std::string HostOf(const std::string& address);
bool IsIpAddress(const std::string& name);

}  // namespace sallyport
