// SPDX-License-Identifier: Apache-2.0
#include "service/lease.h"

#include <gtest/gtest.h>

#include "service/gate_book.h"

namespace sallyport {
namespace {

constexpr LeaseTerms kTerms{
    .lease = Millis{600'000}, .beat_interval = Millis{60'000}, .full_interval = Millis{900'000}};
constexpr Millis kFarAway{1'000'000'000};

Now At(int64_t boot) { return {.boot = Millis{boot}, .wall = Millis{0}}; }
Access FullUntil(Millis facts) { return {Tier::kFull, 7, facts}; }

TEST(TimeLeft, IsTheLeastOfLeaseFactsAndCertificateAndNeverNegative) {
  EXPECT_EQ(TimeLeft(kTerms, FullUntil(kFarAway), kFarAway, At(1000)), Millis{600'000});
  EXPECT_EQ(TimeLeft(kTerms, FullUntil(Millis{31'000}), kFarAway, At(1000)), Millis{30'000});
  EXPECT_EQ(TimeLeft(kTerms, FullUntil(kFarAway), Millis{21'000}, At(1000)), Millis{20'000});
  EXPECT_EQ(TimeLeft(kTerms, FullUntil(Millis{500}), kFarAway, At(1000)), Millis{0});
}

TEST(LeaseTtl, OfAnOldRequestEndsWhenTheOneOfAFreshRequestWould) {
  // 30 s are left and the request is 100 s old: 130 s from its sending.
  EXPECT_EQ(LeaseTtl(kTerms, FullUntil(Millis{130'000}), kFarAway, Millis{0}, At(100'000)),
            Millis{130'000});
  EXPECT_EQ(LeaseTtl(kTerms, FullUntil(Millis{130'000}), kFarAway, Millis{100'000}, At(100'000)),
            Millis{30'000});
}

TEST(LeaseTtl, IsNeverLongerThanALeaseFromTheSendingOfTheRequest) {
  EXPECT_EQ(LeaseTtl(kTerms, FullUntil(kFarAway), kFarAway, Millis{0}, At(590'000)),
            Millis{600'000});
}

TEST(LeaseTtl, IsZeroWhenNothingIsLeftHoweverOldTheRequest) {
  EXPECT_EQ(LeaseTtl(kTerms, FullUntil(Millis{50'000}), kFarAway, Millis{0}, At(60'000)),
            Millis{0});
}

TEST(MakeLease, SaysUnspecifiedWithoutAVerdictOrTime) {
  const v1::Lease none = MakeLease("d-1", std::nullopt, Millis{1000});
  EXPECT_EQ(none.tier(), v1::TIER_UNSPECIFIED);
  EXPECT_EQ(none.ttl_ms(), 0u);
  EXPECT_EQ(MakeLease("d-1", FullUntil(kFarAway), Millis{0}).tier(), v1::TIER_UNSPECIFIED);
  const v1::Lease full = MakeLease("d-1", FullUntil(kFarAway), Millis{1000});
  EXPECT_EQ(full.tier(), v1::TIER_FULL);
  EXPECT_EQ(full.ttl_ms(), 1000u);
  EXPECT_EQ(full.decision_id(), 7u);
}

TEST(LeaseTerms, BearTwoLostBeats) {
  EXPECT_GT(kTerms.SilenceBorne(), kTerms.beat_interval * 2);
  EXPECT_LT(kTerms.SilenceBorne(), kTerms.beat_interval * 3);
}

struct Heard {
  std::vector<uint64_t> requests;
  std::string ended;
};

GateBook::Send Listen(Heard* heard) {
  return [heard](const v1::GateCommand& command) {
    heard->requests.push_back(command.grant().request_id());
  };
}
GateBook::End Ending(Heard* heard) {
  return [heard](const std::string& reason) { heard->ended = reason; };
}
v1::GateCommand Grant(const GateBook::Request& request) {
  v1::GateCommand command;
  command.mutable_grant()->set_request_id(request.id);
  return command;
}

TEST(GateBook, PushesOnEachGatesNewestRequestThatCoversTheDevice) {
  GateBook book;
  Heard one;
  Heard two;
  const uint64_t first = book.Join("one", Listen(&one), Ending(&one));
  const uint64_t second = book.Join("two", Listen(&two), Ending(&two));
  ASSERT_TRUE(book.Cover("one", first, "d-a", {1, Millis{0}}));
  ASSERT_TRUE(book.Cover("one", first, "d-a", {5, Millis{10}}));
  ASSERT_TRUE(book.Cover("two", second, "d-b", {9, Millis{10}}));
  EXPECT_EQ(book.Push("d-a", Grant), 1u);
  EXPECT_EQ(book.Push("d-c", Grant), 0u);
  EXPECT_EQ(one.requests, std::vector<uint64_t>{5});
  EXPECT_TRUE(two.requests.empty());
}

TEST(GateBook, ASecondStreamOfAGateEndsTheFirstAndStartsWithoutItsRequests) {
  GateBook book;
  Heard old_stream;
  Heard new_stream;
  const uint64_t first = book.Join("one", Listen(&old_stream), Ending(&old_stream));
  ASSERT_TRUE(book.Cover("one", first, "d-a", {1, Millis{0}}));
  const uint64_t second = book.Join("one", Listen(&new_stream), Ending(&new_stream));
  EXPECT_EQ(old_stream.ended, "replaced");
  EXPECT_EQ(book.Push("d-a", Grant), 0u);
  EXPECT_FALSE(book.Cover("one", first, "d-a", {2, Millis{0}}));
  book.Leave("one", first);  // the late end of the old stream takes nothing from the new one
  EXPECT_EQ(book.connected(), 1u);
  EXPECT_TRUE(book.Cover("one", second, "d-a", {1, Millis{0}}));
}

}  // namespace
}  // namespace sallyport
