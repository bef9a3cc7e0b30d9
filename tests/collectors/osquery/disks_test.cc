// SPDX-License-Identifier: Apache-2.0
// mounts, block_devices, disk_encryption.
#include <gtest/gtest.h>

#include "collectors/osquery/block_device.h"
#include "collectors/osquery/linux_tables.h"
#include "tests/collectors/osquery/shown.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr FileSystemUse kUse{4096, 100, 50, 45, 20, 10};
constexpr char kNumbers[] =
    "blocks_size=4096 blocks=100 blocks_free=50 blocks_available=45 inodes=20 inodes_free=10";
constexpr char kNotAsked[] =
    "blocks_size=unknown blocks=unknown blocks_free=unknown blocks_available=unknown "
    "inodes=unknown inodes_free=unknown";

TEST(Mounts, HaveTheOptionsAndNamesThatTheKernelShowsInProcMounts) {
  FakeHost host;
  host.Put("/proc/self/mountinfo",
           "22 27 0:21 / /proc rw,nosuid,relatime shared:5 - proc proc rw\n"
           "27 1 254:1 / / rw,relatime - ext4 /dev/mapper/vg-root ro,seclabel,errors=remount-ro\n"
           "30 27 8:1 / /media/my\\040disk\\134n rw - vfat /dev/sda1 rw,lazytime,umask=077\n");
  host.Put("/dev/dm-0", "");
  host.PutLink("/dev/mapper/vg-root", "../dm-0");
  for (const char* path : {"/proc", "/", "/media/my disk\\n"}) host.PutFileSystem(path, kUse);
  const std::string numbers = kNumbers;
  EXPECT_EQ(Shown(kMounts, MountsLinux(host, {})),
            "device=proc device_alias=proc path=/proc type=proc " + numbers +
                " flags=rw,nosuid,relatime\n"
                "device=/dev/mapper/vg-root device_alias=/dev/dm-0 path=/ type=ext4 " +
                numbers +
                " flags=ro,seclabel,relatime,errors=remount-ro\n"
                "device=/dev/sda1 device_alias=/dev/sda1 path=/media/my disk\\n type=vfat " +
                numbers + " flags=rw,lazytime,umask=077\n");
}

TEST(Mounts, AServerThatMayHangIsNotAskedAndAHiddenMountNotMistakenForAnother) {
  FakeHost host;
  host.Put("/proc/self/mountinfo",
           "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
           "30 27 8:2 / /srv rw - ext4 /dev/sda2 rw\n"
           "31 30 8:3 / /srv/data rw - ext4 /dev/sda3 rw\n"
           "32 30 8:4 / /srv rw - ext4 /dev/sda4 rw\n"
           "33 27 0:40 / /net rw - nfs4 server:/x rw\n"
           "34 27 0:41 / /home/a/gvfs rw - fuse.gvfsd gvfsd rw\n");
  for (const char* path : {"/", "/srv", "/srv/data", "/net", "/home/a/gvfs"}) {
    host.PutFileSystem(path, kUse);
  }
  const std::string numbers = kNumbers, not_asked = kNotAsked;
  EXPECT_EQ(Shown(kMounts, MountsLinux(host, {})),
            "device=/dev/sda1 device_alias=/dev/sda1 path=/ type=ext4 " + numbers +
                " flags=rw\n"
                "device=/dev/sda2 device_alias=/dev/sda2 path=/srv type=ext4 " +
                not_asked +
                " flags=rw\n"
                "device=/dev/sda3 device_alias=/dev/sda3 path=/srv/data type=ext4 " +
                not_asked +
                " flags=rw\n"
                "device=/dev/sda4 device_alias=/dev/sda4 path=/srv type=ext4 " +
                numbers +
                " flags=rw\n"
                "device=server:/x device_alias=server:/x path=/net type=nfs4 " +
                not_asked +
                " flags=rw\n"
                "device=gvfsd device_alias=gvfsd path=/home/a/gvfs type=fuse.gvfsd " +
                not_asked + " flags=rw\n");
}

TEST(Mounts, MountsThatNameEachOtherAsParentsAreNotFollowedForEver) {
  FakeHost host;
  host.Put("/proc/self/mountinfo",
           "1 2 8:1 / / rw - ext4 /dev/sda1 rw\n"
           "2 1 8:2 / / rw - ext4 /dev/sda2 rw\n");
  EXPECT_EQ(MountsLinux(host, {})->size(), 2u);
  host.Put("/proc/self/mountinfo", "not a mount\n");
  EXPECT_EQ(MountsLinux(host, {}).error().code, Code::kMalformed);
}

