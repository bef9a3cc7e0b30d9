// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "collectors/disk_volumes.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

// A machine as sysfs shows it: every block device below /sys/devices, and the links to it.
class Machine {
 public:
  Machine() { host.Put("/proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"); }

  // `node` below /sys/devices, such as "pci/sda/sda2" or "virtual/dm-0".
  void Device(const std::string& number, const std::string& node,
              const std::vector<std::string>& slaves = {}) {
    const std::string path = "/sys/devices/" + node;
    const std::string name = node.substr(node.rfind('/') + 1);
    host.Put(path + "/dev", number + "\n");
    host.PutLink("/sys/dev/block/" + number, path);
    host.PutLink("/sys/class/block/" + name, path);
    host.Put("/dev/" + name, "");
    for (const std::string& slave : slaves) {
      const std::string slave_name = slave.substr(slave.rfind('/') + 1);
      host.PutLink(path + "/slaves/" + slave_name, "/sys/devices/" + slave);
    }
  }
  void Partition(const std::string& number, const std::string& node) {
    Device(number, node);
    host.Put("/sys/devices/" + node + "/partition", "1\n");
  }
  void Crypt(const std::string& number, const std::string& name, const std::string& uuid,
             const std::string& slave) {
    Device(number, "virtual/" + name, {slave});
    host.Put("/sys/devices/virtual/" + name + "/dm/uuid", uuid + "\n");
  }
  void Mounts(const std::string& mountinfo) { host.Put("/proc/self/mountinfo", mountinfo); }

  struct Volume {
    Value mount_point, protection, method, holds_user_data;
    friend bool operator==(const Volume&, const Volume&) = default;
    friend void PrintTo(const Volume& v, std::ostream* out) {
      *out << "{" << ToText(v.mount_point) << ", " << ToText(v.protection) << ", "
           << ToText(v.method) << ", " << ToText(v.holds_user_data) << "}";
    }
  };
  // The columns that most tests are about.
  std::vector<Volume> Volumes() const {
    std::vector<Volume> out;
    const Result<Rows> rows = DiskVolumesLinux(host, {});
    EXPECT_TRUE(rows) << rows.error().message;
    for (const Row& row : rows.value_or(Rows{})) out.push_back({row[0], row[3], row[4], row[7]});
    return out;
  }

  FakeHost host;
};

using Volumes = std::vector<Machine::Volume>;
const Value kNone = std::monostate{};

TEST(DiskVolumesLinux, LvmOnLuksIsOnAndPlainBootIsOffAndExempt) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Partition("8:1", "pci/sda/sda1");
  m.Partition("8:2", "pci/sda/sda2");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f0c-sda2_crypt", "pci/sda/sda2");
  m.Device("254:1", "virtual/dm-1", {"virtual/dm-0"});
  m.host.Put("/sys/devices/virtual/dm-1/dm/uuid", "LVM-8hY2\n");
  m.host.Put("/sys/devices/virtual/dm-0/dm/name", "sda2_crypt\n");
  m.host.PutCommand({"/usr/sbin/cryptsetup", "status", "sda2_crypt"},
                    {0,
                     "/dev/mapper/sda2_crypt is active.\n  type:    LUKS2\n"
                     "  cipher:  aes-xts-plain64\n  keysize: 512 bits\n",
                     ""});
  m.Mounts(
      "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n"
      "23 22 8:1 / /boot ro,relatime - ext2 /dev/sda1 ro\n"
      "24 22 0:22 / /proc rw - proc proc rw\n"
      "25 22 0:23 / /run rw shared:5 master:2 - tmpfs  rw\n");
  EXPECT_EQ(DiskVolumesLinux(m.host, {}).value(),
            (Rows{{Cell("/"), Cell("/dev/mapper/vg-root"), Cell("ext4"), Cell("on"), Cell("LUKS2"),
                   Cell("aes-xts-plain64"), Cell(1), Cell(1), Cell(0), Cell(0), Cell(0)},
                  {Cell("/boot"), Cell("/dev/sda1"), Cell("ext2"), Cell("off"), kNone, kNone,
                   Cell(1), Cell(0), Cell(0), Cell(1), Cell(1)}}));
}

