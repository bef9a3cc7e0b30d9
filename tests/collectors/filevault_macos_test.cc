// SPDX-License-Identifier: Apache-2.0
// What fdesetup(8) prints as its manual page and public scripts have it; the list of volumes is cut
// down from one of a real Mac in a public repository (the keys of "diskutil apfs list -plist");
// none was captured here.
#include "collectors/filevault.h"

#include <gtest/gtest.h>

#include "collectors/disk_volumes.h"
#include "tests/collectors/plist_text.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Argv = std::vector<std::string>;
const Value kNone = std::monostate{};
const Argv kStatus{"/usr/bin/fdesetup", "status"};
const Argv kMount{"/sbin/mount"};
const Argv kList{"/usr/sbin/diskutil", "apfs", "list", "-plist"};
constexpr char kMounts[] =
    "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
    "devfs on /dev (devfs, local, nobrowse)\n"
    "/dev/disk3s6 on /System/Volumes/VM (apfs, local, noexec, journaled, noatime, nobrowse)\n"
    "/dev/disk3s2 on /System/Volumes/Preboot (apfs, local, journaled, nobrowse)\n"
    "/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)\n"
    "map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)\n";

std::string Truth(bool value) { return value ? "<true/>" : "<false/>"; }

std::string Volume(const std::string& device, const std::string& role, bool encryption,
                   bool filevault, bool converting) {
  return "<dict><key>APFSVolumeUUID</key><string>UUID-" + device +
         "</string><key>CryptoMigrationOn</key>" + Truth(converting) +
         "<key>DeviceIdentifier</key><string>" + device + "</string><key>Encryption</key>" +
         Truth(encryption) + "<key>FileVault</key>" + Truth(filevault) +
         "<key>Locked</key><false/><key>Roles</key><array><string>" + role +
         "</string></array></dict>";
}

std::string Volumes(const std::string& volumes) {
  return PlistText("<dict><key>Containers</key><array><dict><key>Volumes</key><array>" + volumes +
                   "</array></dict></array></dict>");
}

Argv UsersOf(const char* device) {
  return {"/usr/sbin/diskutil", "apfs", "listCryptoUsers", "-plist", device};
}

std::string Users(const std::string& type) {
  return PlistText("<dict><key>Users</key><array><dict><key>APFSCryptoUserType</key><string>" +
                   type +
                   "</string><key>APFSCryptoUserUUID</key><string>UUID-ada</string></dict>"
                   "</array></dict>");
}

// A Mac whose data volume is as told, and which fdesetup describes so.
FakeHost Mac(bool filevault, bool converting, const char* status) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kMount, {0, kMounts, ""});
  host.PutCommand(kStatus, {0, status, ""});
  host.PutCommand(kList, {0,
                          Volumes(Volume("disk3s1", "System", true, filevault, converting) +
                                  Volume("disk3s2", "Preboot", false, false, false) +
                                  Volume("disk3s5", "Data", true, filevault, converting) +
                                  Volume("disk3s6", "VM", true, filevault, converting)),
                          ""});
  host.PutCommand(UsersOf("disk3s5"), {0, Users("LocalOpenDirectory"), ""});
  return host;
}

// Of the data volume.
Value Protection(const Host& host) { return DiskVolumesMacos(host, {}).value().back()[3]; }
Value Status(const Host& host) { return DiskEncryptionMacos(host, {}).value()[2][7]; }

TEST(DiskVolumesMacos, AMacWithFileVaultOn) {
  EXPECT_EQ(
      DiskVolumesMacos(Mac(true, false, "FileVault is On.\n"), {}).value(),
      (Rows{{Cell("/"), Cell("/dev/disk3s1s1"), Cell("apfs"), Cell("on"), Cell("FileVault"),
             Cell("AES-XTS"), Cell(1), Cell(0), Cell(0), Cell(0), Cell(1)},
            {Cell("/System/Volumes/VM"), Cell("/dev/disk3s6"), Cell("apfs"), Cell("on"),
             Cell("FileVault"), Cell("AES-XTS"), Cell(0), Cell(1), Cell(1), Cell(0), Cell(0)},
            {Cell("/System/Volumes/Preboot"), Cell("/dev/disk3s2"), Cell("apfs"), Cell("off"),
             kNone, kNone, Cell(0), Cell(0), Cell(0), Cell(1), Cell(0)},
            {Cell("/System/Volumes/Data"), Cell("/dev/disk3s5"), Cell("apfs"), Cell("on"),
             Cell("FileVault"), Cell("AES-XTS"), Cell(0), Cell(1), Cell(0), Cell(0), Cell(0)}}));
}

TEST(DiskVolumesMacos, DeferredEnablementIsNotProtected) {
  const FakeHost off = Mac(false, false,
                           "FileVault is Off.\n"
                           "Deferred enablement appears to be active for user 'ada'.\n");
  EXPECT_EQ(Protection(off), Cell("off"));
  EXPECT_EQ(Status(off), Cell("off"));
  // Whatever the volumes say.
  const FakeHost claimed = Mac(true, false,
                               "FileVault is On.\n"
                               "Deferred enablement appears to be active for user 'ada'.\n");
  EXPECT_EQ(Protection(claimed), Cell("partial"));
  EXPECT_EQ(Status(claimed), Cell("off"));
}

