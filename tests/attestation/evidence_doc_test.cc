// SPDX-License-Identifier: Apache-2.0
// docs/formats/evidence.md, done as it says: its commands are taken from its fenced blocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "attestation/verifier.h"
#include "base/hex.h"
#include "tests/attestation/shell.h"

namespace sallyport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Document() {
  std::ifstream in(SALLYPORT_SOURCE_DIR "/docs/formats/evidence.md");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The content of the block that begins with "```sh <name>".
std::string Block(const std::string& name) {
  const std::string text = Document();
  const std::string fence = "```sh " + name + "\n";
  const size_t begin = text.find(fence);
  EXPECT_NE(begin, std::string::npos) << name;
  if (begin == std::string::npos) return "exit 1";
  const size_t end = text.find("\n```", begin + fence.size());
  return text.substr(begin + fence.size(), end + 1 - begin - fence.size());
}

class EvidenceDocument : public ::testing::Test {
 protected:
  EvidenceDocument() {
    v1::Evidence evidence;
    evidence.set_device_id("laptop-1");
    evidence.set_epoch(1);
    evidence.set_sequence(1);
    TableResult table;
    table.table = "edr_products";
    table.columns = {"name", "running"};
    table.rows = {{Cell("clamav"), Cell(1)}, {Cell("auditd"), Cell(Unknown{})}};
    ToProto(table, evidence.add_tables());
    table_digest_ = ToHex(TableDigest(table));
    envelope_ = SignEnvelope(key_, kEvidenceType, evidence.SerializeAsString()).value();
  }

  ShellOutput Verify(const v1::Envelope& envelope, const PublicKey& key) const {
    folder_.Put("envelope.bin", envelope.SerializeAsString());
    folder_.Put("device.spki", key.spki());
    return RunShell(folder_.path(), "set -o pipefail\n" + Block("verify"));
  }

  TemporaryFolder folder_;
  SigningKey key_ = SigningKey::Generate().value();
  v1::Envelope envelope_;
  std::string table_digest_;
};

TEST_F(EvidenceDocument, AStrangerVerifiesAnEnvelopeWithItsCommands) {
  const ShellOutput out = Verify(envelope_, key_.public_key());
  EXPECT_EQ(out.exit_code, 0);
  EXPECT_EQ(out.text, "type: application/vnd.sallyport.evidence.v1+protobuf\nVerified OK\n" +
                          ToHex(Sha256(envelope_.payload())) + "\n");
  EXPECT_EQ(folder_.Read("payload.bin"), envelope_.payload());
}

TEST_F(EvidenceDocument, ItsCommandsRefuseWhatWeRefuse) {
  v1::Envelope changed = envelope_;
  changed.mutable_payload()->back() = static_cast<char>(changed.payload().back() ^ 1);
  ShellOutput out = Verify(changed, key_.public_key());
  EXPECT_NE(out.exit_code, 0);
  EXPECT_THAT(out.text, HasSubstr("Verification failure"));

  changed = envelope_;
  changed.set_payload_type(std::string(kManifestType));
  EXPECT_NE(Verify(changed, key_.public_key()).exit_code, 0);

  changed = envelope_;
  *changed.add_signatures() = envelope_.signatures(0);
  EXPECT_NE(Verify(changed, key_.public_key()).exit_code, 0);

  out = Verify(envelope_, SigningKey::Generate()->public_key());
  EXPECT_NE(out.exit_code, 0);
  EXPECT_THAT(out.text, Not(HasSubstr("Verified OK")));
}

TEST_F(EvidenceDocument, ItsTableDigestIsOursAndTheOneThatItPrints) {
  EXPECT_EQ(RunShell(folder_.path(), Block("table-digest")).text, table_digest_ + "\n");
  EXPECT_THAT(Document(), HasSubstr("prints `" + table_digest_ + "`"));
}

TEST_F(EvidenceDocument, ItsBeatMacIsOursAndTheOneThatItPrints) {
  const std::string mac = ToHex(BeatMac(std::string(32, 'k'), 7, std::string(32, 'd')));
  EXPECT_EQ(RunShell(folder_.path(), Block("beat-mac")).text, mac + "\n");
  EXPECT_THAT(Document(), HasSubstr("prints `" + mac + "`"));
}

TEST_F(EvidenceDocument, ItNamesEveryRefusalAndEveryBound) {
  const std::string text = Document();
  for (const std::string_view word :
       {refusal::kMalformed, refusal::kTooLarge, refusal::kBadSignature, refusal::kWrongKey,
        refusal::kWrongDevice, refusal::kSpentNonce, refusal::kUnknownNonce, refusal::kExpiredNonce,
        refusal::kBackwards, refusal::kGap, refusal::kFork, refusal::kUnknownDevice}) {
    EXPECT_THAT(text, HasSubstr("`" + std::string(word) + "`"));
  }
  static_assert(kMaxEvidenceBytes == 1'048'576 && kMaxTables == 4'096 &&
                    kMaxRowsPerTable == 20'000 && kMaxColumns == 128 && kMaxKeysPerTable == 1'024 &&
                    kMaxNonceBytes == 64,
                "docs/formats/evidence.md, Bounds");
}

}  // namespace
}  // namespace sallyport
