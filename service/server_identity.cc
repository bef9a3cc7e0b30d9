// SPDX-License-Identifier: Apache-2.0
#include "service/server_identity.h"

#include <arpa/inet.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "attestation/durable_file.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::chrono::hours kLifetime{90 * 24};

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

std::string ServerIdentity::NamesText() const { return Join(names_, "\n"); }

Result<SigningKey> ServerIdentity::OpenOrCreateKey() const {
  const std::string path = folder_ + "/server.key";
  std::error_code none;
  if (std::filesystem::exists(path, none)) return SigningKey::Open(FileUri(path));
  return SigningKey::Create(FileUri(path));
}

// The names that it was issued for lie beside it: an IP SAN cannot be read back as text.
bool ServerIdentity::StillGood(const CertificateAuthority& ca, const SigningKey& key,
                               Now now) const {
  const Result<std::string> pem = ReadSmallFile(folder_ + "/server.crt");
  const Result<std::string> issued_for = ReadSmallFile(folder_ + "/server.names");
  if (!pem || !issued_for || *issued_for != NamesText()) return false;
  const Result<std::string> stored = CertificateDer(*pem);
  if (!stored) return false;
  const Result<CertificateInfo> info = ca.Verify(*stored, now);
  if (!info || info->spki != key.public_key().spki()) return false;
  return info->not_after - now.wall > std::chrono::duration_cast<Millis>(kLifetime) / 3;
}

Status ServerIdentity::Refresh(const CertificateAuthority& ca, Now now) const {
  const Result<SigningKey> key = OpenOrCreateKey();
  if (!key) return Wrap(key.error(), "server key");
  if (StillGood(ca, *key, now)) return {};
  std::vector<std::string> dns;
  std::vector<std::string> addresses;
  for (const std::string& name : names_) (IsIpAddress(name) ? addresses : dns).push_back(name);
  const Result<std::string> der = ca.IssueServer(key->public_key(), dns, addresses, now, kLifetime);
  if (!der) return Wrap(der.error(), "server certificate");
  // The names last: without them the certificate is issued again.
  Status written = ReplaceFile(folder_ + "/server.crt",
                               CertificatePem(*der) + CertificatePem(ca.certificate_der()),
                               FileAccess::kEveryoneReads);
  if (!written) return written;
  return ReplaceFile(folder_ + "/server.names", NamesText(), FileAccess::kEveryoneReads);
}

std::shared_ptr<grpc::ServerCredentials> ServerIdentity::Credentials(
    std::chrono::seconds reread, grpc_ssl_client_certificate_request_type clients) const {
  using grpc::experimental::FileWatcherCertificateProvider;
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(
          folder_ + "/server.key", folder_ + "/server.crt", folder_ + "/ca/ca.crt",
          static_cast<unsigned>(reread.count())));
  options.watch_identity_key_cert_pairs();
  if (clients != GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE) options.watch_root_certs();
  options.set_cert_request_type(clients);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> ServerIdentity::ServerOnly(
    std::chrono::seconds reread) const {
  return Credentials(reread, GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
}

std::shared_ptr<grpc::ServerCredentials> ServerIdentity::MutualTls(
    std::chrono::seconds reread) const {
  return Credentials(reread, GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
}

}  // namespace sallyport
