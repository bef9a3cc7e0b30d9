// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "collectors/disk_volumes.h"
#include "collectors/windows_registry.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kCimv2[] = R"(root\CIMV2)";
constexpr char kEncryption[] = R"(root\CIMV2\Security\MicrosoftVolumeEncryption)";
constexpr char kVolumes[] =
    "SELECT DeviceID, DriveLetter, Name, FileSystem, DriveType, BootVolume, SystemVolume "
    "FROM Win32_Volume";
constexpr char kEncryptable[] = "SELECT DeviceID, DriveLetter FROM Win32_EncryptableVolume";
constexpr char kDrives[] = "SELECT DeviceID, FileSystem, DriveType FROM Win32_LogicalDisk";
constexpr char kMemory[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management)";
constexpr char kC[] = R"(\\?\Volume{c}\)";
constexpr char kD[] = R"(\\?\Volume{d}\)";

Row VolumeRow(const char* device, const char* letter, const char* name, const char* fs, int type,
              bool os, bool loader) {
  return {Cell(device), *letter ? Cell(letter) : Cell(std::nullopt),
          Cell(name),   Cell(fs),
          Cell(type),   Cell(os),
          Cell(loader)};
}
const Row kSystemDrive = VolumeRow(kC, "C:", R"(C:\)", "NTFS", 3, true, false);

// What the methods of an encryptable volume answer.
void PutBitLocker(FakeHost* host, const std::string& device, int protection, int conversion,
                  int method) {
  std::string quoted;
  for (const char c : device) quoted += c == '\\' ? "\\\\" : std::string(1, c);
  const std::string object = "Win32_EncryptableVolume.DeviceID=\"" + quoted + "\"";
  const auto put = [&](const char* name, int value) {
    host->PutWmiCall({kEncryption, object, name, {}}, Row{Cell(0), Cell(value)});
  };
  put("GetProtectionStatus", protection);
  put("GetConversionStatus", conversion);
  put("GetEncryptionMethod", method);
}

FakeHost Laptop() {
  FakeHost host(Os::kWindows);
  host.PutRegistry(kCurrentVersionKey, "SystemRoot", Cell(R"(C:\Windows)"));
  host.PutRegistry(kMemory, "ExistingPageFiles", Cell(R"(\??\C:\pagefile.sys)"));
  host.PutWmi(kCimv2, kVolumes, Rows{kSystemDrive});
  host.PutWmi(kEncryption, kEncryptable, Rows{{Cell(kC), Cell("C:")}});
  return host;
}

// Of the first volume.
std::map<std::string, Value> Read(const Host& host) {
  const Rows rows = DiskVolumesWindows(host, {}).value();
  std::map<std::string, Value> out;
  for (size_t i = 0; i < rows.front().size(); ++i) {
    out[std::string(kDiskVolumes.columns[i].name)] = rows.front()[i];
  }
  return out;
}
Value ProtectionOf(int protection, int conversion) {
  FakeHost host = Laptop();
  PutBitLocker(&host, kC, protection, conversion, 6);
  return Read(host)["protection"];
}

TEST(DiskVolumesWindows, AnEncryptedDriveAndAClearOneAndWhatIsNotMounted) {
  FakeHost host = Laptop();
  host.PutWmi(kCimv2, kVolumes,
              Rows{kSystemDrive, VolumeRow(kD, "D:", R"(D:\)", "NTFS", 3, false, false),
                   VolumeRow(R"(\\?\Volume{e}\)", "", R"(\\?\Volume{e}\)", "FAT32", 3, false, true),
                   VolumeRow(R"(\\?\Volume{n}\)", "N:", R"(N:\)", "NTFS", 4, false, false)});
  host.PutWmi(kEncryption, kEncryptable, Rows{{Cell(kC), Cell("C:")}, {Cell(kD), Cell("D:")}});
  PutBitLocker(&host, kC, 1, 1, 6);
  PutBitLocker(&host, kD, 0, 0, 0);
  EXPECT_EQ(DiskVolumesWindows(host, {}).value(),
            (Rows{{Cell(R"(C:\)"), Cell(kC), Cell("NTFS"), Cell("on"), Cell("BitLocker"),
                   Cell("XTS-AES-128"), Cell(1), Cell(1), Cell(1), Cell(0), Unknown{}},
                  {Cell(R"(D:\)"), Cell(kD), Cell("NTFS"), Cell("off"), kNone, kNone, Cell(0),
                   Cell(1), Cell(0), Cell(0), Unknown{}}}));
}

TEST(DiskVolumesWindows, AVolumeWhoseTypeOrNameIsNotToldIsARowStill) {
  FakeHost host = Laptop();
  Row unknown = VolumeRow(kD, "D:", R"(D:\)", "NTFS", 0, false, false);
  host.PutWmi(kCimv2, kVolumes, Rows{unknown});
  EXPECT_EQ(Read(host)["protection"], Cell(Unknown{}));
  unknown[4] = kNone;
  unknown[2] = kNone;
  host.PutWmi(kCimv2, kVolumes, Rows{unknown});
  EXPECT_EQ(Read(host)["mount_point"], Cell(Unknown{}));
  for (const int elsewhere : {1, 4, 5, 6}) {
    unknown[4] = Cell(elsewhere);
    host.PutWmi(kCimv2, kVolumes, Rows{unknown, kSystemDrive});
    EXPECT_EQ(DiskVolumesWindows(host, {}).value().size(), 1u) << elsewhere;
    host.PutWmi(kCimv2, kVolumes, Rows{unknown});
    EXPECT_EQ(DiskVolumesWindows(host, {}).error().code, Code::kMalformed) << elsewhere;
  }
}

