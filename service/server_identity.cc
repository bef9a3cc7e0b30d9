// SPDX-License-Identifier: Apache-2.0
#include "service/server_identity.h"

#include <arpa/inet.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

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

// What new connections are shown.
class ServerIdentity::Shown {
 public:
  struct Pem {
    std::string key;
    std::string chain;
    std::string ca;
  };

  void Show(Pem pem) {
    const std::lock_guard lock(mutex_);
    if (pem_.chain == pem.chain) return;
    pem_ = std::move(pem);
    ++edition_;
  }
  // What is newer than `edition`, and which edition it is.
  std::optional<std::pair<Pem, uint64_t>> NewerThan(uint64_t edition) const {
    const std::lock_guard lock(mutex_);
    if (edition_ == edition) return std::nullopt;
    return std::pair{pem_, edition_};
  }

 private:
  mutable std::mutex mutex_;
  Pem pem_;
  uint64_t edition_ = 0;
};

// Whom gRPC asks at each connection of one listener, under a lock of its own.
class ServerIdentity::Listener {
 public:
  explicit Listener(const Shown& shown) : shown_(shown) {}

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    auto& listener = *static_cast<Listener*>(self);
    const auto newer = listener.shown_.NewerThan(listener.fetched_);
    if (!newer) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const auto& [pem, edition] = *newer;
    const grpc_ssl_pem_key_cert_pair pair{pem.key.c_str(), pem.chain.c_str()};
    *config = grpc_ssl_server_certificate_config_create(pem.ca.c_str(), &pair, 1);
    listener.fetched_ = edition;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

 private:
  const Shown& shown_;
  uint64_t fetched_ = 0;
};

namespace {

// gRPC's C interface asks for the certificate at each connection; its C++ interface either never
// does, or (TlsServerCredentials, experimental) by a poll of files.
class AskingCredentials final : public grpc::ServerCredentials {
 public:
  AskingCredentials(grpc_ssl_client_certificate_request_type clients,
                    grpc_ssl_server_certificate_config_callback ask, void* whom)
      : credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(clients, ask, whom))) {}
  ~AskingCredentials() override { grpc_server_credentials_release(credentials_); }
  AskingCredentials(const AskingCredentials&) = delete;
  AskingCredentials& operator=(const AskingCredentials&) = delete;

  // Nothing here judges calls by their metadata.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

ServerIdentity::ServerIdentity(std::string folder, std::vector<std::string> names)
    : folder_(std::move(folder)), names_(std::move(names)), shown_(std::make_unique<Shown>()) {}

ServerIdentity::~ServerIdentity() = default;

std::string ServerIdentity::NamesText() const { return Join(names_, "\n"); }

Result<SigningKey> ServerIdentity::OpenOrCreateKey() const {
  const std::string path = folder_ + "/server.key";
  std::error_code none;
  if (std::filesystem::exists(path, none)) return SigningKey::Open(FileUri(path));
  return SigningKey::Create(FileUri(path));
}

// The names that it was issued for lie beside it: an IP SAN cannot be read back as text.
Result<std::string> ServerIdentity::StoredChain(const CertificateAuthority& ca,
                                                const SigningKey& key, Now now) const {
  Result<std::string> pem = ReadSmallFile(folder_ + "/server.crt");
  if (!pem) return pem;
  const Result<std::string> issued_for = ReadSmallFile(folder_ + "/server.names");
  if (!issued_for) return issued_for;
  if (*issued_for != NamesText()) return Fail(Code::kConflict, "issued for other names");
  const Result<std::string> der = CertificateDer(*pem);
  if (!der) return der;
  const Result<CertificateInfo> info = ca.Verify(*der, now);
  if (!info) return tl::unexpected(info.error());
  if (info->spki != key.public_key().spki()) return Fail(Code::kConflict, "of another key");
  if (info->not_after - now.wall <= std::chrono::duration_cast<Millis>(kLifetime) / 3) {
    return Fail(Code::kTimeout, "ends soon");
  }
  return pem;
}

Result<std::string> ServerIdentity::IssueChain(const CertificateAuthority& ca,
                                               const SigningKey& key, Now now) const {
  std::vector<std::string> dns;
  std::vector<std::string> addresses;
  for (const std::string& name : names_) (IsIpAddress(name) ? addresses : dns).push_back(name);
  const Result<std::string> der = ca.IssueServer(key.public_key(), dns, addresses, now, kLifetime);
  if (!der) return Wrap(der.error(), "server certificate");
  std::string chain = CertificatePem(*der) + CertificatePem(ca.certificate_der());
  // The names last: without them the certificate is issued again.
  Status written = ReplaceSmallFile(folder_ + "/server.crt", chain, FileAccess::kEveryoneReads);
  if (written) {
    written = ReplaceSmallFile(folder_ + "/server.names", NamesText(), FileAccess::kEveryoneReads);
  }
  if (!written) return tl::unexpected(written.error());
  return chain;
}

Status ServerIdentity::Refresh(const CertificateAuthority& ca, Now now) {
  const Result<SigningKey> key = OpenOrCreateKey();
  if (!key) return Wrap(key.error(), "server key");
  Result<std::string> key_pem = key->PrivatePem();
  if (!key_pem) return Wrap(key_pem.error(), "server key");
  Result<std::string> chain = StoredChain(ca, *key, now);
  if (!chain) chain = IssueChain(ca, *key, now);
  if (!chain) return tl::unexpected(chain.error());
  shown_->Show({*std::move(key_pem), *std::move(chain), CertificatePem(ca.certificate_der())});
  return {};
}

std::shared_ptr<grpc::ServerCredentials> ServerIdentity::Credentials(
    grpc_ssl_client_certificate_request_type clients) {
  listeners_.push_back(std::make_unique<Listener>(*shown_));
  return std::make_shared<AskingCredentials>(clients, &Listener::Fetch, listeners_.back().get());
}

std::shared_ptr<grpc::ServerCredentials> ServerIdentity::ServerOnly() {
  return Credentials(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
}

std::shared_ptr<grpc::ServerCredentials> ServerIdentity::MutualTls() {
  return Credentials(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
}

}  // namespace sallyport
