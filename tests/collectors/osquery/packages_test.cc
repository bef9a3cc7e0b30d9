// SPDX-License-Identifier: Apache-2.0
// deb_packages, rpm_packages, apt_sources, yum_sources.
#include <gtest/gtest.h>

#include "collectors/osquery/apt_repository.h"
#include "collectors/osquery/linux_tables.h"
#include "tests/collectors/osquery/shown.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kStatus[] =
    "Package: bash\n"
    "Status: install ok installed\n"
    "Priority: required\n"
    "Section: shells\n"
    "Installed-Size: 7164\n"
    "Maintainer: Matthias Klose <doko@debian.org>\n"
    "Architecture: amd64\n"
    "Source: bash (5.2.15-2)\n"
    "Version: 5.2.15-2+b8\n"
    "Description: GNU Bourne Again SHell\n"
    " Version: 9 is not its version\n"
    "\n"
    "Package: native\n"
    "Status: hold ok half-installed\n"
    "Architecture: all\n"
    "Version: 1:2.0\n"
    "\n"
    "Package: left-over\n"
    "Status: deinstall ok config-files\n"
    "Architecture: amd64\n"
    "Version: 1-2-3\n"
    "\n"
    "Package: never\n"
    "Status: unknown ok not-installed\n"
    "Architecture: amd64\n";

TEST(DebPackages, EveryStateIsARowWithItsOwnWordsAndWhatIsNotInstalledIsNone) {
  FakeHost host;
  host.Put("/var/lib/dpkg/status", kStatus);
  EXPECT_EQ(Shown(kDebPackages, DebPackagesLinux(host, {})),
            "name=bash version=5.2.15-2+b8 source=bash (5.2.15-2) size=7164 arch=amd64 "
            "revision=2+b8 status=install ok installed "
            "maintainer=Matthias Klose <doko@debian.org> section=shells priority=required "
            "admindir=/var/lib/dpkg\n"
            "name=left-over version=1-2-3 arch=amd64 revision=3 status=deinstall ok config-files "
            "admindir=/var/lib/dpkg\n"
            "name=native version=1:2.0 arch=all status=hold ok half-installed "
            "admindir=/var/lib/dpkg\n");
}

TEST(DebPackages, WhatAKilledDpkgLeftInItsJournalCounts) {
  FakeHost host;
  host.Put("/var/lib/dpkg/status", kStatus);
  host.Put("/var/lib/dpkg/updates/0000",
           "Package: bash\nStatus: install ok unpacked\nArchitecture: amd64\nVersion: 5.2.16-1\n");
  host.Put("/var/lib/dpkg/updates/tmp.i", "no journal");
  EXPECT_EQ(Shown(kDebPackages, DebPackagesLinux(host, {{"status", "install ok unpacked"}})),
            "name=bash version=5.2.16-1 arch=amd64 revision=1 status=install ok unpacked "
            "admindir=/var/lib/dpkg\n");
}

TEST(DebPackages, AnotherFolderIsReadWhereTheKeyNamesIt) {
  FakeHost host;
  host.Put("/srv/chroot/status",
           "Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n");
  EXPECT_EQ(Shown(kDebPackages, DebPackagesLinux(host, {{"admindir", "/srv/chroot"}})),
            "name=a version=1 arch=all status=install ok installed admindir=/srv/chroot\n");
  EXPECT_EQ(DebPackagesLinux(host, {}).error().code, Code::kNotFound);
}

TEST(DebPackages, ADamagedStanzaIsAnErrorThatShowsIt) {
  FakeHost host;
  host.Put("/var/lib/dpkg/status", std::string("Package: a\nStatus: \xff\0\1\n", 22));
  EXPECT_EQ(Shown(kDebPackages, DebPackagesLinux(host, {})),
            "malformed: /var/lib/dpkg/status: Package: a\\x0aStatus: \\xff\\x00\\x01\n");
}

