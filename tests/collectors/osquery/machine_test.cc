// SPDX-License-Identifier: Apache-2.0
// kernel_modules, system_controls, apparmor_profiles, selinux_settings, uptime, platform_info,
// secureboot, and the rows that all tables are made of.
#include <gtest/gtest.h>

#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/sysctl_config.h"
#include "collectors/osquery/table_rows.h"
#include "tests/collectors/osquery/shown.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

TEST(TableRows, ColumnsThatAreNotNamedAreNullAndOneThatIsNotThereIsABug) {
  TableRows rows(kUserGroups);
  rows.Add({{"gid", Cell(7)}});
  EXPECT_EQ(rows.Take({}).value(), (Rows{{Cell(std::nullopt), Cell(7)}}));
  TableRows wrong(kUserGroups);
  wrong.Add({{"git", Cell(7)}});
  EXPECT_EQ(Shown(kUserGroups, wrong.Take({})), "internal: user_groups: has no column git\n");
}

TEST(TableRows, OneRowTooManyIsTooLargeNotCut) {
  TableRows rows(kUserGroups);
  for (size_t i = 0; i < kMaxTableRows; ++i) rows.Add({{"gid", Cell(1)}});
  TableRows more = rows;
  EXPECT_EQ(rows.Take({})->size(), kMaxTableRows);
  more.Add({{"gid", Cell(1)}});
  EXPECT_EQ(more.Take({}).error().code, Code::kTooLarge);
}

TEST(TableRows, AKeyLeavesOutWhatItExcludesAndNothingThatMightFulfilIt) {
  const auto add = [](TableRows& rows) {
    rows.Add({{"name", Cell("Bash")}, {"version", Cell("1.0")}, {"size", Cell(5)}});
    rows.Add({{"name", Cell(Unknown{})}, {"version", Cell("1.00")}});
    rows.Add({{"version", Cell("2")}});
  };
  const auto names = [&](const Keys& keys) {
    TableRows rows(kDebPackages);
    add(rows);
    return Shown(kDebPackages, rows.Take(keys));
  };
  EXPECT_EQ(names({{"name", "bash"}}), "name=Bash version=1.0 size=5\nname=unknown version=1.00\n");
  EXPECT_EQ(names({{"name", "b%", true}, {"size", "5"}}), "name=Bash version=1.0 size=5\n");
  EXPECT_EQ(names({{"version", "1.0"}}),
            "name=Bash version=1.0 size=5\nname=unknown version=1.00\nversion=2\n");
}

TEST(KernelModules, AreThoseOfProcModulesAndAKernelWithoutModulesHasNoTable) {
  FakeHost host;
  EXPECT_EQ(KernelModulesLinux(host, {}).error().code, Code::kNotFound);
  host.Put("/proc/modules",
           "nf_tables 282624 42 nft_ct,nft_reject, Live 0xffffffffc0a00000 (OE)\n"
           "loop 32768 0 - Live 0x0000000000000000\n");
  EXPECT_EQ(Shown(kKernelModules, KernelModulesLinux(host, {})),
            "name=nf_tables size=282624 used_by=nft_ct,nft_reject status=Live "
            "address=0xffffffffc0a00000\n"
            "name=loop size=32768 used_by=- status=Live address=0x0000000000000000\n");
  host.Put("/proc/modules", "loop many\n");
  EXPECT_EQ(Shown(kKernelModules, KernelModulesLinux(host, {})),
            "malformed: /proc/modules: loop many\n");
}

TEST(SystemControls, NamesSwapDotsAndSlashesAndTheLastConfigurationCounts) {
  FakeHost host;
  host.Put("/proc/sys/net/ipv4/conf/eth0.1/rp_filter", "2\n");
  host.Put("/proc/sys/net/ipv4/ip_forward", "1\n");
  host.Put("/proc/sys/kernel/printk", "4\t4\t1\t7\n");
  host.Put("/usr/lib/sysctl.d/50-a.conf", "net.ipv4.ip_forward = 9\n");
  host.Put("/etc/sysctl.d/50-a.conf", "net/ipv4/ip_forward=1\n-kernel.printk = 3 4 1 3\n");
  host.Put("/etc/sysctl.d/40-b.conf", "net.ipv4.ip_forward = 8\nnet.ipv4.conf.*.rp_filter = 2\n");
  host.Put("/etc/sysctl.conf", "; remark\n#kernel.printk = 1\nno assignment\n");
  EXPECT_EQ(Shown(kSystemControls, SystemControlsLinux(host, {})),
            "name=kernel.printk subsystem=kernel current_value=4\t4\t1\t7 config_value=3 4 1 3 "
            "type=string\n"
            "name=net.ipv4.conf.eth0/1.rp_filter subsystem=net current_value=2 config_value=2 "
            "type=string\n"
            "name=net.ipv4.ip_forward subsystem=net current_value=1 config_value=1 type=string\n");
  EXPECT_EQ(Shown(kSystemControls, SystemControlsLinux(host, {{"name", "net.ipv4.ip_forward"}})),
            "name=net.ipv4.ip_forward subsystem=net current_value=1 config_value=1 type=string\n");
}