TEST(DiskVolumesWindows, ASuspendedVolumeIsEncryptedAndNotProtected) {
  EXPECT_EQ(ProtectionOf(0, 1), Cell("off"));
  EXPECT_EQ(ProtectionOf(1, 1), Cell("on"));
}

TEST(DiskVolumesWindows, AVolumeThatIsOnTheWayIsPartial) {
  for (const int conversion : {2, 3, 4, 5}) {
    EXPECT_EQ(ProtectionOf(0, conversion), Cell("partial")) << conversion;
    EXPECT_EQ(ProtectionOf(1, conversion), Cell("partial")) << conversion;
  }
}

TEST(DiskVolumesWindows, ALockedVolumeAndAMethodThatFailsAreUnknown) {
  EXPECT_EQ(ProtectionOf(2, 1), Cell(Unknown{}));
  FakeHost host = Laptop();
  EXPECT_EQ(Read(host)["protection"], Cell(Unknown{}));
  PutBitLocker(&host, kC, 1, 1, 6);
  const std::string object = R"(Win32_EncryptableVolume.DeviceID="\\\\?\\Volume{c}\\")";
  // FVE_E_LOCKED_VOLUME
  host.PutWmiCall({kEncryption, object, "GetConversionStatus", {}},
                  Row{Cell(int64_t{0x80310000}), kNone});
  EXPECT_EQ(Read(host)["protection"], Cell(Unknown{}));
  host.PutWmiCall({kEncryption, object, "GetEncryptionMethod", {}}, Fail(Code::kTimeout, "WMI"));
  EXPECT_EQ(Read(host)["method"], Cell(Unknown{}));
  EXPECT_EQ(Read(host)["cipher"], Cell(Unknown{}));
}

TEST(DiskVolumesWindows, WhereBitLockerCannotBeAskedEveryVolumeIsUnknown) {
  for (const Code code : {Code::kUnsupported, Code::kDenied, Code::kTimeout}) {
    FakeHost host = Laptop();
    PutBitLocker(&host, kC, 1, 1, 6);
    host.PutWmi(kEncryption, kEncryptable, Fail(code, "WMI"));
    auto row = Read(host);
    EXPECT_EQ(row["protection"], Cell(Unknown{})) << CodeName(code);
    EXPECT_EQ(row["method"], Cell(Unknown{}));
  }
}

TEST(DiskVolumesWindows, AVolumeThatBitLockerDoesNotKnowIsUnknownAndNotClear) {
  FakeHost host = Laptop();
  host.PutWmi(kEncryption, kEncryptable, Rows{});
  EXPECT_EQ(Read(host)["protection"], Cell(Unknown{}));
}

TEST(DiskVolumesWindows, EncryptionByTheDriveItselfIsNamedSoThatPolicyMayJudgeIt) {
  FakeHost host = Laptop();
  PutBitLocker(&host, kC, 1, 1, 5);
  EXPECT_EQ(Read(host)["cipher"], Cell("hardware"));
  PutBitLocker(&host, kC, 1, 1, 99);
  EXPECT_EQ(Read(host)["cipher"], Cell(Unknown{}));
}

TEST(DiskVolumesWindows, WhereThePageFileLiesMayBeUnknown) {
  FakeHost host = Laptop();
  host.PutRegistry(kMemory, "ExistingPageFiles", Cell("\\??\\D:\\pagefile.sys"));
  EXPECT_EQ(Read(host)["is_swap"], Cell(0));
  host.PutRegistry(kMemory, "ExistingPageFiles", Cell("?"));
  EXPECT_EQ(Read(host)["is_swap"], Cell(Unknown{}));
  host.PutRegistry(kMemory, "ExistingPageFiles", Fail(Code::kDenied, "x"));
  EXPECT_EQ(Read(host)["is_swap"], Cell(Unknown{}));
}

TEST(DiskVolumesWindows, AMountedBootPartitionIsExemptAndDrivesStandInForVolumes) {
  FakeHost host = Laptop();
  host.PutWmi(kCimv2, kVolumes,
              Rows{VolumeRow(kD, "S:", R"(S:\)", "NTFS", 3, false, true), kSystemDrive});
  auto row = Read(host);
  EXPECT_EQ(row["exempt"], Cell(1));
  EXPECT_EQ(row["holds_user_data"], Cell(0));
  host.PutWmi(kCimv2, kVolumes, Rows{});
  host.PutWmi(kCimv2, kDrives,
              Rows{{Cell("A:"), Cell(std::nullopt), Cell(5)}, {Cell("C:"), Cell("NTFS"), Cell(3)}});
  row = Read(host);
  EXPECT_EQ(row["mount_point"], Cell(R"(C:\)"));
  EXPECT_EQ(row["holds_os"], Cell(1));
  EXPECT_EQ(row["protection"], Cell(Unknown{}));
}

TEST(DiskVolumesWindows, NoReadableListOfVolumesIsAnErrorNotAnEmptyTable) {
  FakeHost host(Os::kWindows);
  EXPECT_EQ(DiskVolumesWindows(host, {}).error().code, Code::kUnsupported);
  host.PutWmi(kCimv2, kDrives, Rows{});
  EXPECT_EQ(DiskVolumesWindows(host, {}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
