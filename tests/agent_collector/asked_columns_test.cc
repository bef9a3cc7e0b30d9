// SPDX-License-Identifier: Apache-2.0
// Which columns leave the collector: what a manifest names, and what changes when it names others.
#include "agent/collector/asked_columns.h"

#include <gtest/gtest.h>

#include <utility>

#include "agent/collector/collection.h"
#include "attestation/evidence.h"
#include "base/text.h"
#include "tests/platform/temp_folder.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr Column kProcessColumns[] = {{"pid", Type::kBigint, "a process"},
                                      {"name", Type::kText, "its name"},
                                      {"cmdline", Type::kText, "its arguments"}};

// /processes: "pid name cmdline" by line.
Result<Rows> Processes(const Host& host, const Keys&) {
  Rows rows;
  const std::string text = host.ReadFile("/processes", 1000).value();
  for (std::string_view line : Lines(text)) {
    const auto fields = Fields(line);
    rows.push_back({Cell(*ParseInt(fields[0])), Cell(fields[1]), Cell(fields[2])});
  }
  return rows;
}

constexpr Trigger kTriggers[] = {{.kind = Trigger::Kind::kPidColumn, .what = "pid"},
                                 {.kind = Trigger::Kind::kPath, .what = "/processes"}};
constexpr Collector kProcesses{{"processes", kProcessColumns}, {Os::kLinux}, Processes, kTriggers,
                               std::chrono::minutes(10),       "/p"};
const WatchTarget kFile{WatchTarget::Kind::kPath, "/processes", 0};

TrustedManifest Asking(uint64_t version, std::vector<std::string> columns) {
  TrustedManifest trusted;
  trusted.manifest.set_version(version);
  trusted.manifest.set_names_columns(true);
  v1::TableRequest* request = trusted.manifest.add_tables();
  request->set_table("processes");
  request->mutable_columns()->Add(columns.begin(), columns.end());
  trusted.digest = std::to_string(version);
  return trusted;
}

class AskedColumnsTest : public testing::Test {
 protected:
  AskedColumnsTest() {
    host_.Put("/processes", "41 clamd --config\n42 backup --password=CANARY\n");
    host_.SetTime({Millis(1'000'000), Millis(0)});
  }

  void Work() {
    while (collection_.Step()) {
    }
  }
  std::vector<v1::CollectedTables> TakeSent() { return std::exchange(sent_, {}); }

  TempFolder folder_;
  FakeHost host_;
  ProgressMarker marker_ =
      ProgressMarker::Open({folder_ / "progress", folder_ / "killed"}, "boot", {}).value();
  std::vector<WatchTarget> watched_;
  std::vector<v1::CollectedTables> sent_;
  Collection collection_{{.host = &host_,
                          .marker = &marker_,
                          .find = [](std::string_view) { return &kProcesses; },
                          .watch = [this](const std::vector<WatchTarget>& targets) -> Status {
                            watched_ = targets;
                            return {};
                          },
                          .send = [this](v1::CollectedTables m) { sent_.push_back(std::move(m)); },
                          .notice = [](const std::string&) {},
                          .seed = 1}};
};

TableResult Only(const v1::CollectedTables& message) {
  EXPECT_EQ(message.tables_size(), 1);
  return FromProto(message.tables(0).result()).value();
}

TEST_F(AskedColumnsTest, AColumnThatNobodyAskedForIsNotAmongTheBytes) {
  collection_.Follow(Asking(1, {"name"}));
  Work();
  const auto sent = TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].SerializeAsString().find("CANARY"), std::string::npos);
  EXPECT_EQ(sent[0].SerializeAsString().find("cmdline"), std::string::npos);
  const TableResult table = Only(sent[0]);
  EXPECT_EQ(table.columns, std::vector<std::string>{"name"});
  EXPECT_EQ(table.rows, (Rows{{Cell("clamd")}, {Cell("backup")}}));
  EXPECT_EQ(table.state, State::kValue);
}

