// SPDX-License-Identifier: Apache-2.0
// What a table may cost, and what becomes of one that costs more.
#include "agent/collector/budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "agent/collector/collection.h"
#include "attestation/evidence.h"
#include "tests/platform/temp_folder.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Millis kStart{1'795'471'500'000};  // wall: 2026-11-23T22:05:00Z

TEST(BudgetHost, EachQuestionAfterTheDeadlineIsATimeoutThatSaysWhatWasOver) {
  FakeHost laptop;
  laptop.Put("/a", "x");
  OwnUsage usage;
  const BudgetHost host(laptop, {.deadline = seconds(2)}, [&] { return usage; });
  EXPECT_EQ(host.ReadFile("/a").value(), "x");
  usage.awake = Millis(2001);
  laptop.SetTime({Millis(2001), Millis(0)});
  const Error expected{Code::kTimeout, "stopped: it took over 2000 ms"};
  EXPECT_EQ(host.ReadFile("/a").error(), expected);
  EXPECT_EQ(host.ListDir("/").error(), expected);
  usage.awake = Millis(0);
  EXPECT_EQ(host.Stat("/a").error(), expected) << "once over, always over";
}

TEST(BudgetHost, ProcessorTimeAndMemoryAreCountedFromWhenItWasMade) {
  const FakeHost laptop;
  OwnUsage usage{.awake = Millis(5), .cpu = Millis(9000), .bytes = 500 << 20};
  const Budget budget{.deadline = seconds(9), .cpu = seconds(1), .bytes = 8 << 20};
  const BudgetHost busy(laptop, budget, [&] { return usage; });
  const BudgetHost large(laptop, budget, [&] { return usage; });
  usage.cpu = Millis(10'000);
  usage.bytes = 508 << 20;
  EXPECT_EQ(busy.Over(), std::nullopt);
  usage.cpu = Millis(10'001);
  EXPECT_EQ(busy.Over(), "used over 1000 ms of CPU");
  usage.cpu = Millis(9000);
  usage.bytes = (508 << 20) + 1;
  EXPECT_EQ(large.Over(), "took over 8 MiB of memory");
}

TEST(BudgetHost, ABusyCollectorIsNoticedWithoutTheClock) {
  const FakeHost laptop;  // its clock stands still
  OwnUsage usage;
  const BudgetHost host(laptop, {}, [&] { return usage; });
  usage.cpu = minutes(1);
  int questions = 1;
  while (host.Stat("/a").error().code != Code::kTimeout) ASSERT_LT(++questions, 100);
  EXPECT_EQ(questions, BudgetHost::kQuestionsBetweenLooks);
}

TEST(OwnUsage, GrowsWithTheWorkThatIsDone) {
  const OwnUsage before = UsageOfThisThread();
  std::string text;
  OwnUsage after = before;
  while (after.cpu < before.cpu + Millis(20)) {
    text.append(1 << 20, 'x');
    after = UsageOfThisThread();
    ASSERT_LT(after.awake, before.awake + seconds(60));
  }
  EXPECT_GE(after.awake, before.awake);
  EXPECT_GT(after.bytes, before.bytes);
}

// Tables `dear`, which asks until it is refused or /ends says so, and `cheap`.
constexpr Column kColumns[] = {{"path", Type::kText, "", "", Role::kIndex}};
OwnUsage* usage_now = nullptr;

Result<Rows> Dear(const Host& host, const Keys&) {
  Rows rows;
  while (!host.ReadFile("/ends") && rows.size() < 10'000) {
    usage_now->cpu += Millis(10);
    if (host.Stat("/tree").error().code == Code::kTimeout) return rows;  // taken for an answer
    rows.push_back({Cell("/tree")});
  }
  return rows;
}
Result<Rows> Cheap(const Host&, const Keys&) { return Rows{{Cell("/a")}}; }

// Table `polled`, whose probe and refresh are as dear as `dear`.
std::string DearProbe(const Host& host, std::any*) {
  (void)Dear(host, {});
  return host.ReadFile("/count").value_or("refused");
}
Result<Rows> DearRefresh(const Host& host, const Rows& before, std::any*) {
  (void)Dear(host, {});
  return Rows{{before.at(0).at(0)}};
}
Result<Rows> Polled(const Host& host, const Keys&) {
  return Rows{{Cell(41)}, {Cell(host.ReadFile("/count").value_or(""))}};
}
constexpr Column kPids[] = {{"pid", Type::kText, ""}};
constexpr Trigger kPolledTriggers[] = {
    {.kind = Trigger::Kind::kPoll, .every = seconds(1), .probe = DearProbe},
    {.kind = Trigger::Kind::kPidColumn, .what = "pid", .refresh = DearRefresh},
};

constexpr Collector kCollectors[] = {
    {{"dear", kColumns}, {Os::kLinux}, Dear, {}, minutes(10), "/tree"},
    {{"cheap", kColumns}, {Os::kLinux}, Cheap, {}, minutes(10), "/a"},
    {{"polled", kPids}, {Os::kLinux}, Polled, kPolledTriggers, minutes(10), "/count"},
};

class Budgets : public testing::Test {
 protected:
  Budgets() {
    usage_now = &usage_;
    At(0);
  }
  void At(int64_t second) { host_.SetTime({seconds(1000 + second), kStart + seconds(second)}); }
  // "dear timeout since ...; cheap value", of what went out last.
  std::string Asked() {
    collection_.CollectNow({});
    while (collection_.Step()) {
    }
    return std::exchange(sent_, "");
  }
  void FollowPolled() {
    TrustedManifest trusted;
    trusted.manifest.add_tables()->set_table("polled");
    trusted.digest = "m";
    collection_.Follow(trusted);
    Work();
  }
  // What goes out by itself at that second, and after a process of the table ended.
  std::string OnTimeAt(int64_t second) {
    At(second);
    collection_.OnTime();
    return Work();
  }
  std::string OnExitAt(int64_t second) {
    At(second);
    collection_.OnEvent({{WatchTarget::Kind::kProcessExit, "", 41}, "exit"});
    return Work();
  }
  std::string Work() {
    while (collection_.Step()) {
    }
    return std::exchange(sent_, "");
  }
  CollectionPorts Ports() {
    return {.host = &host_,
            .marker = &marker_,
            .find =
                [](std::string_view table) {
                  return std::ranges::find(kCollectors, table,
                                           [](const Collector& c) { return c.schema.name; });
                },
            .watch = [](const std::vector<WatchTarget>&) -> Status { return {}; },
            .send =
                [this](const v1::CollectedTables& message) {
                  sent_.clear();
                  for (const v1::CollectedTable& table : message.tables()) {
                    const auto result = FromProto(table.result()).value();
                    sent_ += (sent_.empty() ? "" : "; ") + result.table + " " +
                             StateName(result.state) + " " + std::to_string(result.rows.size());
                    if (!result.error.empty()) sent_ += " " + result.error;
                  }
                },
            .notice = [this](const std::string& text) { noticed_ += text + "\n"; },
            .seed = 1,
            .usage = [this] { return usage_; }};
  }

  TempFolder folder_;
  FakeHost host_;
  OwnUsage usage_;
  ProgressMarker marker_ =
      ProgressMarker::Open({folder_ / "progress", folder_ / "killed"}, "boot", host_.Time())
          .value();
  std::string sent_;
  std::string noticed_;
  Collection collection_{Ports()};
};

TEST_F(Budgets, ATableOverItsBudgetIsStoppedHeldBackSuppressedAndRecovers) {
  TrustedManifest trusted;
  for (const char* table : {"dear", "cheap"}) trusted.manifest.add_tables()->set_table(table);
  trusted.digest = "m";
  collection_.Follow(trusted);
  const std::string over = "it used over 3000 ms of CPU";
  const std::string since = " 0 since 2026-11-23T22:05:00Z: " + over;
  EXPECT_EQ(Asked(), "dear timeout" + since + "; read again after 60 s; cheap value 1");
  At(59);
  EXPECT_EQ(Asked(), "dear timeout" + since + "; read again after 60 s; cheap value 1")
      << "left alone";
  At(60);
  EXPECT_EQ(Asked(),
            "dear timeout" + since + ", 2 times in a row; read again after 120 s; cheap value 1");
  At(180);
  const std::string suppressed =
      "dear suppressed" + since + ", 3 times in a row; read again after 240 s; cheap value 1";
  EXPECT_EQ(Asked(), suppressed);
  host_.Put("/ends", "");
  At(419);
  EXPECT_EQ(Asked(), suppressed);
  At(420);
  EXPECT_EQ(Asked(), "dear value 0; cheap value 1") << "within its budget again";
}

TEST_F(Budgets, WhatIsHeldBackIsReadAgainByItselfWhenTheWaitIsOver) {
  TrustedManifest trusted;
  trusted.manifest.add_tables()->set_table("dear");
  trusted.digest = "m";
  collection_.Follow(trusted);
  while (collection_.Step()) {
  }
  EXPECT_EQ(collection_.WakeAt(), Millis(seconds(1060)));
}

TEST_F(Budgets, OneKeyOverTheBudgetHoldsBackNoOtherKeyOfItsTable) {
  TrustedManifest trusted;
  for (const char* path : {"/slow", "/fast"}) {
    v1::TableRequest* request = trusted.manifest.add_tables();
    request->set_table("dear");
    request->add_keys()->set_column("path");
    request->mutable_keys(0)->set_value(path);
  }
  trusted.digest = "m";
  collection_.Follow(trusted);
  collection_.Step();  // the first of them, and it is stopped
  host_.Put("/ends", "");
  while (collection_.Step()) {
  }
  EXPECT_EQ(sent_,
            "dear timeout 0 since 2026-11-23T22:05:00Z: it used over 3000 ms of CPU; read again "
            "after 60 s; dear value 0");
}

TEST_F(Budgets, AProbeOverTheBudgetIsLeftOutAndItsTableIsRead) {
  FollowPolled();
  EXPECT_LT(usage_.cpu, seconds(5)) << "stopped, not only found out";
  EXPECT_EQ(noticed_, "polled/probe: it used over 3000 ms of CPU; left out for 60 s\n");
  EXPECT_EQ(Asked(), "polled value 2");
  host_.Put("/ends", "");
  host_.Put("/count", "1");
  const Millis before = usage_.cpu;
  EXPECT_EQ(OnTimeAt(30), "");
  EXPECT_EQ(OnTimeAt(60), "") << "asked again: what it says from now on counts";
  host_.Put("/count", "2");
  EXPECT_EQ(OnTimeAt(61), "polled value 2");
  host_.Put("/count", "3");
  EXPECT_EQ(OnTimeAt(62), "polled value 2");
  EXPECT_EQ(usage_.cpu, before);
  EXPECT_EQ(noticed_, "polled/probe: it used over 3000 ms of CPU; left out for 60 s\n");
}

TEST_F(Budgets, ARefreshOverTheBudgetIsNotShownAndItsTableIsReadWhole) {
  host_.Put("/ends", "");
  host_.Put("/count", "1");
  FollowPolled();
  EXPECT_EQ(OnExitAt(1), "polled value 2") << "the second of two: first what the refresh says";
  host_.Fail("/ends", Code::kNotFound);
  host_.Put("/count", "2");
  EXPECT_EQ(OnExitAt(2), "polled value 2");
  EXPECT_EQ(noticed_, "polled/refresh: it used over 3000 ms of CPU; left out for 60 s\n");
  const Millis spent = usage_.cpu;
  EXPECT_LT(spent, seconds(5)) << "stopped, not only found out";
  host_.Put("/count", "3");
  EXPECT_EQ(OnExitAt(61), "polled value 2");
  EXPECT_EQ(usage_.cpu, spent) << "left out";
  (void)OnExitAt(62);
  EXPECT_EQ(noticed_,
            "polled/refresh: it used over 3000 ms of CPU; left out for 60 s\n"
            "polled/refresh: it used over 3000 ms of CPU; left out for 120 s\n");
}

TEST(Overruns, TheWaitDoublesUpToAnHour) {
  Overruns overruns;
  for (const int64_t wait : {60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    overruns.Note("took over 1 ms", {seconds(100), kStart});
    EXPECT_EQ(overruns.held_until(), Millis(seconds(100 + wait)));
  }
  overruns.Forgive();
  EXPECT_EQ(overruns.held_until(), Millis(0));
}

}  // namespace
}  // namespace sallyport
