// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "collectors/dates.h"
#include "collectors/distribution_support.h"
#include "collectors/kernel_packages.h"
#include "collectors/os_patch_state.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kLists[] = "/var/lib/apt/lists/";
constexpr char kSecurity[] = "deb.debian.org_debian-security_dists_bookworm-security_";
constexpr char kMain[] = "deb.debian.org_debian_dists_bookworm_";
const Value kNone = std::monostate{};

FileStat ModifiedAt(int64_t seconds) {
  FileStat stat;
  stat.modified_s = seconds;
  return stat;
}

std::string Installed(const std::string& name, const std::string& version,
                      const std::string& status = "install ok installed",
                      const std::string& arch = "amd64") {
  return "Package: " + name + "\nStatus: " + status + "\nArchitecture: " + arch +
         "\nVersion: " + version + "\nDescription: x\n Version: 999\n\n";
}

std::string Offered(const std::string& name, const std::string& version,
                    const std::string& more = "", const std::string& arch = "amd64") {
  return "Package: " + name + "\nVersion: " + version + "\nArchitecture: " + arch + "\n" + more +
         "\n";
}

// Debian 12 on the day 2026-11-23, with a security source signed two days before.
class Machine {
 public:
  Machine() {
    host.SetTime({.wall = std::chrono::seconds(ParseDay("2026-11-23").value())});
    host.Put("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    host.Put("/proc/version",
             "Linux version 6.1.0-18-amd64 (x) #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 "
             "(2024-02-01)\n");
    host.Put("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    host.Put("/var/lib/dpkg/status", Installed("linux-image-6.1.0-18-amd64", "6.1.76-1"));
    Release(kSecurity,
            "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\n"
            "Codename: bookworm-security\nDate: Sat, 21 Nov 2026 00:00:00 UTC\n"
            "Valid-Until: Sat, 28 Nov 2026 00:00:00 UTC\nMD5Sum:\n 0 1 main\n");
    Release(kMain, "Origin: Debian\nLabel: Debian\nSuite: oldstable\nCodename: bookworm\n");
    host.Put("/var/lib/apt/periodic/update-success-stamp", "",
             ModifiedAt(ParseDay("2026-11-22").value()));
  }
  void Release(const std::string& source, const std::string& fields) {
    host.Put(kLists + source + "InRelease",
             "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + fields);
  }
  void Status(const std::string& text) { host.Put("/var/lib/dpkg/status", text); }
  void List(const std::string& source, const std::string& packages) {
    host.Put(kLists + source + "main_binary-amd64_Packages", packages);
  }
  std::map<std::string, Value> Row() const {
    std::map<std::string, Value> out;
    const Result<Rows> rows = OsPatchStateLinux(host, {});
    EXPECT_TRUE(rows) << rows.error().message;
    if (!rows) return out;
    EXPECT_EQ(rows->size(), 1u);
    for (size_t i = 0; i < rows->front().size(); ++i) {
      out[std::string(kOsPatchState.columns[i].name)] = rows->front()[i];
    }
    return out;
  }

  FakeHost host;
};

TEST(OsPatchStateLinux, AMachineThatLacksOneSecurityUpdateAndOneOther) {
  Machine m;
  m.Status(Installed("openssl", "3.0.11-1~deb12u2") + Installed("bash", "5.2.15-2") +
           Installed("vim", "2:9.0.1378-2") + Installed("gone", "1", "deinstall ok config-files") +
           Installed("linux-image-6.1.0-18-amd64", "6.1.76-1"));
  m.List(kSecurity, Offered("openssl", "3.0.17-1~deb12u2") + Offered("gone", "2"));
  m.List(kMain, Offered("openssl", "3.0.15-1~deb12u1") + Offered("bash", "5.2.15-2+b2") +
                    Offered("vim", "2:9.0.1378-2") + Offered("not-installed", "9"));
  EXPECT_EQ(OsPatchStateLinux(m.host, {}).value(),
            (Rows{{Cell("apt"), Cell(1), Cell(0), Cell(2), Cell(0), Cell(0), Cell(1), Cell(0),
                   Cell(2), Cell(0), Cell("6.1.0-18-amd64"), Cell("6.1.0-18-amd64"), Cell(1),
                   Cell(0), Cell("2028-06-30"), Cell("lts"), Cell(1), Cell(0)}}));
}

TEST(OsPatchStateLinux, WithoutListsNothingIsKnownAndZeroIsNotClaimed) {
  Machine m;
  auto row = m.Row();  // Release files only: fetched once, lists thrown away
  EXPECT_EQ(row["package_manager"], Cell("apt"));
  for (const char* column : {"security_updates_pending", "security_updates_held", "updates_pending",
                             "updates_held", "updates_phased", "lists_age_days"}) {
    EXPECT_EQ(row[column], Cell(Unknown{})) << column;
  }
}

TEST(OsPatchStateLinux, WithoutASecuritySourceTheSecurityCountIsUnknown) {
  Machine m;
  m.Status(Installed("bash", "1"));
  m.List(kMain, Offered("bash", "2"));
  m.host.Remove(std::string(kLists) + kSecurity + "InRelease");
  auto row = m.Row();
  EXPECT_EQ(row["security_updates_pending"], Cell(Unknown{}));
  EXPECT_EQ(row["lists_expired"], Cell(Unknown{}));
  EXPECT_EQ(row["updates_pending"], Cell(1));
}

TEST(OsPatchStateLinux, ListsOverTheirDateCannotSayThatNothingIsMissing) {
  Machine m;
  m.host.SetTime({.wall = std::chrono::seconds(ParseDay("2026-12-24").value())});
  m.Status(Installed("bash", "2"));
  m.List(kSecurity, Offered("bash", "2"));
  EXPECT_EQ(m.Row()["lists_expired"], Cell(1));
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(Unknown{}));
  m.List(kSecurity, Offered("bash", "3"));
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(1));
}

