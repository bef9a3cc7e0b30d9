// SPDX-License-Identifier: Apache-2.0
// Answers as the documentation of Win32_EncryptableVolume describes its methods (Microsoft Learn,
// secprov); none was captured.
#include "collectors/bitlocker_info.h"

#include <gtest/gtest.h>

#include "collectors/bitlocker.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kVolumes[] =
    "SELECT DeviceID, DriveLetter, PersistentVolumeID FROM Win32_EncryptableVolume";
constexpr char kC[] = R"(\\?\Volume{c}\)";
constexpr char kObject[] = R"(Win32_EncryptableVolume.DeviceID="\\\\?\\Volume{c}\\")";

void Put(FakeHost* host, const char* method, Row answer) {
  host->PutWmiCall({kBitLockerNamespace, kObject, method, {}}, std::move(answer));
}

FakeHost Laptop(int protection, int conversion, int percentage, int method, int lock) {
  FakeHost host(Os::kWindows);
  host.PutWmi(kBitLockerNamespace, kVolumes, Rows{{Cell(kC), Cell("C:"), Cell("{1-2}")}});
  Put(&host, "GetProtectionStatus", {Cell(0), Cell(protection)});
  Put(&host, "GetConversionStatus", {Cell(0), Cell(conversion), Cell(percentage)});
  Put(&host, "GetEncryptionMethod", {Cell(0), Cell(method)});
  Put(&host, "GetVersion", {Cell(0), Cell(2)});
  Put(&host, "GetLockStatus", {Cell(0), Cell(lock)});
  return host;
}

TEST(BitlockerInfoWindows, AProtectedVolumeInOsquerysWords) {
  EXPECT_EQ(BitlockerInfoWindows(Laptop(1, 1, 100, 6, 0), {}).value(),
            (Rows{{Cell(kC), Cell("C:"), Cell("{1-2}"), Cell(1), Cell(1), Cell("XTS_AES_128"),
                   Unknown{}, Cell(2), Cell(100), Cell(0)}}));
}

TEST(BitlockerInfoWindows, OfItsSixStatesOnlyOneIsProtectedAndWhole) {
  const struct {
    const char* state;
    int protection, conversion, percentage;
  } kStates[] = {{"off", 0, 0, 0},         {"on", 1, 1, 100},        {"suspended", 0, 1, 100},
                 {"encrypting", 0, 2, 43}, {"decrypting", 0, 3, 12}, {"paused", 0, 4, 43},
                 {"turned back", 0, 5, 12}};
  for (const auto& at : kStates) {
    const Row row =
        BitlockerInfoWindows(Laptop(at.protection, at.conversion, at.percentage, 6, 0), {})
            .value()
            .front();
    EXPECT_EQ((Row{row[4], row[3], row[8]}),
              (Row{Cell(at.protection), Cell(at.conversion), Cell(at.percentage)}))
        << at.state;
    const bool protected_and_whole = row[4] == Cell(1) && row[3] == Cell(1);
    EXPECT_EQ(protected_and_whole, std::string(at.state) == "on") << at.state;
  }
}

TEST(BitlockerInfoWindows, ASuspendedVolumeIsEncryptedAndNotProtected) {
  const Row row = BitlockerInfoWindows(Laptop(0, 1, 100, 7, 0), {}).value().front();
  EXPECT_EQ(row[3], Cell(1));
  EXPECT_EQ(row[4], Cell(0));
}

TEST(BitlockerInfoWindows, TheMethodsAreAskedAndNotThePropertiesThatWereCached) {
  FakeHost host = Laptop(0, 1, 100, 7, 0);
  // What was cached says that it is protected.
  host.PutWmi(kBitLockerNamespace,
              "SELECT DeviceID, DriveLetter, PersistentVolumeID, ProtectionStatus "
              "FROM Win32_EncryptableVolume",
              Rows{{Cell(kC), Cell("C:"), Cell("{1-2}"), Cell(1)}});
  EXPECT_EQ(BitlockerInfoWindows(host, {}).value().front()[4], Cell(0));
}

TEST(BitlockerInfoWindows, ALockedVolumeSaysTwoAndWhatItRefusesIsUnknown) {
  FakeHost host = Laptop(2, 1, 100, 6, 1);
  // FVE_E_LOCKED_VOLUME
  Put(&host, "GetConversionStatus", {Cell(int64_t{0x80310000}), kNone, kNone});
  Put(&host, "GetEncryptionMethod", {Cell(int64_t{0x80310000}), kNone});
  EXPECT_EQ(BitlockerInfoWindows(host, {}).value(),
            (Rows{{Cell(kC), Cell("C:"), Cell("{1-2}"), Unknown{}, Cell(2), Unknown{}, Unknown{},
                   Cell(2), Unknown{}, Cell(1)}}));
}

TEST(BitlockerInfoWindows, EncryptionByTheDrivesFirmwareIsNamedAndANewMethodIsUnknown) {
  EXPECT_EQ(BitlockerInfoWindows(Laptop(1, 1, 100, 5, 0), {}).value().front()[5],
            Cell("HARDWARE_ENCRYPTION"));
  EXPECT_EQ(BitlockerInfoWindows(Laptop(0, 0, 0, 0, 0), {}).value().front()[5], Cell("None"));
  EXPECT_EQ(BitlockerInfoWindows(Laptop(1, 1, 100, 8, 0), {}).value().front()[5], Cell(Unknown{}));
}

TEST(BitlockerInfoWindows, WhichProtectorsHoldTheKeyIsUnknownAndNotATpm) {
  EXPECT_EQ(BitlockerInfoWindows(Laptop(1, 1, 100, 6, 0), {}).value().front()[6], Cell(Unknown{}));
}

TEST(BitlockerInfoWindows, HomeHasNoBitLockerAndAUserMayNotAskAndNeitherIsAVolumeInTheClear) {
  FakeHost host(Os::kWindows);
  EXPECT_EQ(BitlockerInfoWindows(host, {}).error().code, Code::kUnsupported);
  host.PutWmi(kBitLockerNamespace, kVolumes, Fail(Code::kDenied, "WMI"));
  EXPECT_EQ(BitlockerInfoWindows(host, {}).error().code, Code::kDenied);
}

}  // namespace
}  // namespace sallyport
