// SPDX-License-Identifier: Apache-2.0
// apt over literal lists; dnf and zypper over what they printed, tests/package_managers.
#include "collectors/pending_updates.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "collectors/dates.h"
#include "collectors/dnf_updates.h"
#include "collectors/os_patch_state.h"
#include "collectors/zypper_updates.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
const Value kUnknown = Unknown{};

std::string Printed(const std::string& name) {
  std::ifstream file(SALLYPORT_SOURCE_DIR "/tests/package_managers/" + name);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(text, "") << name;
  return text;
}

FileStat ModifiedOn(const char* day) {
  FileStat stat;
  stat.modified_s = ParseDay(day).value();
  return stat;
}

std::map<std::string, Value> PatchState(const Host& host) {
  std::map<std::string, Value> out;
  const Result<Rows> rows = OsPatchStateLinux(host, {});
  EXPECT_TRUE(rows) << rows.error().message;
  for (size_t i = 0; rows && i < rows->front().size(); ++i) {
    out[std::string(kOsPatchState.columns[i].name)] = rows->front()[i];
  }
  return out;
}

// An Ubuntu 22.04 on 2026-11-23: ordinary, security, phased and ESM offers.
class Ubuntu {
 public:
  Ubuntu() {
    host.SetTime({.wall = std::chrono::seconds(ParseDay("2026-11-23").value())});
    host.Put("/proc/sys/kernel/osrelease", "5.15.0-100-generic\n");
    host.Put("/var/lib/apt/periodic/update-success-stamp", "", ModifiedOn("2026-11-22"));
    host.Put("/var/lib/dpkg/status",
             Installed("bash", "5.1-6ubuntu1.0") + Installed("curl", "7.81.0-1ubuntu1.14") +
                 Installed("docker-ce", "5:24.0.1") +
                 Installed("ffmpeg", "7:4.4.2-0ubuntu0.22.04.1") +
                 Installed("openssl", "3.0.2-0ubuntu1.10", "hold ok installed"));
    Source("/var/lib/apt/lists/archive_dists_jammy-updates_", "Ubuntu", "jammy-updates",
           Offered("bash", "5.1-6ubuntu1.1", "Phased-Update-Percentage: 20\n") +
               Offered("openssl", "3.0.2-0ubuntu1.15") + Offered("curl", "7.81.0-1ubuntu1.16"));
    Source("/var/lib/apt/lists/security_dists_jammy-security_", "Ubuntu", "jammy-security",
           Offered("openssl", "3.0.2-0ubuntu1.15") + Offered("curl", "7.81.0-1ubuntu1.15"));
    Source("/var/lib/apt/lists/download.docker.com_dists_jammy_", "Docker", "jammy",
           Offered("docker-ce", "5:27.0.1"));
  }
  static std::string Installed(const std::string& name, const std::string& version,
                               const std::string& status = "install ok installed") {
    return "Package: " + name + "\nStatus: " + status +
           "\nArchitecture: amd64\nVersion: " + version + "\n\n";
  }
  static std::string Offered(const std::string& name, const std::string& version,
                             const std::string& more = "") {
    return "Package: " + name + "\nVersion: " + version + "\nArchitecture: amd64\n" + more + "\n";
  }
  void Source(const std::string& prefix, const std::string& origin, const std::string& suite,
              const std::string& packages) {
    host.Put(prefix + "InRelease", "Origin: " + origin + "\nLabel: " + origin + "\nSuite: " +
                                       suite + "\nDate: Sun, 22 Nov 2026 00:00:00 UTC\n");
    host.Put(prefix + "main_binary-amd64_Packages", packages);
  }
  void Esm(const std::string& folder) {
    Source(folder + "/esm.ubuntu.com_apps_dists_jammy-apps-security_", "UbuntuESMApps",
           "jammy-apps-security", Offered("ffmpeg", "7:4.4.2-0ubuntu0.22.04.1+esm5"));
  }
  FakeHost host;
};

Row Apt(const char* package, const char* installed, const char* candidate, const char* origin,
        bool security, bool phased, bool held, bool esm, bool available) {
  return {Cell("apt"),     Cell(package),  Cell("amd64"), Cell(installed), Cell(candidate),
          Cell(origin),    Cell(security), Cell(phased),  Cell(held),      Cell(esm),
          Cell(available), kNone,          kNone};
}

