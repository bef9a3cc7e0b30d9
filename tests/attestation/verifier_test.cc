// SPDX-License-Identifier: Apache-2.0
#include "attestation/verifier.h"

#include <gtest/gtest.h>

#include <set>

#include "attestation/keys.h"
#include "base/hex.h"

namespace sallyport {
namespace {

Now Boot(int64_t ms) { return {Millis(ms), Millis(0)}; }

Error Refusal(std::string_view word) { return {Code::kConflict, std::string(word)}; }

TEST(Nonces, FourAreOutAndEachSpentOneIsReplacedByOne) {
  NonceBook book;
  const auto first = book.TopUp(Boot(0));
  EXPECT_EQ(first.size(), 4u);
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), 4u);
  for (const std::string& nonce : first) EXPECT_EQ(nonce.size(), 32u);
  EXPECT_TRUE(book.TopUp(Boot(1)).empty());
  EXPECT_TRUE(book.Spend(first[2], Boot(2)));
  EXPECT_EQ(book.TopUp(Boot(3)).size(), 1u);
}

TEST(Nonces, EachIsGoodOnce) {
  NonceBook book;
  const auto nonces = book.TopUp(Boot(0));
  EXPECT_TRUE(book.Spend(nonces[0], Boot(1)));
  EXPECT_EQ(book.Spend(nonces[0], Boot(2)).error(), Refusal("spent_nonce"));
  EXPECT_TRUE(book.Spend(nonces[1], Boot(3)));
}

TEST(Nonces, ForeignEmptyAndOtherStreamsNoncesAreUnknown) {
  NonceBook book;
  NonceBook other;
  book.TopUp(Boot(0));
  EXPECT_EQ(book.Spend(other.TopUp(Boot(0))[0], Boot(1)).error(), Refusal("unknown_nonce"));
  EXPECT_EQ(book.Spend("", Boot(1)).error(), Refusal("unknown_nonce"));
}

