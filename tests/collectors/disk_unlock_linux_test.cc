// SPDX-License-Identifier: Apache-2.0
#include "collectors/disk_unlock.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = Cell(std::nullopt);

// A laptop as a Debian installer makes it: the mapping sda3_crypt of LUKS2 is the root, /boot is
// clear.
class Laptop {
 public:
  Laptop() {
    host.Put("/proc/self/mountinfo",
             "1 0 253:0 / / rw - ext4 /dev/mapper/sda3_crypt rw\n"
             "2 1 8:2 / /boot rw - ext4 /dev/sda2 rw\n");
    host.Put("/proc/cmdline", "root=/dev/mapper/sda3_crypt ro quiet\n");
    Disk("8:2", "sda2");
    Disk("8:3", "sda3");
    Mapping("253:0", "dm-0", "sda3_crypt", "CRYPT-LUKS2-u", "sda3");
    Header("/dev/sda3", R"({"keyslots":{"0":{}},"tokens":{}})");
  }
  void Disk(const std::string& number, const std::string& name) {
    host.Put("/sys/devices/" + name + "/dev", number + "\n");
    host.PutLink("/sys/dev/block/" + number, "/sys/devices/" + name);
    host.PutLink("/sys/class/block/" + name, "/sys/devices/" + name);
  }
  void Mapping(const std::string& number, const std::string& node, const std::string& name,
               const std::string& uuid, const std::string& slave) {
    Disk(number, node);
    host.Put("/sys/devices/" + node + "/dm/name", name + "\n");
    host.Put("/sys/devices/" + node + "/dm/uuid", uuid + "-" + name + "\n");
    host.PutLink("/sys/devices/" + node + "/slaves/" + slave, "/sys/devices/" + slave);
  }
  void Header(const std::string& device, const std::string& json) {
    host.PutCommand({"/usr/sbin/cryptsetup", "luksDump", "--dump-json-metadata", device},
                    {0, json, ""});
  }
  Rows Read() const { return DiskUnlockLinux(host, {}).value(); }

  FakeHost host;
};

Row Root(const Value& method, const Value& needs_person) {
  return {Cell("sda3_crypt"), Cell("/dev/sda3"), method, needs_person, kNone, kNone};
}
Row RootByFile(const Value& needs_person, const std::string& path, const Value& protection) {
  return {Cell("sda3_crypt"), Cell("/dev/sda3"), Cell("keyfile"),
          needs_person,       Cell(path),        protection};
}
const Row kUnknowns = {Cell("sda3_crypt"), Cell("/dev/sda3"), Unknown{},
                       Unknown{},          Unknown{},         Unknown{}};

TEST(DiskUnlockLinux, APassphraseNeedsAPerson) {
  Laptop laptop;
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("passphrase"), Cell(1))}));
}

TEST(DiskUnlockLinux, AKeyOfTheCommandLineMayOpenWhatLooksLikeAPassphrase) {
  for (const char* word : {"rd.luks.key=/key:UUID=x", "luks.key=/key", "cryptkey=rootfs:/key"}) {
    Laptop laptop;
    laptop.host.Put("/proc/cmdline", std::string("ro ") + word + " quiet\n");
    EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("passphrase"), Unknown{})})) << word;
  }
  Laptop laptop;
  laptop.host.Fail("/proc/cmdline", Code::kDenied);
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("passphrase"), Unknown{})}));
}

TEST(DiskUnlockLinux, OfLuks1NobodySeesWhetherClevisOpensIt) {
  Laptop laptop;
  laptop.Mapping("253:0", "dm-0", "sda3_crypt", "CRYPT-LUKS1-u", "sda3");
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("passphrase"), Unknown{})}));
}

TEST(DiskUnlockLinux, ASecurityKeyThatAsksForNothingOpensForWhoeverHasBoth) {
  const auto way = [](const std::string& pin, const std::string& touch) {
    Laptop laptop;
    laptop.Header("/dev/sda3",
                  R"({"keyslots":{"0":{}},"tokens":{"0":{"type":"systemd-fido2","keyslots":["0"],)"
                  R"("fido2-clientPin-required":)" +
                      pin + R"(,"fido2-up-required":)" + touch +
                      R"(,"fido2-uv-required":false}}})");
    return laptop.Read();
  };
  EXPECT_EQ(way("true", "false"), (Rows{Root(Cell("fido2"), Cell(1))}));
  EXPECT_EQ(way("false", "true"), (Rows{Root(Cell("fido2"), Cell(1))}));
  EXPECT_EQ(way("false", "false"), (Rows{Root(Cell("fido2"), Cell(0))}));
  EXPECT_EQ(way("false", "\"no\""), (Rows{Root(Cell("fido2"), Unknown{})}));
}

