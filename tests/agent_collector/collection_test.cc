// SPDX-License-Identifier: Apache-2.0
// Collection over a machine of literals: /notes, /pids and /index are three tables.
#include "agent/collector/collection.h"

#include <gtest/gtest.h>

#include <any>
#include <utility>

#include "base/text.h"
#include "tests/platform/temp_folder.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Column kNotesColumns[] = {{"note", Type::kText, "a line"}};
constexpr Column kPidsColumns[] = {{"pid", Type::kBigint, "a process"}};

Result<Rows> Notes(const Host& host, const Keys&) {
  const auto text = host.ReadFile("/notes", 1000);
  if (!text) return tl::unexpected(text.error());
  Rows rows;
  for (std::string_view line : Lines(*text)) rows.push_back({Cell(line)});
  return rows;
}

Result<Rows> Pids(const Host& host, const Keys&) {
  Rows rows;
  const std::string text = host.ReadFile("/pids", 1000).value();
  for (std::string_view line : Lines(text)) rows.push_back({Cell(*ParseInt(line))});
  return rows;
}

// How often it was asked is what it remembers.
std::string CountPids(const Host& host, std::any* memory) {
  *memory = memory->has_value() ? std::any_cast<int>(*memory) + 1 : 1;
  return host.ReadFile("/count", 1000).value_or("");
}

// Those before, without the processes that /gone names.
Result<Rows> PidsAfterExit(const Host& host, const Rows& before, std::any* memory) {
  if (!memory->has_value()) return Fail(Code::kInternal, "the probe was never asked");
  const auto gone = host.ReadFile("/gone", 1000);
  if (!gone) return tl::unexpected(gone.error());
  Rows rows = before;
  std::erase_if(rows, [&](const Row& row) { return ToText(row[0]) == *gone; });
  return rows;
}

// The lines of the file that /index names.
Result<Rows> Indexed(const Host& host, const Keys&) {
  const auto name = host.ReadFile("/index", 1000);
  if (!name) return tl::unexpected(name.error());
  const auto text = host.ReadFile(*name, 1000);
  if (!text) return tl::unexpected(text.error());
  Rows rows;
  for (std::string_view line : Lines(*text)) rows.push_back({Cell(line)});
  return rows;
}

constexpr Trigger kNotesTriggers[] = {{.kind = Trigger::Kind::kPath, .what = "/notes"},
                                      {.kind = Trigger::Kind::kNetwork}};
constexpr Trigger kPidsTriggers[] = {
    {.kind = Trigger::Kind::kPidColumn, .what = "pid", .refresh = PidsAfterExit},
    {.kind = Trigger::Kind::kPoll, .every = seconds(1), .probe = CountPids}};
constexpr Trigger kIndexedTriggers[] = {{.kind = Trigger::Kind::kReadPaths},
                                        {.kind = Trigger::Kind::kProgram, .what = "/bin/x"}};
constexpr Collector kCollectors[] = {
    {{"notes", kNotesColumns}, {Os::kLinux}, Notes, kNotesTriggers, minutes(10), "/notes"},
    {{"pids", kPidsColumns}, {Os::kLinux}, Pids, kPidsTriggers, minutes(10), "/pids"},
    {{"indexed", kNotesColumns}, {Os::kLinux}, Indexed, kIndexedTriggers, minutes(10), "/index"},
};

const WatchTarget kNotes{WatchTarget::Kind::kPath, "/notes", 0};
const WatchTarget kNetwork{WatchTarget::Kind::kNetwork, "", 0};
WatchTarget Path(const std::string& path) { return {WatchTarget::Kind::kPath, path, 0}; }
WatchTarget Exit(int64_t pid) { return {WatchTarget::Kind::kProcessExit, "", pid}; }