TEST(PendingUpdatesLinux, SecurityPhasedHeldAndThirdPartyUpdatesOfAptAreToldApart) {
  const Ubuntu m;
  EXPECT_EQ(
      PendingUpdatesLinux(m.host, {}).value(),
      (Rows{Apt("bash", "5.1-6ubuntu1.0", "5.1-6ubuntu1.1", "Ubuntu:jammy-updates", 0, 1, 0, 0, 1),
            Apt("curl", "7.81.0-1ubuntu1.14", "7.81.0-1ubuntu1.16", "Ubuntu:jammy-updates", 1, 0, 0,
                0, 1),
            Apt("docker-ce", "5:24.0.1", "5:27.0.1", "Docker:jammy", 0, 0, 0, 0, 1),
            Apt("openssl", "3.0.2-0ubuntu1.10", "3.0.2-0ubuntu1.15", "Ubuntu:jammy-updates", 1, 0,
                1, 0, 1)}));
  const auto state = PatchState(m.host);
  EXPECT_EQ(state.at("security_updates_pending"), Cell(2));
  EXPECT_EQ(state.at("security_updates_held"), Cell(1));
  EXPECT_EQ(state.at("updates_pending"), Cell(2));
  EXPECT_EQ(state.at("updates_held"), Cell(1));
  EXPECT_EQ(state.at("updates_phased"), Cell(1));
}

TEST(PendingUpdatesLinux, WhatOnlyAnEsmTokenGivesIsShownAndCountsForItsOwnersAlone) {
  Ubuntu m;
  m.Esm("/var/lib/ubuntu-advantage/apt-esm/var/lib/apt/lists");
  const auto ffmpeg = [&m] { return PendingUpdatesLinux(m.host, {}).value().at(3); };
  const auto security = [&m] { return PatchState(m.host).at("security_updates_pending"); };
  constexpr char kBefore[] = "7:4.4.2-0ubuntu0.22.04.1";
  constexpr char kAfter[] = "7:4.4.2-0ubuntu0.22.04.1+esm5";
  constexpr char kOrigin[] = "UbuntuESMApps:jammy-apps-security";
  EXPECT_EQ(ffmpeg(), Apt("ffmpeg", kBefore, kAfter, kOrigin, 1, 0, 0, 1, 0));
  EXPECT_EQ(security(), Cell(2));
  m.host.Put("/var/lib/ubuntu-advantage/status.json", R"({"attached": false})");
  EXPECT_EQ(security(), Cell(2));
  m.host.Put("/var/lib/ubuntu-advantage/status.json", R"({"attached": true})");
  EXPECT_EQ(ffmpeg(), Apt("ffmpeg", kBefore, kAfter, kOrigin, 1, 0, 0, 1, 1));
  EXPECT_EQ(security(), Cell(3));
  m.host.Put("/var/lib/ubuntu-advantage/status.json", "{damaged");
  EXPECT_EQ(security(), Cell(3));
  m.host.Fail("/var/lib/ubuntu-advantage/status.json", Code::kDenied);
  EXPECT_EQ(security(), Cell(3));
}

TEST(PendingUpdatesLinux, OldListsThatShowNothingProveNothing) {
  Ubuntu m;
  m.host.Put("/var/lib/dpkg/status", Ubuntu::Installed("curl", "7.81.0-1ubuntu1.16"));
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), Cell(0));
  m.host.Put("/var/lib/apt/periodic/update-success-stamp", "", ModifiedOn("2026-11-15"));
  EXPECT_EQ(PatchState(m.host).at("lists_age_days"), Cell(8));
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), kUnknown);
  m.host.Put("/var/lib/dpkg/status", Ubuntu::Installed("curl", "7.81.0-1ubuntu1.14"));
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), Cell(1));
}

TEST(PendingUpdatesLinux, WithoutAnyListAptHasNoAnswer) {
  FakeHost host;
  host.Put("/var/lib/dpkg/status", Ubuntu::Installed("curl", "1"));
  EXPECT_EQ(PendingUpdatesLinux(host, {}).error().code, Code::kUnavailable);
}

class Rhel {
 public:
  Rhel() {
    host.SetTime({.wall = std::chrono::seconds(ParseDay("2024-02-01").value())});
    host.Put("/proc/sys/kernel/osrelease", "5.14.0-362.8.1.el9_3.x86_64\n");
    host.Put("/usr/bin/dnf", "");
    host.Put("/var/cache/dnf/baseos-1/repodata/repomd.xml", "", ModifiedOn("2024-01-30"));
    host.PutCommand({kDnf, "-q", "-C", "check-update"}, {100, Printed("dnf-check-update.txt"), ""});
    Advisories(Printed("dnf-updateinfo-list-security.txt"));
    host.PutCommand({"/usr/bin/rpm", "-q", "--qf", "%{NAME}.%{ARCH} %{EVR}\n", "bash.noarch",
                     "curl.noarch", "kernel-core.noarch", "openssl-libs.noarch"},
                    {0,
                     "bash.noarch 5.1.8-6.el9\ncurl.noarch 7.76.1-23.el9\n"
                     "kernel-core.noarch 5.14.0-362.9.1.el9_3\n"
                     "kernel-core.noarch 5.14.0-362.8.1.el9_3\n"
                     "openssl-libs.noarch 3.0.7-16.el9_2\n",
                     ""});
  }
  void Advisories(const std::string& printed) {
    host.PutCommand({kDnf, "-q", "-C", "updateinfo", "list", "--security"}, {0, printed, ""});
  }
  FakeHost host;
};