TEST(SystemControls, WhatMayNotBeReadIsUnknownWhatCanOnlyBeWrittenNullAndKeysStayInTheKernel) {
  // A file that root may only write cannot be opened for reading, proc_sys(5).
  class WithWriteOnly : public FakeHost {
   public:
    Result<std::string> ReadFile(const std::string& path, size_t bound) const override {
      if (path.ends_with("/compact_memory")) return sallyport::Fail(Code::kDenied, path);
      return FakeHost::ReadFile(path, bound);
    }
  } host;
  host.Put("/proc/sys/vm/compact_memory", "", {.mode = 0200});
  host.Put("/proc/sys/net/ipv4/tcp_fastopen_key", "00000000-1");
  host.Put("/proc/sys/net/ipv6/conf/all/stable_secret", "::1");
  host.Put("/proc/sys/kernel/random/uuid", "0");
  host.Put("/proc/sys/kernel/cad_pid", "1");
  host.Fail("/proc/sys/kernel/cad_pid", Code::kDenied);
  EXPECT_EQ(Shown(kSystemControls, SystemControlsLinux(host, {})),
            "name=kernel.cad_pid subsystem=kernel current_value=unknown type=string\n"
            "name=kernel.random.uuid subsystem=kernel current_value=unknown type=string\n"
            "name=net.ipv4.tcp_fastopen_key subsystem=net current_value=unknown type=string\n"
            "name=net.ipv6.conf.all.stable_secret subsystem=net current_value=unknown "
            "type=string\n"
            "name=vm.compact_memory subsystem=vm type=string\n");
}

TEST(SystemControls, ANameLeadsNowhereButBelowProcSys) {
  FakeHost host;
  host.PutDir("/proc/sys/kernel");
  host.Put("/etc/hostname", "laptop");
  for (const char* name : {"kernel/../../../etc/hostname", "/etc/hostname", "..etc.hostname", "",
                           "kernel", "kernel.", "no.such", "kernel.//.//.//.etc.hostname"}) {
    EXPECT_EQ(Shown(kSystemControls, SystemControlsLinux(host, {{"name", name}})), "") << name;
  }
}

TEST(SysctlConfig, AnExactNameBeatsAPatternAndAnExcludedOneGetsNothing) {
  SysctlConfig config;
  config.Add(
      "net.ipv4.conf.eth0.rp_filter = 1\n"
      "net.ipv4.conf.*.rp_filter = 2\n"
      "-net.ipv4.conf.lo.rp_filter\n");
  EXPECT_EQ(config.ValueOf("net.ipv4.conf.eth0.rp_filter"), "1");
  EXPECT_EQ(config.ValueOf("net.ipv4.conf.wlan0.rp_filter"), "2");
  EXPECT_EQ(config.ValueOf("net.ipv4.conf.lo.rp_filter"), std::nullopt);
  EXPECT_EQ(config.ValueOf("net.ipv4.conf.a.b.rp_filter"), std::nullopt);
}

TEST(SysctlConfig, ALinkToDevNullEmptiesTheFileOfThatName) {
  FakeHost host;
  host.Put("/dev/null", "");
  host.PutLink("/etc/sysctl.d/10-a.conf", "/dev/null");
  host.Put("/usr/lib/sysctl.d/10-a.conf", "kernel.printk = 1\n");
  EXPECT_EQ(ReadSysctlConfig(host)->ValueOf("kernel.printk"), std::nullopt);
  host.Fail("/etc/sysctl.conf", Code::kDenied);
  EXPECT_EQ(ReadSysctlConfig(host).error().code, Code::kDenied);
}

TEST(ApparmorProfiles, AProfileWithinAnotherIsNamedByBoth) {
  FakeHost host;
  EXPECT_EQ(ApparmorProfilesLinux(host, {})->size(), 0u);
  host.Put("/sys/module/apparmor/parameters/enabled", "Y\n");
  EXPECT_EQ(ApparmorProfilesLinux(host, {}).error().code, Code::kUnavailable);
  const std::string top = "/sys/kernel/security/apparmor/policy/profiles/man.1/";
  host.Put(top + "name", "/usr/bin/man\n");
  host.Put(top + "attach", "/usr/bin/man\n");
  host.Put(top + "mode", "enforce\n");
  host.Put(top + "sha1", "ab\n");
  host.Put(top + "profiles/groff.2/name", "man_groff\n");
  host.Put(top + "profiles/groff.2/mode", "complain\n");
  EXPECT_EQ(Shown(kApparmorProfiles, ApparmorProfilesLinux(host, {})),
            "path=/usr/bin/man name=/usr/bin/man attach=/usr/bin/man mode=enforce sha1=ab\n"
            "path=/usr/bin/man//man_groff name=man_groff mode=complain\n");
}

