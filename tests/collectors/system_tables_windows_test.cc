// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "collectors/kernel_info.h"
#include "collectors/os_version.h"
#include "collectors/system_info.h"
#include "collectors/windows_registry.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kEnvironment[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment)";
constexpr char kControl[] = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control)";

// As the registry of Windows 11 23H2 has it: CurrentVersion and ProductName are those of others.
FakeHost Windows11() {
  FakeHost host(Os::kWindows);
  const auto put = [&](const char* name, Value value) {
    host.PutRegistry(kCurrentVersionKey, name, std::move(value));
  };
  put("ProductName", Cell("Windows 10 Pro"));
  put("CurrentVersion", Cell("6.3"));
  put("CurrentMajorVersionNumber", Cell(10));
  put("CurrentMinorVersionNumber", Cell(0));
  put("CurrentBuildNumber", Cell("22631"));
  put("UBR", Cell(4460));
  put("DisplayVersion", Cell("23H2"));
  put("InstallDate", Cell(1'700'000'000));
  put("SystemRoot", Cell(R"(C:\Windows)"));
  host.PutRegistry(kEnvironment, "PROCESSOR_ARCHITECTURE", Cell("AMD64"));
  return host;
}

TEST(OsVersionWindows, Windows11IsNotCalled10AsItsRegistrySays) {
  EXPECT_EQ(OsVersionWindows(Windows11(), {}).value(),
            (Rows{{Cell("Windows 11 Pro"), Cell("10.0.22631"), Cell(10), Cell(0), Cell(22631),
                   Cell("22631"), Cell("windows"), Cell("windows"), Cell("23H2"), Cell("AMD64"),
                   kNone, Cell(1'700'000'000), Cell(4460)}}));
}

TEST(OsVersionWindows, Windows10AndServersKeepTheirNames) {
  FakeHost host = Windows11();
  host.PutRegistry(kCurrentVersionKey, "CurrentBuildNumber", Cell("19045"));
  EXPECT_EQ(OsVersionWindows(host, {}).value()[0][0], Cell("Windows 10 Pro"));
  host.PutRegistry(kCurrentVersionKey, "CurrentBuildNumber", Cell("26100"));
  host.PutRegistry(kCurrentVersionKey, "ProductName", Cell("Windows Server 2025 Standard"));
  EXPECT_EQ(OsVersionWindows(host, {}).value()[0][0], Cell("Windows Server 2025 Standard"));
}

TEST(OsVersionWindows, ARevisionThatIsMissingOrNoNumberIsUnknownAndNotNone) {
  FakeHost host = Windows11();
  host.PutRegistry(kCurrentVersionKey, "UBR", Cell("4460"));
  EXPECT_EQ(OsVersionWindows(host, {}).value()[0][12], Cell(Unknown{}));
  host.PutRegistry(kCurrentVersionKey, "UBR", Fail(Code::kNotFound, "UBR"));
  EXPECT_EQ(OsVersionWindows(host, {}).value()[0][12], Cell(Unknown{}));
  host.PutRegistry(kCurrentVersionKey, "ProductName", Fail(Code::kMalformed, "not UTF-16"));
  EXPECT_EQ(OsVersionWindows(host, {}).value()[0][0], Cell(Unknown{}));
}

TEST(OsVersionWindows, WithoutABuildNumberTheTableFailsAndSaysWhere) {
  FakeHost host = Windows11();
  const std::string name = std::string(kCurrentVersionKey) + "\\CurrentBuildNumber";
  host.PutRegistry(kCurrentVersionKey, "CurrentBuildNumber", Cell(22631));
  EXPECT_EQ(OsVersionWindows(host, {}).error(), (Error{Code::kMalformed, name + ": no text"}));
  host.PutRegistry(kCurrentVersionKey, "CurrentBuildNumber", Cell("22631x"));
  EXPECT_EQ(OsVersionWindows(host, {}).error(), (Error{Code::kMalformed, name + ": 22631x"}));
  host.PutRegistry(kCurrentVersionKey, "CurrentBuildNumber", Fail(Code::kDenied, "no"));
  EXPECT_EQ(OsVersionWindows(host, {}).error(), (Error{Code::kDenied, "no"}));
}

TEST(KernelInfoWindows, IsTheBuildWithItsRevisionAndHowItWasStarted) {
  FakeHost host = Windows11();
  host.PutRegistry(kControl, "SystemStartOptions", Cell(" NOEXECUTE=OPTIN  FVEBOOT=2670592"));
  host.PutRegistry(kControl, "SystemBootDevice", Cell("multi(0)disk(0)rdisk(0)partition(3)"));
  EXPECT_EQ(KernelInfoWindows(host, {}).value(),
            (Rows{{Cell("10.0.22631.4460"), Cell("NOEXECUTE=OPTIN  FVEBOOT=2670592"),
                   Cell(R"(C:\Windows\system32\ntoskrnl.exe)"),
                   Cell("multi(0)disk(0)rdisk(0)partition(3)")}}));
  host.PutRegistry(kCurrentVersionKey, "UBR", Fail(Code::kDenied, "UBR"));
  EXPECT_EQ(KernelInfoWindows(host, {}).value()[0][0], Cell(Unknown{}));
}

constexpr char kCimv2[] = R"(root\CIMV2)";

TEST(SystemInfoWindows, SocketsAreAddedUpAndBlankTextOfTheFirmwareIsNothing) {
  FakeHost host = Windows11();
  host.PutRegistry(R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters)",
                   "Hostname", Cell("laptop-7"));
  host.PutRegistry(R"(HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0)",
                   "Identifier", Cell("Intel64 Family 6 Model 142 Stepping 10"));
  host.PutWmi(
      kCimv2, "SELECT Name, Manufacturer, Model, TotalPhysicalMemory FROM Win32_ComputerSystem",
      Rows{{Cell("LAPTOP-7"), Cell("LENOVO"), Cell("20L5"), Cell(int64_t{17'000'000'000})}});
  host.PutWmi(kCimv2, "SELECT UUID, Version FROM Win32_ComputerSystemProduct",
              Rows{{Cell("4C4C4544"), Cell("  ")}});
  host.PutWmi(kCimv2, "SELECT SerialNumber FROM Win32_BIOS", Rows{{Cell("PF1 ")}});
  const Row socket{Cell("Intel(R) Core(TM) i5-8250U "), Cell(4), Cell(8)};
  host.PutWmi(kCimv2, "SELECT Name, NumberOfCores, NumberOfLogicalProcessors FROM Win32_Processor",
              Rows{socket, socket});
  EXPECT_EQ(SystemInfoWindows(host, {}).value(),
            (Rows{{Cell("laptop-7"),
                   Cell("4C4C4544"),
                   Cell("AMD64"),
                   Cell("Intel64 Family 6 Model 142 Stepping 10"),
                   Cell("Intel(R) Core(TM) i5-8250U"),
                   Cell(8),
                   Cell(16),
                   Cell(2),
                   Unknown{},
                   Cell(int64_t{17'000'000'000}),
                   Cell("LENOVO"),
                   Cell("20L5"),
                   kNone,
                   Cell("PF1"),
                   Unknown{},  // Win32_BaseBoard was not answered
                   Unknown{},
                   Unknown{},
                   Unknown{},
                   Cell("LAPTOP-7"),
                   Cell("laptop-7"),
                   kNone}}));
}

TEST(SystemInfoWindows, WhereWmiDoesNotAnswerTheTableFails) {
  FakeHost host = Windows11();
  const char* query =
      "SELECT Name, Manufacturer, Model, TotalPhysicalMemory FROM Win32_ComputerSystem";
  host.PutWmi(kCimv2, query, Fail(Code::kTimeout, "WMI: no answer after 20000 ms"));
  EXPECT_EQ(SystemInfoWindows(host, {}).error().code, Code::kTimeout);
  host.PutWmi(kCimv2, query, Rows{});
  EXPECT_EQ(SystemInfoWindows(host, {}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
