// SPDX-License-Identifier: Apache-2.0
// Every collector on the machine that runs the test, whatever it is.
#include <gtest/gtest.h>

#include <algorithm>
#include <any>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "base/package_version.h"
#include "base/text.h"
#include "collectors/apt_lists.h"
#include "collectors/os_patch_state.h"
#include "collectors/tables.h"
#include "platform/host_linux.h"
#include "tests/collectors/needs_keys.h"

namespace sallyport {
namespace {

double CpuMillis() {
  return 1000.0 * static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

void Print(const TableResult& result) {
  std::printf("%s: %s %s\n", result.table.c_str(), StateName(result.state), result.error.c_str());
  constexpr size_t kShown = 8;  // of hundreds of packages or processes
  for (const Row& row : std::span(result.rows).first(std::min(kShown, result.rows.size()))) {
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

// What this machine need not have: another package manager, modules, SMBIOS, a system bus, the
// right to see iptables.
bool MayBeMissing(const TableResult& result) {
  constexpr std::string_view kMayBeAbsent[] = {"rpm_packages",  "yum_sources", "kernel_modules",
                                               "platform_info", "iptables",    "deb_packages",
                                               "apt_sources"};
  if (result.state == State::kAbsent) {
    return std::ranges::find(kMayBeAbsent, result.table) != std::end(kMayBeAbsent);
  }
  if (result.table == "screen_lock") return result.error == "no desktop is installed";
  const bool needs_bus = result.table == "systemd_units" || result.table == "startup_items";
  return needs_bus && result.error.find("no system bus") != std::string::npos;
}

TEST(RealMachine, EveryCollectorAnswersWithCellsOfItsColumnsTypes) {
  const LinuxHost host;
  for (const Collector& collector : Collectors(Os::kLinux)) {
    if (NeedsKeys(collector.schema)) continue;
    const TableResult result = Collect(collector, host, {});
    Print(result);
    EXPECT_TRUE(result.state == State::kValue || MayBeMissing(result))
        << result.table << ": " << StateName(result.state) << " " << result.error;
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
    if (NeedsKeys(collector.schema)) continue;
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
    std::any memory;
    for (int i = 0; i < 2; ++i) trigger.probe(host, &memory);
    const double start = CpuMillis();
    for (int i = 0; i < 10; ++i) trigger.probe(host, &memory);
    std::printf("%-16s %8.3f ms\n", "edr probe", (CpuMillis() - start) / 10);
  }
  std::printf("all tables: first %.3f ms, again %.3f ms of CPU\n", total_first, total_again);
  // Ten times what all of them take, which nobody asks for at once: sanitizers run this, too.
  EXPECT_LT(total_again, 1000.0);
}

// apt's own answer, apt(8): a line per version of each package that could be upgraded,
// "bash/stable,now 5.2.15-2 amd64 [upgradable from: 5.2.14-1]".
struct AptAnswer {
  int64_t pending = 0;
  int64_t security = 0;
};

std::string CommandOutputOf(const char* command) {
  std::string out;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "r"), pclose);
  char chunk[4096];
  for (size_t got; (got = fread(chunk, 1, sizeof chunk, pipe.get())) > 0;) out.append(chunk, got);
  return out;
}

AptAnswer AskApt() {
  AptAnswer answer;
  std::map<std::string, std::string> installed;  // package and architecture to version
  std::set<std::string> security;
  const std::string upgradable = CommandOutputOf("LC_ALL=C apt list --upgradable 2>/dev/null");
  const std::string versions = CommandOutputOf("LC_ALL=C apt list -a --upgradable 2>/dev/null");
  const auto each = [](const std::string& text, const auto& use) {
    for (std::string_view line : Lines(text)) {
      const auto fields = Fields(line);
      const size_t slash = line.find('/');
      if (fields.size() < 3 || slash == std::string_view::npos) continue;
      const std::string package = std::string(line.substr(0, slash)) + " " + std::string(fields[2]);
      use(package, std::string(fields[0].substr(slash)), std::string(fields[1]), line);
    }
  };
  each(upgradable, [&](const auto& package, const auto&, const auto&, std::string_view line) {
    constexpr std::string_view kFrom = "[upgradable from: ";
    const size_t from = line.find(kFrom);
    if (from == std::string_view::npos) return;
    ++answer.pending;
    installed[package] = line.substr(from + kFrom.size(), line.rfind(']') - from - kFrom.size());
  });
  each(versions, [&](const auto& package, const auto& suites, const auto& version, auto) {
    const auto now = installed.find(package);
    if (now == installed.end() || suites.find("-security") == std::string::npos) return;
    if (CompareDpkgVersions(version, now->second) > 0) security.insert(package);
  });
  answer.security = static_cast<int64_t>(security.size());
  return answer;
}

TEST(RealMachine, PendingUpdatesAreThoseThatAptCounts) {
  const LinuxHost host;
  if (!host.Stat("/usr/bin/apt")) GTEST_SKIP() << "no apt here";
  const auto sources = ReadAptSources(host, kAptListsFolder);
  if (!sources || sources->empty()) GTEST_SKIP() << "no package lists: apt update was never run";
  const TableResult result = Collect(*FindCollector(Os::kLinux, "os_patch_state"), host, {});
  ASSERT_EQ(result.rows.size(), 1u) << result.error;
  const auto cell = [&](std::string_view column) {
    return result.rows[0][static_cast<size_t>(kOsPatchState.IndexOf(column))];
  };
  const AptAnswer apt = AskApt();
  EXPECT_EQ(cell("updates_pending"), Cell(apt.pending));
  // Held and phased ones are not upgradable to apt, and missing to us; lists that are too old to
  // show that nothing is missing are unknown.
  if (cell("security_updates_held") == Cell(0) && cell("updates_phased") == Cell(0) &&
      !IsUnknown(cell("security_updates_pending"))) {
    EXPECT_EQ(cell("security_updates_pending"), Cell(apt.security));
  }
}

}  // namespace
}  // namespace sallyport