TEST(DiskUnlockLinux, WhereAKeyFileOfBtrfsLiesIsNotToldByItsDeviceNumber) {
  Laptop laptop;
  laptop.host.Put("/proc/self/mountinfo",
                  "1 0 0:30 / / rw - btrfs /dev/mapper/sda3_crypt rw\n"
                  "2 1 8:2 / /boot rw - ext4 /dev/sda2 rw\n");
  laptop.host.Put("/etc/crypttab", "sda3_crypt UUID=u /crypto_keyfile.bin luks\n");
  laptop.host.Put("/crypto_keyfile.bin", "");
  EXPECT_EQ(laptop.Read(), (Rows{RootByFile(Unknown{}, "/crypto_keyfile.bin", Unknown{})}));
}

TEST(DiskUnlockLinux, ATpmAloneOpensForWhoeverHasTheLaptopAndWithAPinItDoesNot) {
  Laptop laptop;
  laptop.Header("/dev/sda3", R"({"keyslots":{"0":{},"1":{},"2":{}},"tokens":{
      "0":{"type":"systemd-tpm2","keyslots":["1"],"tpm2-pcrs":[7],"tpm2-pin":false},
      "1":{"type":"systemd-recovery","keyslots":["2"]}}})");
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("tpm2"), Cell(0)), Root(Cell("recovery"), Cell(1)),
                                 Root(Cell("passphrase"), Cell(1))}));
  laptop.Header("/dev/sda3", R"({"keyslots":{"1":{}},"tokens":{
      "0":{"type":"systemd-tpm2","keyslots":["1"],"tpm2-pin":true}}})");
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("tpm2+pin"), Cell(1))}));
  laptop.Header("/dev/sda3", R"({"keyslots":{"1":{}},"tokens":{
      "0":{"type":"systemd-tpm2","keyslots":["1"]}}})");  // of systemd before 251: none asks
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("tpm2"), Cell(0))}));
}

TEST(DiskUnlockLinux, ClevisOpensByItselfSecurityKeysDoNotAndOtherTokensAreUnknown) {
  Laptop laptop;
  laptop.Header("/dev/sda3", R"({"keyslots":{"0":{},"1":{},"2":{},"3":{}},"tokens":{
      "0":{"type":"clevis","keyslots":["0"]},"1":{"type":"systemd-fido2","keyslots":["1"]},
      "2":{"type":"systemd-pkcs11","keyslots":["2"]},"3":{"type":"new","keyslots":["3"]}}})");
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("clevis"), Cell(0)), Root(Cell("fido2"), Unknown{}),
                                 Root(Cell("pkcs11"), Cell(1)), kUnknowns}));
}

TEST(DiskUnlockLinux, AKeyFileInAClearBootOpensForWhoeverHasTheLaptop) {
  Laptop laptop;
  laptop.host.Put("/etc/crypttab", "# name device key options\nsda3_crypt UUID=u /boot/key luks\n");
  laptop.host.Put("/boot/key", "");
  EXPECT_EQ(laptop.Read(), (Rows{RootByFile(Cell(0), "/boot/key", Cell("off"))}));
}

TEST(DiskUnlockLinux, AKeyFileOnTheVolumeThatItOpensIsInTheInitialFileSystemOfBoot) {
  Laptop laptop;
  laptop.host.Put("/etc/crypttab", "sda3_crypt UUID=u /etc/keys/root.key luks,initramfs\n");
  laptop.host.Put("/etc/keys/root.key", "");
  EXPECT_EQ(laptop.Read(), (Rows{RootByFile(Cell(0), "/etc/keys/root.key", Cell("off"))}));
  // /boot inside the volume: the boot loader asks for the passphrase.
  laptop.host.Put("/proc/self/mountinfo", "1 0 253:0 / / rw - ext4 /dev/mapper/sda3_crypt rw\n");
  EXPECT_EQ(laptop.Read(), (Rows{RootByFile(Cell(1), "/etc/keys/root.key", Cell("on"))}));
}

TEST(DiskUnlockLinux, AKeyFileOnAnotherEncryptedVolumeNeedsWhoOpensThatOne) {
  Laptop laptop;
  laptop.Disk("8:16", "sdb");
  laptop.Mapping("253:1", "dm-1", "data", "CRYPT-LUKS1-v", "sdb");
  laptop.host.Put("/etc/crypttab",
                  "sda3_crypt UUID=u none luks\ndata /dev/sdb /etc/keys/data luks\n");
  laptop.host.Put("/etc/keys/data", "");
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("passphrase"), Cell(1)),
                                 {Cell("data"), Cell("/dev/sdb"), Cell("keyfile"), Cell(1),
                                  Cell("/etc/keys/data"), Cell("on")}}));
}