// "trigger: table=state(rows) ...", one per message.
std::string Shown(const v1::CollectedTables& message) {
  std::string out = message.trigger() + ":";
  for (const v1::CollectedTable& table : message.tables()) {
    out += " " + table.result().table() + "@" + std::to_string(table.collected_boot_ms() / 1000);
    out += "(" + std::to_string(table.result().rows_size()) + ")";
    if (!table.result().error().empty()) out += " " + table.result().error();
  }
  return out;
}

class CollectionTest : public testing::Test {
 protected:
  using Sent = std::vector<std::string>;

  CollectionTest() {
    host_.Put("/notes", "a\n");
    host_.Put("/pids", "41\n42\n");
    host_.Put("/count", "2");
    Clock(1000);
  }

  void Clock(int64_t second) { host_.SetTime({Millis(second * 1000), Millis(0)}); }

  CollectionPorts Ports() {
    return {.host = &host_,
            .marker = &marker_,
            .find =
                [](std::string_view table) {
                  for (const Collector& c : kCollectors) {
                    if (c.schema.name == table) return &c;
                  }
                  return static_cast<const Collector*>(nullptr);
                },
            .watch = [this](const std::vector<WatchTarget>& targets) -> Status {
              watched_ = targets;
              return watch_status_;
            },
            .send = [this](const v1::CollectedTables& m) { sent_.push_back(Shown(m)); },
            .notice = [this](const std::string& text) { notices_.push_back(text); },
            .seed = 1};
  }

  static TrustedManifest Asking(const std::vector<std::string>& tables, uint64_t max_age_ms = 0) {
    TrustedManifest trusted;
    for (const std::string& table : tables) {
      v1::TableRequest* request = trusted.manifest.add_tables();
      request->set_table(table);
      request->set_max_age_ms(max_age_ms);
    }
    trusted.digest = trusted.manifest.SerializeAsString();
    return trusted;
  }

  void Work() {
    while (collection_.Step()) {
    }
  }
  Sent TakeSent() { return std::exchange(sent_, {}); }

  TempFolder folder_;
  FakeHost host_;
  ProgressMarker::Files files_{folder_ / "progress", folder_ / "killed"};
  ProgressMarker marker_ = ProgressMarker::Open(files_, "boot", {}).value();
  std::vector<WatchTarget> watched_;
  Status watch_status_;
  Sent sent_;
  Sent notices_;
  Collection collection_{Ports()};
};

TEST_F(CollectionTest, BeforeAManifestNothingIsReadWatchedOrSent) {
  collection_.CollectNow({});
  collection_.OnEvent({kNotes, "x"});
  collection_.OnTime();
  EXPECT_FALSE(collection_.Step());
  EXPECT_EQ(collection_.WakeAt(), std::nullopt);
  EXPECT_EQ(TakeSent(), Sent{});
  EXPECT_TRUE(watched_.empty());
}

TEST_F(CollectionTest, TheFirstManifestBringsAllItsTablesInOneMessage) {
  collection_.Follow(Asking({"notes", "pids", "no_such_table"}));
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"start: notes@1000(1) pids@1000(2) no_such_table@1000(0) no "
                              "collector for this table on linux"}));
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{kNotes, Exit(41), Exit(42), kNetwork}));
}

TEST_F(CollectionTest, WatchesStandBeforeTheFirstRead) {
  collection_.Follow(Asking({"notes"}));
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{kNotes, kNetwork}));
  EXPECT_EQ(TakeSent(), Sent{});
}

TEST_F(CollectionTest, AnEventReadsItsTablesAndSendsWhatDiffers) {
  collection_.Follow(Asking({"notes", "pids"}));
  Work();
  TakeSent();
  Clock(1001);
  collection_.OnEvent({kNetwork, "netlink: route added"});
  Work();
  EXPECT_EQ(TakeSent(), Sent{});  // read again, and the same
  host_.Put("/notes", "a\nb\n");
  collection_.OnEvent({kNotes, "inotify /notes: written"});
  collection_.OnEvent({kNetwork, "netlink: route added"});
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"inotify /notes: written: notes@1001(2)"}));
}