TEST(DiskVolumesLinux, EveryKindOfCryptMappingIsOnAndVerityAndIntegrityAreNot) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS1-1-a", "pci/sda");
  m.Crypt("254:1", "dm-1", "CRYPT-PLAIN-b", "pci/sda");
  m.Crypt("254:2", "dm-2", "CRYPT-BITLK-2-c", "pci/sda");
  m.Crypt("254:3", "dm-3", "CRYPT-VERITY-3-d", "pci/sda");
  m.Crypt("254:4", "dm-4", "CRYPT-INTEGRITY-e", "pci/sda");
  m.Mounts(
      "1 0 254:0 / /a rw - ext4 /dev/dm-0 rw\n2 0 254:1 / /b rw - ext4 /dev/dm-1 rw\n"
      "3 0 254:2 / /c rw - ext4 /dev/dm-2 rw\n4 0 254:3 / /d rw - ext4 /dev/dm-3 rw\n"
      "5 0 254:4 / /e rw - ext4 /dev/dm-4 rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/a"), Cell("on"), Cell("LUKS1"), Cell(1)},
                                  {Cell("/b"), Cell("on"), Cell("plain"), Cell(1)},
                                  {Cell("/c"), Cell("on"), Cell("BITLK"), Cell(1)},
                                  {Cell("/d"), Cell("off"), kNone, Cell(1)},
                                  {Cell("/e"), Cell("off"), kNone, Cell(1)}}));
}

TEST(DiskVolumesLinux, ANullCipherHidesNothing) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-1-a", "pci/sda");
  m.host.Put("/sys/devices/virtual/dm-0/dm/name", "a\n");
  m.host.PutCommand({"/usr/sbin/cryptsetup", "status", "a"},
                    {0, "  type:    LUKS2\n  cipher:  cipher_null-ecb\n", ""});
  m.Mounts("1 0 254:0 / / rw - ext4 /dev/dm-0 rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("off"), kNone, Cell(1)}}));
}

TEST(DiskVolumesLinux, WithoutCryptsetupTheCipherIsUnknownAndTheProtectionStands) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-1-a", "pci/sda");
  m.host.Put("/sys/devices/virtual/dm-0/dm/name", "a\n");
  m.host.FailCommand({"/usr/sbin/cryptsetup", "status", "a"}, Code::kNotFound);
  m.Mounts("1 0 254:0 / / rw - ext4 /dev/dm-0 rw\n");
  const Row row = DiskVolumesLinux(m.host, {}).value().front();
  EXPECT_EQ(row[3], Cell("on"));
  EXPECT_EQ(row[5], Cell(Unknown{}));
}

TEST(DiskVolumesLinux, RaidWithOneClearLegIsPartial) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.Device("9:0", "virtual/md0", {"virtual/dm-0", "pci/sdb"});
  m.Partition("259:0", "virtual/md0/md0p1");
  m.Mounts("22 1 259:0 / /srv rw - xfs /dev/md0p1 rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/srv"), Cell("partial"), kNone, Cell(1)}}));
}

TEST(DiskVolumesLinux, LuksOnRaidOfClearDisksIsOn) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Device("9:0", "virtual/md0", {"pci/sda", "pci/sdb"});
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "virtual/md0");
  m.Mounts("22 1 254:0 / / rw - xfs /dev/dm-0 rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("on"), Cell("LUKS2"), Cell(1)}}));
}

TEST(DiskVolumesLinux, ALoopDeviceIsAsProtectedAsTheVolumeOfItsFile) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.Device("7:0", "virtual/loop0");
  m.Device("7:1", "virtual/loop1");
  m.host.Put("/sys/devices/virtual/loop0/loop/backing_file", "/home/u/in a home.img\n");
  m.host.Put("/sys/devices/virtual/loop1/loop/backing_file", "/decoy.img\n");
  m.Crypt("254:1", "dm-1", "CRYPT-LUKS2-77-decoy", "virtual/loop1");
  m.Mounts(
      "1 0 8:16 / / rw - ext4 /dev/sdb rw\n"
      "2 1 254:0 / /home rw - ext4 /dev/dm-0 rw\n"
      "3 1 7:0 / /mnt rw - ext4 /dev/loop0 rw\n"
      "4 1 254:1 / /vault rw - ext4 /dev/dm-1 rw\n");
  // The decoy is encrypted indeed; it says nothing of / on which it lies.
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("off"), kNone, Cell(1)},
                                  {Cell("/home"), Cell("on"), Cell("LUKS2"), Cell(1)},
                                  {Cell("/mnt"), Cell("on"), Cell("LUKS2"), Cell(1)},
                                  {Cell("/vault"), Cell("on"), Cell("LUKS2"), Cell(1)}}));
}

