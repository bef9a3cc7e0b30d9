// SPDX-License-Identifier: Apache-2.0
// DSSE: sign and verify bytes together with their type.
// https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
#pragma once

#include <string>
#include <string_view>

#include "attestation/keys.h"
#include "base/result.h"
#include "sallyport/v1/evidence.pb.h"

namespace sallyport {

inline constexpr std::string_view kEvidenceType = "application/vnd.sallyport.evidence.v1+protobuf";
inline constexpr std::string_view kManifestType = "application/vnd.sallyport.manifest.v1+protobuf";
inline constexpr std::string_view kRenewLeafType =
    "application/vnd.sallyport.renew-leaf.v1+protobuf";

// Pre-authentication encoding: "DSSEv1 <len type> <type> <len payload> <payload>".
std::string Pae(std::string_view type, std::string_view payload);

Result<v1::Envelope> SignEnvelope(const SigningKey& key, std::string_view type,
                                  std::string payload);

// Checks that the envelope has exactly one signature, of this key id, over this type, and that it
// verifies. kBadSignature otherwise, naming what differs. Only after that may the payload be
// parsed.
Status VerifyEnvelope(const PublicKey& key, std::string_view type, const v1::Envelope& envelope);

}  // namespace sallyport
