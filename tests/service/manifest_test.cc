// SPDX-License-Identifier: Apache-2.0
// What devices are told to collect, out of the policies in force.
#include "service/manifest.h"

#include <gtest/gtest.h>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "base/text.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

constexpr char kYaml[] = R"(
- name: passwd
  platform: linux,darwin
  query: SELECT 1 FROM file WHERE path = '/etc/passwd' AND mode = '0644';
  sallyport: {mode: block, max_age: 10m}
- name: hosts
  platform: linux
  query: SELECT 1 FROM file WHERE path IN ('/etc/hosts', '/etc/passwd');
- name: uac
  platform: windows
  query: SELECT 1 FROM registry WHERE path = 'HKEY_LOCAL_MACHINE\SOFTWARE\A\x' AND data = '1';
- name: version
  query: SELECT 1 FROM os_version WHERE major > 11 AND EXISTS (SELECT 1 FROM collector_status);
)";

// "table key age_ms (columns); ...", in order.
std::string Shown(const v1::Manifest& manifest) {
  std::vector<std::string> out;
  for (const v1::TableRequest& request : manifest.tables()) {
    std::string one = request.table();
    for (const Key& key : FromProto(request.keys())) one += " " + ToText(key);
    one += " " + std::to_string(request.max_age_ms());
    out.push_back(
        one + " (" +
        Join(std::vector<std::string>(request.columns().begin(), request.columns().end()), " ") +
        ")");
  }
  return Join(out, "; ");
}

TEST(Manifest, EachSystemIsAskedForTheKeysAndColumnsOfItsPoliciesAndForNoOthers) {
  const auto ruleset = Ruleset::Compile(kYaml, "a.yml", 1).value();
  EXPECT_EQ(Shown(MakeManifest(*ruleset, Os::kLinux, 1)),
            "file path=/etc/hosts 900000 (path); file path=/etc/passwd 600000 (mode path); "
            "os_version 900000 (major)");
  EXPECT_EQ(Shown(MakeManifest(*ruleset, Os::kMacos, 1)),
            "file path=/etc/passwd 600000 (mode path); os_version 900000 (major)");
  EXPECT_EQ(Shown(MakeManifest(*ruleset, Os::kWindows, 1)),
            "os_version 900000 (major); registry path=HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\x 900000 "
            "(data path)");
  EXPECT_TRUE(MakeManifest(*ruleset, Os::kLinux, 1).names_columns());
}

TEST(Manifest, MorePathsThanALaptopTakesAreRefusedBeforeTheyAreInForce) {
  std::string yaml;
  for (int list = 0; list < 17; ++list) {
    yaml +=
        "- name: p" + std::to_string(list) + "\n  platform: darwin\n  query: SELECT 1 FROM file ";
    yaml += "WHERE path IN (";
    for (int i = 0; i < 250; ++i) {
      yaml += (i == 0 ? "'/etc/" : ", '/etc/") + std::to_string(list * 250 + i) + "'";
    }
    yaml += ")\n";
  }
  EXPECT_EQ(Ruleset::Compile(yaml, "a.yml", 1).error(),
            (Error{Code::kTooLarge,
                   "a.yml: they ask darwin for 4250 tables and keys, at most 4096 "
                   "can be asked for"}));
}

TEST(Manifest, AChangeOfTheColumnsThatOneSystemReadsIsANewVersion) {
  const TempFolder folder;
  const auto store = Store::Open(folder.path() + "/s.db").value();
  const SigningKey key = SigningKey::Generate().value();
  const auto version = [&](const std::string& column) {
    const std::string yaml = "- name: x\n  platform: darwin\n  query: SELECT " + column +
                             " FROM os_version WHERE major > 11;\n";
    auto ruleset = Ruleset::Compile(yaml, "a.yml", 1).value();
    return IssueManifest(std::move(ruleset), key, *store).value()->manifest_version;
  };
  EXPECT_EQ(version("major"), 1u);
  EXPECT_EQ(version("build"), 2u);
}

TEST(Manifest, AllSystemsHaveOneVersionThatGrowsWithAnyChange) {
  const TempFolder folder;
  const auto store = Store::Open(folder.path() + "/s.db").value();
  const SigningKey key = SigningKey::Generate().value();
  const auto issue = [&](const std::string& yaml) {
    return IssueManifest(Ruleset::Compile(yaml, "a.yml", 1).value(), key, *store).value();
  };
  const auto first = issue(kYaml);
  EXPECT_EQ(first->manifest_version, 1u);
  EXPECT_EQ(issue(kYaml)->manifest_version, 1u);
  const auto second = issue(
      std::string(kYaml) + "- name: x\n  platform: windows\n  query: SELECT 1 FROM kernel_info;\n");
  EXPECT_EQ(second->manifest_version, 2u);
  for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
    const v1::Envelope& envelope = *second->manifests.at(os);
    EXPECT_TRUE(VerifyEnvelope(key.public_key(), kManifestType, envelope));
    v1::Manifest manifest;
    ASSERT_TRUE(manifest.ParseFromString(envelope.payload()));
    EXPECT_EQ(manifest.version(), 2u);
  }
}

}  // namespace
}  // namespace sallyport
