// SPDX-License-Identifier: Apache-2.0
// Every collector on the machine that runs the test, whatever it is.
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <string>

#include "collectors/tables.h"
#include "platform/host_linux.h"

namespace sallyport {
namespace {

double CpuMillis() {
  return 1000.0 * static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

void Print(const TableResult& result) {
  std::printf("%s: %s %s\n", result.table.c_str(), StateName(result.state), result.error.c_str());
  for (const Row& row : result.rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += " " + result.columns[i] + "=" + ToText(row[i]);
    }
    std::printf(" %s\n", line.c_str());
  }
}

bool HasType(const Value& value, Type type) {
  if (IsNull(value) || IsUnknown(value)) return true;
  switch (type) {
    case Type::kText:
      return std::holds_alternative<std::string>(value);
    case Type::kInteger:
    case Type::kBigint:
      return std::holds_alternative<int64_t>(value);
    case Type::kDouble:
      return std::holds_alternative<double>(value);
  }
  return false;
}

TEST(RealMachine, EveryCollectorAnswersWithCellsOfItsColumnsTypes) {
  const LinuxHost host;
  for (const Collector& collector : Collectors(Os::kLinux)) {
    const TableResult result = Collect(collector, host, {});
    Print(result);
    EXPECT_EQ(result.state, State::kValue) << result.table << ": " << result.error;
    for (const Row& row : result.rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        EXPECT_TRUE(HasType(row[i], collector.schema.columns[i].type))
            << result.table << "." << result.columns[i];
      }
    }
  }
}

TEST(RealMachine, OneCollectionCostsLittle) {
  const LinuxHost host;
  double total_first = 0;
  double total_again = 0;
  for (const Collector& collector : Collectors(Os::kLinux)) {
    double start = CpuMillis();
    Collect(collector, host, {});
    const double first = CpuMillis() - start;
    constexpr int kTimes = 10;
    start = CpuMillis();
    for (int i = 0; i < kTimes; ++i) Collect(collector, host, {});
    const double again = (CpuMillis() - start) / kTimes;
    std::printf("%-16s first %8.3f ms, again %8.3f ms\n", collector.schema.name.data(), first,
                again);
    total_first += first;
    total_again += again;
  }
  for (const Trigger& trigger : FindCollector(Os::kLinux, "edr_products")->triggers) {
    if (!trigger.probe) continue;
    const double start = CpuMillis();
    for (int i = 0; i < 10; ++i) trigger.probe(host);
    std::printf("%-16s %8.3f ms\n", "edr probe", (CpuMillis() - start) / 10);
  }
  std::printf("all tables: first %.3f ms, again %.3f ms of CPU\n", total_first, total_again);
  EXPECT_LT(total_again, 200.0);  // ten times the goal: sanitizers and debug builds run this too
}

}  // namespace
}  // namespace sallyport
