// SPDX-License-Identifier: Apache-2.0
// Every collector of macOS against the Mac that runs the test.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "collectors/tables.h"
#include "platform/this_host.h"

namespace sallyport {
namespace {

TEST(RealMac, EveryTableCanBeReadAndSaysWhatItCost) {
  const auto host = MakeThisHost(DefaultCommands());
  for (const Collector& collector : Collectors(Os::kMacos)) {
    const TableResult result = Collect(collector, *host, {});
    EXPECT_EQ(result.state, State::kValue) << result.table << ": " << result.error;
    std::printf("%s: %lld us\n", result.table.c_str(), static_cast<long long>(result.took.count()));
    for (const Row& row : result.rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        std::printf("  %s = %s\n", result.columns[i].c_str(), ToText(row[i]).c_str());
      }
    }
  }
}

TEST(RealMac, KnowsWhatItIs) {
  const auto host = MakeThisHost(DefaultCommands());
  const Row row = Collect(*FindCollector(Os::kMacos, "os_version"), *host, {}).rows.at(0);
  EXPECT_EQ(row.at(0), Cell("macOS"));
  EXPECT_GE(std::get<int64_t>(row.at(2)), 13);
}

}  // namespace
}  // namespace sallyport