TEST(SelinuxSettings, AreThoseOfSelinuxfsWhereverItIsMounted) {
  FakeHost host;
  host.Put("/proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  EXPECT_EQ(SelinuxSettingsLinux(host, {})->size(), 0u);
  host.Put("/proc/self/mountinfo", "23 22 0:20 / /selinux rw - selinuxfs selinuxfs rw\n");
  for (const char* key : {"checkreqprot", "deny_unknown", "mls", "policyvers"}) {
    host.Put(std::string("/selinux/") + key, "1");
  }
  host.Put("/selinux/enforce", "0");
  host.Put("/selinux/booleans/httpd_can_network_connect", "1 1");
  host.Put("/selinux/booleans/pending", "0 1");
  host.Put("/selinux/initial_contexts/kernel", std::string("system_u:system_r:kernel_t:s0\0", 30));
  host.Put("/selinux/class/file/index", "6");
  host.Put("/selinux/class/file/perms/read", "2");
  EXPECT_EQ(Shown(kSelinuxSettings, SelinuxSettingsLinux(host, {})),
            "scope= key=checkreqprot value=1\nscope= key=deny_unknown value=1\n"
            "scope= key=enforce value=0\nscope= key=mls value=1\nscope= key=policyvers value=1\n"
            "scope= key=reject_unknown value=unknown\n"
            "scope=booleans key=httpd_can_network_connect value=on\n"
            "scope=booleans key=pending value=unknown\n"
            "scope=initial_contexts key=kernel value=system_u:system_r:kernel_t:s0\n"
            "scope=class key=file/perms value=read\n");
}

TEST(Uptime, IsTheClockThatGoesOnDuringSleep) {
  FakeHost host;
  host.SetTime({std::chrono::milliseconds((86400 + 2 * 3600 + 3 * 60 + 4) * 1000 + 900), {}});
  EXPECT_EQ(Shown(kUptime, UptimeLinux(host, {})),
            "days=1 hours=2 minutes=3 seconds=4 total_seconds=93784\n");
}

TEST(PlatformInfo, IsTheFirmwareAsSmbiosTellsIt) {
  FakeHost host;
  EXPECT_EQ(PlatformInfoLinux(host, {}).error().code, Code::kNotFound);
  host.Put("/sys/class/dmi/id/bios_vendor", "LENOVO\n");
  host.Put("/sys/class/dmi/id/bios_version", "N1XET56W\n");
  host.Put("/sys/class/dmi/id/bios_date", "05/21/2024\n");
  host.Put("/sys/class/dmi/id/bios_release", "1.56\n");
  host.Put("/sys/firmware/dmi/entries/0-0/raw", std::string("\0\x1a\0\0\1\2\0\xe0\3\xff", 10));
  EXPECT_EQ(Shown(kPlatformInfo, PlatformInfoLinux(host, {})),
            "vendor=LENOVO version=N1XET56W date=05/21/2024 revision=1.56 firmware_type=bios "
            "address=0xe000 size=16777216 volume_size=0\n");
  host.PutDir("/sys/firmware/efi");
  host.Put("/sys/firmware/dmi/entries/0-0/raw", "");
  EXPECT_EQ(Shown(kPlatformInfo, PlatformInfoLinux(host, {})),
            "vendor=LENOVO version=N1XET56W date=05/21/2024 revision=1.56 firmware_type=uefi "
            "address=unknown size=unknown volume_size=0\n");
}

TEST(Secureboot, IsTheFifthByteNullWithoutUefiAndUnknownWhereItsVariablesAreNotMounted) {
  const std::string folder = "/sys/firmware/efi/efivars/";
  const std::string guid = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  FakeHost host;
  EXPECT_EQ(Shown(kSecureboot, SecurebootLinux(host, {})), "\n");
  host.PutDir("/sys/firmware/efi");
  EXPECT_EQ(Shown(kSecureboot, SecurebootLinux(host, {})),
            "secure_boot=unknown setup_mode=unknown\n");
  host.Put(folder + "SecureBoot" + guid, std::string("\6\0\0\0\1", 5));
  EXPECT_EQ(Shown(kSecureboot, SecurebootLinux(host, {})), "secure_boot=1\n");
  host.Put(folder + "SetupMode" + guid, std::string("\6\0\0\0\0", 5));
  host.Put(folder + "SecureBoot" + guid, std::string("\6\0\0\0\0", 5));
  EXPECT_EQ(Shown(kSecureboot, SecurebootLinux(host, {})), "secure_boot=0 setup_mode=0\n");
  host.Put(folder + "SecureBoot" + guid, "");
  EXPECT_EQ(SecurebootLinux(host, {}).error().code, Code::kMalformed);
}

}  // namespace
}  // namespace sallyport