TEST(DebPackages, AMillionPackagesAreTooLargeAndNotCut) {
  std::string status;
  for (int i = 0; i < 1'000'000; ++i) {
    status += "Package: p" + std::to_string(i) + "\nStatus: install ok installed\n\n";
  }
  FakeHost host;
  host.Put("/var/lib/dpkg/status", std::move(status));
  EXPECT_EQ(Shown(kDebPackages, DebPackagesLinux(host, {})),
            "too large: deb_packages: over 50000 rows\n");
}

const std::vector<std::string> kRpm = {
    "/usr/bin/rpm", "-qa", "--queryformat",
    "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{SOURCERPM}\\t%{LONGSIZE}\\t%{SHA1HEADER}\\t%{ARCH}\\t"
    "%{EPOCH}\\t%{INSTALLTIME}\\t%{VENDOR}\\t%{GROUP}\\n"};

TEST(RpmPackages, NoneIsNullAndAPackageOfThatNameIsFoundByItsKey) {
  FakeHost host;
  host.PutCommand(kRpm, {0,
                         "bash\t5.2.26\t3.fc40\tbash-5.2.26-3.fc40.src.rpm\t8572349\tab12\tx86_64\t"
                         "(none)\t1714000000\tFedora Project\tUnspecified\n"
                         "perl-Errno\t1.37\t506.fc40\t(none)\t0\t(none)\tx86_64\t4\t1714000001\t"
                         "(none)\t(none)\n",
                         ""});
  EXPECT_EQ(Shown(kRpmPackages, RpmPackagesLinux(host, {})),
            "name=bash version=5.2.26 release=3.fc40 source=bash-5.2.26-3.fc40.src.rpm "
            "size=8572349 sha1=ab12 arch=x86_64 install_time=1714000000 vendor=Fedora Project "
            "package_group=Unspecified\n"
            "name=perl-Errno version=1.37 release=506.fc40 size=0 arch=x86_64 epoch=4 "
            "install_time=1714000001\n");
  EXPECT_EQ(RpmPackagesLinux(host, {{"name", "perl-Errno"}})->size(), 1u);
}

TEST(RpmPackages, WithoutRpmTheTableIsAbsentAndADamagedAnswerAnError) {
  FakeHost host;
  EXPECT_EQ(RpmPackagesLinux(host, {}).error().code, Code::kNotFound);
  host.PutCommand(kRpm, {0, "name\twith a\ttab more\n", ""});
  EXPECT_EQ(RpmPackagesLinux(host, {}).error().code, Code::kMalformed);
  host.PutCommand(kRpm, {1, "", "error: cannot open Packages database\n"});
  EXPECT_EQ(Shown(kRpmPackages, RpmPackagesLinux(host, {})),
            "unavailable: rpm -qa: error: cannot open Packages database\n");
}

TEST(AptSources, BothStylesAreReadAndTheReleaseThatAptFetchedIsBesideThem) {
  FakeHost host;
  host.Put("/etc/apt/sources.list",
           "# remark\n"
           "deb [arch=amd64 signed-by=/k.gpg] https://deb.debian.org/debian/ bookworm main # end\n"
           "deb-src https://deb.debian.org/debian bookworm main\n"
           "deb cdrom:[Debian GNU/Linux 12]/ bookworm main\n");
  host.Put("/etc/apt/sources.list.d/b.sources",
           "types: deb deb-src\n"
           "# remark\n"
           "URIs: http://a.example/my_repo~x\n"
           "Suites: stable\n"
           "  ./flat/\n"
           "Components: main\n"
           "\n"
           "Types: deb\nURIs: http://off.example\nSuites: x\nEnabled: no\n");
  host.Put("/etc/apt/sources.list.d/old.list.save", "not read");
  host.Put("/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease",
           "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nVersion: 12.11\n"
           "Codename: bookworm\nArchitectures: all amd64\nComponents: main contrib\n");
  host.Put("/var/lib/apt/lists/a.example_my%5frepo%7ex_dists_stable_Release", "Origin: A: B\n");
  EXPECT_EQ(Shown(kAptSources, AptSourcesLinux(host, {})),
            "name=deb.debian.org/debian bookworm source=/etc/apt/sources.list "
            "base_uri=https://deb.debian.org/debian release=bookworm version=12.11 "
            "maintainer=Debian components=main contrib architectures=all amd64\n"
            "name=[Debian GNU/Linux 12] bookworm source=/etc/apt/sources.list "
            "base_uri=cdrom:[Debian GNU/Linux 12]\n"
            "name=a.example/my_repo~x stable source=/etc/apt/sources.list.d/b.sources "
            "base_uri=http://a.example/my_repo~x maintainer=A: B\n"
            "name=a.example/my_repo~x ./flat/ source=/etc/apt/sources.list.d/b.sources "
            "base_uri=http://a.example/my_repo~x\n");
}

