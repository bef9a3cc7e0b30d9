// SPDX-License-Identifier: Apache-2.0
// The TLS side of the listeners: the server's certificate and what a client must show.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>
#include <vector>

#include "attestation/certificates.h"

namespace sallyport {

struct ServerIdentity {
  std::string key_pem;
  std::string chain_pem;  // leaf, then CA
  std::string ca_pem;
};

// Key and certificate in `folder` (server.key, server.crt), issued anew when there is none, when
// less than a third of its time is left, when it is not of this CA, or when the names changed.
// IP addresses go where IP addresses belong (RFC 5280, 4.2.1.6).
Result<ServerIdentity> OpenServerIdentity(const std::string& folder, const CertificateAuthority& ca,
                                          const std::vector<std::string>& names, Now now);

std::shared_ptr<grpc::ServerCredentials> ServerOnly(const ServerIdentity& identity);
// A client certificate is required, and must chain to the CA.
std::shared_ptr<grpc::ServerCredentials> MutualTls(const ServerIdentity& identity);

// "127.0.0.1:8443" -> "127.0.0.1"; "[::1]:8443" -> "::1".
std::string HostOf(const std::string& address);
bool IsIpAddress(const std::string& name);

}  // namespace sallyport