TEST(DiskUnlockLinux, AKeyFileThatCrypttabDoesNotNameIsFoundWhereSystemdFindsIt) {
  Laptop laptop;
  laptop.host.Put("/etc/crypttab", "sda3_crypt UUID=u - tpm2-device=auto\n");
  laptop.host.Put("/etc/cryptsetup-keys.d/sda3_crypt.key", "");
  EXPECT_EQ(laptop.Read(),
            (Rows{RootByFile(Cell(0), "/etc/cryptsetup-keys.d/sda3_crypt.key", Cell("off"))}));
  laptop.host.Fail("/etc/cryptsetup-keys.d/sda3_crypt.key", Code::kDenied);
  EXPECT_EQ(laptop.Read()[0], kUnknowns);
}

TEST(DiskUnlockLinux, BesideAKeyFileAFurtherSlotIsAPassphrase) {
  Laptop laptop;
  laptop.host.Put("/etc/crypttab", "sda3_crypt UUID=u /boot/key luks\n");
  laptop.host.Put("/boot/key", "");
  laptop.Header("/dev/sda3", R"({"keyslots":{"0":{},"1":{}},"tokens":{}})");
  EXPECT_EQ(laptop.Read(), (Rows{RootByFile(Cell(0), "/boot/key", Cell("off")),
                                 Root(Cell("passphrase"), Cell(1))}));
}

TEST(DiskUnlockLinux, AKeyOfOneBootIsNobodysAndAScriptOrAnAbsentFileIsUnknown) {
  Laptop laptop;
  laptop.Mapping("253:0", "dm-0", "sda3_crypt", "CRYPT-PLAIN", "sda3");
  laptop.host.Put("/etc/crypttab",
                  "sda3_crypt /dev/sda3 /dev/urandom swap,cipher=aes-xts-plain64\n");
  EXPECT_EQ(laptop.Read(), (Rows{Root(Cell("random"), kNone)}));
  laptop.host.Put("/etc/crypttab", "sda3_crypt /dev/sda3 root luks,keyscript=decrypt_derived\n");
  EXPECT_EQ(laptop.Read(), (Rows{{Cell("sda3_crypt"), Cell("/dev/sda3"), Cell("keyscript"),
                                  Unknown{}, Cell("root"), Unknown{}}}));
  laptop.host.Put("/etc/crypttab", "sda3_crypt /dev/sda3 /media/stick/key\n");
  EXPECT_EQ(laptop.Read(), (Rows{RootByFile(Unknown{}, "/media/stick/key", Unknown{})}));
  laptop.host.Put("/etc/crypttab", "");
  EXPECT_EQ(laptop.Read(), (Rows{kUnknowns}));  // plain, opened by hand
}

TEST(DiskUnlockLinux, AHeaderThatCannotBeReadIsUnknownAndNotAPassphrase) {
  for (const char* json : {"", "{}", "[", R"({"keyslots":[],"tokens":{}})",
                           R"({"keyslots":{"0":{}},"tokens":{"0":7}})"}) {
    Laptop laptop;
    laptop.Header("/dev/sda3", json);
    EXPECT_EQ(laptop.Read(), (Rows{kUnknowns})) << json;
  }
  Laptop no_cryptsetup;
  no_cryptsetup.host.FailCommand(
      {"/usr/sbin/cryptsetup", "luksDump", "--dump-json-metadata", "/dev/sda3"}, Code::kNotFound);
  EXPECT_EQ(no_cryptsetup.Read(), (Rows{kUnknowns}));
}

TEST(DiskUnlockLinux, VerityAndVolumesOfLvmOpenNothingAndListsThatCannotBeReadAreErrors) {
  Laptop laptop;
  laptop.Mapping("253:1", "dm-1", "vg-root", "LVM", "dm-0");
  laptop.Mapping("253:2", "dm-2", "usr", "CRYPT-VERITY-w", "sda2");
  EXPECT_EQ(laptop.Read().size(), 1u);
  laptop.host.Fail("/etc/crypttab", Code::kDenied);
  EXPECT_EQ(DiskUnlockLinux(laptop.host, {}).error().code, Code::kDenied);
  FakeHost none;
  none.Put("/proc/self/mountinfo", "1 0 8:2 / / rw - ext4 /dev/sda2 rw\n");
  EXPECT_EQ(DiskUnlockLinux(none, {}).value(), Rows{});
  none.Fail("/sys/class/block", Code::kDenied);
  EXPECT_EQ(DiskUnlockLinux(none, {}).error().code, Code::kDenied);
}

}  // namespace
}  // namespace sallyport
