// SPDX-License-Identifier: Apache-2.0
#include "attestation/tls13.h"

#include <openssl/conf.h>
#include <openssl/crypto.h>

#include "attestation/openssl_ptr.h"

namespace sallyport {
namespace {

constexpr std::string_view kConfiguration =
    "openssl_conf = modules\n"
    "[modules]\n"
    "ssl_conf = contexts\n"
    "[contexts]\n"
    "system_default = tls13\n"
    "[tls13]\n"
    "MinProtocol = TLSv1.3\n"                          // for those who set none themselves
    "Protocol = -SSLv3, -TLSv1, -TLSv1.1, -TLSv1.2\n"  // stays when gRPC sets its minimum
    "NumTickets = 0\n";

using ConfPtr = std::unique_ptr<CONF, OpensslDelete<NCONF_free>>;

Status LoadConfiguration() {
  // The system's own first: loaded on first use otherwise, it would replace ours.
  if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr) != 1) {
    return Fail(Code::kInternal, "OpenSSL configuration: " + DrainOpensslErrors());
  }
  const ConfPtr configuration(NCONF_new(nullptr));
  const BioPtr bio(BIO_new_mem_buf(kConfiguration.data(), static_cast<int>(kConfiguration.size())));
  if (!configuration || !bio || NCONF_load_bio(configuration.get(), bio.get(), nullptr) != 1 ||
      CONF_modules_load(configuration.get(), nullptr, 0) != 1) {
    return Fail(Code::kInternal, "requiring TLS 1.3: " + DrainOpensslErrors());
  }
  return {};
}

}  // namespace

Status RequireTls13() {
  static const Status status = LoadConfiguration();
  return status;
}

}  // namespace sallyport
