// SPDX-License-Identifier: Apache-2.0
// Run by ctest under Wine, which has no security namespaces of WMI: what it lacks is tested as
// lacking.
#include "platform/host_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr const char* kCimv2 = R"(root\CIMV2)";

TEST(WindowsHostWmi, CellsStandInTheOrderOfTheQuery) {
  const WindowsHost host;
  const Rows rows =
      host.QueryWmi(kCimv2, "SELECT Version, BuildNumber FROM Win32_OperatingSystem").value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(std::get<std::string>(rows[0][0]).starts_with("10.0.")) << ToText(rows[0][0]);
  const Rows swapped =
      host.QueryWmi(kCimv2, "SELECT BuildNumber, Version FROM Win32_OperatingSystem").value();
  EXPECT_EQ(swapped[0], (Row{rows[0][1], rows[0][0]}));
}

TEST(WindowsHostWmi, ServicesAndProcessesAreThere) {
  const WindowsHost host;
  const Rows processes = host.QueryWmi(kCimv2, "SELECT ProcessId, Name FROM Win32_Process").value();
  EXPECT_NE(std::ranges::find(
                processes, (Row{Cell(int64_t{GetCurrentProcessId()}), Cell("platform_test.exe")})),
            processes.end());
  const Rows services = host.QueryWmi(kCimv2, "SELECT Name, State FROM Win32_Service").value();
  EXPECT_NE(std::ranges::find(services, (Row{Cell("RpcSs"), Cell("Running")})), services.end());
}

TEST(WindowsHostWmi, AMethodOfAnObjectAnswersWithItsOutputs) {
  const WindowsHost host;
  const std::string self = "Win32_Process.Handle=\"" + std::to_string(GetCurrentProcessId()) + "\"";
  const Row row = host.CallWmi({kCimv2, self, "GetOwner", {"ReturnValue", "User"}}).value();
  ASSERT_EQ(row.size(), 2u);
  EXPECT_EQ(row[0], Cell(0));
  EXPECT_TRUE(std::holds_alternative<std::string>(row[1])) << ToText(row[1]);
}

TEST(WindowsHostWmi, AMethodThatDoesMoreThanGetOrIsNotThereIsRefused) {
  const WindowsHost host;
  const std::string self = "Win32_Process.Handle=\"" + std::to_string(GetCurrentProcessId()) + "\"";
  EXPECT_EQ(host.CallWmi({kCimv2, self, "Terminate", {"ReturnValue"}}).error(),
            (Error{Code::kInvalidArgument,
                   R"(WMI root\CIMV2: Terminate: only methods that get something)"}));
  EXPECT_FALSE(host.CallWmi({kCimv2, self, "GetNothing", {"ReturnValue"}}));
  EXPECT_EQ(host.CallWmi({R"(root\CIMV2\Security\MicrosoftVolumeEncryption)",
                          "Win32_EncryptableVolume.DeviceID=\"x\"",
                          "GetProtectionStatus",
                          {"ReturnValue"}})
                .error()
                .code,
            Code::kUnsupported);
}

TEST(WindowsHostWmi, NumbersOf64BitsThatComeAsTextAreNumbers) {
  const Rows rows =
      WindowsHost()
          .QueryWmi(kCimv2, "SELECT TotalPhysicalMemory, Name FROM Win32_ComputerSystem")
          .value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_GT(std::get<int64_t>(rows[0][0]), 1 << 20);
}

TEST(WindowsHostWmi, AListIsTextWithCommasBetween) {
  const Rows rows = WindowsHost()
                        .QueryWmi(kCimv2,
                                  "SELECT Manufacturer, ChassisTypes FROM "
                                  "Win32_SystemEnclosure")
                        .value();
  ASSERT_EQ(rows.size(), 1u);
  const std::string types = std::get<std::string>(rows[0][1]);
  ASSERT_FALSE(types.empty());
  for (const std::string_view type : Split(types, ',')) EXPECT_TRUE(ParseInt(type)) << types;
}

TEST(WindowsHostWmi, ANamespaceThatIsNotThereIsUnsupported) {
  const WindowsHost host;
  EXPECT_EQ(
      host.QueryWmi(R"(root\SecurityCenter2)", "SELECT displayName FROM AntiVirusProduct").error(),
      (Error{Code::kUnsupported, R"(WMI root\SecurityCenter2: COM error 0x8004100e)"}));
  EXPECT_EQ(host.QueryWmi(R"(root\CIMV2\Security\MicrosoftVolumeEncryption)",
                          "SELECT ProtectionStatus FROM Win32_EncryptableVolume")
                .error()
                .code,
            Code::kUnsupported);
}

TEST(WindowsHostWmi, AQueryThatCannotBeAnsweredIsAnError) {
  const WindowsHost host;
  EXPECT_EQ(host.QueryWmi(kCimv2, "SELECT * FROM Win32_Process").error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(host.QueryWmi(kCimv2, "SELECT NoSuchThing FROM Win32_OperatingSystem").error().code,
            Code::kNotFound);
  EXPECT_EQ(host.QueryWmi(kCimv2, "SELECT Name FROM Win32_Process WHERE").error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace sallyport
