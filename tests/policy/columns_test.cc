// SPDX-License-Identifier: Apache-2.0
// Evidence that has some of a table's columns, as the manifest asked for them.
#include <gtest/gtest.h>

#include "tests/policy/evidence.h"

namespace sallyport {
namespace {

const TableResult kVolumes = Table(
    "disk_volumes", {{Cell("/"), Cell("on"), Cell(0)}, {Cell("/boot"), Cell("off"), Cell(1)}});

TEST(Columns, AColumnThatDidNotLeaveTheLaptopIsUnknownNeverNull) {
  const std::vector<TableResult> evidence = {Narrowed(kVolumes, {"mount_point", "protection"})};
  const std::string why = "unknown: disk_volumes.exempt: the evidence has no such column";
  for (const char* query :
       {"SELECT 1 FROM disk_volumes WHERE exempt IS NULL",
        "SELECT 1 FROM disk_volumes WHERE exempt = 0",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE exempt = 1)",
        "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE exempt <> 0)",
        "SELECT * FROM disk_volumes",
        "SELECT 1 WHERE (SELECT max(exempt) FROM disk_volumes) IS NULL",
        "SELECT 1 FROM disk_volumes WHERE coalesce(exempt, 0) = 0"}) {
    EXPECT_EQ(Brief(query, evidence), why) << query;
  }
}

TEST(Columns, PoliciesThatDoNotReadItAreJudged) {
  const std::vector<TableResult> evidence = {Narrowed(kVolumes, {"mount_point", "protection"})};
  EXPECT_EQ(
      Brief("SELECT 1 FROM disk_volumes WHERE mount_point = '/' AND protection = 'on'", evidence),
      "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE mount_point = '/boot' AND protection = 'on'",
                  evidence),
            "fail");
}

TEST(Columns, RowsWithoutAnyColumnAreCounted) {
  const std::vector<TableResult> evidence = {Narrowed(kVolumes, {})};
  EXPECT_EQ(Brief("SELECT 1 WHERE (SELECT COUNT(*) FROM disk_volumes) = 2", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 WHERE EXISTS (SELECT 1 FROM disk_volumes)", evidence), "pass");
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE protection = 'on'", evidence),
            "unknown: disk_volumes.protection: the evidence has no such column");
}

TEST(Columns, WhereThereIsNoRowNoColumnIsMissed) {
  const std::vector<TableResult> evidence = {Narrowed(Table("disk_volumes", {}), {"mount_point"})};
  EXPECT_EQ(Brief("SELECT 1 FROM disk_volumes WHERE exempt = 1", evidence), "fail");
}

TEST(Columns, OfTwoAnswersTheOneThatHasTheColumnsIsTaken) {
  constexpr char kQuery[] =
      "SELECT 1 FROM file WHERE path = '/a' AND directory = '/' AND mode = '0600'";
  constexpr Column kFile[] = {{"path", Type::kText, "", "", Role::kRequired},
                              {"directory", Type::kText, "", "", Role::kRequired},
                              {"mode", Type::kText, ""}};
  const Schema schemas[] = {{"file", kFile}};
  TableResult by_path;
  by_path.table = "file";
  by_path.keys = {{"path", "/a"}};
  by_path.columns = {"path", "directory", "mode"};
  by_path.rows = {{Cell("/a"), Cell("/"), Cell("0600")}};
  TableResult by_folder = by_path;
  by_folder.keys = {{"directory", "/"}};
  const TableResult without = Narrowed(by_folder, {"path", "directory"});
  const auto verdict = [&](const std::vector<TableResult>& evidence) {
    const auto engine = Engine::Compile(PolicySet{{Sql(kQuery)}, "x"}, schemas).value();
    return Brief(*engine->Evaluate(Os::kLinux, evidence)[0]);
  };
  EXPECT_EQ(verdict({without, by_path}), "pass");
  EXPECT_EQ(verdict({by_path, without}), "pass");
  EXPECT_EQ(verdict({without}), "unknown: file.mode: the evidence has no such column");
  TableResult denied = by_path;
  denied.state = State::kDenied;
  EXPECT_EQ(verdict({without, denied}), "unknown: file.mode: the evidence has no such column");
}

}  // namespace
}  // namespace sallyport
