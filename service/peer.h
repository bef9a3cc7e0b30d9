// SPDX-License-Identifier: Apache-2.0
// Peer: who is on the other end of a mutual TLS connection, by its leaf.
#pragma once

#include <grpcpp/security/auth_context.h>

#include "attestation/certificates.h"
#include "base/now.h"
#include "base/result.h"

namespace sallyport {

struct Peer {
  LeafName name;
  Millis leaf_until{0};  // boot, of the service's clock
};

// The TLS handshake has verified the chain; here by our CA alone and our clock. kBadSignature, or
// kDenied for a leaf of another trust domain.
Result<Peer> PeerOf(const grpc::AuthContext& auth, const CertificateAuthority& ca, Now now);

}  // namespace sallyport