TEST(Mounts, ThousandsThatLieOnEachOtherAreListedAndWhatTakesTooLongToTellIsUnknown) {
  std::string mountinfo = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
  for (int i = 2; i <= 3000; ++i) {
    mountinfo += std::to_string(i) + " " + std::to_string(i - 1) + " 0:1 / / rw - tmpfs tmpfs rw\n";
  }
  FakeHost host;
  host.Put("/proc/self/mountinfo", mountinfo);
  host.PutFileSystem("/", kUse);
  const Rows rows = MountsLinux(host, {}).value();
  EXPECT_EQ(rows.size(), 3000u);
  EXPECT_EQ(Shown(kMounts, Rows{rows.back()}),
            "device=tmpfs device_alias=tmpfs path=/ type=tmpfs " + std::string(kNotAsked) +
                " flags=rw\n");
}

void PutDevice(FakeHost& host, const std::string& name, const std::string& node,
               const std::string& number) {
  host.PutLink("/sys/class/block/" + name, "../.." + node.substr(4));
  host.Put(node + "/dev", number + "\n");
  host.Put(node + "/size", "2048\n");
}

// A disk with a clear partition and a LUKS2 one, LVM on it; a second disk in a clear mapping.
FakeHost Laptop() {
  FakeHost host;
  const std::string disk = "/sys/devices/pci/nvme0n1";
  PutDevice(host, "nvme0n1", disk, "259:0");
  host.Put(disk + "/queue/logical_block_size", "512\n");
  host.Put(disk + "/device/model", "Disk 1\n");
  host.Put(disk + "/device/wwid", "eui.1\n");
  PutDevice(host, "nvme0n1p1", disk + "/nvme0n1p1", "259:1");
  host.Put(disk + "/nvme0n1p1/partition", "1\n");
  PutDevice(host, "nvme0n1p2", disk + "/nvme0n1p2", "259:2");
  host.Put(disk + "/nvme0n1p2/partition", "2\n");
  const std::string crypt = "/sys/devices/virtual/block/dm-0";
  PutDevice(host, "dm-0", crypt, "253:0");
  host.Put(crypt + "/dm/uuid", "CRYPT-LUKS2-9f-luks-9f\n");
  host.Put(crypt + "/dm/name", "luks-9f\n");
  host.Put(crypt + "/slaves/nvme0n1p2", "");
  const std::string volume = "/sys/devices/virtual/block/dm-1";
  PutDevice(host, "dm-1", volume, "253:1");
  host.Put(volume + "/dm/uuid", "LVM-abc\n");
  host.Put(volume + "/slaves/dm-0", "");
  host.PutCommand({"/usr/sbin/cryptsetup", "status", "luks-9f"},
                  {0,
                   "/dev/mapper/luks-9f is active.\n  type:    LUKS2\n  cipher:  "
                   "aes-xts-plain64\n",
                   ""});
  return host;
}

TEST(BlockDevices, AreTheKernelsWithWhatUdevKnowsOfThem) {
  FakeHost host = Laptop();
  host.Put("/run/udev/data/b259:0", "E:ID_MODEL=Disk_1\nE:ID_MODEL_FROM_DATABASE=NVMe Disk 1\n");
  host.Put("/run/udev/data/b259:1",
           "S:disk/by-uuid/AB-CD\nE:ID_FS_UUID=AB-CD\nE:ID_FS_TYPE=vfat\nE:ID_FS_LABEL=MY_ESP\n"
           "E:ID_FS_LABEL_ENC=MY\\x20ESP\n");
  host.Put("/run/udev/data/b259:2", "E:ID_FS_TYPE=crypto_LUKS\nE:ID_FS_UUID=9f\n");
  host.Put("/run/udev/data/b253:0", "E:ID_FS_TYPE=LVM2_member\n");
  host.Put("/run/udev/data/b253:1", "E:ID_FS_TYPE=ext4\nE:ID_FS_LABEL=\n");
  EXPECT_EQ(Shown(kBlockDevices, BlockDevicesLinux(host, {})),
            "name=/dev/dm-0 parent=/dev/nvme0n1p2 size=2048 type=LVM2_member\n"
            "name=/dev/dm-1 parent=/dev/dm-0 size=2048 type=ext4\n"
            "name=/dev/nvme0n1 parent= model=NVMe Disk 1 serial=eui.1 size=2048 block_size=512\n"
            "name=/dev/nvme0n1p1 parent=/dev/nvme0n1 size=2048 uuid=AB-CD type=vfat label=MY ESP\n"
            "name=/dev/nvme0n1p2 parent=/dev/nvme0n1 size=2048 uuid=9f type=crypto_LUKS\n");
}

