// SPDX-License-Identifier: Apache-2.0
#include "service/server_identity.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "attestation/durable_file.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::chrono::hours kLifetime{90 * 24};

Result<SigningKey> OpenOrCreate(const std::string& path) {
  std::error_code none;
  if (std::filesystem::exists(path, none)) return SigningKey::Open(FileUri(path));
  return SigningKey::Create(FileUri(path));
}

// The names that it was issued for lie beside it: an IP SAN cannot be read back as text.
bool StillGood(const std::string& folder, const CertificateAuthority& ca, const SigningKey& key,
               const std::string& names, Now now, std::string* der) {
  const Result<std::string> pem = ReadSmallFile(folder + "/server.crt");
  const Result<std::string> issued_for = ReadSmallFile(folder + "/server.names");
  if (!pem || !issued_for || *issued_for != names) return false;
  const Result<std::string> stored = CertificateDer(*pem);
  if (!stored || !ca.Verify(*stored, now)) return false;
  const Result<CertificateInfo> info = ParseCertificate(*stored);
  if (!info || info->spki != key.public_key().spki()) return false;
  *der = *stored;
  return info->not_after - now.wall > std::chrono::duration_cast<Millis>(kLifetime) / 3;
}

}  // namespace

std::string HostOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

bool IsIpAddress(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

Result<ServerIdentity> OpenServerIdentity(const std::string& folder, const CertificateAuthority& ca,
                                          const std::vector<std::string>& names, Now now) {
  const Result<SigningKey> key = OpenOrCreate(folder + "/server.key");
  if (!key) return Wrap(key.error(), "server key");
  std::vector<std::string> dns;
  std::vector<std::string> addresses;
  for (const std::string& name : names) (IsIpAddress(name) ? addresses : dns).push_back(name);
  const std::string joined = Join(names, "\n");
  std::string der;
  if (!StillGood(folder, ca, *key, joined, now, &der)) {
    Result<std::string> issued = ca.IssueServer(key->public_key(), dns, addresses, now, kLifetime);
    if (!issued) return Wrap(issued.error(), "server certificate");
    der = *std::move(issued);
    Status written =
        ReplaceFile(folder + "/server.crt", CertificatePem(der), FileAccess::kEveryoneReads);
    if (written) {
      written = ReplaceFile(folder + "/server.names", joined, FileAccess::kEveryoneReads);
    }
    if (!written) return tl::unexpected(written.error());
  }
  Result<std::string> key_pem = key->PrivatePem();
  if (!key_pem) return Wrap(key_pem.error(), "server key");
  const std::string ca_pem = CertificatePem(ca.certificate_der());
  return ServerIdentity{*std::move(key_pem), CertificatePem(der) + ca_pem, ca_pem};
}

std::shared_ptr<grpc::ServerCredentials> ServerOnly(const ServerIdentity& identity) {
  grpc::SslServerCredentialsOptions options(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_key_cert_pairs = {{identity.key_pem, identity.chain_pem}};
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> MutualTls(const ServerIdentity& identity) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = identity.ca_pem;
  options.pem_key_cert_pairs = {{identity.key_pem, identity.chain_pem}};
  return grpc::SslServerCredentials(options);
}

}  // namespace sallyport
