// SPDX-License-Identifier: Apache-2.0
#include "collectors/boot_validation.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kSecureBoot[] =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr char kMokList[] =
    "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
constexpr char kMokState[] =
    "/sys/firmware/efi/efivars/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23";
constexpr char kLockdown[] = "/sys/kernel/security/lockdown";

// Secure boot as the firmware says it, started by shim.
FakeHost Machine() {
  FakeHost host;
  host.Put(kSecureBoot, std::string("\6\0\0\0\1", 5));
  host.Put(kMokList, "list");
  host.Put(kLockdown, "none [integrity] confidentiality\n");
  return host;
}

Rows Read(const FakeHost& host) { return BootValidationLinux(host, {}).value(); }

TEST(BootValidationLinux, AShimThatWasToldToValidateNothingDoesNotThoughTheFirmwareSaysOn) {
  FakeHost host = Machine();
  EXPECT_EQ(Read(host), (Rows{{Cell(1), Cell("integrity")}}));
  host.Put(kMokState, std::string("\6\0\0\0\1", 5));
  EXPECT_EQ(Read(host), (Rows{{Cell(0), Cell("integrity")}}));
  host.Put(kMokState, std::string("\6\0\0\0\0", 5));
  EXPECT_EQ(Read(host), (Rows{{Cell(1), Cell("integrity")}}));
}

TEST(BootValidationLinux, WhereTheFirmwareValidatesNothingShimDoesNotEither) {
  FakeHost host = Machine();
  for (const bool told : {false, true}) {
    if (told) host.Put(kMokState, std::string("\6\0\0\0\0", 5));
    host.Put(kSecureBoot, std::string("\6\0\0\0\0", 5));
    EXPECT_EQ(Read(host)[0][0], Cell(0)) << told;
    host.Remove(kSecureBoot);
    EXPECT_EQ(Read(host)[0][0], Cell(Unknown{})) << told;
  }
}

TEST(BootValidationLinux, WithoutUefiOrShimItDoesNotApplyAndUnmountedVariablesAreUnknown) {
  FakeHost bios;
  bios.Put(kLockdown, "[none] integrity confidentiality\n");
  EXPECT_EQ(Read(bios), (Rows{{Cell(std::nullopt), Cell("none")}}));
  FakeHost no_shim = Machine();
  no_shim.Remove(kMokList);
  EXPECT_EQ(Read(no_shim)[0][0], Cell(std::nullopt));
  FakeHost unmounted;
  unmounted.PutDir("/sys/firmware/efi/efivars");
  EXPECT_EQ(Read(unmounted)[0][0], Value(Unknown{}));
  FakeHost denied = Machine();
  denied.Fail(kMokState, Code::kDenied);
  EXPECT_EQ(Read(denied)[0][0], Value(Unknown{}));
}

TEST(BootValidationLinux, AKernelWithoutLockdownHasNoneAndUnmountedSecurityfsIsUnknown) {
  FakeHost without = Machine();
  without.Remove(kLockdown);
  without.Put("/sys/kernel/security/lsm", "capability,apparmor");
  EXPECT_EQ(Read(without)[0][1], Cell(std::nullopt));
  FakeHost unmounted;
  unmounted.PutDir("/sys/kernel/security");
  EXPECT_EQ(Read(unmounted)[0][1], Value(Unknown{}));
}

TEST(BootValidationLinux, WhatDoesNotFollowItsFormatIsAnError) {
  FakeHost state = Machine();
  state.Put(kMokState, "");
  EXPECT_EQ(BootValidationLinux(state, {}).error().code, Code::kMalformed);
  FakeHost lockdown = Machine();
  lockdown.Put(kLockdown, "none integrity\n");
  EXPECT_EQ(BootValidationLinux(lockdown, {}).error().message, "lockdown: none integrity\\x0a");
}

}  // namespace
}  // namespace sallyport