TEST_F(CollectionTest, AnExitReadsTheTableOfThatPidAndTheNewPidsAreWatched) {
  collection_.Follow(Asking({"notes", "pids"}));
  Work();
  TakeSent();
  host_.Put("/pids", "43\n");
  collection_.OnEvent({Exit(42), "exit 42 clamd"});
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"exit 42 clamd: pids@1000(1)"}));
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{kNotes, Exit(43), kNetwork}));
}

TEST_F(CollectionTest, AnEventGoesBeforeTheRestOfASchedule) {
  collection_.Follow(Asking({"notes", "pids"}));
  Work();
  TakeSent();
  collection_.CollectNow({});
  EXPECT_TRUE(collection_.Step());  // notes was read
  host_.Put("/pids", "41\n");
  collection_.OnEvent({Exit(42), "exit 42"});
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"exit 42: pids@1000(1)", "asked: notes@1000(1) pids@1000(1)"}));
}

TEST_F(CollectionTest, OnScheduleATableGoesOutUnchangedBeforeHalfOfItsAge) {
  collection_.Follow(Asking({"notes", "pids"}, 100'000));
  Work();
  TakeSent();
  Clock(1029);
  collection_.OnTime();
  Work();
  EXPECT_EQ(TakeSent(), Sent{});
  Clock(1049);
  collection_.OnTime();
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"schedule: notes@1049(1) pids@1049(2)"}));
}

TEST_F(CollectionTest, WakesForTheNextPollAndWithoutOneOnlyForTheSchedule) {
  collection_.Follow(Asking({"notes", "pids"}));
  Work();
  EXPECT_EQ(collection_.WakeAt(), Millis(1'001'000));
  collection_.Follow(Asking({"notes"}));
  Work();
  EXPECT_GE(*collection_.WakeAt(), Millis(1'240'000));
  EXPECT_LT(*collection_.WakeAt(), Millis(1'300'000));
}

TEST_F(CollectionTest, APollReadsTheTableOnlyWhenItsProbeAnswersAnew) {
  collection_.Follow(Asking({"pids"}));
  Work();
  TakeSent();
  host_.Put("/pids", "41\n42\n43\n");
  Clock(1001);
  collection_.OnTime();
  Work();
  EXPECT_EQ(TakeSent(), Sent{});
  host_.Put("/count", "3");
  Clock(1002);
  collection_.OnTime();
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"poll: changed: pids@1002(3)"}));
}

// A host that notes what the marker says while a file is read.
class MarkedHost : public FakeHost {
 public:
  explicit MarkedHost(const TempFolder& folder) : folder_(folder) {}
  Result<std::string> ReadFile(const std::string& path, size_t max_bytes) const override {
    const std::string marker = folder_.Read("progress");
    said.push_back(path + ": " + marker.substr(0, marker.find('\n')));
    return FakeHost::ReadFile(path, max_bytes);
  }
  mutable std::vector<std::string> said;

 private:
  const TempFolder& folder_;
};

TEST_F(CollectionTest, TheMarkerStandsWhileATableItsProbeOrItsRefreshIsAtWork) {
  MarkedHost host(folder_);
  host.Put("/pids", "41\n42\n");
  host.Put("/count", "2");
  host.Put("/gone", "42");
  CollectionPorts ports = Ports();
  ports.host = &host;
  Collection collection(ports);
  collection.Follow(Asking({"pids"}));
  while (collection.Step()) {
  }
  EXPECT_EQ(std::exchange(host.said, {}), (Sent{"/count: pids/probe", "/pids: pids"}));
  host.SetTime({Millis(2000), Millis(0)});
  collection.OnTime();
  EXPECT_EQ(std::exchange(host.said, {}), Sent{"/count: pids/probe"});
  collection.OnEvent({Exit(42), "exit 42"});
  while (collection.Step()) {
  }
  EXPECT_EQ(host.said, (Sent{"/gone: pids/refresh", "/pids: pids"}));
  EXPECT_TRUE(folder_.Read("progress").starts_with("\n"));
}