TEST(OsPatchStateLinux, AHeldPackageStillLacksItsSecurityUpdate) {
  Machine m;
  m.Status(Installed("linux-image-amd64", "6.1.76-1", "hold ok installed"));
  m.List(kSecurity, Offered("linux-image-amd64", "6.1.90-1"));
  auto row = m.Row();
  EXPECT_EQ(row["security_updates_pending"], Cell(1));
  EXPECT_EQ(row["security_updates_held"], Cell(1));
  EXPECT_EQ(row["updates_pending"], Cell(0));
  EXPECT_EQ(row["updates_held"], Cell(1));
}

TEST(OsPatchStateLinux, APhasedUpdateIsNotMissing) {
  Machine m;
  m.Status(Installed("a", "1") + Installed("b", "1") + Installed("c", "1"));
  m.List(kMain, Offered("a", "2", "Phased-Update-Percentage: 30\n") +
                    Offered("b", "2", "Phased-Update-Percentage: 100\n") +
                    Offered("c", "3", "Phased-Update-Percentage: 10\n") + Offered("c", "2"));
  auto row = m.Row();
  EXPECT_EQ(row["updates_phased"], Cell(1));
  EXPECT_EQ(row["updates_pending"], Cell(2));
}

TEST(OsPatchStateLinux, BackportsAndExperimentalAreNotFollowedUnlessItCameFromThere) {
  Machine m;
  const std::string backports = "deb.debian.org_debian_dists_bookworm-backports_";
  const std::string experimental = "deb.debian.org_debian_dists_experimental_";
  m.Release(backports,
            "Suite: oldstable-backports\nNotAutomatic: yes\nButAutomaticUpgrades: yes\n");
  m.Release(experimental, "Suite: experimental\nNotAutomatic: yes\n");
  m.Status(Installed("a", "1") + Installed("b", "1-1~bpo12+1"));
  m.List(backports, Offered("a", "2-1~bpo12+1") + Offered("b", "2-1~bpo12+1"));
  m.List(experimental, Offered("a", "9") + Offered("b", "9"));
  EXPECT_EQ(m.Row()["updates_pending"], Cell(1));
}

TEST(OsPatchStateLinux, AThirdPartysOfferIsAnUpdateButNoSecurityUpdate) {
  Machine m;
  m.Status(Installed("code", "1") + Installed("lib", "1", "install ok installed", "i386"));
  m.List(kSecurity, Offered("lib", "2", "", "amd64"));  // another architecture's
  m.host.Put(std::string(kLists) + "example.org_._Packages", Offered("code", "2"));
  auto row = m.Row();
  EXPECT_EQ(row["security_updates_pending"], Cell(0));
  EXPECT_EQ(row["updates_pending"], Cell(1));
}

TEST(OsPatchStateLinux, UbuntuNamesItsSecurityByTheSuite) {
  Machine m;
  m.host.Remove(std::string(kLists) + kSecurity + "InRelease");
  const std::string noble = "archive.ubuntu.com_ubuntu_dists_noble-security_";
  m.Release(noble, "Origin: Ubuntu\nLabel: Ubuntu\nSuite: noble-security\nCodename: noble\n");
  m.Status(Installed("bash", "1"));
  m.List(noble, Offered("bash", "2"));
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(1));
}

