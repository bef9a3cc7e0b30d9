// SPDX-License-Identifier: Apache-2.0
#include "agent/posture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Now kStart{Millis(1'000), Millis(0)};

Now After(int64_t ms) { return Now{kStart.boot + Millis(ms), Millis(ms)}; }

v1::CollectedTables OneTable(const std::string& table, const std::string& key,
                             const std::string& value, Millis collected) {
  v1::CollectedTables tables;
  v1::CollectedTable* one = tables.add_tables();
  one->mutable_result()->set_table(table);
  if (!key.empty()) {
    one->mutable_result()->add_keys()->set_column("path");
    one->mutable_result()->mutable_keys(0)->set_value(key);
  }
  one->mutable_result()->set_state(v1::TableResult::STATE_VALUE);
  one->mutable_result()->add_columns("value");
  one->mutable_result()->add_rows()->add_cells()->set_text(value);
  one->set_collected_boot_ms(static_cast<uint64_t>(collected.count()));
  return tables;
}

v1::Manifest Asking(const std::string& table, const std::string& key = "") {
  v1::Manifest manifest;
  v1::TableRequest* request = manifest.add_tables();
  request->set_table(table);
  if (!key.empty()) {
    request->add_keys()->set_column("path");
    request->mutable_keys(0)->set_value(key);
  }
  return manifest;
}

TEST(Posture, TablesThatNobodyAskedForAreNotKept) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("edr"), "digest", kStart);
  posture.Collected(OneTable("secrets", "", "x", kStart.boot));
  posture.Collected(OneTable("edr", "", "on", kStart.boot));
  v1::Evidence evidence;
  posture.Fill(kStart, std::nullopt, 1 << 20, &evidence, nullptr);
  ASSERT_EQ(evidence.tables_size(), 1);
  EXPECT_EQ(evidence.tables(0).table(), "edr");
}

TEST(Posture, ResultOfTheWholeTableServesARequestForOneKey) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("file", "/etc/hosts"), "digest", kStart);
  EXPECT_FALSE(posture.Complete(kStart));
  posture.Collected(OneTable("file", "", "x", kStart.boot));
  EXPECT_TRUE(posture.Complete(kStart));
}

TEST(Posture, ResultOfAnotherKeyDoesNot) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("file", "/etc/hosts"), "digest", kStart);
  posture.Collected(OneTable("file", "/etc/passwd", "x", kStart.boot));
  EXPECT_FALSE(posture.Complete(kStart));
}

v1::Manifest AskingFor(const std::string& column) {
  v1::Manifest manifest = Asking("edr");
  manifest.set_names_columns(true);
  manifest.mutable_tables(0)->add_columns(column);
  return manifest;
}

// Brought by a collector that follows this manifest.
v1::CollectedTables Under(const std::string& manifest, v1::CollectedTables tables) {
  tables.set_manifest_digest(manifest);
  return tables;
}

TEST(Posture, ColumnsThatTheNewManifestDoesNotAskForDoNotLeaveAgain) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(AskingFor("value"), "first", kStart);
  posture.Collected(Under("first", OneTable("edr", "", "CANARY", kStart.boot)));
  EXPECT_TRUE(posture.Complete(kStart));

  posture.Follow(AskingFor("name"), "second", kStart);
  EXPECT_FALSE(posture.Complete(kStart)) << "the collector has not followed it yet";
  posture.Collected(Under("first", OneTable("edr", "", "CANARY", kStart.boot)));
  EXPECT_FALSE(posture.Complete(kStart)) << "it was on the way";
  v1::Evidence evidence;
  posture.Fill(kStart, std::nullopt, 1 << 20, &evidence, nullptr);
  EXPECT_EQ(evidence.SerializeAsString().find("CANARY"), std::string::npos);

  v1::CollectedTables narrow = OneTable("edr", "", "clamav", kStart.boot);
  narrow.mutable_tables(0)->mutable_result()->set_columns(0, "name");
  posture.Collected(Under("second", narrow));
  EXPECT_TRUE(posture.Complete(kStart));
}

