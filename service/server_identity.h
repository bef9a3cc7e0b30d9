// SPDX-License-Identifier: Apache-2.0
// The TLS side of the listeners: the server's certificate and what a client must show.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>
#include <vector>

#include "attestation/certificates.h"

namespace sallyport {

// The server's key and certificate, renewed while the listeners run. Outlives the servers that its
// credentials were given to. Refresh from one thread; connections may be made on others meanwhile.
class ServerIdentity {
 public:
  // In `folder`: server.key, server.crt (leaf, then CA) and server.names.
  // IP addresses go where IP addresses belong (RFC 5280, 4.2.1.6).
  ServerIdentity(std::string folder, std::vector<std::string> names);
  ~ServerIdentity();

  // Issues the certificate anew when there is none, when less than a third of its time is left,
  // when it is not of this CA, or when the names changed; connections made from then on are shown
  // it. Called before the listeners are made, and daily by a service that runs for months.
  Status Refresh(const CertificateAuthority& ca, Now now);

  std::shared_ptr<grpc::ServerCredentials> ServerOnly();
  // A client certificate is required, and must chain to the CA.
  std::shared_ptr<grpc::ServerCredentials> MutualTls();

 private:
  class Shown;
  class Listener;
  Result<SigningKey> OpenOrCreateKey() const;
  Result<std::string> StoredChain(const CertificateAuthority& ca, const SigningKey& key,
                                  Now now) const;
  Result<std::string> IssueChain(const CertificateAuthority& ca, const SigningKey& key,
                                 Now now) const;
  std::shared_ptr<grpc::ServerCredentials> Credentials(
      grpc_ssl_client_certificate_request_type clients);
  std::string NamesText() const;

  std::string folder_;
  std::vector<std::string> names_;
  std::unique_ptr<Shown> shown_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

// "127.0.0.1:8443" -> "127.0.0.1"; "[::1]:8443" -> "::1".
std::string HostOf(const std::string& address);
bool IsIpAddress(const std::string& name);

}  // namespace sallyport
