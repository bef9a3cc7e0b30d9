// SPDX-License-Identifier: Apache-2.0
#include "service/store.h"

#include <gtest/gtest.h>

#include <future>

#include "service/store_schema.h"
#include "tests/service/running_service.h"

namespace sallyport {
namespace {

std::unique_ptr<Store> OpenIn(const TempFolder& folder) {
  Result<std::unique_ptr<Store>> store = Store::Open(folder.path() + "/s.db");
  EXPECT_TRUE(store) << store.error().message;
  return *std::move(store);
}

Result<DeviceRecord> EnrollNow(Store& store, const std::string& hash, const std::string& id,
                               const std::string& key_id, Millis wall) {
  std::promise<Result<DeviceRecord>> done;
  store.Enroll(hash,
               DeviceRecord{.id = id,
                            .role = LeafName::Role::kDevice,
                            .spki = "spki of " + key_id,
                            .key_id = key_id,
                            .hostname = "host",
                            .platform = "linux",
                            .enrolled_at = wall},
               [&done](const Result<DeviceRecord>& device) { done.set_value(device); });
  return done.get_future().get();
}

Status WriteNow(Store& store, DeviceWrite write) {
  std::promise<Status> done;
  store.Write(std::move(write), [&done](const Status& status) { done.set_value(status); });
  return done.get_future().get();
}

DeviceWrite EvidenceAt(uint32_t slot) {
  return {.device_id = "d-1",
          .seen = Millis{slot + 1},
          .evidence = EvidenceRecord{.position = {3, slot + 1, "digest " + std::to_string(slot)},
                                     .slot = slot,
                                     .offline = false,
                                     .at = Millis{slot + 1},
                                     .envelope = "envelope"},
          .verdict = {},
          .decision = {}};
}

TEST(Store, ATokenIsSpentOnceAndItsRefusalsSayWhatIsWrongWithIt) {
  const TempFolder folder;
  const auto store = OpenIn(folder);
  ASSERT_TRUE(store->AddToken({.hash = "h",
                               .role = LeafName::Role::kDevice,
                               .name = "",
                               .uses_left = 1,
                               .expires_at = Millis{1000}}));
  EXPECT_EQ(ErrorText(EnrollNow(*store, "h", "d-1", "k1", Millis{1000})), "token: expired");
  EXPECT_EQ(EnrollNow(*store, "h", "d-1", "k1", Millis{999})->id, "d-1");
  EXPECT_EQ(ErrorText(EnrollNow(*store, "h", "d-2", "k2", Millis{999})), "token: used up");
  EXPECT_EQ(ErrorText(EnrollNow(*store, "g", "d-2", "k2", Millis{999})), "token: not known");
  EXPECT_EQ(store->Load("d-2").error().code, Code::kNotFound);
}

TEST(Store, OfManyWhoUseATokenAtOnceOnlyAsManyGetInAsItHasUses) {
  const TempFolder folder;
  const auto store = OpenIn(folder);
  ASSERT_TRUE(store->AddToken({.hash = "h",
                               .role = LeafName::Role::kDevice,
                               .name = "",
                               .uses_left = 3,
                               .expires_at = Millis{1000}}));
  std::atomic<int> admitted{0};
  for (int i = 0; i < 20; ++i) {
    const std::string id = "d-" + std::to_string(i);
    store->Enroll("h",
                  DeviceRecord{.id = id,
                               .role = LeafName::Role::kDevice,
                               .spki = id,
                               .key_id = id,
                               .hostname = "",
                               .platform = "",
                               .enrolled_at = Millis{1}},
                  [&](const Result<DeviceRecord>& device) { admitted += device ? 1 : 0; });
  }
  store->Flush();
  EXPECT_EQ(admitted, 3);
  EXPECT_EQ(store->Devices()->size(), 3u);
}

TEST(Store, EnrollingTheSameKeyAgainShowsInItsHistoryAndAnotherNameForItIsRefused) {
  const TempFolder folder;
  const auto store = OpenIn(folder);
  ASSERT_TRUE(store->AddToken({.hash = "h",
                               .role = LeafName::Role::kDevice,
                               .name = "",
                               .uses_left = 5,
                               .expires_at = Millis{1000}}));
  ASSERT_TRUE(EnrollNow(*store, "h", "d-1", "k1", Millis{1}));
  ASSERT_TRUE(EnrollNow(*store, "h", "d-1", "k1", Millis{2}));
  EXPECT_EQ(store->Load("d-1")->device.enrollments, 2);
  EXPECT_EQ(ErrorText(EnrollNow(*store, "h", "d-9", "k1", Millis{3})),
            "identity key: enrolled as d-1 already");
}

TEST(Store, KeepsTheNewestEvidencesAndForgetsTheOldest) {
  const TempFolder folder;
  {
    const auto store = OpenIn(folder);
    ASSERT_TRUE(store->AddToken({.hash = "h",
                                 .role = LeafName::Role::kDevice,
                                 .name = "",
                                 .uses_left = 1,
                                 .expires_at = Millis{1000}}));
    ASSERT_TRUE(EnrollNow(*store, "h", "d-1", "k1", Millis{1}));
    for (uint32_t slot = 0; slot < Store::kEvidencePerDevice + 10; ++slot) {
      store->Write(EvidenceAt(slot), nullptr);
    }
    store->Flush();
  }
  const auto store = OpenIn(folder);
  const auto kept = store->KeptEvidence("d-1");
  ASSERT_EQ(kept->size(), Store::kEvidencePerDevice);
  EXPECT_EQ(kept->front().position.sequence, Store::kEvidencePerDevice + 10);
  const auto stored = store->Load("d-1");
  ASSERT_EQ(stored->recent.size(), Store::kRecentPositions);
  EXPECT_EQ(stored->recent.front(), (ChainPosition{3, 74, "digest 73"}));
  EXPECT_EQ(stored->recent.back(), (ChainPosition{3, 67, "digest 66"}));
  EXPECT_EQ(stored->next_slot, 74u);
}

TEST(Store, AVerdictAndItsMemoryComeBackAsTheyWere) {
  const TempFolder folder;
  const auto store = OpenIn(folder);
  const DeviceMemory memory = {
      {"a \"quoted\" policy", {Verdict::kFail, Millis{5}, Millis{6}, Millis{0}, Millis{9}}},
      {"other", {Verdict::kPass, Millis{7}, Millis{0}, Millis{0}, Millis{0}}}};
  ASSERT_TRUE(WriteNow(
      *store,
      {.device_id = "d-1",
       .seen = {},
       .evidence = {},
       .verdict = VerdictRecord{.tier = Tier::kLimited,
                                .decision_id = 42,
                                .judged_at = Millis{99},
                                .memory = memory,
                                .result = std::string("\0bytes", 6)},
       .decision = DecisionRecord{
           .id = 42, .at = Millis{99}, .from = {}, .to = Tier::kLimited, .reason = "why"}}));
  const auto verdict = store->LastVerdict("d-1");
  ASSERT_TRUE(verdict && *verdict);
  EXPECT_EQ((*verdict)->memory, memory);
  EXPECT_EQ((*verdict)->tier, Tier::kLimited);
  EXPECT_EQ((*verdict)->result, std::string("\0bytes", 6));
  const auto decisions = store->Decisions("d-1", 10);
  ASSERT_EQ(decisions->size(), 1u);
  EXPECT_EQ(decisions->front().from, std::nullopt);
  EXPECT_EQ(decisions->front().to, Tier::kLimited);
}

TEST(Store, DecisionIdsAreNeverGivenTwiceEvenWhenTheOnesGivenWereNeverWritten) {
  const TempFolder folder;
  uint64_t last = 0;
  {
    const auto store = OpenIn(folder);
    for (int i = 0; i < 10; ++i) last = store->NextDecisionId();
  }
  EXPECT_GT(OpenIn(folder)->NextDecisionId(), last);
}

TEST(Store, AFileOfANewerSchemaIsRefusedAndLeftAsItIs) {
  const TempFolder folder;
  OpenIn(folder);
  Result<Database> database = Database::Open(folder.path() + "/s.db");
  ASSERT_TRUE(database->Execute("PRAGMA user_version = 99"));
  const auto store = Store::Open(folder.path() + "/s.db");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::kConflict);
  EXPECT_NE(store.error().message.find("schema 99"), std::string::npos);
}

TEST(Store, AFileThatIsNoDatabaseIsRefusedAndLeftAsItIs) {
  const TempFolder folder;
  const std::string junk(8192, 'x');
  WriteFile(folder.path() + "/s.db", junk);
  const auto store = Store::Open(folder.path() + "/s.db");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::kMalformed);
  EXPECT_EQ(ReadFile(folder.path() + "/s.db"), junk);
}

TEST(MemoryFromText, RefusesWhatNoVerdictIs) {
  EXPECT_FALSE(MemoryFromText("{\"a\": 1}"));
  EXPECT_FALSE(MemoryFromText("not json"));
  EXPECT_FALSE(MemoryFromText(
      R"({"a":{"verdict":9,"since":0,"failing_since":0,"unknown_since":0,"judged":0}})"));
}

}  // namespace
}  // namespace sallyport
