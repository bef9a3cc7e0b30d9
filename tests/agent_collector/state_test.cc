// SPDX-License-Identifier: Apache-2.0
// What the collector keeps in its folder: the progress marker and the manifest's version.
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/collector/manifest_keeper.h"
#include "agent/collector/progress_marker.h"
#include "attestation/dsse.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

Now At(int64_t seconds) { return {Millis(seconds * 1000), Millis(0)}; }

ProgressMarker Open(const TempFolder& folder, int64_t seconds, const std::string& boot = "boot-1") {
  return ProgressMarker::Open(folder.path(), boot, At(seconds)).value();
}

TEST(ProgressMarker, IsThereWhileATableIsRead) {
  const TempFolder folder;
  ProgressMarker marker = Open(folder, 0);
  EXPECT_EQ(marker.killed_in(), "");
  ASSERT_TRUE(marker.Begin("disk_volumes"));
  EXPECT_EQ(folder.Read("collector.progress"), "disk_volumes\nboot-1\n");
  marker.End("disk_volumes");
  EXPECT_FALSE(std::filesystem::exists(folder / "collector.progress"));
}

TEST(ProgressMarker, AKilledTableIsHeldForAMinuteThenTwiceAsLongUpToAnHour) {
  const TempFolder folder;
  const int waits_s[] = {60, 120, 240, 480, 960, 1920, 3600, 3600};
  for (const int wait : waits_s) {
    folder.Write("collector.progress", "edr_products\nboot-1\n");
    const ProgressMarker marker = Open(folder, 1000);
    EXPECT_EQ(marker.killed_in(), "edr_products");
    EXPECT_EQ(marker.HeldUntil("edr_products"), Millis((1000 + wait) * 1000));
    EXPECT_EQ(marker.HeldUntil("os_version"), Millis(0));
    EXPECT_FALSE(std::filesystem::exists(folder / "collector.progress"));
  }
}

TEST(ProgressMarker, ATableThatWasReadAgainIsForgiven) {
  const TempFolder folder;
  folder.Write("collector.progress", "edr_products\nboot-1\n");
  ProgressMarker marker = Open(folder, 1000);
  ASSERT_TRUE(marker.Begin("edr_products"));
  marker.End("edr_products");
  EXPECT_EQ(marker.HeldUntil("edr_products"), Millis(0));
  EXPECT_EQ(Open(folder, 2000).HeldUntil("edr_products"), Millis(0));
}

TEST(ProgressMarker, AMarkerOfAnotherBootIsThePowerCutsNotTheTables) {
  const TempFolder folder;
  folder.Write("collector.progress", "edr_products\nboot-1\n");
  EXPECT_EQ(Open(folder, 1000, "boot-2").killed_in(), "");
}

TEST(ProgressMarker, AListOfKillsThatDoesNotParseIsAnError) {
  const TempFolder folder;
  folder.Write("collector.killed", "often edr_products\n");
  EXPECT_EQ(ProgressMarker::Open(folder.path(), "boot-1", At(0)).error(),
            (Error{Code::kMalformed, folder.path() + "/collector.killed: often edr_products"}));
}

v1::Manifest Manifest(uint64_t version) {
  v1::Manifest manifest;
  manifest.set_version(version);
  manifest.add_tables()->set_table("os_version");
  return manifest;
}

class ManifestKeeperTest : public testing::Test {
 protected:
  ManifestKeeperTest() { folder_.Write("service.spki", key_.public_key().spki()); }
  Result<TrustedManifest> Take(const v1::Manifest& manifest, const SigningKey& key) {
    return keeper_.Take(SignEnvelope(key, kManifestType, manifest.SerializeAsString()).value());
  }
  TempFolder folder_;
  SigningKey key_ = SigningKey::Generate().value();
  ManifestKeeper keeper_{folder_ / "service.spki", folder_ / "manifest.version"};
};

TEST_F(ManifestKeeperTest, TheServicesManifestIsTaken) {
  const auto taken = Take(Manifest(3), key_);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->manifest.tables(0).table(), "os_version");
  EXPECT_EQ(taken->digest, Sha256(Manifest(3).SerializeAsString()));
}

TEST_F(ManifestKeeperTest, AnotherKeysManifestIsRefused) {
  EXPECT_EQ(Take(Manifest(3), SigningKey::Generate().value()).error().code, Code::kBadSignature);
}

TEST_F(ManifestKeeperTest, AManifestWithOneByteFlippedIsRefused) {
  v1::Envelope envelope =
      SignEnvelope(key_, kManifestType, Manifest(3).SerializeAsString()).value();
  envelope.mutable_payload()->back() = static_cast<char>(envelope.payload().back() ^ 1);
  EXPECT_EQ(keeper_.Take(envelope).error().code, Code::kBadSignature);
}

TEST_F(ManifestKeeperTest, SignedEvidenceIsNoManifest) {
  const auto envelope = SignEnvelope(key_, kEvidenceType, Manifest(3).SerializeAsString()).value();
  EXPECT_EQ(keeper_.Take(envelope).error().code, Code::kBadSignature);
}

TEST_F(ManifestKeeperTest, AnOlderVersionIsRefusedAlsoAfterARestart) {
  ASSERT_TRUE(Take(Manifest(3), key_));
  EXPECT_EQ(Take(Manifest(2), key_).error(),
            (Error{Code::kConflict,
                   "manifest: version 2 is older than version 3, which was taken before"}));
  keeper_ = ManifestKeeper(folder_ / "service.spki", folder_ / "manifest.version");
  EXPECT_EQ(Take(Manifest(2), key_).error().code, Code::kConflict);
  EXPECT_TRUE(Take(Manifest(3), key_).has_value());
}

TEST_F(ManifestKeeperTest, AnotherServiceBeginsItsOwnCount) {
  ASSERT_TRUE(Take(Manifest(30), key_));
  const SigningKey other = SigningKey::Generate().value();
  folder_.Write("service.spki", other.public_key().spki());
  EXPECT_TRUE(Take(Manifest(1), other).has_value());
}

TEST_F(ManifestKeeperTest, WithoutAKeyNothingIsTaken) {
  std::filesystem::remove(folder_ / "service.spki");
  EXPECT_EQ(Take(Manifest(3), key_).error().code, Code::kNotFound);
}

TEST_F(ManifestKeeperTest, WhatIsSignedButNoManifestOfOursIsRefused) {
  EXPECT_EQ(keeper_.Take(SignEnvelope(key_, kManifestType, "\xff\xff").value()).error().code,
            Code::kMalformed);
  v1::Manifest twice = Manifest(3);
  twice.add_tables()->set_table("os_version");
  EXPECT_EQ(Take(twice, key_).error(),
            (Error{Code::kMalformed, "manifest: table os_version is asked for twice"}));
  v1::Manifest nameless = Manifest(3);
  nameless.add_tables();
  EXPECT_EQ(Take(nameless, key_).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
