// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <utility>

#include "attestation/evidence.h"
#include "attestation/keys.h"
#include "base/hex.h"
#include "tests/attestation/temporary_folder.h"

namespace sallyport {
namespace {

class EvidenceChainTest : public ::testing::Test {
 protected:
  EvidenceChain Open() const { return EvidenceChain::Open(path_).value(); }
  TemporaryFolder folder_;
  std::string path_ = folder_.File("chain");
};

TEST_F(EvidenceChainTest, AFirstStartIsEpochOneAndSequencesCountUpFromOne) {
  EvidenceChain chain = Open();
  const auto first = chain.Next().value();
  EXPECT_EQ(first.epoch, 1u);
  EXPECT_EQ(first.sequence, 1u);
  EXPECT_EQ(first.previous_digest, "");
  chain.Sent("payload one");
  const auto second = chain.Next().value();
  EXPECT_EQ(second.sequence, 2u);
  EXPECT_EQ(second.previous_digest, Sha256("payload one"));
  EXPECT_EQ(chain.last_digest(), Sha256("payload one"));
}

TEST_F(EvidenceChainTest, EachStartBeginsANewEpochWithoutPredecessor) {
  EvidenceChain before = Open();
  ASSERT_TRUE(before.Next());
  before.Sent("payload");
  const auto after = Open().Next().value();
  EXPECT_EQ(after.epoch, 2u);
  EXPECT_EQ(after.sequence, 1u);
  EXPECT_EQ(after.previous_digest, "");
}

TEST_F(EvidenceChainTest, NoPositionIsGivenTwiceWhicheverStateFileACrashLeaves) {
  std::set<std::pair<uint64_t, uint64_t>> given;
  for (int start = 0; start < 6; ++start) {
    EvidenceChain chain = Open();
    // What a power cut leaves: the file as it was right after the start.
    const std::string at_crash = folder_.Read("chain");
    for (int i = 0; i < 2500; ++i) {
      const auto position = chain.Next().value();
      ASSERT_TRUE(given.emplace(position.epoch, position.sequence).second)
          << position.epoch << "/" << position.sequence;
    }
    if (start % 2 == 0) folder_.Put("chain", at_crash);
  }
  EXPECT_EQ(given.size(), 15000u);
}

TEST_F(EvidenceChainTest, TheFileIsWrittenOncePerThousandSequences) {
  EvidenceChain chain = Open();
  const std::string at_start = folder_.Read("chain");
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(chain.Next());
  EXPECT_EQ(folder_.Read("chain"), at_start);
  ASSERT_TRUE(chain.Next());
  EXPECT_THAT(folder_.Read("chain"), ::testing::StartsWith("sallyport-chain v1 1 2000 "));
}

TEST_F(EvidenceChainTest, NoSequenceIsGivenWhenItsReservationCannotBeWritten) {
  EvidenceChain chain = Open();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(chain.Next());
  std::filesystem::rename(folder_.path(), folder_.path() + ".gone");
  EXPECT_EQ(chain.Next().error().code, Code::kNotFound);
  std::filesystem::rename(folder_.path() + ".gone", folder_.path());
  EXPECT_EQ(chain.Next()->sequence, 1001u);
}

TEST_F(EvidenceChainTest, ANewEpochIsAboveItsOwnAndAboveTheOneThatTheServiceHolds) {
  EvidenceChain chain = Open();
  ASSERT_TRUE(chain.Next());
  chain.Sent("payload");
  ASSERT_TRUE(chain.NewEpoch());
  EXPECT_EQ(chain.Next()->epoch, 2u);
  EXPECT_EQ(chain.last_digest(), "");
  ASSERT_TRUE(chain.NewEpoch(40));
  EXPECT_EQ(chain.Next()->epoch, 41u);
  EXPECT_EQ(Open().Next()->epoch, 42u);
  EXPECT_EQ(chain.NewEpoch(UINT64_MAX).error().code, Code::kInvalidArgument);
}

TEST_F(EvidenceChainTest, AFileThatDoesNotParseIsRefusedAndLeftAsItIs) {
  Open();
  const std::string good = folder_.Read("chain");
  std::string edited = good;
  edited[std::string("sallyport-chain v1 ").size()] = '7';
  for (const std::string& bad :
       {std::string(), std::string("\n"), good.substr(0, good.size() - 1), good + "x", edited,
        std::string("sallyport-chain v2 1 1000 00\n"), std::string(100, '\0'),
        std::string("sallyport-chain v1 -1 1000 00\n")}) {
    folder_.Put("chain", bad);
    EXPECT_EQ(EvidenceChain::Open(path_).error().code, Code::kMalformed) << bad;
    EXPECT_EQ(folder_.Read("chain"), bad);
  }
  folder_.Put("chain", good);
  EXPECT_TRUE(EvidenceChain::Open(path_));
}

TEST_F(EvidenceChainTest, AFolderThatIsNotThereIsAnErrorNotAFreshChain) {
  EXPECT_EQ(EvidenceChain::Open(folder_.File("missing/chain")).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sallyport