TEST(DiskVolumesMacos, AppleSiliconEncryptsByItselfAndThatKeepsNobodyOut) {
  const FakeHost host = Mac(false, false, "FileVault is Off.\n");
  EXPECT_EQ(Protection(host), Cell("off"));
  const Row row = DiskEncryptionMacos(host, {}).value()[2];
  EXPECT_EQ((Row{row[2], row[4], row[7]}), (Row{Cell(1), Cell("encrypted"), Cell("off")}));
}

TEST(DiskVolumesMacos, EncryptionInProgressIsPartial) {
  const FakeHost host = Mac(true, true,
                            "FileVault is On.\n"
                            "Encryption in progress: Percent completed = 42\n");
  EXPECT_EQ(Protection(host), Cell("partial"));
  EXPECT_EQ(Protection(Mac(true, false, "FileVault is On.\nDecryption in progress: 5\n")),
            Cell("partial"));
  EXPECT_EQ(Protection(Mac(true, false, "FileVault is Off, but needs to be restarted.\n")),
            Cell("partial"));
}

TEST(DiskVolumesMacos, WordsThatNobodyHasSeenAndWhatMayNotBeAskedAreUnknown) {
  EXPECT_EQ(Protection(Mac(true, false, "FileVault is On.\nSomething new.\n")), Cell(Unknown{}));
  FakeHost host = Mac(true, false, "FileVault is On.\n");
  host.FailCommand(kStatus, Code::kTimeout);
  EXPECT_EQ(Protection(host), Cell(Unknown{}));
  host = Mac(true, false, "FileVault is On.\n");
  host.FailCommand(kList, Code::kDenied);
  const Row row = DiskVolumesMacos(host, {}).value().back();
  EXPECT_EQ((Row{row[3], row[4], row[5]}), (Row{Unknown{}, Unknown{}, Unknown{}}));
  host.PutCommand(kMount, {0, "/dev/disk4s2 on /Volumes/A (B) (exfat, local)\n", ""});
  EXPECT_EQ(DiskVolumesMacos(host, {}).value()[0][0], Cell("/Volumes/A (B)"));
  EXPECT_EQ(DiskVolumesMacos(host, {}).value()[0][3], Cell(Unknown{}));
}

TEST(DiskVolumesMacos, AListOfMountsThatCannotBeReadIsAnErrorNotAnEmptyTable) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kMount, {0, "", ""});
  EXPECT_EQ(DiskVolumesMacos(host, {}).error().code, Code::kMalformed);
  host.PutCommand(kMount, {0, "/dev/disk3s1s1 /\n", ""});
  EXPECT_EQ(DiskVolumesMacos(host, {}).error().code, Code::kMalformed);
  host.FailCommand(kMount, Code::kDenied);
  EXPECT_EQ(DiskVolumesMacos(host, {}).error().code, Code::kDenied);
}

TEST(DiskEncryptionMacos, NamesThePersonWhoCanUnlockAVolume) {
  EXPECT_EQ(DiskEncryptionMacos(Mac(true, false, "FileVault is On.\n"), {}).value()[2],
            (Row{Cell("/dev/disk3s5"), Cell("UUID-disk3s5"), Cell(1), Cell("APFS Encryption"),
                 Cell("encrypted"), Unknown{}, Cell("UUID-ada"), Cell("on")}));
}

TEST(DiskEncryptionMacos, AVolumeThatARecoveryKeyAloneUnlocksHasNoUser) {
  FakeHost host = Mac(true, false, "FileVault is On.\n");
  host.PutCommand(UsersOf("disk3s5"), {0, Users("PersonalRecovery"), ""});
  EXPECT_EQ(DiskEncryptionMacos(host, {}).value()[2][6], Cell(""));
  host.PutCommand(UsersOf("disk3s5"), {1, "", "Error: -69808"});
  EXPECT_EQ(DiskEncryptionMacos(host, {}).value()[2][6], Cell(Unknown{}));
}

TEST(DiskEncryptionMacos, WithoutDiskutilTheTableFails) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kList, {1, "", "no APFS"});
  EXPECT_EQ(DiskEncryptionMacos(host, {}).error().message,
            "/usr/sbin/diskutil apfs list -plist: exit 1: no APFS");
  host.PutCommand(kList, {0, "Containers", ""});
  EXPECT_EQ(DiskEncryptionMacos(host, {}).error().code, Code::kMalformed);
}

TEST(FilevaultStatusMacos, IsAllThatFdesetupPrintsSoThatDeferredIsNotOn) {
  EXPECT_EQ(FilevaultStatusMacos(Mac(true, false, "FileVault is On.\n"), {}).value(),
            (Rows{{Cell("FileVault is On.")}}));
  EXPECT_EQ(FilevaultStatusMacos(
                Mac(false, false, "FileVault is On.\nDeferred enablement appears ...\n"), {})
                .value(),
            (Rows{{Cell("FileVault is On.\nDeferred enablement appears ...")}}));
  FakeHost host(Os::kMacos);
  host.PutCommand(kStatus, {1, "", "Error: not root."});
  EXPECT_EQ(FilevaultStatusMacos(host, {}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
