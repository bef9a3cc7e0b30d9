// SPDX-License-Identifier: Apache-2.0
#include "policy/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Millis kLongest = minutes(10);
constexpr Millis kStart = hours(1'000'000);

Policy Blocking(const std::string& name, Millis grace) {
  Policy policy;
  policy.name = name;
  policy.mode = Mode::kBlock;
  policy.grace = grace;
  policy.tier = Tier::kQuarantine;
  policy.unknown_after = minutes(15);
  policy.unknown_tier = Tier::kLimited;
  policy.expected = "protection=on";
  policy.resolution = "turn it on";
  return policy;
}

RawOutcome Raw(Verdict verdict, Millis facts_left = minutes(15)) {
  RawOutcome raw;
  raw.verdict = verdict;
  raw.facts_left = verdict == Verdict::kStale ? Millis(0) : facts_left;
  if (verdict == Verdict::kFail) raw.observed = "/home: protection=off";
  if (verdict == Verdict::kUnknown) raw.reason = raw.observed = "disk_volumes: denied";
  if (verdict == Verdict::kStale) {
    raw.reason = "disk_volumes: 20m old, at most 15m is good";
    raw.observed = "disk_volumes: 1 row";
  }
  raw.tables = {"disk_volumes"};
  return raw;
}

struct Judged : Judgement {
  std::vector<Outcome> outcomes;
};

Judged JudgeAndExplain(const PolicySet& set, const RawOutcomes& raw, const DeviceMemory& memory,
                       Millis wall) {
  const Now now{Millis(0), wall};
  Judged judged{Judge(set, raw, memory, now, kLongest), {}};
  judged.outcomes = Explain(set, raw, judged.memory, now);
  return judged;
}

// One policy and its device, judged again and again.
class Device {
 public:
  explicit Device(Policy policy) : set_{{std::move(policy)}, "test"} {}

  const Judged& See(Verdict verdict, Millis wall, Millis facts_left = minutes(15)) {
    judgement_ = JudgeAndExplain(set_, {Raw(verdict, facts_left)}, judgement_.memory, wall);
    return judgement_;
  }
  const PolicyMemory& memory() const { return judgement_.memory.begin()->second; }

 private:
  PolicySet set_;
  Judged judgement_;
};

TEST(Judge, APassHoldsTheFullTierAsLongAsItsFacts) {
  Device device(Blocking("disk", hours(72)));
  const Judged& judgement = device.See(Verdict::kPass, kStart, minutes(3));
  EXPECT_EQ(judgement.tier, Tier::kFull);
  EXPECT_EQ(judgement.ttl, minutes(3));
  EXPECT_FALSE(judgement.in_grace);
  EXPECT_FALSE(judgement.outcomes[0].blocking);
  EXPECT_EQ(judgement.outcomes[0].case_code, "");
  EXPECT_EQ(judgement.outcomes[0].deadline, Millis(0));
  EXPECT_EQ(device.See(Verdict::kPass, kStart, hours(3)).ttl, kLongest);
}

TEST(Judge, AFirstFailWithGraceKeepsTheTierUntilItsDeadline) {
  Device device(Blocking("disk", hours(72)));
  const Judged first = device.See(Verdict::kFail, kStart);
  EXPECT_EQ(first.tier, Tier::kFull);
  EXPECT_TRUE(first.in_grace);
  EXPECT_FALSE(first.outcomes[0].blocking);
  EXPECT_EQ(first.outcomes[0].deadline, kStart + hours(72));
  EXPECT_EQ(first.ttl, kLongest);

  const Judged last = device.See(Verdict::kFail, kStart + hours(72) - seconds(5));
  EXPECT_EQ(last.tier, Tier::kFull);
  EXPECT_EQ(last.ttl, seconds(5)) << "no lease outlives the grace";
  EXPECT_EQ(last.outcomes[0].since, kStart);

  const Judged over = device.See(Verdict::kFail, kStart + hours(72));
  EXPECT_EQ(over.tier, Tier::kQuarantine);
  EXPECT_TRUE(over.outcomes[0].blocking);
  EXPECT_EQ(over.outcomes[0].demands, Tier::kQuarantine);
  EXPECT_EQ(over.outcomes[0].deadline, Millis(0));
  EXPECT_FALSE(over.in_grace);
  EXPECT_EQ(over.ttl, kLongest);
}