TEST(DiskVolumesLinux, ALoopDeviceOnItselfEndsAndIsUnknown) {
  Machine m;
  m.Device("7:0", "virtual/loop0");
  m.host.Put("/sys/devices/virtual/loop0/loop/backing_file", "/a.img\n");
  m.Mounts("1 0 7:0 / / rw - ext4 /dev/loop0 rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell(Unknown{}), Cell(Unknown{}), Cell(1)}}));
}

TEST(DiskVolumesLinux, EachDeviceOfABtrfsCounts) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.host.PutLink("/dev/mapper/luks-1", "/dev/dm-0");
  m.host.PutLink("/sys/fs/btrfs/11-22/devices/dm-0", "/sys/devices/virtual/dm-0");
  m.host.PutDir("/sys/fs/btrfs/features");
  m.Mounts(
      "22 1 0:30 /@ / rw - btrfs /dev/mapper/luks-1 rw,subvol=/@\n"
      "23 22 0:30 /@home /home rw - btrfs /dev/mapper/luks-1 rw,subvol=/@home\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("on"), Cell("LUKS2"), Cell(1)},
                                  {Cell("/home"), Cell("on"), Cell("LUKS2"), Cell(1)}}));
  m.host.PutLink("/sys/fs/btrfs/11-22/devices/sdb", "/sys/devices/pci/sdb");
  EXPECT_EQ(m.Volumes()[0], (Machine::Volume{Cell("/"), Cell("partial"), kNone, Cell(1)}));
}

TEST(DiskVolumesLinux, ABtrfsWhoseNamedDeviceIsGoneIsTheOnlyOneThereIs) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.host.PutLink("/sys/fs/btrfs/11-22/devices/dm-0", "/sys/devices/virtual/dm-0");
  m.host.PutDir("/sys/fs/btrfs/features");
  m.Mounts("22 1 0:30 /@ / rw - btrfs /dev/mapper/taken-out rw,subvol=/@\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("on"), Cell("LUKS2"), Cell(1)}}));
  m.host.PutLink("/sys/fs/btrfs/33-44/devices/sdb", "/sys/devices/pci/sdb");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell(Unknown{}), Cell(Unknown{}), Cell(1)}}));
}

TEST(DiskVolumesLinux, LuksOnHomeAloneLeavesTheRootOff) {
  Machine m;
  m.Partition("8:1", "pci/sda/sda1");
  m.Partition("8:2", "pci/sda/sda2");
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS1-9f-home", "pci/sda/sda2");
  m.Mounts(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "2 1 254:0 / /home rw - ext4 /dev/mapper/home rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("off"), kNone, Cell(1)},
                                  {Cell("/home"), Cell("on"), Cell("LUKS1"), Cell(1)}}));
}

// What cryptsetup-status(8) of 2.7 prints, by its source.
TEST(DiskVolumesLinux, AKeyChangeUnderWayIsUnknownAndADrivesOwnCipherIsNamedAsThat) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-1-a", "pci/sda");
  m.host.Put("/sys/devices/virtual/dm-0/dm/name", "a\n");
  m.Mounts("1 0 254:0 / / rw - ext4 /dev/dm-0 rw\n");
  const std::vector<std::string> status = {"/usr/sbin/cryptsetup", "status", "a"};
  m.host.PutCommand(status, {0,
                             "/dev/mapper/a is active and is in use.\n  type:    LUKS2\n"
                             "  reencryption:  in-progress\n  cipher:  aes-xts-plain64\n",
                             ""});
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell(Unknown{}), Cell(Unknown{}), Cell(1)}}));
  m.host.PutCommand(status, {0,
                             "/dev/mapper/a is active and is in use.\n  type:    LUKS2\n"
                             "  encryption: HW OPAL only\n  OPAL keysize: 256 [bits]\n",
                             ""});
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("on"), Cell("LUKS2-OPAL"), Cell(1)}}));
  EXPECT_EQ(DiskVolumesLinux(m.host, {}).value()[0][5], Cell("hardware"));
  m.host.PutCommand(status, {0,
                             "/dev/mapper/a is active and is in use.\n  type:    LUKS2\n"
                             "  encryption: dm-crypt over HW OPAL\n  OPAL keysize: 256 [bits]\n"
                             "  cipher:  aes-xts-plain64\n",
                             ""});
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("on"), Cell("LUKS2"), Cell(1)}}));
  EXPECT_EQ(DiskVolumesLinux(m.host, {}).value()[0][5], Cell("aes-xts-plain64"));
}

