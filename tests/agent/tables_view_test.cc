// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/tables_view.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace sallyport {
namespace {

constexpr Column kLocksColumns[] = {
    {"path", Type::kText, "of the lock", "nocase", Role::kRequired},
    {"pid", Type::kBigint, "who holds it"},
    {"inode", Type::kBigint, "a | b", "", Role::kPlain, true},
};
constexpr Schema kLocks{"locks", kLocksColumns, "who holds what"};
constexpr Schema kGhosts{"ghosts", kLocksColumns, "seen by nobody"};

Result<Rows> NoRows(const Host&, const Keys&) { return Rows{}; }

constexpr Trigger kTriggers[] = {
    {Trigger::Kind::kPath, "/proc/locks"},
    {Trigger::Kind::kPidColumn, "pid"},
    {Trigger::Kind::kPoll, "", std::chrono::milliseconds(2'000)},
};
const Collector kLinuxLocks{kLocks,    {Os::kLinux},          NoRows,
                            kTriggers, std::chrono::hours(1), "/proc/locks"};

const std::vector<TableCard> kTables{{kGhosts, {}}, {kLocks, {{Os::kLinux, &kLinuxLocks}}}};

TEST(TablesView, OneLineForEachTableSaysWhereItIsCollected) {
  EXPECT_EQ(TablesText(kTables),
            "ghosts  declared, not collected  seen by nobody\n"
            "locks   linux                    who holds what\n");
}

TEST(TablesView, OneTableIsToldWithSourceTriggersAgeAndColumns) {
  EXPECT_EQ(TableText(kTables, "locks").value(),
            "locks   who holds what\n"
            "\n"
            "  linux\n"
            "    read from   /proc/locks\n"
            "    read again  /proc/locks changed; a process of column pid ended; looked at each 2 "
            "s; at the latest after 1 h\n"
            "\n"
            "  path   text     of the lock (required, collation nocase)\n"
            "  pid    bigint   who holds it\n"
            "  inode  bigint   a | b (hidden)\n");
}

TEST(TablesView, ATableThatIsNotThereIsNamed) {
  const auto none = TableText(kTables, "lokcs");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kNotFound);
  EXPECT_NE(none.error().message.find("lokcs"), std::string::npos) << none.error().message;
  EXPECT_FALSE(TablesJson(kTables, "lokcs", Millis(0)));
}

TEST(TablesView, OneTableAsJsonIsThatTableWithAgeRolesAndHiddenColumns) {
  const auto json = nlohmann::json::parse(TablesJson(kTables, "locks", Millis(0)).value());
  ASSERT_EQ(json["tables"].size(), 1u);
  const auto& locks = json["tables"][0];
  EXPECT_EQ(locks["collected"], nlohmann::json::parse(R"([{
      "platform": "linux", "source": "/proc/locks", "max_age_ms": 3600000,
      "triggers": "/proc/locks changed; a process of column pid ended; looked at each 2 s"}])"));
  EXPECT_EQ(locks["columns"][0],
            nlohmann::json::parse(R"({"name": "path", "type": "text", "about": "of the lock",
                                      "collation": "nocase", "role": "required", "hidden": false})"));
  EXPECT_EQ(locks["columns"][2]["hidden"], true);
  EXPECT_EQ(nlohmann::json::parse(TablesJson(kTables, "", Millis(0)).value())["tables"].size(), 2u);
}

TEST(TablesView, ATagInProseIsNoneOnThePage) {
  constexpr Schema kTag{"tag", kLocksColumns, "<b> of *all*"};
  EXPECT_NE(TablesMarkdown({{kTag, {}}}).find("\n\\<b> of \\*all\\*\n"), std::string::npos);
}

TEST(TablesView, APipeInProseDoesNotEndACellOfThePage) {
  EXPECT_NE(TablesMarkdown(kTables).find("| `inode` | bigint | hidden | a \\| b |\n"),
            std::string::npos);
}

TEST(TablesView, ThePageInDocsIsWhatTheDeclarationsSay) {
  std::ifstream file(SALLYPORT_SOURCE_DIR "/docs/tables.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(page == TablesMarkdown(AllTableCards())) << "run ./dev docs";
}

}  // namespace
}  // namespace sallyport