TEST(Judge, FactsBoundTheLeaseWithinAGraceToo) {
  Device device(Blocking("disk", hours(72)));
  EXPECT_EQ(device.See(Verdict::kFail, kStart, minutes(2)).ttl, minutes(2));
}

TEST(Judge, WithoutGraceOrWhenCriticalAFailBlocksAtOnce) {
  EXPECT_EQ(Device(Blocking("disk", Millis(0))).See(Verdict::kFail, kStart).tier,
            Tier::kQuarantine);
  Policy critical = Blocking("edr", hours(72));
  critical.critical = true;
  critical.tier = Tier::kNone;
  Device device(critical);
  EXPECT_EQ(device.See(Verdict::kFail, kStart).tier, Tier::kNone);
  EXPECT_FALSE(device.See(Verdict::kFail, kStart).in_grace);
}

TEST(Judge, OnlyModeBlockLowersTheTier) {
  for (Mode mode : {Mode::kReport, Mode::kNotify, Mode::kWarn}) {
    Policy policy = Blocking("disk", Millis(0));
    policy.mode = mode;
    policy.critical = true;
    policy.tier = Tier::kNone;
    Device device(policy);
    const Judged judgement = device.See(Verdict::kFail, kStart, seconds(1));
    EXPECT_EQ(judgement.tier, Tier::kFull) << ModeName(mode);
    EXPECT_EQ(judgement.ttl, kLongest) << ModeName(mode);
    EXPECT_FALSE(judgement.outcomes[0].blocking) << ModeName(mode);
    EXPECT_FALSE(judgement.in_grace) << ModeName(mode);
    EXPECT_EQ(device.See(Verdict::kUnknown, kStart + hours(9)).tier, Tier::kFull);
    EXPECT_EQ(device.See(Verdict::kUnknown, kStart + hours(99)).tier, Tier::kFull);
  }
}

TEST(Judge, APassEndsTheClockAndTheNextFailBeginsANewOne) {
  Device device(Blocking("disk", hours(1)));
  device.See(Verdict::kFail, kStart);
  device.See(Verdict::kPass, kStart + minutes(50));
  const Judged again = device.See(Verdict::kFail, kStart + minutes(70));
  EXPECT_EQ(again.tier, Tier::kFull);
  EXPECT_EQ(again.outcomes[0].deadline, kStart + minutes(130));
}

TEST(Judge, AFirstUnknownCountsFromNow) {
  Device device(Blocking("disk", hours(72)));
  const Judged first = device.See(Verdict::kUnknown, kStart);
  EXPECT_EQ(first.tier, Tier::kFull);
  EXPECT_TRUE(first.in_grace);
  EXPECT_EQ(first.outcomes[0].deadline, kStart + minutes(15));
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart + minutes(14)).ttl, minutes(1));
  const Judged over = device.See(Verdict::kUnknown, kStart + minutes(15));
  EXPECT_EQ(over.tier, Tier::kLimited);
  EXPECT_TRUE(over.outcomes[0].blocking);
}

TEST(Judge, StaleIsBorneLikeUnknownAndOneClockRunsThroughBoth) {
  Device device(Blocking("disk", hours(72)));
  EXPECT_EQ(device.See(Verdict::kStale, kStart).tier, Tier::kFull);
  EXPECT_GT(device.See(Verdict::kStale, kStart).ttl, Millis(0)) << "borne means a lease";
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart + minutes(10)).tier, Tier::kFull);
  EXPECT_EQ(device.See(Verdict::kStale, kStart + minutes(15)).tier, Tier::kLimited);
}

