// SPDX-License-Identifier: Apache-2.0
// Outputs as the man pages of macOS show them: sw_vers(1), sysctl(8), ioreg(8), scutil(8).
#include <gtest/gtest.h>

#include "collectors/kernel_info.h"
#include "collectors/named_values.h"
#include "collectors/os_version.h"
#include "collectors/system_info.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
const std::vector<std::string> kSwVers{"/usr/bin/sw_vers"};
const std::vector<std::string> kMachine{"/usr/sbin/sysctl", "hw.machine"};
const std::vector<std::string> kKernel{"/usr/sbin/sysctl", "kern.osrelease", "kern.bootargs"};
const std::vector<std::string> kHardware{"/usr/sbin/sysctl", "kern.hostname", "hw.machine",
                                         "hw.model",         "hw.memsize",    "hw.packages",
                                         "hw.physicalcpu",   "hw.logicalcpu", "machdep.cpu"};
const std::vector<std::string> kPlatform{"/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"};
const std::vector<std::string> kComputerName{"/usr/sbin/scutil", "--get", "ComputerName"};
const std::vector<std::string> kLocalHostName{"/usr/sbin/scutil", "--get", "LocalHostName"};

TEST(NamedValues, AreWhatStandsBeforeAndAfterTheFirstColon) {
  EXPECT_EQ(ParseNamedValues("ProductName:\t\tmacOS\nno value\nkern.bootargs: \n"
                             "machdep.cpu.brand_string: Intel(R) i7 @ 2.60GHz: x\na: 1\na: 2\n"),
            (NamedValues{{"ProductName", "macOS"},
                         {"kern.bootargs", ""},
                         {"machdep.cpu.brand_string", "Intel(R) i7 @ 2.60GHz: x"},
                         {"a", "1"}}));
}

TEST(NamedValues, NoneAtAllIsAnErrorThatSaysWhatTheCommandSaid) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kMachine, {1, "", "sysctl: unknown oid 'hw.machine'\n"});
  EXPECT_EQ(AskNamedValues(host, kMachine).error(),
            (Error{Code::kMalformed,
                   "/usr/sbin/sysctl hw.machine: exit 1, no values: sysctl: unknown oid "
                   "'hw.machine'"}));
  host.PutCommand(kMachine, {1, "hw.machine: arm64\n", "sysctl: unknown oid 'x'\n"});
  EXPECT_EQ(AskNamedValues(host, kMachine).value(), (NamedValues{{"hw.machine", "arm64"}}));
}

TEST(OsVersionMacos, ARapidSecurityResponseIsTheExtra) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kSwVers, {0,
                            "ProductName:\t\tmacOS\nProductVersion:\t\t13.4.1\n"
                            "ProductVersionExtra:\t(a)\nBuildVersion:\t\t22F770820b\n",
                            ""});
  host.PutCommand(kMachine, {0, "hw.machine: arm64\n", ""});
  EXPECT_EQ(
      OsVersionMacos(host, {}).value(),
      (Rows{{Cell("macOS"), Cell("13.4.1"), Cell(13), Cell(4), Cell(1), Cell("22F770820b"),
             Cell("darwin"), Cell("darwin"), kNone, Cell("arm64"), Cell("(a)"), kNone, kNone}}));
}

TEST(OsVersionMacos, WithoutAnExtraItIsNullAndWithoutAVersionItsPartsAreUnknown) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kSwVers, {0, "ProductName:\t\tmacOS\nBuildVersion:\t\t23A344\n", ""});
  host.FailCommand(kMachine, Code::kTimeout);
  EXPECT_EQ(OsVersionMacos(host, {}).value(),
            (Rows{{Cell("macOS"), Unknown{}, Unknown{}, Unknown{}, Unknown{}, Cell("23A344"),
                   Cell("darwin"), Cell("darwin"), kNone, Unknown{}, kNone, kNone, kNone}}));
  host.PutCommand(kSwVers, {0, "ProductName:\t\tmacOS\nProductVersion:\t\t14.0\n", ""});
  const Row row = OsVersionMacos(host, {}).value().front();
  EXPECT_EQ((Row{row[2], row[3], row[4], row[5]}), (Row{Cell(14), Cell(0), Cell(0), Unknown{}}));
}

TEST(OsVersionMacos, WithoutSwVersTheTableFails) {
  FakeHost host(Os::kMacos);
  host.FailCommand(kSwVers, Code::kTimeout);
  EXPECT_EQ(OsVersionMacos(host, {}).error().code, Code::kTimeout);
}