TEST_F(CollectionTest, AProbeThatKilledTheCollectorIsNotAskedForAWhileAndTheTableIsRead) {
  marker_ = ProgressMarker();  // killed: its file is open no more
  folder_.Write("progress", "pids/probe\nboot\n5\n");
  marker_ = ProgressMarker::Open(files_, "boot", {Millis(1'000'000), Millis(0)}).value();
  collection_.Follow(Asking({"pids"}));
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"start: pids@1000(2)"}));
  const auto change = [&](int64_t second, const std::string& count) {
    host_.Put("/count", count);
    host_.Put("/pids", "41\n42\n" + count + "\n");
    Clock(second);
    collection_.OnTime();
    Work();
    return TakeSent();
  };
  EXPECT_EQ(change(1001, "3"), Sent{});
  EXPECT_EQ(change(1059, "4"), Sent{});
  EXPECT_EQ(change(1060, "5"), Sent{});  // asked again: what it says from now on counts
  EXPECT_EQ(change(1061, "6"), (Sent{"poll: changed: pids@1061(3)"}));
}

TEST_F(CollectionTest, AnExitIsToldFastAndThenTheTableIsReadWhole) {
  collection_.Follow(Asking({"pids"}));
  Work();
  TakeSent();
  Clock(1001);
  host_.Put("/gone", "42");
  host_.Put("/pids", "41\n43\n44\n");
  collection_.OnEvent({Exit(42), "exit 42 clamd"});
  EXPECT_TRUE(collection_.Step());
  // What no process decides is as old as it was.
  EXPECT_EQ(TakeSent(), (Sent{"exit 42 clamd: pids@1000(1)"}));
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{Exit(41)}));
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"exit 42 clamd: pids@1001(3)"}));
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{Exit(41), Exit(43), Exit(44)}));
}

TEST_F(CollectionTest, WhatATableReadIsWatchedAndReadAgainOnceItIs) {
  host_.Put("/index", "/srv/a");
  host_.Put("/srv/a", "1\n");
  const WatchTarget program{WatchTarget::Kind::kProgram, "/bin/x", 0};
  CollectionPorts ports = Ports();
  ports.watch = [&](const std::vector<WatchTarget>& targets) -> Status {
    watched_ = targets;
    if (targets.size() == 3) host_.Put("/srv/a", "1\n2\n");  // read by now, not watched yet
    return {};
  };
  Collection collection(ports);
  const auto hear = [&](const std::string& path) {
    collection.OnEvent({Path(path), path});
    while (collection.Step()) {
    }
    return TakeSent();
  };
  collection.Follow(Asking({"indexed"}));
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{program}));
  EXPECT_FALSE(collection.Step());
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{Path("/index"), Path("/srv/a"), program}));
  EXPECT_EQ(TakeSent(), Sent{"start: indexed@1000(2)"});

  host_.Put("/index", "/srv/none");  // what is not there may come
  EXPECT_EQ(hear("/index"), Sent{"/index: indexed@1000(0) /srv/none: no such file"});
  EXPECT_EQ(hear("/srv/a"), Sent{});  // no longer its
  host_.Put("/srv/none", "1\n2\n3\n");
  EXPECT_EQ(hear("/srv/none"), Sent{"/srv/none: indexed@1000(3)"});
}

TEST_F(CollectionTest, ANewManifestReadsOnlyWhatIsNewAndSendsAll) {
  collection_.Follow(Asking({"notes"}));
  Work();
  TakeSent();
  Clock(1005);
  collection_.Follow(Asking({"notes", "pids"}));
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"manifest: notes@1000(1) pids@1005(2)"}));
}

