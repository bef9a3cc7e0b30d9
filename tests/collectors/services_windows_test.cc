// SPDX-License-Identifier: Apache-2.0
// Answers as Microsoft Learn describes Win32_Service, Win32_LogicalDisk and the Services key; none
// was captured.
#include "collectors/services.h"

#include <gtest/gtest.h>

#include "collectors/logical_drives.h"
#include "collectors/windows_registry.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using State = ServiceInfo::State;
using Start = ServiceInfo::Start;
const Value kNone = std::monostate{};
constexpr char kCimv2[] = R"(root\CIMV2)";
constexpr char kQuery[] =
    "SELECT Name, DisplayName, ExitCode, ServiceSpecificExitCode, Description, StartName "
    "FROM Win32_Service";
constexpr char kWua[] = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\wuauserv)";

FakeHost Machine() {
  FakeHost host(Os::kWindows);
  host.PutService({.name = "CSAgent", .state = State::kRunning, .driver = true});
  host.PutService({.name = "wuauserv",
                   .state = State::kRunning,
                   .pid = 1200,
                   .start = Start::kDemand,
                   .command = R"(C:\Windows\system32\svchost.exe -k netsvcs -p)"});
  host.PutRegistry(kWua, "Type", Cell(0x20));
  host.PutRegistry(std::string(kWua) + R"(\Parameters)", "ServiceDll",
                   Cell(R"(%systemroot%\system32\wuaueng.dll)"));
  host.PutWmi(kCimv2, kQuery,
              Rows{{Cell("WUAUSERV"), Cell("Windows Update"), Cell(0), Cell(0), Cell("Finds."),
                    Cell("LocalSystem")}});
  return host;
}

TEST(ServicesWindows, AreThoseOfTheServiceManagerInOsquerysWordsWithoutDrivers) {
  EXPECT_EQ(
      ServicesWindows(Machine(), {}).value(),
      (Rows{{Cell("wuauserv"), Cell("SHARE_PROCESS"), Cell("Windows Update"), Cell("RUNNING"),
             Cell(1200), Cell("DEMAND_START"), Cell(0), Cell(0),
             Cell(R"(C:\Windows\system32\svchost.exe -k netsvcs -p)"),
             Cell(R"(%systemroot%\system32\wuaueng.dll)"), Cell("Finds."), Cell("LocalSystem")}}));
}

TEST(ServicesWindows, WhatMayNotBeAskedIsUnknownAndItsStateStays) {
  FakeHost host = Machine();
  host.PutWmi(kCimv2, kQuery, Fail(Code::kTimeout, "WMI"));
  host.PutService({.name = "Sense", .state = State::kStopped});
  EXPECT_EQ(ServicesWindows(host, {}).value()[1],
            (Row{Cell("Sense"), Unknown{}, Unknown{}, Cell("STOPPED"), Cell(0), Unknown{},
                 Unknown{}, Unknown{}, Unknown{}, kNone, Unknown{}, Unknown{}}));
  host.FailServices(Code::kDenied);
  EXPECT_EQ(ServicesWindows(host, {}).error().code, Code::kDenied);
}

TEST(LogicalDrivesWindows, TheDriveThatWindowsStartedFromIsTheBootPartition) {
  FakeHost host(Os::kWindows);
  host.PutWmi(kCimv2,
              "SELECT DeviceID, Description, FreeSpace, Size, FileSystem FROM Win32_LogicalDisk",
              Rows{{Cell("C:"), Cell("Local Fixed Disk"), Cell(100), Cell(200), Cell("NTFS")},
                   {Cell("D:"), Cell("CD-ROM Disc"), kNone, kNone, kNone}});
  host.PutRegistry(kCurrentVersionKey, "SystemRoot", Cell(R"(c:\Windows)"));
  EXPECT_EQ(
      LogicalDrivesWindows(host, {}).value(),
      (Rows{{Cell("C:"), Cell("Unknown"), Cell("Local Fixed Disk"), Cell(100), Cell(200),
             Cell("NTFS"), Cell(1)},
            {Cell("D:"), Cell("Unknown"), Cell("CD-ROM Disc"), kNone, kNone, kNone, Cell(0)}}));
  host.PutRegistry(kCurrentVersionKey, "SystemRoot", Fail(Code::kDenied, "x"));
  EXPECT_EQ(LogicalDrivesWindows(host, {}).value()[0][6], Cell(Unknown{}));
}

}  // namespace
}  // namespace sallyport
