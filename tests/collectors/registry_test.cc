// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "collectors/tables.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr Column kColumns[] = {{"a", Type::kText, "a cell"}};
constexpr Schema kSchema{"sample", kColumns};

Result<Rows> OneRow(const Host&, const Keys&) { return Rows{{Cell("x")}}; }
Result<Rows> TwoCells(const Host&, const Keys&) { return Rows{{Cell("x"), Cell("y")}}; }
template <Code code>
Result<Rows> Failing(const Host&, const Keys&) {
  return Fail(code, "the thing");
}

Collector Sample(CollectFn collect) {
  return {kSchema, {Os::kLinux}, collect, {}, std::chrono::seconds(1), "a source"};
}

TEST(Registry, EveryTableOfLinuxIsFoundByItsName) {
  EXPECT_FALSE(Collectors(Os::kLinux).empty());
  for (const Collector& collector : Collectors(Os::kLinux)) {
    EXPECT_EQ(FindCollector(Os::kLinux, collector.schema.name), &collector);
  }
  EXPECT_EQ(FindCollector(Os::kLinux, "no_such_table"), nullptr);
}

TEST(Registry, ATableStandsWithTheSystemsThatItCanBeReadOn) {
  for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
    for (const Collector& collector : Collectors(os)) {
      EXPECT_TRUE(collector.os.contains(os)) << collector.schema.name << " on " << OsName(os);
    }
  }
}

TEST(Registry, SchemasNameEachTableOnceAndCollectorStatusToo) {
  std::map<std::string, int> names;
  std::set<std::string_view> collected{"collector_status"};
  for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
    for (const Collector& collector : Collectors(os)) collected.insert(collector.schema.name);
  }
  for (const Schema& schema : AllSchemas()) {
    ++names[std::string(schema.name)];
    EXPECT_FALSE(schema.columns.empty()) << schema.name;
    // All columns are told of, or none: only a table that nothing collects may be in brief.
    const bool brief = !collected.contains(schema.name) && schema.columns[0].about.empty();
    std::set<std::string_view> columns;
    for (const Column& column : schema.columns) {
      EXPECT_TRUE(columns.insert(column.name).second) << schema.name << "." << column.name;
      EXPECT_EQ(column.about.empty(), brief) << schema.name << "." << column.name;
    }
  }
  for (const auto& [name, count] : names) EXPECT_EQ(count, 1) << name;
  EXPECT_EQ(names.count("collector_status"), 1u);
  EXPECT_EQ(names.count("disk_volumes"), 1u);
}

void ExpectSoundTriggers(const Collector& collector, const char* root) {
  for (const Trigger& trigger : collector.triggers) {
    if (trigger.kind == Trigger::Kind::kPidColumn) {
      EXPECT_GE(collector.schema.IndexOf(trigger.what), 0) << trigger.what;
    }
    EXPECT_EQ(trigger.what.starts_with("HKEY_LOCAL_MACHINE\\"),
              trigger.kind == Trigger::Kind::kRegistry)
        << trigger.what;
    const bool polls = trigger.kind == Trigger::Kind::kPoll;
    EXPECT_EQ(trigger.every.count() > 0, polls) << trigger.what;
    const bool watches_path =
        trigger.kind == Trigger::Kind::kPath || trigger.kind == Trigger::Kind::kProgram;
    EXPECT_EQ(trigger.what.starts_with(root), watches_path) << trigger.what;
    EXPECT_TRUE(!trigger.probe || polls) << collector.schema.name;
    EXPECT_TRUE(!trigger.refresh || trigger.kind == Trigger::Kind::kPidColumn) << trigger.what;
  }
}

TEST(Registry, TriggersNameColumnsThatExistAndPollsHaveAnInterval) {
  for (const auto& [os, root] :
       {std::pair(Os::kLinux, "/"), std::pair(Os::kWindows, "C:/"), std::pair(Os::kMacos, "/")}) {
    for (const Collector& collector : Collectors(os)) ExpectSoundTriggers(collector, root);
  }
}
TEST(Collect, RowsBecomeAValueWithColumnsAndSource) {
  const TableResult result = Collect(Sample(OneRow), FakeHost(), {{"a", "x"}});
  EXPECT_EQ(result.table, "sample");
  EXPECT_EQ(result.columns, std::vector<std::string>{"a"});
  EXPECT_EQ(result.keys, (Keys{{"a", "x"}}));
  EXPECT_EQ(result.state, State::kValue);
  EXPECT_EQ(result.rows, (Rows{{Cell("x")}}));
  EXPECT_EQ(result.source, "a source");
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.age.count(), 0);
}

TEST(Collect, EachErrorBecomesItsStateAndKeepsItsMessage) {
  const std::pair<CollectFn, State> cases[] = {
      {Failing<Code::kNotFound>, State::kAbsent},
      {Failing<Code::kUnsupported>, State::kUnsupported},
      {Failing<Code::kDenied>, State::kDenied},
      {Failing<Code::kTimeout>, State::kTimeout},
      {Failing<Code::kMalformed>, State::kError},
      {Failing<Code::kTooLarge>, State::kError},
  };
  for (const auto& [collect, state] : cases) {
    const TableResult result = Collect(Sample(collect), FakeHost(), {});
    EXPECT_EQ(result.state, state);
    EXPECT_EQ(result.error, "the thing");
    EXPECT_TRUE(result.rows.empty());
  }
}

TEST(Collect, ARowThatDoesNotFitItsSchemaIsAnErrorAndShowsNothing) {
  const TableResult result = Collect(Sample(TwoCells), FakeHost(), {});
  EXPECT_EQ(result.state, State::kError);
  EXPECT_EQ(result.error, "sample: a row of 2 cells for 1 columns");
  EXPECT_TRUE(result.rows.empty());
}

TEST(Collect, OnAnotherSystemTheTableIsUnsupported) {
  const TableResult result = Collect(Sample(OneRow), FakeHost(Os::kWindows), {});
  EXPECT_EQ(result.state, State::kUnsupported);
  EXPECT_TRUE(result.rows.empty());
}

TEST(CollectorStatus, HasARowPerResultWithItsStateAndItsUnknownCells) {
  TableResult good;
  good.table = "sample";
  good.columns = {"a", "b"};
  good.rows = {{Cell("x"), Unknown{}}, {Unknown{}, Cell(std::nullopt)}};
  good.age = std::chrono::milliseconds(7);
  good.took = std::chrono::microseconds(11);
  good.source = "a source";
  TableResult bad;
  bad.table = "file";
  bad.keys = {{"path", "/a"}, {"path", "/b"}};
  bad.state = State::kDenied;
  bad.error = "/a: denied";

  const TableResult results[] = {good, bad};
  const TableResult status = CollectorStatus(results);
  EXPECT_EQ(status.table, "collector_status");
  EXPECT_EQ(status.columns.size(), kCollectorStatus.columns.size());
  EXPECT_EQ(status.rows,
            (Rows{{Cell("sample"), Cell(std::nullopt), Cell("value"), Cell(std::nullopt), Cell(2),
                   Cell(2), Cell(7), Cell(11), Cell("a source")},
                  {Cell("file"), Cell("path=/a path=/b"), Cell("denied"), Cell("/a: denied"),
                   Cell(0), Cell(0), Cell(0), Cell(0), Cell("")}}));
}

}  // namespace
}  // namespace sallyport
