// SPDX-License-Identifier: Apache-2.0
#include "service/peer.h"

#include <grpc/grpc_security_constants.h>

#include <string>

namespace sallyport {

Result<Peer> PeerOf(const grpc::AuthContext& auth, const CertificateAuthority& ca, Now now) {
  const auto pem = auth.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.empty()) return Fail(Code::kDenied, "client certificate: none");
  const Result<std::string> der =
      CertificateDer(std::string_view(pem.front().data(), pem.front().size()));
  if (!der) return Wrap(der.error(), "client certificate");
  const Result<CertificateInfo> info = ca.Verify(*der, now);
  if (!info) return Wrap(info.error(), "client certificate");
  Result<LeafName> name = LeafNameOf(*info);
  if (!name) return Wrap(name.error(), "client certificate");
  if (name->trust_domain != ca.trust_domain()) {
    return Fail(Code::kDenied, "client certificate: trust domain " + name->trust_domain);
  }
  return Peer{*std::move(name), now.boot + (info->not_after - now.wall)};
}

}  // namespace sallyport
