// SPDX-License-Identifier: Apache-2.0
// Every collector on the Windows that runs the test, which is Wine: what Wine lacks is unknown or
// unsupported, and never good.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "collectors/tables.h"
#include "platform/handle_windows.h"
#include "platform/host_windows.h"
#include "tests/collectors/needs_keys.h"
#include "tests/platform/service_fixture_windows.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

// Their WMI namespaces do not exist in Wine.
constexpr const char* kWineLacks[] = {"bitlocker_info", "deviceguard_status", "tpm_info",
                                      "windows_security_center", "windows_security_products"};

// Of these a key, or a property of the class, is not there in Wine.
constexpr const char* kWineHasNot[] = {"logical_drives", "patches", "secureboot"};

State ExpectedState(std::string_view table) {
  if (std::ranges::find(kWineHasNot, table) != std::end(kWineHasNot)) return State::kAbsent;
  const bool lacks = std::ranges::find(kWineLacks, table) != std::end(kWineLacks);
  return lacks ? State::kUnsupported : State::kValue;
}

bool HasType(const Value& value, Type type) {
  if (IsNull(value) || IsUnknown(value)) return true;
  return type == Type::kText ? std::holds_alternative<std::string>(value)
                             : std::holds_alternative<int64_t>(value);
}

TableResult Read(const char* table) {
  return Collect(*FindCollector(Os::kWindows, table), WindowsHost(), {});
}

Value At(const TableResult& result, size_t row, std::string_view column) {
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (result.columns[i] == column) return result.rows.at(row).at(i);
  }
  return Cell("no such column");
}

TEST(RealWindows, EveryCollectorAnswersWithCellsOfItsColumnsTypes) {
  for (const Collector& collector : Collectors(Os::kWindows)) {
    if (NeedsKeys(collector.schema)) continue;
    const TableResult result = Collect(collector, WindowsHost(), {});
    std::printf("%s: %s %s, %d us\n", result.table.c_str(), StateName(result.state),
                result.error.c_str(), static_cast<int>(result.took.count()));
    EXPECT_EQ(result.state, ExpectedState(result.table)) << result.table << ": " << result.error;
    for (const Row& row : result.rows) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        line += " " + result.columns[i] + "=" + ToText(row[i]);
        EXPECT_TRUE(HasType(row[i], collector.schema.columns[i].type))
            << result.table << "." << result.columns[i];
      }
      std::printf(" %s\n", line.c_str());
    }
  }
}

TEST(RealWindows, VolumesAreListedAndWhetherTheyAreProtectedIsUnknownWithoutBitLocker) {
  const TableResult volumes = Read("disk_volumes");
  ASSERT_FALSE(volumes.rows.empty());
  for (size_t i = 0; i < volumes.rows.size(); ++i) {
    EXPECT_EQ(At(volumes, i, "protection"), Cell(Unknown{}));
    EXPECT_EQ(At(volumes, i, "method"), Cell(Unknown{}));
  }
}

TEST(RealWindows, WhatUpdatesWouldTellIsUnknown) {
  const TableResult state = Read("os_patch_state");
  EXPECT_EQ(At(state, 0, "security_updates_pending"), Cell(Unknown{}));
  EXPECT_EQ(At(state, 0, "reboot_required"), Cell(Unknown{}));  // Wine has no servicing
  EXPECT_EQ(At(state, 0, "distribution_supported"), Cell(Unknown{}));
}

TEST(RealWindows, ServicesAreTheServiceManagersAndWhatWineDoesNotDescribeIsUnknown) {
  const TableResult services = Read("services");
  const auto found = std::ranges::find_if(
      services.rows, [](const Row& row) { return row.front() == Cell("RpcSs"); });
  ASSERT_NE(found, services.rows.end());
  const auto row = static_cast<size_t>(found - services.rows.begin());
  EXPECT_EQ(At(services, row, "status"), Cell("RUNNING"));
  EXPECT_EQ(At(services, row, "service_type"), Cell("SHARE_PROCESS"));
  EXPECT_EQ(At(services, row, "description"), Cell(Unknown{}));  // Win32_Service has none there
}

TEST(RealWindows, TheUninstallKeysOfBothViewsAreRead) {
  EXPECT_EQ(Read("programs").state, State::kValue);
}

TEST(RealWindows, AProductsServiceIsSeenFromItsInstallationToItsEnd) {
  const TempFolder folder;
  const std::wstring program = *Wide(folder / "clamd.exe");
  EXPECT_TRUE(Read("edr_products").rows.empty());
  {
    FakeService service(L"clamd", program);
    TableResult products = Read("edr_products");
    ASSERT_EQ(products.rows.size(), 1u);
    EXPECT_EQ(At(products, 0, "name"), Cell("clamav"));
    EXPECT_EQ(At(products, 0, "running"), Cell(0));
    EXPECT_EQ(At(products, 0, "unit_state"), Cell("inactive"));

    ASSERT_TRUE(service.Start());
    ASSERT_TRUE(service.AwaitRunning());
    products = Read("edr_products");
    EXPECT_EQ(At(products, 0, "running"), Cell(1));
    EXPECT_EQ(At(products, 0, "pid"), Cell(int64_t{service.pid()}));

    // Wine's service manager goes on to call it running.
    ASSERT_TRUE(service.Kill());
    products = Read("edr_products");
    EXPECT_EQ(At(products, 0, "running"), Cell(0));
    EXPECT_EQ(At(products, 0, "pid"), Cell(std::nullopt));
  }
  EXPECT_TRUE(Read("edr_products").rows.empty());
}

}  // namespace
}  // namespace sallyport
