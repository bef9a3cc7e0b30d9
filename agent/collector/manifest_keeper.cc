// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/manifest_keeper.h"

#include <set>

#include "attestation/dsse.h"
#include "attestation/durable_file.h"
#include "attestation/evidence.h"
#include "base/text.h"

namespace sallyport {
namespace {

Status CheckShape(const v1::Manifest& manifest) {
  if (manifest.tables_size() > kMaxTables) {
    return Fail(Code::kTooLarge, "manifest: more than " + std::to_string(kMaxTables) + " tables");
  }
  std::set<std::string> seen;
  for (const v1::TableRequest& request : manifest.tables()) {
    if (request.table().empty()) return Fail(Code::kMalformed, "manifest: a table without a name");
    if (request.keys_size() > kMaxKeysPerTable) {
      return Fail(Code::kTooLarge, "manifest: too many keys of table " + request.table());
    }
    v1::TableRequest identity = request;
    identity.clear_max_age_ms();
    if (!seen.insert(identity.SerializeAsString()).second) {
      return Fail(Code::kMalformed, "manifest: table " + request.table() + " is asked for twice");
    }
  }
  return {};
}

}  // namespace

Status ManifestKeeper::CheckVersion(const std::string& key_id, uint64_t version) const {
  const auto held = ReadSmallFile(state_file_);
  if (!held && held.error().code == Code::kNotFound) return {};
  if (!held) return tl::unexpected(held.error());
  const auto fields = Fields(*held);  // key id, version
  const auto floor = fields.size() == 2 ? ParseInt(fields[1]) : std::nullopt;
  if (!floor || *floor < 0)
    return Fail(Code::kMalformed, state_file_ + ": not a key and a version");
  if (fields[0] != key_id || version >= static_cast<uint64_t>(*floor)) return {};
  return Fail(Code::kConflict, "manifest: version " + std::to_string(version) +
                                   " is older than version " + std::to_string(*floor) +
                                   ", which was taken before");
}

Result<TrustedManifest> ManifestKeeper::Take(const v1::Envelope& envelope) {
  const auto spki = ReadSmallFile(key_file_);
  if (!spki) return Wrap(spki.error(), "manifest: no key of the service");
  const auto key = PublicKey::FromSpki(*spki);
  if (!key) return Wrap(key.error(), key_file_);
  if (const Status ok = VerifyEnvelope(*key, kManifestType, envelope); !ok) {
    return Wrap(ok.error(), "manifest");
  }
  TrustedManifest trusted;
  if (!trusted.manifest.ParseFromString(envelope.payload())) {
    return Fail(Code::kMalformed, "manifest: the payload does not parse");
  }
  if (const Status ok = CheckShape(trusted.manifest); !ok) return tl::unexpected(ok.error());
  const uint64_t version = trusted.manifest.version();
  if (const Status ok = CheckVersion(key->key_id(), version); !ok) {
    return tl::unexpected(ok.error());
  }
  const std::string held = key->key_id() + " " + std::to_string(version) + "\n";
  if (ReadSmallFile(state_file_).value_or("") != held) {
    const Status saved = ReplaceSmallFile(state_file_, held, FileAccess::kOwner);
    if (!saved) return tl::unexpected(saved.error());
  }
  trusted.digest = Sha256(envelope.payload());
  return trusted;
}

}  // namespace sallyport