TEST(DiskVolumesLinux, ZfsIsEncryptedByItselfOrByWhatItsPoolLiesOn) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.host.PutLink("/dev/mapper/vault", "/dev/dm-0");
  const auto encryption = [&m](const std::string& dataset, const std::string& value) {
    m.host.PutCommand({"/usr/sbin/zfs", "get", "-H", "-o", "value", "encryption", dataset},
                      {0, value + "\n", ""});
  };
  const auto pool = [&m](const std::string& name, const std::string& devices) {
    m.host.PutCommand({"/usr/sbin/zpool", "list", "-H", "-v", "-P", "-L", name},
                      {0, name + "\t928G\t1G\t927G\n" + devices, ""});
  };
  encryption("rpool/ROOT", "aes-256-gcm");
  encryption("tank", "off");
  encryption("clear", "off");
  encryption("mixed", "off");
  pool("tank", "\tmirror-0\t928G\n\t/dev/mapper/vault\t-\n\tspare\t-\n\t/dev/sdb\t-\n");
  pool("clear", "\t/dev/sdb\t928G\n");
  pool("mixed", "\t/dev/mapper/vault\t928G\n\tcache\t-\n\t/dev/sdb\t-\n");
  m.Mounts(
      "1 0 0:31 / / rw - zfs rpool/ROOT rw\n2 1 0:32 / /tank rw - zfs tank rw\n"
      "3 1 0:33 / /clear rw - zfs clear rw\n4 1 0:34 / /mixed rw - zfs mixed rw\n"
      "5 1 0:35 / /silent rw - zfs silent rw\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("on"), Cell("ZFS"), Cell(1)},
                                  {Cell("/tank"), Cell("on"), Cell("LUKS2"), Cell(1)},
                                  {Cell("/clear"), Cell("off"), kNone, Cell(1)},
                                  {Cell("/mixed"), Cell("partial"), kNone, Cell(1)},
                                  {Cell("/silent"), Cell(Unknown{}), Cell(Unknown{}), Cell(1)}}));
}

TEST(DiskVolumesLinux, WhatCannotBeFollowedIsUnknownRatherThanOff) {
  Machine m;
  m.Device("43:0", "virtual/nbd0");
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.host.Fail("/sys/devices/virtual/dm-0/dm/uuid", Code::kDenied);
  m.Mounts(
      "1 0 0:30 / / rw - btrfs /dev/mapper/luks-1 rw\n"
      "2 1 0:31 / /tank rw - zfs tank rw,xattr\n"
      "3 1 43:0 / /nbd rw - ext4 /dev/nbd0 rw\n"
      "4 1 254:0 / /denied rw - ext4 /dev/dm-0 rw\n"
      "5 1 259:9 / /gone rw - ext4 /dev/nvme0n1p9 rw\n"
      "6 1 0:44 / /host rw - virtiofs share rw\n");
  for (const Machine::Volume& volume : m.Volumes()) {
    EXPECT_EQ(volume.protection, Cell(Unknown{})) << ToText(volume.mount_point);
    EXPECT_EQ(volume.holds_user_data, Cell(1)) << ToText(volume.mount_point);
  }
  EXPECT_EQ(m.Volumes().size(), 6u);
}

TEST(DiskVolumesLinux, NetworkFileSystemsKeepNothingHereAndImagesHoldNothingOfAUser) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("7:0", "virtual/loop0");
  m.host.Put("/sys/devices/virtual/loop0/loop/backing_file", "/var/lib/snapd/snaps/core.snap\n");
  m.Mounts(
      "1 0 8:0 / / rw - ext4 /dev/sda rw\n"
      "2 1 0:40 / /net rw - nfs4 server:/export rw\n"
      "3 1 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("off"), kNone, Cell(1)},
                                  {Cell("/net"), kNone, kNone, Cell(0)},
                                  {Cell("/snap/core/1"), Cell("off"), kNone, Cell(0)}}));
}

TEST(DiskVolumesLinux, AnOverlayIsAsProtectedAsItsUpperFolderAndOneAtTheRootIsUnknown) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Crypt("254:0", "dm-0", "CRYPT-LUKS2-9f-a", "pci/sda");
  m.Mounts(
      "1 0 254:0 / / rw - ext4 /dev/dm-0 rw\n"
      "2 1 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay "
      "rw,lowerdir=/l,upperdir=/var/lib/docker/overlay2/x/diff,workdir=/w\n");
  EXPECT_EQ(m.Volumes()[1].protection, Cell("on"));
  m.Mounts("1 0 0:50 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w\n");
  EXPECT_EQ(m.Volumes()[0].protection, Cell(Unknown{}));
}