TEST(Nonces, AfterTenMinutesTheyAreExpiredAndFourFreshOnesComeOut) {
  NonceBook book;
  const auto old = book.TopUp(Boot(0));
  EXPECT_TRUE(book.Spend(old[0], Boot(599'999)));
  EXPECT_EQ(book.Spend(old[1], Boot(600'000)).error(), Refusal("expired_nonce"));
  EXPECT_EQ(book.Spend(old[1], Boot(600'001)).error(), Refusal("expired_nonce"));
  const auto fresh = book.TopUp(Boot(600'000));
  EXPECT_EQ(fresh.size(), 4u);
  EXPECT_TRUE(book.Spend(fresh[0], Boot(600'001)));
}

TEST(Nonces, ThoseThatEndBeforeTheyAreNeededAreReplacedWhileTheyAreStillGood) {
  NonceBook book;
  const auto old = book.TopUp(Boot(0), Millis(120'000));
  EXPECT_TRUE(book.TopUp(Boot(479'999), Millis(120'000)).empty());
  EXPECT_EQ(book.TopUp(Boot(480'000), Millis(120'000)).size(), 4u);
  EXPECT_TRUE(book.Spend(old[0], Boot(599'999)));
}

TEST(Nonces, ABookThatNobodySpendsFromStaysSmall) {
  NonceBook book;
  const std::string oldest = book.TopUp(Boot(0))[0];
  for (int i = 1; i <= 100; ++i) book.TopUp(Boot(i * 600'000));
  // Long expired and forgotten: no longer told from one that never was.
  EXPECT_EQ(book.Spend(oldest, Boot(60'000'000)).error(), Refusal("unknown_nonce"));
}

// ---- chain ------------------------------------------------------------------------------------

std::string D(const char* name) { return Sha256(name); }

v1::Evidence At(uint64_t epoch, uint64_t sequence, const std::string& previous) {
  v1::Evidence evidence;
  evidence.set_epoch(epoch);
  evidence.set_sequence(sequence);
  evidence.set_previous_digest(previous);
  return evidence;
}

// Epoch 3, after an epoch 2: a -> b -> c. Newest first.
const std::vector<ChainPosition> kRecent = {
    {3, 9, D("c")}, {3, 8, D("b")}, {3, 7, D("a")}, {2, 50, D("tip of 2")}, {2, 49, D("in 2")}};

ChainVerdict Check(const v1::Evidence& evidence, const char* payload = "new") {
  return CheckChain(kRecent, evidence, D(payload));
}

TEST(Chain, TheSuccessorOfTheNewestIsNextAlsoWithASequenceLeftOut) {
  EXPECT_EQ(Check(At(3, 10, D("c"))), ChainVerdict::kNext);
  EXPECT_EQ(Check(At(3, 2000, D("c"))), ChainVerdict::kNext);
}

TEST(Chain, TheFirstOfANewerEpochIsNext) {
  EXPECT_EQ(Check(At(4, 1, "")), ChainVerdict::kNext);
  EXPECT_EQ(Check(At(9, 500, "")), ChainVerdict::kNext);
}

TEST(Chain, ANewDeviceStartsWithoutPredecessor) {
  EXPECT_EQ(CheckChain({}, At(1, 1, ""), D("x")), ChainVerdict::kNext);
  EXPECT_EQ(CheckChain({}, At(7, 3, ""), D("x")), ChainVerdict::kNext);
  EXPECT_EQ(CheckChain({}, At(1, 2, D("lost")), D("x")), ChainVerdict::kGap);
}

TEST(Chain, TheSamePayloadAgainIsADuplicateWhereverItStood) {
  EXPECT_EQ(Check(At(3, 9, D("b")), "c"), ChainVerdict::kDuplicate);
  EXPECT_EQ(Check(At(3, 7, ""), "a"), ChainVerdict::kDuplicate);
  EXPECT_EQ(Check(At(2, 50, D("in 2")), "tip of 2"), ChainVerdict::kDuplicate);
}

TEST(Chain, SequencesAndEpochsDoNotGoBackwards) {
  EXPECT_EQ(Check(At(3, 9, D("c"))), ChainVerdict::kBackwards);
  EXPECT_EQ(Check(At(3, 1, D("c"))), ChainVerdict::kBackwards);
  EXPECT_EQ(Check(At(3, 9, D("never seen"))), ChainVerdict::kBackwards);
  EXPECT_EQ(Check(At(2, 51, D("tip of 2"))), ChainVerdict::kBackwards);
  EXPECT_EQ(Check(At(1, 1, "")), ChainVerdict::kBackwards);
}

TEST(Chain, AnUnknownPredecessorIsAGap) {
  EXPECT_EQ(Check(At(3, 11, D("never seen"))), ChainVerdict::kGap);
  EXPECT_EQ(Check(At(4, 2, D("never seen"))), ChainVerdict::kGap);
  EXPECT_EQ(Check(At(4, 2, D("c"))), ChainVerdict::kGap);
}

TEST(Chain, TwoPayloadsBehindOnePredecessorAreAFork) {
  EXPECT_EQ(Check(At(3, 9, D("b"))), ChainVerdict::kFork);
  EXPECT_EQ(Check(At(3, 10, D("b"))), ChainVerdict::kFork);
  EXPECT_EQ(Check(At(3, 8, D("a"))), ChainVerdict::kFork);
  EXPECT_EQ(Check(At(2, 50, D("in 2"))), ChainVerdict::kFork);
}

// A copied disk: both machines start, and both begin the same epoch.
TEST(Chain, ASecondFirstOfAnEpochIsAFork) {
  EXPECT_EQ(Check(At(3, 1, "")), ChainVerdict::kFork);
  EXPECT_EQ(Check(At(3, 10, "")), ChainVerdict::kFork);
}

TEST(Chain, VerdictsHaveStableNames) {
  EXPECT_STREQ(ChainVerdictName(ChainVerdict::kNext), "next");
  EXPECT_STREQ(ChainVerdictName(ChainVerdict::kDuplicate), "duplicate");
  EXPECT_STREQ(ChainVerdictName(ChainVerdict::kBackwards), "backwards");
  EXPECT_STREQ(ChainVerdictName(ChainVerdict::kGap), "gap");
  EXPECT_STREQ(ChainVerdictName(ChainVerdict::kFork), "fork");
}

// ---- beats ------------------------------------------------------------------------------------

// docs/formats/evidence.md shows this value; checked by `openssl dgst -mac hmac` there.
TEST(Beats, TheMacIsTheDocumentedOneAndEveryInputCounts) {
  const std::string key(32, 'k');
  const std::string digest(32, 'd');
  EXPECT_EQ(BeatMac(key, 7, digest), HmacSha256(key, std::string("sallyport beat v1") +
                                                         std::string(7, '\0') + '\x07' + digest));
  EXPECT_NE(BeatMac(key, 7, digest), BeatMac(key, 8, digest));
  EXPECT_NE(BeatMac(key, 7, digest), BeatMac(std::string(32, 'l'), 7, digest));
  EXPECT_NE(BeatMac(key, 7, digest), BeatMac(key, 7, std::string(32, 'e')));
}

}  // namespace
}  // namespace sallyport