TEST(OsPatchStateLinux, AListThatIsPackedByOthersIsUnpackedByAptsHelper) {
  Machine m;
  m.Status(Installed("bash", "1"));
  const std::string list = std::string(kLists) + kSecurity + "main_binary-amd64_Packages.xz";
  m.host.Put(list,
             "\xfd"
             "7zXZ");
  m.host.PutCommand({"/usr/lib/apt/apt-helper", "cat-file", list}, {0, Offered("bash", "2"), ""});
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(1));
  m.host.FailCommand({"/usr/lib/apt/apt-helper", "cat-file", list}, Code::kTimeout);
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(Unknown{}));
}

TEST(OsPatchStateLinux, TheLastCountIsGivenAgainUntilAListOrTheStatusChanges) {
  Machine m;
  const std::string list = std::string(kLists) + kSecurity + "main_binary-amd64_Packages";
  m.Status(Installed("bash", "1"));
  m.host.Put(list, Offered("bash", "2"), ModifiedAt(100));
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(1));
  m.host.Put(list, Offered("bash", "0"), ModifiedAt(100));  // same size, same time: not read again
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(1));
  m.host.Put(list, Offered("bash", "0"), ModifiedAt(101));
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(0));
  m.host.Put(list, Offered("bash", "2"), ModifiedAt(101));
  m.Status(Installed("bash", "1") + Installed("vim", "1"));
  EXPECT_EQ(m.Row()["security_updates_pending"], Cell(1));
}

TEST(OsPatchStateLinux, ARebootIsRequiredByFileOrByANewerKernel) {
  Machine m;
  EXPECT_EQ(m.Row()["reboot_required"], Cell(0));
  m.host.Put("/run/reboot-required", "*** System restart required ***\n");
  EXPECT_EQ(m.Row()["reboot_required"], Cell(1));
  m.host.Remove("/run/reboot-required");
  m.Status(Installed("linux-image-6.1.0-18-amd64", "6.1.76-1") +
           Installed("linux-image-6.1.0-30-amd64", "6.1.124-1"));
  EXPECT_EQ(m.Row()["kernel_current"], Cell(0));
  EXPECT_EQ(m.Row()["reboot_required"], Cell(1));
}

TEST(OsPatchStateLinux, AnotherPackageManagerIsUnknownAndAnUnreadableStatusAnError) {
  Machine m;
  m.host.Remove("/var/lib/dpkg/status");
  auto row = m.Row();
  EXPECT_EQ(row["package_manager"], Cell(Unknown{}));
  EXPECT_EQ(row["security_updates_pending"], Cell(Unknown{}));
  EXPECT_EQ(row["kernel_current"], Cell(Unknown{}));
  m.host.Fail("/var/lib/dpkg/status", Code::kDenied);
  EXPECT_EQ(OsPatchStateLinux(m.host, {}).error().code, Code::kDenied);
  m.Status("Package: half\nVersion: 1\n");
  EXPECT_EQ(OsPatchStateLinux(m.host, {}).error().code, Code::kMalformed);
}

TEST(OsPatchStateLinux, AutomaticUpdatesNeedPackageOptionAndTimer) {
  Machine m;
  m.host.PutDir("/run/systemd/system");
  m.Status(Installed("unattended-upgrades", "2.9"));
  m.host.Put("/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"1\";\n");
  EXPECT_EQ(m.Row()["auto_updates"], Cell(0));  // the timer is disabled
  const std::string units = "/etc/systemd/system/";
  m.host.PutLink(units + "timers.target.wants/apt-daily-upgrade.timer",
                 "/lib/systemd/system/apt-daily-upgrade.timer");
  EXPECT_EQ(m.Row()["auto_updates"], Cell(1));
  m.host.PutLink(units + "apt-daily-upgrade.timer", "/dev/null");
  EXPECT_EQ(m.Row()["auto_updates"], Cell(0));
  m.host.Remove(units + "apt-daily-upgrade.timer");
  m.host.Put("/etc/apt/apt.conf.d/99off", "// 1\napt::periodic::unattended-upgrade \"0\";\n");
  EXPECT_EQ(m.Row()["auto_updates"], Cell(0));
  m.host.Put("/etc/apt/apt.conf.d/99off", "APT { Periodic { Unattended-Upgrade \"1\"; }; };\n");
  EXPECT_EQ(m.Row()["auto_updates"], Cell(Unknown{}));
}

KernelState Compare(const std::string& release, const std::vector<InstalledPackage>& installed,
                    const std::string& proc_version = "") {
  return CompareKernels(installed, release, proc_version);
}

