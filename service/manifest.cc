// SPDX-License-Identifier: Apache-2.0
#include "service/manifest.h"

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "base/hex.h"
#include "base/text.h"

namespace sallyport {

namespace {

constexpr Os kSystems[] = {Os::kLinux, Os::kMacos, Os::kWindows};

// Of all systems, without a version.
std::string ContentOf(const Ruleset& ruleset) {
  std::string content;
  for (const Os os : kSystems) {
    const std::string one = MakeManifest(ruleset, os, 0).SerializeAsString();
    content += std::string(OsName(os)) + " " + std::to_string(one.size()) + "\n" + one;
  }
  return ToHex(Sha256(content));
}

}  // namespace

v1::Manifest MakeManifest(const Ruleset& ruleset, Os os, uint64_t version) {
  v1::Manifest manifest;
  manifest.set_version(version);
  manifest.set_policy_set(ruleset.policies().id);
  manifest.set_names_columns(true);
  for (const TableRead& read : ruleset.reads().tables) {
    if (!read.systems.contains(os)) continue;
    v1::TableRequest* request = manifest.add_tables();
    request->set_table(read.table);
    for (const Key& key : read.keys) ToProto(key, request->add_keys());
    request->set_max_age_ms(static_cast<uint64_t>(read.max_age.count()));
    request->mutable_columns()->Add(read.columns.begin(), read.columns.end());
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
  const std::string content = ContentOf(*ruleset);
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
  auto rules = std::make_shared<Rules>();
  for (const Os os : kSystems) {
    const v1::Manifest manifest = MakeManifest(*ruleset, os, version);
    Result<v1::Envelope> envelope = SignEnvelope(key, kManifestType, manifest.SerializeAsString());
    if (!envelope) return tl::unexpected(envelope.error());
    rules->manifests[os] = std::make_shared<const v1::Envelope>(*std::move(envelope));
  }
  rules->set = std::move(ruleset);
  rules->manifest_version = version;
  return rules;
}

}  // namespace sallyport
