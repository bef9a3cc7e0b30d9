// SPDX-License-Identifier: Apache-2.0
// The same facts a little later: what Redate keeps is what Evaluate would find anew.
#include <gtest/gtest.h>

#include <random>

#include "tests/policy/evidence.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

Policy Aging(const std::string& query, milliseconds max_age) {
  Policy policy = Sql(query);
  policy.name = "p" + query;
  policy.max_age = max_age;
  return policy;
}

const TableResult kDisks = Table(
    "disk_volumes", {{Cell("/"), Cell("on"), Cell(0)}, {Cell("/home"), Cell("off"), Cell(0)}});
const TableResult kEdr = Table("edr_products", {{Cell("clamav"), Cell(1), Cell(0.5)}});

struct Rerun {
  PolicySet set;
  std::unique_ptr<Engine> engine;
  RawOutcomes outcomes;

  explicit Rerun(std::vector<Policy> policies, const std::vector<TableResult>& evidence)
      : set{std::move(policies), "test"},
        engine(Engine::Compile(set, kTestSchemas).value()),
        outcomes(engine->Evaluate(Os::kLinux, evidence)) {}
};

void ExpectSame(const RawOutcomes& kept, const RawOutcomes& anew) {
  ASSERT_EQ(kept.size(), anew.size());
  for (size_t i = 0; i < kept.size(); ++i) {
    ASSERT_EQ(kept[i].has_value(), anew[i].has_value());
    if (!kept[i]) continue;
    EXPECT_EQ(kept[i]->verdict, anew[i]->verdict) << i;
    EXPECT_EQ(kept[i]->observed, anew[i]->observed) << i;
    EXPECT_EQ(kept[i]->reason, anew[i]->reason) << i;
    EXPECT_EQ(kept[i]->tables, anew[i]->tables) << i;
    EXPECT_EQ(kept[i]->facts_left, anew[i]->facts_left) << i;
  }
}

TEST(Redate, WheneverItHoldsAnEvaluationWouldSayTheSame) {
  const std::vector<Policy> policies = {
      Aging("SELECT 1 FROM disk_volumes WHERE protection = 'on'", minutes(10)),
      Aging("SELECT 1 FROM disk_volumes WHERE protection = 'none'", minutes(5)),
      Aging("SELECT 1 FROM edr_products, disk_volumes WHERE running = 1", minutes(7)),
      Aging("SELECT 1 FROM edr_products WHERE name = 'x' AND EXISTS "
            "(SELECT 1 FROM disk_volumes)",
            minutes(3)),
      Aging("SELECT 1 FROM os_version", minutes(5))};  // not in the evidence: unknown
  std::mt19937 random(7);
  std::uniform_int_distribution<int64_t> age(0, 6 * 60'000);
  int held = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<TableResult> evidence = {kDisks, kEdr};
    for (TableResult& table : evidence) table.age = milliseconds(age(random));
    Rerun run(policies, evidence);
    std::vector<milliseconds> ages;
    for (TableResult& table : evidence) {
      table.age = milliseconds(age(random));
      ages.push_back(table.age);
    }
    if (!Redate(run.set, ages, &run.outcomes)) continue;
    ++held;
    ExpectSame(run.outcomes, run.engine->Evaluate(Os::kLinux, evidence));
  }
  EXPECT_GT(held, 20);
}

TEST(Redate, FactsThatGrowTooOldAreEvaluated) {
  Rerun run({Aging("SELECT 1 FROM disk_volumes", minutes(5))}, {Aged(kDisks, minutes(1))});
  EXPECT_TRUE(Redate(run.set, std::vector<milliseconds>{minutes(5)}, &run.outcomes));
  EXPECT_EQ(run.outcomes[0]->facts_left, milliseconds(0));
  EXPECT_FALSE(
      Redate(run.set, std::vector<milliseconds>{minutes(5) + milliseconds(1)}, &run.outcomes));
}

TEST(Redate, WhatWasStaleIsEvaluatedWhenItWasLookedAtAgain) {
  Rerun run({Aging("SELECT 1 FROM disk_volumes", minutes(5))}, {Aged(kDisks, minutes(6))});
  ASSERT_EQ(run.outcomes[0]->verdict, Verdict::kStale);
  EXPECT_FALSE(Redate(run.set, std::vector<milliseconds>{minutes(0)}, &run.outcomes));
}

TEST(Redate, APolicyThatReadsTheClockIsEvaluatedEachTime) {
  const std::vector<milliseconds> ages{minutes(0)};
  for (const char* query : {"SELECT 1 FROM disk_volumes WHERE strftime('%Y', 'now') > '2000'",
                            "SELECT 1 FROM disk_volumes WHERE CURRENT_DATE > '2000'",
                            "SELECT 1 FROM disk_volumes WHERE unixepoch() > 5"}) {
    Rerun run({Aging(query, minutes(5))}, {kDisks});
    EXPECT_EQ(run.outcomes[0]->verdict, Verdict::kPass) << query;
    EXPECT_FALSE(Redate(run.set, ages, &run.outcomes)) << query;
  }
}

TEST(Redate, ARunThatALimitStoppedIsEvaluatedAgain) {
  EngineLimits limits;
  limits.max_vm_ops = 1000;
  const std::string bomb =
      "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000) "
      "SELECT 1 FROM c, disk_volumes WHERE n = 99999";
  auto engine = CompileSql(bomb, limits);
  ASSERT_TRUE(engine);
  const std::vector<TableResult> evidence{kDisks};
  RawOutcomes outcomes = (*engine)->Evaluate(Os::kLinux, evidence);
  ASSERT_EQ(outcomes[0]->verdict, Verdict::kUnknown);
  EXPECT_FALSE(Redate((*engine)->policies(), std::vector<milliseconds>{minutes(0)}, &outcomes));
}

TEST(Redate, CollectorStatusShowsAgesSoItIsEvaluated) {
  const TableResult status =
      Table("collector_status", {{Cell("disk_volumes"), Cell("value"), Cell("")}});
  Rerun run({Aging("SELECT 1 FROM collector_status", minutes(5))}, {kDisks, status});
  ASSERT_EQ(run.outcomes[0]->verdict, Verdict::kPass) << run.outcomes[0]->reason;
  EXPECT_FALSE(Redate(run.set, std::vector<milliseconds>{minutes(0), minutes(0)}, &run.outcomes));
}

}  // namespace
}  // namespace sallyport