TEST_F(CollectionTest, TheSameManifestAgainBringsWhatIsHeld) {
  collection_.Follow(Asking({"notes"}));
  Work();
  TakeSent();
  Clock(1005);
  collection_.Follow(Asking({"notes"}));
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"manifest: notes@1000(1)"}));
}

TEST_F(CollectionTest, ATableThatKilledTheCollectorIsToldOfAndReadAfterTheWait) {
  marker_ = ProgressMarker();  // killed: its file is open no more
  folder_.Write("progress", "notes\nboot\n5\n");
  marker_ = ProgressMarker::Open(files_, "boot", {Millis(1'000'000), Millis(0)}).value();
  collection_.Follow(Asking({"notes"}));
  Work();
  EXPECT_EQ(TakeSent(),
            (Sent{"start: notes@1000(0) since 1970-01-01T00:00:00Z: the collector was killed while "
                  "reading this table"}));
  collection_.OnEvent({kNotes, "x"});
  Work();
  EXPECT_EQ(TakeSent(), Sent{});
  EXPECT_EQ(collection_.WakeAt(), Millis(1'060'000));
  Clock(1060);
  collection_.OnTime();
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"schedule: notes@1060(1)"}));
}

TEST_F(CollectionTest, AFileThatIsWrittenInALoopIsReadSoOftenAndNoMore) {
  collection_.Follow(Asking({"notes"}));
  Work();
  TakeSent();
  for (int i = 0; i < 1000; ++i) {
    host_.Put("/notes", std::to_string(i));
    collection_.OnEvent({kNotes, "written"});
    Work();
  }
  EXPECT_EQ(TakeSent().size(), 50u);
  EXPECT_EQ(collection_.WakeAt(), Millis(1'000'050));
  Clock(1001);
  collection_.OnTime();  // the last state is not lost
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"events: notes@1001(1)"}));
}

TEST_F(CollectionTest, AWatchThatCannotBeSetIsToldOnce) {
  watch_status_ = Fail(Code::kExhausted, "inotify /notes: no space");
  collection_.Follow(Asking({"notes", "pids"}));
  Work();
  EXPECT_EQ(notices_, (Sent{"not watched: inotify /notes: no space"}));
}

TEST_F(CollectionTest, ATableThatCannotBeReadIsAStateAndComesBack) {
  host_.Fail("/notes", Code::kDenied);
  collection_.Follow(Asking({"notes"}));
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"start: notes@1000(0) /notes"}));
  host_.Put("/notes", "a\n");
  collection_.OnEvent({kNotes, "written"});
  Work();
  EXPECT_EQ(TakeSent(), (Sent{"written: notes@1000(1)"}));
}

TEST(SplitBySize, MessagesStayUnderTheBoundAndATableThatCannotGoesAsAnError) {
  v1::CollectedTables tables;
  tables.set_trigger("start");
  for (const size_t size : {400u, 400u, 400u, 5000u}) {
    v1::TableResult* result = tables.add_tables()->mutable_result();
    result->set_table("t" + std::to_string(size));
    result->set_state(v1::TableResult::STATE_VALUE);
    result->add_rows()->add_cells()->set_text(std::string(size, 'x'));
  }
  const auto parts = SplitBySize(tables, 1200);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].tables_size(), 2);
  EXPECT_EQ(parts[1].tables_size(), 2);
  EXPECT_EQ(parts[1].trigger(), "start");
  EXPECT_EQ(parts[1].tables(0).result().state(), v1::TableResult::STATE_VALUE);
  EXPECT_EQ(parts[1].tables(1).result().state(), v1::TableResult::STATE_ERROR);
  EXPECT_EQ(parts[1].tables(1).result().rows_size(), 0);
  for (const auto& part : parts) EXPECT_LE(part.ByteSizeLong(), 1200u);
}

}  // namespace
}  // namespace sallyport