TEST(Judge, NotLookingIsNoCureForAFail) {
  Device device(Blocking("disk", hours(1)));
  device.See(Verdict::kFail, kStart);
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart + minutes(50)).tier, Tier::kFull);
  const Judged over = device.See(Verdict::kUnknown, kStart + minutes(60));
  EXPECT_EQ(over.tier, Tier::kQuarantine) << "the fail's grace ran out under the unknown";
  EXPECT_EQ(device.memory().failing_since, kStart);
}

TEST(Judge, AFailThatAlreadyBlocksGoesOnUnderUnknownAndStale) {
  Device device(Blocking("disk", Millis(0)));
  device.See(Verdict::kFail, kStart);
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart + seconds(1)).tier, Tier::kQuarantine);
  EXPECT_EQ(device.See(Verdict::kStale, kStart + seconds(2)).tier, Tier::kQuarantine);
  EXPECT_EQ(device.See(Verdict::kPass, kStart + seconds(3)).tier, Tier::kFull);
}

TEST(Judge, AFailEndsTheClockOfTheUnknown) {
  Device device(Blocking("disk", hours(72)));
  device.See(Verdict::kUnknown, kStart);
  device.See(Verdict::kFail, kStart + minutes(10));
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart + minutes(20)).tier, Tier::kFull);
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart + minutes(35)).tier, Tier::kLimited);
}

TEST(Judge, TheWorstTierWinsAndTheShortestTimeBounds) {
  Policy a = Blocking("a", Millis(0));
  a.tier = Tier::kLimited;
  Policy b = Blocking("b", Millis(0));
  b.tier = Tier::kNone;
  const Policy c = Blocking("c", minutes(2));
  const Policy d = Blocking("d", hours(1));
  const PolicySet set{{a, b, c, d}, "x"};
  const RawOutcomes raw = {Raw(Verdict::kFail, seconds(1)), Raw(Verdict::kPass, minutes(5)),
                           Raw(Verdict::kFail), std::nullopt};
  const Judged judgement = JudgeAndExplain(set, raw, {}, kStart);
  EXPECT_EQ(judgement.tier, Tier::kLimited) << "b would demand none, but it passes";
  EXPECT_EQ(judgement.ttl, minutes(2)) << "a holds nothing any more, its facts do not count";
  ASSERT_EQ(judgement.outcomes.size(), 3U) << "d is of another platform";
  EXPECT_EQ(judgement.memory.size(), 3U);
  const RawOutcomes all(3, Raw(Verdict::kFail));
  EXPECT_EQ(JudgeAndExplain(set, all, {}, kStart).tier, Tier::kNone);
}

TEST(Judge, AnOutcomeSaysAllThatTheHelpdeskNeeds) {
  Policy policy = Blocking("disk-encryption", hours(72));
  policy.description = "data at rest";
  Device device(policy);
  const Outcome fail = device.See(Verdict::kFail, kStart).outcomes[0];
  EXPECT_EQ(fail.policy, "disk-encryption");
  EXPECT_EQ(fail.verdict, Verdict::kFail);
  EXPECT_EQ(fail.mode, Mode::kBlock);
  EXPECT_EQ(fail.observed, "/home: protection=off");
  EXPECT_EQ(fail.expected, "protection=on");
  EXPECT_EQ(fail.resolution, "turn it on");
  EXPECT_EQ(fail.description, "data at rest");
  EXPECT_EQ(fail.tables, std::vector<std::string>{"disk_volumes"});
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart).outcomes[0].observed, "disk_volumes: denied");
  EXPECT_EQ(device.See(Verdict::kStale, kStart).outcomes[0].observed,
            "disk_volumes: 20m old, at most 15m is good; seen: disk_volumes: 1 row");
}

