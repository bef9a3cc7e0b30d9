// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "collectors/reboot_state.h"
#include "collectors/tpm.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};

TEST(RebootStateLinux, PackagesAndANewerKernelAreReasonsOfTheirOwn) {
  FakeHost host;
  host.Put("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  host.Put("/var/lib/dpkg/status",
           "Package: linux-image-6.1.0-18-amd64\nStatus: install ok installed\n"
           "Architecture: amd64\nVersion: 6.1.76-1\n");
  host.Put("/proc/version", "Linux version 6.1.0-18-amd64 (x) #1 SMP Debian 6.1.76-1 (2024)\n");
  EXPECT_EQ(RebootStateLinux(host, {}).value(), (Rows{{Cell(0), kNone, kNone}}));
  FileStat stat;
  stat.modified_s = 1'800'000'000;
  host.Put("/run/reboot-required", "*** System restart required ***\n", stat);
  host.Put("/run/reboot-required.pkgs", "libc6\nlinux-base\nlibc6\n");
  host.Put("/var/lib/dpkg/status",
           "Package: linux-image-6.1.0-20-amd64\nStatus: install ok installed\n"
           "Architecture: amd64\nVersion: 6.1.85-1\n");
  EXPECT_EQ(RebootStateLinux(host, {}).value(),
            (Rows{{Cell(1), Cell("packages: libc6, linux-base"), Cell(1'800'000'000)},
                  {Cell(1), Cell("kernel 6.1.0-20-amd64"), Cell(Unknown{})}}));
}

TEST(RebootStateLinux, WhatCannotBeAskedIsUnknownRatherThanNothing) {
  FakeHost host;
  EXPECT_EQ(RebootStateLinux(host, {}).value(),
            (Rows{{Cell(Unknown{}), Cell(Unknown{}), Cell(Unknown{})}}));
}

TEST(TpmLinux, EachChipIsARowAndNoChipIsNone) {
  FakeHost host;
  EXPECT_EQ(TpmLinux(host, {}).value(), Rows{});
  host.Put("/sys/class/tpm/tpm0/tpm_version_major", "2\n");
  host.Put("/sys/class/tpm/tpm0/device/description", "TPM 2.0 Device\n");
  host.PutDir("/sys/class/tpmrm/tpmrm0");
  host.PutDir("/sys/class/tpm/tpm1");
  EXPECT_EQ(TpmLinux(host, {}).value(),
            (Rows{{Cell("tpm0"), Cell(2), Cell("TPM 2.0 Device"), Cell(1)},
                  {Cell("tpm1"), Cell(Unknown{}), kNone, Cell(0)}}));
  host.Fail("/sys/class/tpm", Code::kDenied);
  EXPECT_EQ(TpmLinux(host, {}).error().code, Code::kDenied);
}

}  // namespace
}  // namespace sallyport