TEST(DiskVolumesLinux, SwapIsARowPerAreaOnDeviceFileAndMemory) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Crypt("254:0", "dm-0", "CRYPT-PLAIN-swap", "pci/sda");
  m.Device("251:0", "virtual/zram0");
  m.Device("251:1", "virtual/zram1");
  m.host.Put("/sys/devices/virtual/zram0/backing_dev", "none\n");
  m.host.Put("/sys/devices/virtual/zram1/backing_dev", "/dev/sdb\n");
  m.Mounts("1 0 8:16 / / rw - ext4 /dev/sdb rw\n");
  m.host.Put("/proc/swaps",
             "Filename\tType\tSize\tUsed\tPriority\n"
             "/dev/dm-0\tpartition\t999\t0\t-2\n"
             "/swap\\040file\\040(deleted)  file\t999\t0\t-3\n"
             "/dev/zram0\tpartition\t9\t0\t100\n"
             "/dev/zram1\tpartition\t9\t0\t100\n");
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("off"), kNone, Cell(1)},
                                  {kNone, Cell("on"), Cell("plain"), Cell(1)},
                                  {kNone, Cell("off"), kNone, Cell(1)},
                                  {kNone, kNone, kNone, Cell(0)},
                                  {kNone, Cell("off"), kNone, Cell(1)}}));
}

TEST(DiskVolumesLinux, WithoutUdevANodeOfDevMapperIsFoundByItsNumber) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Crypt("253:300", "dm-300", "CRYPT-LUKS2-u-swap", "pci/sda");
  m.Mounts("1 0 8:0 / / rw - ext4 /dev/sda rw\n");
  m.host.Put("/proc/swaps",
             "Filename\tType\tSize\tUsed\tPriority\n"
             "/dev/mapper/sda\tpartition\t999\t0\t-2\n");  // as whoever made the mapping called it
  m.host.Put("/dev/mapper/sda", "");
  m.host.PutDetails("/dev/mapper/sda", {.kind = FileDetails::Kind::kBlock, .device = 0x10fd2c});
  EXPECT_EQ(m.Volumes(), (Volumes{{Cell("/"), Cell("off"), kNone, Cell(1)},
                                  {kNone, Cell("on"), Cell("LUKS2"), Cell(1)}}));
}

TEST(DiskVolumesLinux, ABindMountIsNoVolumeOfItsOwnUnlessNothingElseShowsTheVolume) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Device("8:16", "pci/sdb");
  m.Mounts(
      "1 0 8:0 / / rw - ext4 /dev/sda rw\n"
      "2 1 8:0 /srv/www /var/www rw - ext4 /dev/sda rw\n"
      "3 1 8:16 /docker/hosts /etc/hosts rw - ext4 /dev/sdb rw\n"
      "4 1 8:16 /docker/resolv /etc/resolv.conf rw - ext4 /dev/sdb rw\n");
  const Volumes volumes = m.Volumes();
  ASSERT_EQ(volumes.size(), 2u);
  EXPECT_EQ(volumes[0].mount_point, Cell("/"));
  EXPECT_EQ(volumes[1].mount_point, Cell("/etc/hosts"));
}

TEST(DiskVolumesLinux, EscapedBlanksInAMountPointAreBlanks) {
  Machine m;
  m.Device("8:0", "pci/sda");
  m.Mounts("1 0 8:0 / /media/my\\040disk\\134x rw - ext4 /dev/sda rw\n");
  EXPECT_EQ(m.Volumes()[0].mount_point, Cell("/media/my disk\\x"));
}

TEST(DiskVolumesLinux, AMountListThatCannotBeReadOrParsedIsAnErrorNotAnEmptyTable) {
  FakeHost host;
  host.Fail("/proc/self/mountinfo", Code::kDenied);
  EXPECT_EQ(DiskVolumesLinux(host, {}).error().code, Code::kDenied);

  host.Put("/proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1\n");
  const Error error = DiskVolumesLinux(host, {}).error();
  EXPECT_EQ(error.code, Code::kMalformed);
  EXPECT_EQ(error.message, "mountinfo: 22 1 8:1 / / rw - ext4 /dev/sda1");

  host.Put("/proc/self/mountinfo", "");
  host.Put("/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition\n");
  EXPECT_EQ(DiskVolumesLinux(host, {}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