TEST(BlockDevices, WithoutUdevBlkidIsAskedOnceAndWithoutBothTheContentIsUnknown) {
  FakeHost host;
  PutDevice(host, "cciss!c0d0", "/sys/devices/pci/cciss!c0d0", "104:0");
  PutDevice(host, "sdb", "/sys/devices/pci/sdb", "8:16");
  EXPECT_EQ(Shown(kBlockDevices, BlockDevicesLinux(host, {})),
            "name=/dev/cciss/c0d0 parent= size=2048 uuid=unknown type=unknown label=unknown\n"
            "name=/dev/sdb parent= size=2048 uuid=unknown type=unknown label=unknown\n");
  host.PutCommand({"/usr/sbin/blkid", "-c", "/dev/null", "-o", "export"},
                  {0, "DEVNAME=/dev/sdb\nLABEL=My\\ Disk\nUUID=12\nTYPE=ext4\n", ""});
  EXPECT_EQ(Shown(kBlockDevices, BlockDevicesLinux(host, {})),
            "name=/dev/cciss/c0d0 parent= size=2048\n"
            "name=/dev/sdb parent= size=2048 uuid=12 type=ext4 label=My Disk\n");
}

TEST(DiskEncryption, AMappingAndWhatLiesOnItAreEncryptedTheDiskBelowIsNot) {
  const FakeHost host = Laptop();
  EXPECT_EQ(Shown(kDiskEncryption, DiskEncryptionLinux(host, {})),
            "name=/dev/dm-0 uuid=unknown encrypted=1 type=LUKS2-aes-xts-plain64 "
            "encryption_status=encrypted\n"
            "name=/dev/dm-1 uuid=unknown encrypted=1 type=LUKS2-aes-xts-plain64 "
            "encryption_status=encrypted\n"
            "name=/dev/nvme0n1 uuid=unknown encrypted=0 encryption_status=not encrypted\n"
            "name=/dev/nvme0n1p1 uuid=unknown encrypted=0 encryption_status=not encrypted\n"
            "name=/dev/nvme0n1p2 uuid=unknown encrypted=0 encryption_status=not encrypted\n");
}

TEST(DiskEncryption, OneClearLegOrANullCipherOrAVerityMappingHidesNothing) {
  FakeHost host = Laptop();
  const Keys volume = {{"name", "/dev/dm-1"}};
  host.Put("/sys/devices/virtual/block/dm-1/slaves/nvme0n1p1", "");
  EXPECT_EQ(Shown(kDiskEncryption, DiskEncryptionLinux(host, volume)),
            "name=/dev/dm-1 uuid=unknown encrypted=0 encryption_status=not encrypted\n");
  host.Remove("/sys/devices/virtual/block/dm-1/slaves/nvme0n1p1");
  host.PutCommand({"/usr/sbin/cryptsetup", "status", "luks-9f"},
                  {0, "  cipher:  cipher_null-ecb\n", ""});
  EXPECT_EQ(Shown(kDiskEncryption, DiskEncryptionLinux(host, volume)),
            "name=/dev/dm-1 uuid=unknown encrypted=0 encryption_status=not encrypted\n");
  host.Put("/sys/devices/virtual/block/dm-0/dm/uuid", "CRYPT-VERITY-9f-x\n");
  EXPECT_EQ(Shown(kDiskEncryption, DiskEncryptionLinux(host, volume)),
            "name=/dev/dm-1 uuid=unknown encrypted=0 encryption_status=not encrypted\n");
}

TEST(DiskEncryption, WhatCannotBeFollowedIsUnknownAndNotClear) {
  FakeHost host = Laptop();
  host.Fail("/sys/devices/virtual/block/dm-0/dm/uuid", Code::kDenied);
  EXPECT_EQ(Shown(kDiskEncryption, DiskEncryptionLinux(host, {{"name", "/dev/dm-1"}})),
            "name=/dev/dm-1 uuid=unknown encrypted=unknown type=unknown "
            "encryption_status=unknown\n");
}

}  // namespace
}  // namespace sallyport
