// SPDX-License-Identifier: Apache-2.0
#include "service/manifest.h"

#include "attestation/dsse.h"
#include "base/text.h"
#include "collectors/tables.h"

namespace sallyport {

v1::Manifest MakeManifest(const Ruleset& ruleset, uint64_t version) {
  v1::Manifest manifest;
  manifest.set_version(version);
  manifest.set_policy_set(ruleset.policies().id);
  for (const TableRead& read : ruleset.reads()) {
    if (read.table == kCollectorStatus.name) continue;
    v1::TableRequest* request = manifest.add_tables();
    request->set_table(read.table);
    request->set_max_age_ms(static_cast<uint64_t>(read.max_age.count()));
  }
  return manifest;
}

Result<std::shared_ptr<const Rules>> IssueManifest(std::shared_ptr<Ruleset> ruleset,
                                                   const SigningKey& key, Store& store) {
  const auto stored_version = store.Setting("manifest_version");
  if (!stored_version) return tl::unexpected(stored_version.error());
  const auto stored_content = store.Setting("manifest_content");
  if (!stored_content) return tl::unexpected(stored_content.error());

  uint64_t version = static_cast<uint64_t>(ParseInt(stored_version->value_or("0")).value_or(0));
  const std::string content = MakeManifest(*ruleset, 0).SerializeAsString();
  if (version == 0 || content != *stored_content) {
    ++version;
    // The version first: a crash in between skips a number instead of using one twice.
    if (Status s = store.SetSetting("manifest_version", std::to_string(version)); !s) {
      return tl::unexpected(s.error());
    }
    if (Status s = store.SetSetting("manifest_content", content); !s) {
      return tl::unexpected(s.error());
    }
  }
  Result<v1::Envelope> envelope =
      SignEnvelope(key, kManifestType, MakeManifest(*ruleset, version).SerializeAsString());
  if (!envelope) return tl::unexpected(envelope.error());
  auto rules = std::make_shared<Rules>();
  rules->set = std::move(ruleset);
  rules->manifest = std::make_shared<const v1::Envelope>(*std::move(envelope));
  rules->manifest_version = version;
  return rules;
}

}  // namespace sallyport
