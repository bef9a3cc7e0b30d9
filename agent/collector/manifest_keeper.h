// SPDX-License-Identifier: Apache-2.0
// ManifestKeeper: decides whether a manifest is the service's, and not an older one.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sallyport/v1/evidence.pb.h"

namespace sallyport {

struct TrustedManifest {
  v1::Manifest manifest;
  std::string digest;  // SHA-256 of the payload
};

class ManifestKeeper {
 public:
  // `key_file`: SubjectPublicKeyInfo, DER; read anew for each manifest, because the laptop may be
  // enrolled later than the collector starts. `state_file` remembers the highest version that was
  // taken, and of which key.
  ManifestKeeper(std::string key_file, std::string state_file)
      : key_file_(std::move(key_file)), state_file_(std::move(state_file)) {}

  // kNotFound: there is no key yet. kBadSignature. kConflict: a lower version than one taken
  // before from the same key. kMalformed, kTooLarge: signed, but not a manifest.
  Result<TrustedManifest> Take(const v1::Envelope& envelope);

 private:
  Status CheckVersion(const std::string& key_id, uint64_t version) const;

  std::string key_file_;
  std::string state_file_;
};

}  // namespace sallyport
