// SPDX-License-Identifier: Apache-2.0
// Each folder of tests/machines is a machine: host.json, what it answered, and tables.txt, what the
// collectors must make of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "collectors/tables.h"
#include "platform/recorded_host.h"

namespace sallyport {
namespace {

std::string Describe(const Host& host) {
  std::string out;
  for (const Collector& collector : Collectors(host.os())) {
    const TableResult result = Collect(collector, host, {});
    out += result.table + ": " + StateName(result.state) + " " + result.error + "\n";
    for (const Row& row : result.rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        out += "  " + result.columns[i] + " = " + ToText(row[i]) + "\n";
      }
      out += "\n";
    }
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
    EXPECT_EQ(Describe(*host), expected.str()) << entry.path();
    ++machines;
  }
  EXPECT_GE(machines, 1);
}

}  // namespace
}  // namespace sallyport
