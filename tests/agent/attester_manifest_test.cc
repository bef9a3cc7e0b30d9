// SPDX-License-Identifier: Apache-2.0
// Which manifests the attester follows, and from when on.
#include <gmock/gmock.h>

#include "tests/agent/attester_rig.h"

namespace sallyport {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(AttesterManifest, ForeignManifestIsRefusedAndTheOldOneKept) {
  AttesterRig rig;
  rig.FirstAccepted();
  AttesterRig stranger;
  v1::ServiceMessage push;
  *push.mutable_manifest() = stranger.Manifest(9, {"secrets"});
  const Actions actions = rig.attester->OnService(push, rig.now);
  EXPECT_TRUE(rig.Has<action::Warn>(actions));
  EXPECT_FALSE(rig.Has<action::GiveManifest>(actions));
  EXPECT_EQ(rig.attester->Hello().hello().manifest_version(), 1u);
}

TEST(AttesterManifest, OlderManifestIsRefused) {
  AttesterRig rig;
  rig.attester->OnKeptManifest(rig.Manifest(5, {"edr"}), rig.now);
  v1::ServiceMessage push;
  *push.mutable_manifest() = rig.Manifest(4, {"os"});
  EXPECT_TRUE(rig.Has<action::Warn>(rig.attester->OnService(push, rig.now)));
  EXPECT_EQ(rig.attester->Hello().hello().manifest_version(), 5u);
}

TEST(AttesterManifest, NewManifestIsCollectedBeforeItIsReported) {
  AttesterRig rig;
  rig.FirstAccepted();
  v1::ServiceMessage push;
  *push.mutable_manifest() = rig.Manifest(2, {"edr", "os"});
  const Actions pushed = rig.attester->OnService(push, rig.now);
  EXPECT_TRUE(rig.Has<action::GiveManifest>(pushed));
  EXPECT_THAT(rig.Evidences(pushed), IsEmpty());
  const auto sent =
      rig.Evidences(rig.attester->OnCollected(rig.Tables({{"os", "12"}}, rig.now.boot), rig.now));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].evidence.manifest_digest(), Sha256(push.manifest().payload()));
}

TEST(AttesterManifest, KeptManifestLetsCollectingOverlapConnecting) {
  AttesterRig rig;
  const v1::Envelope manifest = rig.Manifest(1, {"edr"});
  rig.attester->OnKeptManifest(manifest, rig.now);
  EXPECT_TRUE(rig.Has<action::GiveManifest>(rig.attester->OnCollectorOpen(rig.now)));
  rig.attester->OnCollected(rig.Tables({{"edr", "on"}}, rig.now.boot), rig.now);
  EXPECT_THAT(rig.Evidences(rig.attester->OnService(rig.Hello(manifest), rig.now)), SizeIs(1));
}

}  // namespace
}  // namespace sallyport