TEST(KernelInfoMacos, BootArgumentsMayBeEmptyAndWhatWasBootedIsUnknown) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kKernel, {0, "kern.osrelease: 22.5.0\nkern.bootargs: \n", ""});
  EXPECT_EQ(KernelInfoMacos(host, {}).value(),
            (Rows{{Cell("22.5.0"), Cell(""), Unknown{}, Unknown{}}}));
  host.PutCommand(kKernel,
                  {1, "kern.osrelease: 22.5.0\n", "sysctl: unknown oid 'kern.bootargs'\n"});
  EXPECT_EQ(KernelInfoMacos(host, {}).value(),
            (Rows{{Cell("22.5.0"), Unknown{}, Unknown{}, Unknown{}}}));
  host.FailCommand(kKernel, Code::kDenied);
  EXPECT_EQ(KernelInfoMacos(host, {}).error().code, Code::kDenied);
}

TEST(SystemInfoMacos, AnIntelMacHasAMicrocodeAndABoardId) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kHardware, {0,
                              "kern.hostname: laptop.example.com\nhw.machine: x86_64\n"
                              "hw.model: MacBookPro16,1\nhw.memsize: 17179869184\nhw.packages: 1\n"
                              "hw.physicalcpu: 6\nhw.logicalcpu: 12\nmachdep.cpu.model: 158\n"
                              "machdep.cpu.brand_string: Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz\n"
                              "machdep.cpu.microcode_version: 244\n",
                              ""});
  host.PutCommand(
      kPlatform, {0,
                  "+-o MacBookPro16,1  <class IOPlatformExpertDevice, id 0x100000116, registered>\n"
                  "    {\n"
                  "      \"IOBusyInterest\" = \"IOCommand is not serializable\"\n"
                  "      \"compatible\" = <\"MacBookPro16,1\">\n"
                  "      \"version\" = <\"1.0\">\n"
                  "      \"board-id\" = <\"Mac-E1008331FDC96864\">\n"
                  "      \"IOPlatformSerialNumber\" = \"C02XXXXXXXXX\"\n"
                  "      \"clock-frequency\" = <00000000>\n"
                  "      \"manufacturer\" = <\"Apple Inc.\">\n"
                  "      \"IOPlatformUUID\" = \"8A0B3C4D-0000-5000-8000-000000000001\"\n"
                  "    }\n",
                  ""});
  host.PutCommand(kComputerName, {0, "Ada's MacBook Pro\n", ""});
  host.PutCommand(kLocalHostName, {1, "", "LocalHostName: not set\n"});
  EXPECT_EQ(SystemInfoMacos(host, {}).value(),
            (Rows{{Cell("laptop.example.com"),
                   Cell("8A0B3C4D-0000-5000-8000-000000000001"),
                   Cell("x86_64"),
                   Cell("158"),
                   Cell("Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz"),
                   Cell(6),
                   Cell(12),
                   Cell(1),
                   Cell("244"),
                   Cell(int64_t{17'179'869'184}),
                   Cell("Apple Inc."),
                   Cell("MacBookPro16,1"),
                   Cell("1.0"),
                   Cell("C02XXXXXXXXX"),
                   Unknown{},
                   Cell("Mac-E1008331FDC96864"),
                   Unknown{},
                   Unknown{},
                   Cell("Ada's MacBook Pro"),
                   kNone,
                   kNone}}));
}

TEST(SystemInfoMacos, WhatCannotBeAskedIsUnknownAndWithoutSysctlTheTableFails) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kHardware, {1, "hw.machine: arm64\nhw.memsize: much\n", ""});
  host.FailCommand(kPlatform, Code::kTimeout);
  host.FailCommand(kComputerName, Code::kTimeout);
  host.PutCommand(kLocalHostName, {0, "mac\n", ""});
  const Row row = SystemInfoMacos(host, {}).value().front();
  EXPECT_EQ((Row{row[0], row[1], row[2], row[3], row[9], row[12], row[13], row[18], row[19]}),
            (Row{Unknown{}, Unknown{}, Cell("arm64"), kNone, Unknown{}, Unknown{}, Unknown{},
                 Unknown{}, Cell("mac")}));
  host.FailCommand(kHardware, Code::kNotFound);
  EXPECT_EQ(SystemInfoMacos(host, {}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sallyport