Row Dnf(const char* package, const char* installed, const char* candidate, bool security,
        const Value& severity, const Value& advisory) {
  return {Cell("dnf"),    Cell(package),  Cell("noarch"), Cell(installed), Cell(candidate),
          Cell("baseos"), Cell(security), kNone,          kUnknown,        kNone,
          Cell(true),     severity,       advisory};
}

TEST(PendingUpdatesLinux, DnfNamesUpdatesByExitCode100AndAdvisoriesMakeThemSecurityUpdates) {
  const Rhel m;
  EXPECT_EQ(PendingUpdatesLinux(m.host, {}).value(),
            (Rows{Dnf("bash", "5.1.8-6.el9", "5.1.8-9.el9", false, kNone, kNone),
                  Dnf("curl", "7.76.1-23.el9", "7.76.1-26.el9_3.2", true, Cell("Moderate"),
                      Cell("RHSA-2024:1129")),
                  Dnf("kernel-core", "5.14.0-362.9.1.el9_3", "5.14.0-362.18.1.el9_3", true,
                      Cell("Critical"), Cell("RHSA-2024:0439")),
                  Dnf("openssl-libs", "3.0.7-16.el9_2", "3.0.7-25.el9_3", true, Cell("Important"),
                      Cell("RHSA-2024:0310"))}));
  const auto state = PatchState(m.host);
  EXPECT_EQ(state.at("package_manager"), Cell("dnf"));
  EXPECT_EQ(state.at("security_updates_pending"), Cell(3));
  EXPECT_EQ(state.at("updates_pending"), Cell(4));
  EXPECT_EQ(state.at("lists_age_days"), Cell(2));
}

TEST(PendingUpdatesLinux, AFixThatALaterBuildSupersedesIsASecurityUpdateStill) {
  Rhel m;
  m.Advisories("RHSA-2024:0001 Important/Sec. bash-5.1.8-8.el9.noarch\n");
  EXPECT_EQ(
      PendingUpdatesLinux(m.host, {}).value()[0],
      Dnf("bash", "5.1.8-6.el9", "5.1.8-9.el9", true, Cell("Important"), Cell("RHSA-2024:0001")));
}

TEST(PendingUpdatesLinux, WithoutCachedMetadataDnfHasNoAnswerRatherThanNoUpdates) {
  Rhel m;
  m.host.PutCommand({kDnf, "-q", "-C", "check-update"},
                    {1, "", "Error: Cache-only enabled but no cache for 'baseos'\n"});
  EXPECT_EQ(PendingUpdatesLinux(m.host, {}).error().code, Code::kUnavailable);
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), kUnknown);
  m.host.FailCommand({kDnf, "-q", "-C", "check-update"}, Code::kTimeout);
  EXPECT_EQ(PendingUpdatesLinux(m.host, {}).error().code, Code::kTimeout);
}

TEST(PendingUpdatesLinux, OldMetadataOfDnfThatShowsNothingProvesNothing) {
  Rhel m;
  m.host.PutCommand({kDnf, "-q", "-C", "check-update"}, {0, "", ""});
  m.Advisories("");
  EXPECT_EQ(PendingUpdatesLinux(m.host, {}).value(), Rows{});
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), Cell(0));
  m.host.Put("/var/cache/dnf/baseos-1/repodata/repomd.xml", "", ModifiedOn("2024-01-20"));
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), kUnknown);
}

TEST(DnfUpdates, FoldedLinesAreOneAndObsoletedPackagesAreNone) {
  EXPECT_EQ(ParseDnfCheckUpdate("\npython3-a-package-with-a-long-name.noarch\n"
                                "                 1:2.0-3.el9   appstream\n"
                                "Obsoleting Packages\nnew.x86_64  2-1  baseos\n    old.x86_64  1-1 "
                                "  @System\n")
                .value(),
            (std::vector<DnfPackage>{
                {"python3-a-package-with-a-long-name", "noarch", "1:2.0-3.el9", "appstream"}}));
  EXPECT_EQ(ParseDnfCheckUpdate("bash.noarch 5.1\n").error().code, Code::kMalformed);
  EXPECT_EQ(ParseDnfCheckUpdate("bash 5.1 baseos\n").error().code, Code::kMalformed);
  // dnf 5 prints a table.
  EXPECT_EQ(ParseDnfUpdateinfo("Name Type Severity Package Issued\n").error().code,
            Code::kMalformed);
}

