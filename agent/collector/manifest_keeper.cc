// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/manifest_keeper.h"

#include <algorithm>
#include <functional>
#include <set>

#include "attestation/dsse.h"
#include "attestation/durable_file.h"
#include "attestation/evidence.h"
#include "base/text.h"

namespace sallyport {
namespace {

// A manifest that names no columns asks for all: what is named beside that would be passed over.
Status CheckColumns(const v1::Manifest& manifest, const v1::TableRequest& request) {
  const auto& columns = request.columns();
  const std::string table = "manifest: table " + Excerpt(request.table());
  if (columns.size() > kMaxColumns) return Fail(Code::kTooLarge, table + ": too many columns");
  if (!manifest.names_columns() && !columns.empty()) {
    return Fail(Code::kMalformed, table + ": columns in a manifest that names none");
  }
  const bool in_order =
      std::ranges::adjacent_find(columns, std::greater_equal<>()) == columns.end();
  if (!in_order || (!columns.empty() && columns[0].empty())) {
    return Fail(Code::kMalformed, table + ": columns out of order, twice or without name");
  }
  return {};
}

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
    if (const Status columns = CheckColumns(manifest, request); !columns) return columns;
    v1::TableRequest identity;
    identity.set_table(request.table());
    *identity.mutable_keys() = request.keys();
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
