// SPDX-License-Identifier: Apache-2.0
// Each folder of tests/machines is a machine: host.json, what it answered, and tables.txt, what the
// collectors must make of it; keys.txt, where there is one, names what tables that are read for a
// key are asked for.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "collectors/tables.h"
#include "platform/recorded_host.h"
#include "tests/collectors/needs_keys.h"

namespace sallyport {
namespace {

std::string DescribeTable(const Collector& collector, const Host& host, const Keys& keys) {
  const TableResult result = Collect(collector, host, keys);
  std::string out = result.table;
  for (const Key& key : keys) out += " " + ToText(key);
  out += std::string(": ") + StateName(result.state) + " " + result.error + "\n";
  for (const Row& row : result.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += "  " + result.columns[i] + " = " + ToText(row[i]) + "\n";
    }
    out += "\n";
  }
  return out;
}

std::string Describe(const Host& host, std::istream& asked) {
  std::string out;
  for (const Collector& collector : Collectors(host.os())) {
    if (!NeedsKeys(collector.schema)) out += DescribeTable(collector, host, {});
  }
  // keys.txt: "table column value" or "table column LIKE pattern"
  for (std::string line; std::getline(asked, line);) {
    std::istringstream words(line);
    std::string table;
    Key key;
    words >> table >> key.column >> std::ws;
    std::getline(words, key.value);
    key.like = key.value.starts_with("LIKE ");
    if (key.like) key.value.erase(0, 5);
    const Collector* collector = FindCollector(host.os(), table);
    out +=
        collector == nullptr ? table + ": no such table\n" : DescribeTable(*collector, host, {key});
  }
  return out;
}

TEST(RecordedMachines, GiveTheTablesThatAreWrittenBesideThem) {
  int machines = 0;
  const std::filesystem::path folder =
      std::filesystem::path(SALLYPORT_SOURCE_DIR) / "tests/machines";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_directory()) continue;
    const auto host = RecordedHost::Load((entry.path() / "host.json").string());
    ASSERT_TRUE(host) << entry.path() << ": " << host.error().message;
    std::ifstream file(entry.path() / "tables.txt");
    std::stringstream expected;
    expected << file.rdbuf();
    std::ifstream asked(entry.path() / "keys.txt");
    EXPECT_EQ(Describe(*host, asked), expected.str()) << entry.path();
    ++machines;
  }
  EXPECT_GE(machines, 1);
}

}  // namespace
}  // namespace sallyport
