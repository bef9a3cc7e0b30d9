// SPDX-License-Identifier: Apache-2.0
// What the collector keeps in files: the progress marker and the manifest's version.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "agent/collector/manifest_keeper.h"
#include "agent/collector/progress_marker.h"
#include "attestation/dsse.h"
#include "base/text.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

Now At(int64_t seconds) { return {Millis(seconds * 1000), Millis(0)}; }

ProgressMarker::Files In(const TempFolder& folder) {
  return {.progress = folder / "collector.progress", .killed = folder / "collector.killed"};
}
ProgressMarker Open(const TempFolder& folder, int64_t seconds, const std::string& boot = "boot-1") {
  return ProgressMarker::Open(In(folder), boot, At(seconds)).value();
}
int64_t MonotonicMs() {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

TEST(ProgressMarker, SaysWhatIsReadAndSinceWhenAndThenNothing) {
  const TempFolder folder;
  ProgressMarker marker = Open(folder, 0);
  EXPECT_EQ(marker.killed_in(), "");
  EXPECT_EQ(folder.Read("collector.progress"), "");
  for (const std::string name : {"disk_volumes", "a"}) {  // the shorter one over the longer one
    const int64_t before = MonotonicMs();
    ASSERT_TRUE(marker.Begin(name));
    const std::string text = folder.Read("collector.progress");
    const auto lines = Lines(text);
    ASSERT_GE(lines.size(), 3u) << text;
    EXPECT_EQ(lines[0], name);
    EXPECT_EQ(lines[1], "boot-1");
    EXPECT_GE(ParseInt(lines[2]).value_or(0), before);
    EXPECT_LE(ParseInt(lines[2]).value_or(0), MonotonicMs());
    marker.End(name);
    EXPECT_TRUE(folder.Read("collector.progress").starts_with("\n"));
  }
  EXPECT_EQ(Open(folder, 1).killed_in(), "");
}

TEST(ProgressMarker, WhatWasBegunAndNeverEndedIsFoundByTheNextRun) {
  const TempFolder folder;
  ASSERT_TRUE(Open(folder, 0).Begin("edr_products/probe"));
  EXPECT_EQ(Open(folder, 1).killed_in(), "edr_products/probe");
}

TEST(ProgressMarker, WhatWasKilledIsHeldForAMinuteThenTwiceAsLongUpToAnHour) {
  const TempFolder folder;
  const int waits_s[] = {60, 120, 240, 480, 960, 1920, 3600, 3600};
  for (const int wait : waits_s) {
    folder.Write("collector.progress", "edr_products\nboot-1\n5\n");
    const ProgressMarker marker = Open(folder, 1000);
    EXPECT_EQ(marker.killed_in(), "edr_products");
    EXPECT_EQ(marker.HeldUntil("edr_products"), Millis((1000 + wait) * 1000));
    EXPECT_EQ(marker.HeldUntil("os_version"), Millis(0));
    EXPECT_EQ(folder.Read("collector.progress"), "");
  }
}

TEST(ProgressMarker, WhatWasSurvivedIsForgiven) {
  const TempFolder folder;
  folder.Write("collector.progress", "edr_products\nboot-1\n5\n");
  ProgressMarker marker = Open(folder, 1000);
  ASSERT_TRUE(marker.Begin("edr_products"));
  marker.End("edr_products");
  EXPECT_EQ(marker.HeldUntil("edr_products"), Millis(0));
  EXPECT_EQ(Open(folder, 2000).HeldUntil("edr_products"), Millis(0));
}

TEST(ProgressMarker, AMarkerOfAnotherBootIsThePowerCutsNotTheTables) {
  const TempFolder folder;
  folder.Write("collector.progress", "edr_products\nboot-1\n5\n");
  EXPECT_EQ(Open(folder, 1000, "boot-2").killed_in(), "");
}

TEST(ProgressMarker, AMarkerThatSomebodyElsePutThereIsNeitherBelievedNorWrittenTo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to make another user's file";
  const TempFolder folder;
  folder.Write("collector.progress", "edr_products\nboot-1\n5\n");
  ASSERT_EQ(chown((folder / "collector.progress").c_str(), 65534, 65534), 0);
  EXPECT_EQ(Open(folder, 1000).killed_in(), "");
  struct stat status {};
  ASSERT_EQ(stat((folder / "collector.progress").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0u);

  folder.Write("victim", "x");
  std::filesystem::remove(folder / "collector.progress");
  std::filesystem::create_symlink("victim", folder / "collector.progress");
  ASSERT_TRUE(Open(folder, 1000).Begin("a"));
  EXPECT_EQ(folder.Read("victim"), "x");
}

TEST(ProgressMarker, AListOfKillsThatDoesNotParseIsAnError) {
  const TempFolder folder;
  folder.Write("collector.killed", "often edr_products\n");
  EXPECT_EQ(ProgressMarker::Open(In(folder), "boot-1", At(0)).error(),
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

TEST_F(ManifestKeeperTest, ColumnsAreNamedInOrderAndOnceAndOnlyWhereTheManifestNamesThem) {
  const auto with = [](bool names_columns, std::vector<std::string> columns) {
    v1::Manifest manifest = Manifest(3);
    manifest.set_names_columns(names_columns);
    manifest.mutable_tables(0)->mutable_columns()->Add(columns.begin(), columns.end());
    return manifest;
  };
  EXPECT_TRUE(Take(with(true, {"arch", "name"}), key_));
  EXPECT_TRUE(Take(with(true, {}), key_));
  EXPECT_EQ(Take(with(false, {"name"}), key_).error(),
            (Error{Code::kMalformed,
                   "manifest: table os_version: columns in a manifest that names none"}));
  const Error order{Code::kMalformed,
                    "manifest: table os_version: columns out of order, twice or without name"};
  EXPECT_EQ(Take(with(true, {"name", "arch"}), key_).error(), order);
  EXPECT_EQ(Take(with(true, {"name", "name"}), key_).error(), order);
  EXPECT_EQ(Take(with(true, {""}), key_).error(), order);
  v1::Manifest twice = with(true, {"arch"});
  *twice.add_tables() = twice.tables(0);
  twice.mutable_tables(1)->set_columns(0, "name");
  EXPECT_EQ(Take(twice, key_).error(),
            (Error{Code::kMalformed, "manifest: table os_version is asked for twice"}));
}

}  // namespace
}  // namespace sallyport