TEST_F(AskedColumnsTest, ATriggerStillKnowsThePidsThatDoNotLeave) {
  collection_.Follow(Asking(1, {"name"}));
  Work();
  EXPECT_EQ(watched_, (std::vector<WatchTarget>{kFile,
                                                {WatchTarget::Kind::kProcessExit, "", 41},
                                                {WatchTarget::Kind::kProcessExit, "", 42}}));
}

TEST_F(AskedColumnsTest, AChangeOfWhatIsNotAskedForIsNotSent) {
  collection_.Follow(Asking(1, {"name"}));
  Work();
  TakeSent();
  host_.Put("/processes", "41 clamd --config\n43 backup --password=OTHER\n");
  collection_.OnEvent({kFile, "inotify"});
  Work();
  EXPECT_TRUE(TakeSent().empty());
  host_.Put("/processes", "41 clamd --config\n43 restore --password=OTHER\n");
  collection_.OnEvent({kFile, "inotify"});
  Work();
  EXPECT_EQ(TakeSent().size(), 1u);
}

TEST_F(AskedColumnsTest, AManifestWithOtherColumnsBringsTheTableWithThoseWithoutANewRead) {
  collection_.Follow(Asking(1, {"name"}));
  Work();
  const std::string before = TableDigest(Only(TakeSent().at(0)));
  host_.Put("/processes", "1 other x\n");
  collection_.Follow(Asking(2, {"cmdline", "name"}));
  Work();
  auto sent = TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].manifest_digest(), "2");
  TableResult table = Only(sent[0]);
  EXPECT_EQ(table.columns, (std::vector<std::string>{"name", "cmdline"}))
      << "as the table has them";
  EXPECT_EQ(table.rows[1], (Row{Cell("backup"), Cell("--password=CANARY")}));
  EXPECT_NE(TableDigest(table), before);

  collection_.Follow(Asking(3, {"name"}));
  Work();
  sent = TakeSent();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].SerializeAsString().find("CANARY"), std::string::npos);
  EXPECT_EQ(TableDigest(Only(sent[0])), before) << "by which a service that holds it knows it";
}

TEST_F(AskedColumnsTest, WithoutAColumnTheRowsAreCounted) {
  collection_.Follow(Asking(1, {}));
  Work();
  const TableResult table = Only(TakeSent().at(0));
  EXPECT_TRUE(table.columns.empty());
  EXPECT_EQ(table.rows, (Rows{{}, {}}));
}

TEST_F(AskedColumnsTest, AManifestOfAServiceThatNamesNoColumnsAsksForAll) {
  TrustedManifest older = Asking(1, {});
  older.manifest.set_names_columns(false);
  collection_.Follow(older);
  Work();
  EXPECT_EQ(Only(TakeSent().at(0)).columns, (std::vector<std::string>{"pid", "name", "cmdline"}));
}

TEST(AskedColumns, TheColumnsOfKeysAreAmongThemAndForeignNamesCountForNothing) {
  v1::Manifest manifest;
  manifest.set_names_columns(true);
  v1::TableRequest* request = manifest.add_tables();
  request->set_table("file");
  request->add_keys()->set_column("path");
  request->add_columns("mode");
  request->add_columns("of_a_newer_agent");
  TableResult whole;
  whole.table = "file";
  whole.keys = {{"path", "/a"}};
  whole.columns = {"path", "directory", "mode"};
  whole.state = State::kValue;
  whole.rows = {{Cell("/a"), Cell("/"), Cell("0600")}};
  whole.source = "stat";
  whole.age = Millis(5);
  TableResult expected = whole;
  expected.columns = {"path", "mode"};
  expected.rows = {{Cell("/a"), Cell("0600")}};
  EXPECT_EQ(AskedColumns(manifest, *request).Only(whole), expected);
}

}  // namespace
}  // namespace sallyport
