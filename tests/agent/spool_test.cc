// SPDX-License-Identifier: Apache-2.0
#include "agent/spool.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

v1::Envelope Envelope(const std::string& payload) {
  v1::Envelope envelope;
  envelope.set_payload(payload);
  return envelope;
}

std::string FrontPayload(const Spool& spool) {
  const auto front = spool.Front().value();
  return front ? front->envelope.payload() : "(empty)";
}

TEST(Spool, WhatGoesInFirstComesOutFirst) {
  TempFolder folder;
  Spool spool = Spool::Open(folder.path() + "/spool.db", {}).value();
  EXPECT_EQ(FrontPayload(spool), "(empty)");
  ASSERT_TRUE(spool.Append(Envelope("a"), 1, 0));
  ASSERT_TRUE(spool.Append(Envelope("b"), 1, 0));
  EXPECT_EQ(FrontPayload(spool), "a");
  ASSERT_TRUE(spool.Remove(spool.Front().value()->id));
  EXPECT_EQ(FrontPayload(spool), "b");
  EXPECT_EQ(spool.size(), 1u);
}

TEST(Spool, OverTheCountTheWholeOldestEpochGoesAndIsCounted) {
  TempFolder folder;
  Spool spool =
      Spool::Open(folder.path() + "/spool.db", {.evidences = 3, .bytes = 1 << 20}).value();
  ASSERT_TRUE(spool.Append(Envelope("a"), 1, 0));
  ASSERT_TRUE(spool.Append(Envelope("b"), 1, 0));
  ASSERT_TRUE(spool.Append(Envelope("c"), 2, 0));
  ASSERT_TRUE(spool.Append(Envelope("d"), 2, 0));
  EXPECT_EQ(FrontPayload(spool), "c");
  EXPECT_EQ(spool.size(), 2u);
  EXPECT_EQ(spool.dropped(), 2u);
}

TEST(Spool, OverTheBytesTheOldestGoes) {
  TempFolder folder;
  Spool spool = Spool::Open(folder.path() + "/spool.db", {.evidences = 100, .bytes = 3000}).value();
  for (uint64_t epoch = 1; epoch <= 5; ++epoch) {
    ASSERT_TRUE(spool.Append(Envelope(std::string(900, static_cast<char>('a' + epoch))), epoch, 0));
  }
  EXPECT_EQ(spool.size(), 3u);
  EXPECT_EQ(FrontPayload(spool)[0], 'd');
  EXPECT_EQ(spool.Append(Envelope(std::string(4000, 'x')), 6, 0).error().code, Code::kTooLarge);
  EXPECT_EQ(spool.size(), 3u);
}

TEST(Spool, CountThatADroppedEvidenceCarriedIsNotLost) {
  TempFolder folder;
  Spool spool =
      Spool::Open(folder.path() + "/spool.db", {.evidences = 1, .bytes = 1 << 20}).value();
  ASSERT_TRUE(spool.Append(Envelope("a"), 1, 0));
  ASSERT_TRUE(spool.Append(Envelope("b"), 2, 0));  // drops a
  EXPECT_EQ(spool.dropped(), 1u);
  ASSERT_TRUE(spool.Append(Envelope("c"), 3, 1));  // carries a's, drops b
  EXPECT_EQ(spool.dropped(), 1u);
  ASSERT_TRUE(spool.DropEpoch(3));
  EXPECT_EQ(spool.dropped(), 3u);  // a, b, c
  ASSERT_TRUE(spool.TellDropped(3));
  EXPECT_EQ(spool.dropped(), 0u);
}

TEST(Spool, SurvivesBeingReopened) {
  TempFolder folder;
  const std::string path = folder.path() + "/spool.db";
  {
    Spool spool = Spool::Open(path, {.evidences = 1, .bytes = 1 << 20}).value();
    ASSERT_TRUE(spool.Append(Envelope("a"), 1, 0));
    ASSERT_TRUE(spool.Append(Envelope("b"), 2, 0));
  }
  const Spool spool = Spool::Open(path, {}).value();
  EXPECT_EQ(FrontPayload(spool), "b");
  EXPECT_EQ(spool.dropped(), 1u);
}

TEST(Spool, FileThatIsNoDatabaseIsSetAsideAndCounted) {
  TempFolder folder;
  const std::string path = folder.path() + "/spool.db";
  std::ofstream(path) << std::string(8192, 'x');
  Spool spool = Spool::Open(path, {}).value();
  EXPECT_EQ(spool.dropped(), 1u);
  EXPECT_TRUE(std::filesystem::exists(path + ".bad"));
  EXPECT_TRUE(spool.Append(Envelope("a"), 1, 1));
  EXPECT_EQ(spool.dropped(), 0u);
}

TEST(Spool, LaptopThatIsNeverOfflineHasNoDatabase) {
  TempFolder folder;
  const std::string path = folder.path() + "/spool.db";
  Spool spool = Spool::Open(path, {}).value();
  EXPECT_EQ(FrontPayload(spool), "(empty)");
  EXPECT_TRUE(spool.Remove(1));
  EXPECT_TRUE(spool.TellDropped(1));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Spool, FolderThatIsNotThereIsUnavailable) {
  EXPECT_EQ(Spool::Open("/nonexistent/spool.db", {}).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace sallyport
