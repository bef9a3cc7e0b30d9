// SPDX-License-Identifier: Apache-2.0
// Answers as Microsoft Learn describes Win32_Tpm and Win32_DeviceGuard; none was captured.
#include "collectors/platform_security.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kTpm[] = R"(root\CIMV2\Security\MicrosoftTpm)";
constexpr char kTpmQuery[] =
    "SELECT IsActivated_InitialValue, IsEnabled_InitialValue, IsOwned_InitialValue, "
    "ManufacturerVersion, ManufacturerId, ManufacturerIdTxt, ManufacturerVersionInfo, "
    "PhysicalPresenceVersionInfo, SpecVersion FROM Win32_Tpm";
constexpr char kGuard[] = R"(root\Microsoft\Windows\DeviceGuard)";
constexpr char kGuardQuery[] =
    "SELECT Version, InstanceIdentifier, VirtualizationBasedSecurityStatus, "
    "CodeIntegrityPolicyEnforcementStatus, SecurityServicesConfigured, SecurityServicesRunning, "
    "UsermodeCodeIntegrityPolicyEnforcementStatus FROM Win32_DeviceGuard";

TEST(TpmInfoWindows, ItsValuesAtTheStartAndWhatItDoesNotTellIsUnknown) {
  FakeHost host(Os::kWindows);
  host.PutWmi(kTpm, kTpmQuery,
              Rows{{Cell(1), Cell(1), kNone, Cell("7.2.3.1"), Cell(1229346816), Cell("IFX"),
                    Cell("SLB9670"), Cell("1.3"), Cell("2.0, 0, 1.38")}});
  EXPECT_EQ(TpmInfoWindows(host, {}).value(),
            (Rows{{Cell(1), Cell(1), Unknown{}, Cell("7.2.3.1"), Cell(1229346816), Cell("IFX"),
                   Cell("SLB9670"), Cell("1.3"), Cell("2.0, 0, 1.38")}}));
}

TEST(TpmInfoWindows, AMachineWithoutOneHasNoRowAndAUserWhoMayNotAskIsDenied) {
  FakeHost host(Os::kWindows);
  host.PutWmi(kTpm, kTpmQuery, Rows{});
  EXPECT_EQ(TpmInfoWindows(host, {}).value(), Rows{});
  host.PutWmi(kTpm, kTpmQuery, Fail(Code::kDenied, "WMI"));
  EXPECT_EQ(TpmInfoWindows(host, {}).error().code, Code::kDenied);
}

constexpr char kControl[] = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control)";
constexpr char kState[] = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecureBoot\State)";

TEST(SecurebootWindows, IsWhatTheRegistrySaysAndWhoMayEnrollKeysIsUnknown) {
  FakeHost host(Os::kWindows);
  for (const int value : {0, 1}) {
    host.PutRegistry(kState, "UEFISecureBootEnabled", Cell(value));
    EXPECT_EQ(SecurebootWindows(host, {}).value(),
              (Rows{{Cell(value), kNone, kNone, kNone, kNone, Unknown{}}}));
  }
  host.PutRegistry(kState, "UEFISecureBootEnabled", Cell(7));
  EXPECT_EQ(SecurebootWindows(host, {}).value()[0][0], Cell(Unknown{}));
}

TEST(SecurebootWindows, ALegacyBiosIsUnsupportedAndAMissingValueIsNotOff) {
  FakeHost host(Os::kWindows);
  EXPECT_EQ(SecurebootWindows(host, {}).error().code, Code::kNotFound);
  host.PutRegistry(kControl, "PEFirmwareType", Cell(2));
  EXPECT_EQ(SecurebootWindows(host, {}).error().code, Code::kNotFound);
  host.PutRegistry(kControl, "PEFirmwareType", Cell(1));
  EXPECT_EQ(SecurebootWindows(host, {}).error().code, Code::kUnsupported);
  host.PutRegistry(kState, "UEFISecureBootEnabled", Fail(Code::kDenied, "x"));
  EXPECT_EQ(SecurebootWindows(host, {}).error().code, Code::kDenied);
}

TEST(DeviceguardStatusWindows, WhatIsConfiguredAndDoesNotRunIsNotCalledRunning) {
  FakeHost host(Os::kWindows);
  host.PutWmi(
      kGuard, kGuardQuery,
      Rows{{Cell("1.0"), Cell("4ff40742"), Cell(1), Cell(2), Cell("1,2"), Cell("0"), Cell(0)}});
  EXPECT_EQ(DeviceguardStatusWindows(host, {}).value(),
            (Rows{{Cell("1.0"), Cell("4ff40742"), Cell("VBS_ENABLED_AND_NOT_RUNNING"),
                   Cell("ENFORCED_MODE"), Cell("CREDENTIAL_GUARD,MEMORY_INTEGRITY"), Cell("NONE"),
                   Cell("OFF")}}));
}

TEST(DeviceguardStatusWindows, ANewServiceIsUnknownBesideTheOthersAndANewStatusIsUnknown) {
  FakeHost host(Os::kWindows);
  host.PutWmi(kGuard, kGuardQuery,
              Rows{{Cell("1.0"), Cell("x"), Cell(3), kNone, Cell("2,9"), kNone, Cell(1)}});
  EXPECT_EQ(DeviceguardStatusWindows(host, {}).value(),
            (Rows{{Cell("1.0"), Cell("x"), Unknown{}, Unknown{}, Cell("MEMORY_INTEGRITY,UNKNOWN"),
                   Unknown{}, Cell("AUDIT_MODE")}}));
  host.PutWmi(kGuard, kGuardQuery, Rows{});
  EXPECT_EQ(DeviceguardStatusWindows(host, {}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