TEST(Judge, TheCaseCodeFollowsPolicyVerdictAndObserved) {
  const auto code = [](const char* name, const char* observed, Verdict verdict) {
    RawOutcome raw = Raw(verdict);
    raw.observed = observed;
    raw.reason.clear();
    const PolicySet set{{Blocking(name, Millis(0))}, "x"};
    const RawOutcomes all = {raw};
    return JudgeAndExplain(set, all, {}, kStart).outcomes[0].case_code;
  };
  const std::string first = code("disk", "off", Verdict::kFail);
  EXPECT_TRUE(first.starts_with("SP-")) << first;
  EXPECT_EQ(first.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 3), std::string::npos);
  EXPECT_EQ(first.size(), 9U);
  EXPECT_EQ(first, code("disk", "off", Verdict::kFail));
  EXPECT_NE(first, code("disk", "on", Verdict::kFail));
  EXPECT_NE(first, code("disk2", "off", Verdict::kFail));
  EXPECT_NE(first, code("disk", "off", Verdict::kUnknown));
  // printf 'disk\0fail\0off' | sha256sum, its first 30 bits.
  EXPECT_EQ(first, "SP-574X2Y");
}

TEST(Judge, AClockThatStepsBackNeverLengthensAGrace) {
  Device device(Blocking("disk", hours(10)));
  device.See(Verdict::kFail, kStart);
  device.See(Verdict::kFail, kStart + hours(6));
  // Back by 5 hours, still after the first failure: 6 of 10 hours stay used.
  const Judged within = device.See(Verdict::kFail, kStart + hours(1));
  EXPECT_EQ(within.outcomes[0].deadline, kStart + hours(1) + hours(4));
  // Back by a year, before the first failure.
  const Judged before = device.See(Verdict::kFail, kStart - hours(8760));
  EXPECT_EQ(before.outcomes[0].deadline, kStart - hours(8760) + hours(4));
  EXPECT_EQ(device.See(Verdict::kFail, kStart - hours(8760) + hours(4)).tier, Tier::kQuarantine);
  // Once over it stays over.
  EXPECT_EQ(device.See(Verdict::kFail, kStart - hours(20'000)).tier, Tier::kQuarantine);
}

TEST(Judge, AClockThatStepsBackNeverLengthensAnUnknown) {
  Device device(Blocking("disk", hours(10)));
  device.See(Verdict::kUnknown, kStart);
  device.See(Verdict::kUnknown, kStart + minutes(10));
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart - hours(1)).ttl, minutes(5));
  EXPECT_EQ(device.See(Verdict::kUnknown, kStart - hours(1) + minutes(5)).tier, Tier::kLimited);
}

TEST(Judge, ASmallStepBackCutsNobody) {
  Device device(Blocking("disk", hours(10)));
  device.See(Verdict::kFail, kStart);
  const Judged judgement = device.See(Verdict::kFail, kStart - seconds(1));
  EXPECT_EQ(judgement.tier, Tier::kFull);
  EXPECT_EQ(judgement.outcomes[0].deadline, kStart - seconds(1) + hours(10));
}

// What was used up of a grace stays used up, whatever the clock does between two looks.
TEST(Judge, NoSequenceOfClockStepsGivesGraceBack) {
  uint32_t state = 1;
  const auto next = [&](uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<int>(state / 65536U % below);
  };
  for (int round = 0; round < 100; ++round) {
    Device device(Blocking("disk", hours(10)));
    Millis wall = kStart;
    Millis used{0};
    device.See(Verdict::kFail, wall);
    for (int look = 0; look < 50; ++look) {
      wall += minutes(next(30)) - hours(next(3) == 0 ? next(30) : 0);
      const Verdict verdict = next(3) == 0 ? Verdict::kUnknown : Verdict::kFail;
      const Judged& judgement = device.See(verdict, wall);
      const Millis now_used = wall - device.memory().failing_since;
      ASSERT_GE(now_used, used);
      ASSERT_EQ(judgement.tier <= Tier::kQuarantine, now_used >= hours(10));
      used = now_used;
    }
  }
}

TEST(Judge, APassingDeviceLeavesTheSameMemoryEachTime) {
  Device device(Blocking("disk", hours(10)));
  device.See(Verdict::kPass, kStart);
  const PolicyMemory first = device.memory();
  device.See(Verdict::kPass, kStart + minutes(1));
  EXPECT_EQ(device.memory(), first) << "so that nothing needs to be stored";
}

}  // namespace
}  // namespace sallyport