TEST(Posture, ATableThatIsAskedForAsBeforeServesTheNewManifestAtOnce) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(AskingFor("value"), "first", kStart);
  posture.Collected(Under("first", OneTable("edr", "", "on", kStart.boot)));
  posture.Follow(AskingFor("value"), "second", kStart);
  EXPECT_TRUE(posture.Complete(kStart));
}

TEST(Posture, ACollectorThatKnowsNoColumnsIsHeard) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(AskingFor("name"), "first", kStart);
  posture.Collected(Under("first", OneTable("edr", "", "on", kStart.boot)));
  EXPECT_TRUE(posture.Complete(kStart));
}

TEST(Posture, ResultThatCameLateDoesNotReplaceANewerOne) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("edr"), "digest", kStart);
  posture.Collected(OneTable("edr", "", "new", Millis(900)));
  posture.Collected(OneTable("edr", "", "old", Millis(800)));
  v1::Evidence evidence;
  posture.Fill(kStart, std::nullopt, 1 << 20, &evidence, nullptr);
  EXPECT_EQ(evidence.tables(0).rows(0).cells(0).text(), "new");
}

TEST(Posture, MalformedResultIsAnErrorNotAValue) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("edr"), "digest", kStart);
  v1::CollectedTables tables = OneTable("edr", "", "on", kStart.boot);
  tables.mutable_tables(0)->mutable_result()->mutable_rows(0)->add_cells()->set_integer(1);
  posture.Collected(tables);
  v1::Evidence evidence;
  posture.Fill(kStart, std::nullopt, 1 << 20, &evidence, nullptr);
  EXPECT_EQ(evidence.tables(0).state(), v1::TableResult::STATE_ERROR);
  EXPECT_EQ(evidence.tables(0).rows_size(), 0);
}

TEST(Posture, TimeReadInTheFutureIsAgeZero) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("edr"), "digest", kStart);
  posture.Collected(OneTable("edr", "", "on", Millis(99'000)));
  v1::Evidence evidence;
  posture.Fill(kStart, std::nullopt, 1 << 20, &evidence, nullptr);
  EXPECT_EQ(evidence.tables(0).age_ms(), 0u);
}

TEST(Posture, FactsFromBeforeALongAbsenceAreNotUsedWhenTheCollectorIsBack) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("edr"), "digest", kStart);
  posture.Collected(OneTable("edr", "", "on", kStart.boot));
  posture.CollectorClosed(After(100));
  posture.CollectorOpen(After(20'000));
  EXPECT_FALSE(posture.Complete(After(20'000)));
  v1::Evidence evidence;
  posture.Fill(After(24'000), std::nullopt, 1 << 20, &evidence, nullptr);
  EXPECT_EQ(evidence.tables(0).state(), v1::TableResult::STATE_TIMEOUT);
}

TEST(Posture, CollectorStatusIsNotAskedOfTheCollector) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  posture.Follow(Asking("collector_status"), "digest", kStart);
  EXPECT_TRUE(posture.Complete(kStart));
}

TEST(Posture, StaleTablesAreNamedOnceUntilTheyHadTime) {
  Posture posture(Millis(3'000), Millis(10'000), kStart);
  posture.CollectorOpen(kStart);
  v1::Manifest manifest = Asking("edr");
  manifest.mutable_tables(0)->set_max_age_ms(8'000);
  posture.Follow(manifest, "digest", kStart);
  posture.Collected(OneTable("edr", "", "on", kStart.boot));
  EXPECT_THAT(posture.TakeStale(After(3'999)), IsEmpty());
  EXPECT_THAT(posture.TakeStale(After(4'000)), ElementsAre("edr"));
  EXPECT_THAT(posture.TakeStale(After(5'999)), IsEmpty());
  EXPECT_THAT(posture.TakeStale(After(6'000)), ElementsAre("edr"));
}

}  // namespace
}  // namespace sallyport
