// SPDX-License-Identifier: Apache-2.0
// Bytes of a stranger as an envelope: nothing but what the key signed verifies, nothing crashes.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"

namespace {

// The right key id, so that mutations get as far as the signature.
const sallyport::PublicKey& DeviceKey() {
  static const sallyport::PublicKey key = [] {
    google::protobuf::SetLogHandler(nullptr);
    return sallyport::SigningKey::Generate()->public_key();
  }();
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sallyport;  // NOLINT: the entry point has to be outside
  const PublicKey& key = DeviceKey();
  v1::Envelope envelope;
  if (!envelope.ParseFromArray(data, static_cast<int>(size))) return 0;
  if (VerifyEnvelope(key, kEvidenceType, envelope)) std::abort();
  if (envelope.signatures_size() != 1) return 0;
  envelope.mutable_signatures(0)->set_keyid(key.key_id());
  envelope.set_payload_type(std::string(kEvidenceType));
  if (VerifyEnvelope(key, kEvidenceType, envelope)) std::abort();
  return 0;
}
