// SPDX-License-Identifier: Apache-2.0
#include "attestation/dsse.h"

#include "base/text.h"

namespace sallyport {

std::string Pae(std::string_view type, std::string_view payload) {
  const std::string type_length = std::to_string(type.size());
  const std::string payload_length = std::to_string(payload.size());
  std::string out;
  out.reserve(payload.size() + type.size() + type_length.size() + payload_length.size() + 10);
  out.append("DSSEv1 ").append(type_length).append(" ").append(type);
  out.append(" ").append(payload_length).append(" ").append(payload);
  return out;
}

Result<v1::Envelope> SignEnvelope(const SigningKey& key, std::string_view type,
                                  std::string payload) {
  auto signature = key.Sign(Pae(type, payload));
  if (!signature) return tl::unexpected(signature.error());
  v1::Envelope envelope;
  envelope.set_payload(std::move(payload));
  envelope.set_payload_type(std::string(type));
  v1::Envelope::Signature* entry = envelope.add_signatures();
  entry->set_sig(*std::move(signature));
  entry->set_keyid(key.public_key().key_id());
  return envelope;
}

Status VerifyEnvelope(const PublicKey& key, std::string_view type, const v1::Envelope& envelope) {
  if (envelope.signatures_size() != 1) {
    return Fail(Code::kBadSignature,
                "envelope: " + std::to_string(envelope.signatures_size()) + " signatures, not one");
  }
  if (envelope.payload_type() != type) {
    return Fail(Code::kBadSignature, "envelope: payload type \"" +
                                         Excerpt(envelope.payload_type()) + "\", not \"" +
                                         std::string(type) + "\"");
  }
  const v1::Envelope::Signature& signature = envelope.signatures(0);
  if (signature.keyid() != key.key_id()) {
    return Fail(Code::kBadSignature,
                "envelope: key id \"" + Excerpt(signature.keyid()) + "\", not " + key.key_id());
  }
  return key.Verify(Pae(type, envelope.payload()), signature.sig());
}

}  // namespace sallyport
