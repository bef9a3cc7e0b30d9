// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/machine.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "collectors/tables.h"
#include "policy/query.h"
#include "tests/collectors/gvdb_bytes.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

Result<QueryAnswer> Ask(const Machine& machine, const std::string& sql) {
  return RunQuery(sql, AllSchemas(), [&machine](const std::string& table, const Keys& keys) {
    return machine.Read(table, keys);
  });
}

TEST(Machine, ARecordedOneAnswersAsThisOneDid) {
  const TempFolder folder;
  const std::string to = folder.path() + "/made/here";
  const std::string file = folder / "asked.txt";
  folder.Write("asked.txt", "12345");
  const auto here = Machine::This("");
  ASSERT_TRUE(here) << here.error().message;
  const std::string sql = "SELECT size FROM file WHERE path = '" + file + "'";
  const auto done = Record(*here, {sql}, to);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(done->tables, 3u);
  EXPECT_FALSE(done->not_read.empty()) << "of another system, or not here";
  for (const std::string& table : done->not_read) {
    EXPECT_EQ(table.find(": value"), std::string::npos) << table;
    EXPECT_FALSE(table.starts_with("file:")) << "not asked without a key";
  }

  const auto there = Machine::Recorded(to);
  ASSERT_TRUE(there) << there.error().message;
  for (const std::string& same : {std::string("SELECT * FROM os_version"), sql}) {
    const auto now = Ask(*here, same);
    const auto then = Ask(*there, same);
    ASSERT_TRUE(now) << now.error().message;
    ASSERT_TRUE(then) << then.error().message;
    ASSERT_EQ(now->rows.size(), 1u) << same;
    EXPECT_EQ(now->rows, then->rows) << same;
  }
  const std::string updates = "SELECT * FROM pending_updates";
  const auto pending = Ask(*here, updates);
  const auto pending_then = Ask(*there, updates);
  ASSERT_TRUE(pending) << pending.error().message;
  ASSERT_TRUE(pending_then) << pending_then.error().message;
  EXPECT_EQ(pending->rows, pending_then->rows);
  EXPECT_EQ(pending->doubts, pending_then->doubts);
  EXPECT_LT(std::filesystem::file_size(to + "/host.json"), 8U << 20)
      << "of the lists only what is installed is kept";
  const auto states = Ask(*there, "SELECT * FROM collector_status");
  ASSERT_TRUE(states) << states.error().message;
  EXPECT_GT(states->rows.size(), done->tables);
  const auto other = Ask(*there, "SELECT size FROM file WHERE path = '" + file + ".not'");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_FALSE(other->doubts.empty());  // never asked is not absent

  const auto again = Record(*here, {}, to);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kConflict) << again.error().message;
}

TEST(Machine, OfADatabaseOfSettingsARecordingHoldsOnlyWhatTablesTellOf) {
  const TempFolder folder;
  const std::string file = folder / "dconf";
  folder.Write("dconf", ToGvdb({{"/org/gnome/desktop/session/idle-delay", NumberVariant(300)},
                                {"/org/gnome/diary", NumberVariant(1)}}));
  const auto here = Machine::This("");
  ASSERT_TRUE(here) << here.error().message;
  const auto done =
      Record(*here, {"SELECT line FROM file_lines WHERE path = '" + file + "'"}, folder / "made");
  ASSERT_TRUE(done) << done.error().message;
  const auto there = Machine::Recorded(folder / "made");
  ASSERT_TRUE(there) << there.error().message;
  const auto kept = there->host().ReadFile(file);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_NE(kept->find("idle-delay"), kept->npos);
  EXPECT_EQ(kept->find("diary"), kept->npos);
}

TEST(Machine, TheLimitHoldsForQueriesToo) {
  const TempFolder folder;
  const std::string file = folder / "asked.txt";
  folder.Write("asked.txt", "line");
  const std::string limit = folder / "limit";
  folder.Write("limit", file + "\n");
  const auto here = Machine::This(limit);
  ASSERT_TRUE(here) << here.error().message;
  const auto answer = Ask(*here, "SELECT line FROM file_lines WHERE path = '" + file + "'");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->rows.empty());
  ASSERT_EQ(answer->doubts.size(), 1u);
  EXPECT_NE(answer->doubts[0].find("denied"), std::string::npos) << answer->doubts[0];
}

TEST(Machine, ALimitThatCannotBeReadIsNoWeakerLimit) {
  const TempFolder folder;
  EXPECT_FALSE(Machine::This(folder / "limit"));
  folder.Write("limit", "not absolute\n");
  EXPECT_FALSE(Machine::This(folder / "limit"));
}

TEST(Machine, AFolderWithoutARecordingIsNamed) {
  const TempFolder folder;
  const auto none = Machine::Recorded(folder.path());
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("host.json"), std::string::npos) << none.error().message;
}

TEST(Machine, ATableThatNobodyCollectsHereIsUnsupported) {
  const auto here = Machine::This("");
  ASSERT_TRUE(here) << here.error().message;
  const TableResult result = here->Read("no_such_table", {});
  EXPECT_EQ(result.state, State::kUnsupported);
}

}  // namespace
}  // namespace sallyport