TEST(AptSources, APasswordInTheAddressIsNoFact) {
  FakeHost host;
  host.Put("/etc/apt/sources.list", "deb https://ada:canary@repo.test/debian stable main\n");
  const auto rows = AptSourcesLinux(host, {});
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u);
  for (const Value& cell : rows->front()) EXPECT_EQ(ToText(cell).find("canary"), std::string::npos);
  EXPECT_NE(Shown(kAptSources, rows).find("https://repo.test/debian"), std::string::npos);
}

TEST(AptSources, ALineThatAptWouldRefuseIsAnErrorThatNamesFileAndLine) {
  FakeHost host;
  EXPECT_EQ(AptSourcesLinux(host, {}).error().code, Code::kNotFound);
  host.Put("/etc/apt/sources.list.d/x.list", "deb https://x.example\n");
  EXPECT_EQ(Shown(kAptSources, AptSourcesLinux(host, {})),
            "malformed: /etc/apt/sources.list.d/x.list: not as sources.list(5): "
            "deb https://x.example\n");
}

TEST(AptSources, AListThatMayNotBeReadLeavesItsCellsUnknown) {
  FakeHost host;
  host.Put("/etc/apt/sources.list", "deb http://x.example s main\n");
  host.Fail("/var/lib/apt/lists/x.example_dists_s_InRelease", Code::kDenied);
  EXPECT_EQ(Shown(kAptSources, AptSourcesLinux(host, {})),
            "name=x.example s source=/etc/apt/sources.list base_uri=http://x.example "
            "release=unknown version=unknown maintainer=unknown components=unknown "
            "architectures=unknown\n");
}

TEST(AptRepository, AFactorOfManyAddressesAndSuitesIsBounded) {
  std::string text = "Types: deb\nURIs:";
  for (int i = 0; i < 1000; ++i) text += " http://h" + std::to_string(i);
  text += "\nSuites:";
  for (int i = 0; i < 1000; ++i) text += " s" + std::to_string(i);
  EXPECT_EQ(ParseAptSources(text + "\n").error().code, Code::kTooLarge);
}

TEST(YumSources, RepositoriesOfBothPlacesAndLinesThatGoOn) {
  FakeHost host;
  EXPECT_EQ(YumSourcesLinux(host, {}).error().code, Code::kNotFound);
  host.Put("/etc/yum.conf", "[main]\ngpgcheck=1\nreposdir=/etc/repos\n");
  host.Put("/etc/repos/fedora.repo",
           "[fedora]\n"
           "name=Fedora $releasever\n"
           "metalink=https://mirrors.example/metalink?repo=fedora&arch=x\n"
           "enabled=1\n"
           "gpgkey=file:///etc/a\n"
           "       file:///etc/b\n"
           "; remark\n"
           "[off]\n"
           "name = Off\n"
           "enabled = 0\n");
  host.Put("/etc/repos/readme", "no repository");
  EXPECT_EQ(Shown(kYumSources, YumSourcesLinux(host, {})),
            "name=Fedora $releasever source=/etc/repos/fedora.repo "
            "metalink=https://mirrors.example/metalink?repo=fedora&arch=x enabled=1 "
            "gpgkey=file:///etc/a file:///etc/b\n"
            "name=Off source=/etc/repos/fedora.repo enabled=0\n");
  host.Put("/etc/repos/z.repo", "enabled=1\n");
  EXPECT_EQ(Shown(kYumSources, YumSourcesLinux(host, {})),
            "malformed: /etc/repos/z.repo: enabled=1\n");
}

}  // namespace
}  // namespace sallyport
