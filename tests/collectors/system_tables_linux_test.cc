// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "collectors/kernel_info.h"
#include "collectors/os_release.h"
#include "collectors/os_version.h"
#include "collectors/system_info.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};

TEST(OsVersionLinux, Ubuntu2204) {
  FakeHost host;
  host.Put("/proc/sys/kernel/arch", "x86_64\n");
  host.PutLink("/etc/os-release", "../usr/lib/os-release");
  host.Put("/usr/lib/os-release",
           "PRETTY_NAME=\"Ubuntu 22.04.4 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\n"
           "VERSION=\"22.04.4 LTS (Jammy Jellyfish)\"\nVERSION_CODENAME=jammy\nID=ubuntu\n"
           "ID_LIKE=debian\n");
  EXPECT_EQ(OsVersionLinux(host, {}).value(),
            (Rows{{Cell("Ubuntu"), Cell("22.04.4 LTS (Jammy Jellyfish)"), Cell(22), Cell(4),
                   Cell(0), kNone, Cell("ubuntu"), Cell("debian"), Cell("jammy"), Cell("x86_64"),
                   kNone, kNone, kNone}}));
}

TEST(OsVersionLinux, ARollingReleaseHasNoNumbersAndAnOldKernelNoArch) {
  FakeHost host;
  host.Put("/etc/os-release", "NAME='Arch Linux'\nID=arch\nBUILD_ID=rolling\n");
  EXPECT_EQ(OsVersionLinux(host, {}).value(),
            (Rows{{Cell("Arch Linux"), kNone, kNone, kNone, kNone, Cell("rolling"), Cell("arch"),
                   kNone, kNone, Unknown{}, kNone, kNone, kNone}}));
}

TEST(OsVersionLinux, WithoutOsReleaseTheTableFails) {
  FakeHost host;
  EXPECT_EQ(OsVersionLinux(host, {}).error().code, Code::kNotFound);
  host.Fail("/etc/os-release", Code::kDenied);
  host.Put("/usr/lib/os-release", "ID=debian\n");  // not asked: the first one is there
  EXPECT_EQ(OsVersionLinux(host, {}).error().code, Code::kDenied);
}

TEST(OsRelease, QuotesEscapesAndCommentsAreTakenAway) {
  EXPECT_EQ(
      ParseOsRelease("# x=y\nA=plain\nB=\"a \\\"b\\\" \\$c\"\nC='it is'\n\nnonsense\nA=last\n"),
      (OsRelease{{"A", "last"}, {"B", "a \"b\" $c"}, {"C", "it is"}}));
}

TEST(KernelInfoLinux, ImageAndRootAreNoArguments) {
  FakeHost host;
  host.Put("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  host.Put("/proc/cmdline",
           "BOOT_IMAGE=/vmlinuz-6.1.0-18-amd64 root=/dev/mapper/vg-root ro quiet root=second\n");
  EXPECT_EQ(KernelInfoLinux(host, {}).value(),
            (Rows{{Cell("6.1.0-18-amd64"), Cell("ro quiet root=second"),
                   Cell("/vmlinuz-6.1.0-18-amd64"), Cell("/dev/mapper/vg-root")}}));
  host.Fail("/proc/cmdline", Code::kDenied);
  EXPECT_EQ(KernelInfoLinux(host, {}).value(),
            (Rows{{Cell("6.1.0-18-amd64"), Unknown{}, Unknown{}, Unknown{}}}));
}

TEST(SystemInfoLinux, ALaptopWithTwoCoresOfTwoThreadsWhoseSerialOnlyRootMayRead) {
  FakeHost host;
  const char* threads[][2] = {{"0", "0"}, {"1", "0"}, {"2", "1"}, {"3", "1"}};
  std::string cpuinfo;
  for (const auto& [thread, core] : threads) {
    cpuinfo += std::string("processor\t: ") + thread +
               "\nmodel\t\t: 142\nmodel name\t: Core i5: 8250U\nmicrocode\t: 0xf0\n"
               "physical id\t: 0\ncore id\t\t: " +
               core + "\n\n";
  }
  host.Put("/proc/cpuinfo", cpuinfo);
  host.Put("/proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\n");
  host.Put("/proc/sys/kernel/hostname", "laptop.example.com\n");
  host.Put("/proc/sys/kernel/arch", "x86_64\n");
  const std::string dmi = "/sys/class/dmi/id/";
  host.Put(dmi + "sys_vendor", "LENOVO\n");
  host.Put(dmi + "product_name", "20L5\n");
  host.Put(dmi + "product_version", "\n");
  host.Fail(dmi + "product_serial", Code::kDenied);
  host.Fail(dmi + "product_uuid", Code::kDenied);
  EXPECT_EQ(SystemInfoLinux(host, {}).value(), (Rows{{Cell("laptop.example.com"),
                                                      Unknown{},
                                                      Cell("x86_64"),
                                                      Cell("142"),
                                                      Cell("Core i5: 8250U"),
                                                      Cell(2),
                                                      Cell(4),
                                                      Cell(1),
                                                      Cell("0xf0"),
                                                      Cell(int64_t{16'384'000'000}),
                                                      Cell("LENOVO"),
                                                      Cell("20L5"),
                                                      kNone,
                                                      Unknown{},
                                                      kNone,
                                                      kNone,
                                                      kNone,
                                                      kNone,
                                                      Cell("laptop.example.com"),
                                                      Cell("laptop"),
                                                      kNone}}));
}

TEST(SystemInfoLinux, CoresThatTheKernelDoesNotNumberAreUnknown) {
  FakeHost host;
  host.Put("/proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 108\n\nprocessor\t: 1\n");
  host.Put("/proc/meminfo", "MemTotal: many kB\n");
  const Row row = SystemInfoLinux(host, {}).value().front();
  EXPECT_EQ(row[5], Cell(Unknown{}));
  EXPECT_EQ(row[6], Cell(2));
  EXPECT_EQ(row[7], Cell(Unknown{}));
  EXPECT_EQ(row[9], Cell(Unknown{}));
}

}  // namespace
}  // namespace sallyport