TEST(KernelPackages, OnlyKernelsOfTheRunningFlavourAreCompared) {
  const InstalledPackage meta{"linux-image-amd64", "6.1.124-1", "amd64"};
  const InstalledPackage cloud{"linux-image-6.1.0-40-cloud-amd64", "6.1.153-1", "amd64"};
  const InstalledPackage plain{"linux-image-6.1.0-9-amd64", "6.1.27-1", "amd64"};
  const InstalledPackage newer{"linux-image-6.1.0-30-amd64-unsigned", "6.1.124-1", "amd64"};
  const InstalledPackage debug{"linux-image-6.1.0-99-amd64-dbg", "6.1.999-1", "amd64"};
  EXPECT_EQ(Compare("6.1.0-9-amd64", {meta, cloud, plain, debug}),
            (KernelState{Cell("6.1.0-9-amd64"), Cell(1)}));
  EXPECT_EQ(Compare("6.1.0-9-amd64", {meta, cloud, plain, newer}),
            (KernelState{Cell("6.1.0-30-amd64"), Cell(0)}));
}

TEST(KernelPackages, NoPackagedKernelIsNullAndAForeignOneUnknown) {
  EXPECT_EQ(Compare("6.18.44-fc-v669", {{"bash", "5", "amd64"}}), (KernelState{kNone, kNone}));
  EXPECT_EQ(Compare("6.18.44-fc-v669", {{"linux-image-6.1.0-9-amd64", "6.1.27-1", "amd64"}}),
            (KernelState{Unknown{}, Unknown{}}));
}

TEST(KernelPackages, AKernelThatWasReplacedUnderItsReleaseIsNotCurrent) {
  const std::string booted = "Linux version 6.1.0-18-amd64 (x) #1 SMP Debian 6.1.76-1 (2024-02-01)";
  EXPECT_EQ(
      Compare("6.1.0-18-amd64", {{"linux-image-6.1.0-18-amd64", "6.1.76-1+b1", "amd64"}}, booted)
          .current,
      Cell(1));
  EXPECT_EQ(Compare("6.1.0-18-amd64", {{"linux-image-6.1.0-18-amd64", "6.1.82-1", "amd64"}}, booted)
                .current,
            Cell(0));
}

TEST(KernelPackages, AFlavourIsWhatFollowsTheNumbers) {
  EXPECT_EQ(KernelFlavour("6.1.0-18-cloud-amd64"), "cloud-amd64");
  EXPECT_EQ(KernelFlavour("6.12.48+deb13-amd64"), "amd64");
  EXPECT_EQ(KernelFlavour("6.1.0-0.deb11.13-amd64"), "amd64");
  EXPECT_EQ(KernelFlavour("5.15.0-91-generic"), "generic");
}

TEST(DistributionSupport, TheVendorsOwnDateComesFirstAndDerivativesAreNotKnown) {
  using Support = DistributionSupport;
  EXPECT_EQ(SupportOf({{"ID", "debian"}, {"VERSION_ID", "13"}}),
            (Support{"2028-08-09", "2030-06-30"}));
  EXPECT_EQ(SupportOf({{"ID", "fedora"}, {"VERSION_ID", "44"}, {"SUPPORT_END", "2027-05-13"}}),
            (Support{"2027-05-13", "2027-05-13"}));
  EXPECT_EQ(SupportOf({{"ID", "linuxmint"}, {"ID_LIKE", "ubuntu debian"}, {"VERSION_ID", "22"}}),
            std::nullopt);
  EXPECT_EQ(SupportOf({{"ID", "debian"}}), std::nullopt);  // testing, sid
}

TEST(OsPatchStateLinux, SupportEndsWithItsLastDay) {
  Machine m;
  const auto at = [&](const char* day, int64_t more) {
    m.host.SetTime({.wall = std::chrono::seconds(ParseDay(day).value() + more)});
    return m.Row()["distribution_support"];
  };
  EXPECT_EQ(at("2026-07-11", 86'399), Cell("full"));
  EXPECT_EQ(at("2026-07-12", 0), Cell("lts"));
  EXPECT_EQ(at("2028-07-01", 0), Cell("ended"));
  EXPECT_EQ(m.Row()["distribution_supported"], Cell(0));
  m.host.Put("/etc/os-release", "ID=arch\n");
  EXPECT_EQ(m.Row()["distribution_supported"], Cell(Unknown{}));
}

TEST(Dates, AreReadWithoutLocaleAndNonsenseIsNone) {
  EXPECT_EQ(ParseArchiveDate("Sat, 21 Nov 2026 00:53:02 UTC"), 1795222382);
  EXPECT_EQ(ParseArchiveDate("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(ParseArchiveDate("Sat, 21 Nov 2026 00:53:02 +0100"), std::nullopt);
  EXPECT_EQ(ParseArchiveDate("Sat, 31 Feb 2026 00:53:02 UTC"), std::nullopt);
  EXPECT_EQ(ParseDay("2028-02-29"), 1835395200);
  EXPECT_EQ(ParseDay("2027-02-29"), std::nullopt);
  EXPECT_EQ(ParseDay("soon"), std::nullopt);
}

}  // namespace
}  // namespace sallyport