class Suse {
 public:
  Suse() {
    host.SetTime({.wall = std::chrono::seconds(ParseDay("2024-02-01").value())});
    host.Put("/proc/sys/kernel/osrelease", "5.14.21-150500-default\n");
    host.Put("/usr/bin/zypper", "");
    host.Put("/var/cache/zypp/raw/upd/repodata/repomd.xml", "", ModifiedOn("2024-01-31"));
    Answer("list-patches", 101, Printed("zypper-list-patches.xml"));
    Answer("list-updates", 0, Printed("zypper-list-updates.xml"));
  }
  void Answer(const char* verb, int code, const std::string& text) {
    host.PutCommand({kZypper, "--non-interactive", "--no-refresh", "--xmlout", verb},
                    {code, text, ""});
  }
  FakeHost host;
};

Row Zypper(const char* package, const Value& installed, const char* candidate,
           const Value& security, const Value& severity, const Value& advisory) {
  return {Cell("zypper"), Cell(package), Cell("noarch"), installed, Cell(candidate),
          Cell("upd"),    security,      kNone,          kUnknown,  kNone,
          Cell(true),     severity,      advisory};
}

TEST(PendingUpdatesLinux, ZypperHasARowPerPatchAndPerPackage) {
  const Suse m;
  const auto patch = [](const char* id, bool security, const char* severity) {
    return Zypper(id, kNone, "1", Cell(security), Cell(severity), Cell(id));
  };
  EXPECT_EQ(
      PendingUpdatesLinux(m.host, {}).value(),
      (Rows{
          patch("RHSA-2024:0310", true, "important"), patch("RHSA-2024:1129", true, "moderate"),
          patch("RHBA-2023:6662", false, "none"), patch("RHSA-2024:0439", true, "critical"),
          Zypper("bash", Cell("5.1.8-6.el9"), "5.1.8-9.el9", kNone, kNone, kNone),
          Zypper("curl", Cell("7.76.1-23.el9"), "7.76.1-26.el9_3.2", kNone, kNone, kNone),
          Zypper("kernel-core", Cell("5.14.0-362.8.1.el9_3"), "5.14.0-362.18.1.el9_3", kNone, kNone,
                 kNone),
          Zypper("openssl-libs", Cell("3.0.7-16.el9_2"), "3.0.7-25.el9_3", kNone, kNone, kNone)}));
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), Cell(3));
  EXPECT_EQ(PatchState(m.host).at("updates_pending"), Cell(4));
  EXPECT_EQ(PatchState(m.host).at("lists_age_days"), Cell(1));
}

TEST(PendingUpdatesLinux, ARepositoryThatZypperLeftOutAndACutAnswerAreNoAnswer) {
  Suse m;
  m.Answer("list-patches", 106, Printed("zypper-list-patches.xml"));
  EXPECT_EQ(PendingUpdatesLinux(m.host, {}).error().code, Code::kUnavailable);
  m.Answer("list-patches", 0, "<?xml version='1.0'?><stream><update kind=\"patch\" ");
  EXPECT_EQ(PendingUpdatesLinux(m.host, {}).error().code, Code::kMalformed);
  EXPECT_EQ(PatchState(m.host).at("security_updates_pending"), kUnknown);
}

TEST(ZypperUpdates, EntitiesAreLettersAndAnUpdateWithoutNameIsRefused) {
  const auto updates = ParseZypperXml(
      "<stream><update kind=\"package\" name=\"a&amp;b\" edition=\"2\"><source alias=\"x&lt;y\"/>"
      "</update></stream>");
  EXPECT_EQ(updates.value().at(0).package, "a&b");
  EXPECT_EQ(updates.value().at(0).origin, "x<y");
  EXPECT_EQ(ParseZypperXml("<stream><update kind=\"x\" edition=\"2\"/></stream>").error().code,
            Code::kMalformed);
  EXPECT_EQ(ParseZypperXml("<stream><update kind=\"x></stream>").error().code, Code::kMalformed);
}

TEST(PendingUpdatesLinux, OtherManagersAreNamedAndTheirUpdatesAreNotTold) {
  FakeHost host;
  EXPECT_EQ(PendingUpdatesLinux(host, {}).error().code, Code::kUnsupported);
  EXPECT_EQ(PatchState(host).at("package_manager"), kUnknown);
  host.Put("/usr/bin/pacman", "");
  EXPECT_EQ(PendingUpdatesLinux(host, {}).error().message, "pacman: its updates are not read");
  EXPECT_EQ(PatchState(host).at("package_manager"), Cell("pacman"));
  EXPECT_EQ(PatchState(host).at("security_updates_pending"), kUnknown);
  // What dnf would update is not what a running image is made of.
  host.Put("/usr/bin/dnf", "");
  host.Put("/run/ostree-booted", "");
  EXPECT_EQ(PendingUpdatesLinux(host, {}).error().message, "rpm-ostree: its updates are not read");
}

}  // namespace
}  // namespace sallyport
