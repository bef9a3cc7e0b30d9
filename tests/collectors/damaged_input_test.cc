// SPDX-License-Identifier: Apache-2.0
// Parsers of files that the laptop's owner may write: damaged in many small ways, from fixed seeds.
// Nothing may crash, hang or leave its bounds; what is accepted must still make sense.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "collectors/dnf_updates.h"
#include "collectors/dpkg_status.h"
#include "collectors/edr/report.h"
#include "collectors/host_firewall.h"
#include "collectors/mounts.h"
#include "collectors/vpn/swanctl.h"
#include "collectors/vpn_connections.h"
#include "collectors/zfs_volume.h"
#include "collectors/zypper_updates.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

// A few bytes changed, cut out, doubled or inserted; the pieces are those that the format cares
// for.
std::string Damage(const std::string& text, std::string_view pieces, std::mt19937* random) {
  std::string out = text;
  const auto below = [&](size_t n) { return n == 0 ? 0 : (*random)() % n; };
  for (size_t n = 1 + below(6); n > 0; --n) {
    const size_t at = below(out.size() + 1);
    switch (below(5)) {
      case 0:
        out.insert(at, 1, pieces[below(pieces.size())]);
        break;
      case 1:
        out.erase(at, below(12));
        break;
      case 2:
        out.insert(at, out.substr(below(out.size()), below(40)));
        break;
      case 3:
        if (at < out.size()) out[at] = static_cast<char>((*random)());
        break;
      default:
        out.resize(at);
    }
  }
  return out;
}

TEST(DamagedInput, SwanctlFilesGiveSettingsOrAnErrorThatNamesAFileAndNoSecret) {
  const std::string start =
      "base { local { auth = psk } }\ninclude conf.d/*.conf\n"
      "connections { a : base, connections.b { version = 2\n proposals = \"x # \\\" y\"\n"
      " children { c { remote_ts = 0.0.0.0/0 } } }\n b : base { } }\n"
      "secrets { ike { secret = \"hunter2hunter2\" } }\n";
  const std::string other = "connections { z { local { auth = pubkey } } }\n";
  std::mt19937 random(1);
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 8000; ++i) {
    FakeHost host;
    host.Put("/etc/swanctl/swanctl.conf", Damage(start, "{}=:\"#\\\n ,.*[", &random));
    host.Put("/etc/swanctl/conf.d/z.conf", i % 2 ? Damage(other, "{}=:\"#\n", &random) : other);
    const Result<Rows> rows = VpnConnectionsLinux(host, {});
    if (rows) {
      ++good;
      for (const Row& row : *rows) ASSERT_EQ(row.size(), kVpnConnections.columns.size());
      continue;
    }
    ++bad;
    EXPECT_TRUE(rows.error().message.starts_with("/etc/swanctl/")) << rows.error().message;
    EXPECT_EQ(rows.error().message.find("hunter2hunter2"), std::string::npos);
  }
  EXPECT_GT(good, 500);
  EXPECT_GT(bad, 500);
}

TEST(DamagedInput, MountinfoGivesMountsThatHaveAllPartsOrNamesTheLine) {
  const std::string text =
      "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n"
      "23 22 8:1 /@\\040x /boot\\134\\040y ro - btrfs /dev/sda1 ro,subvol=/@\n"
      "24 22 0:22 / /proc rw - proc proc rw\n";
  std::mt19937 random(2);
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto mounts = ParseMountinfo(Damage(text, "- :/\\0147\n,", &random));
    if (!mounts) {
      ++bad;
      EXPECT_TRUE(mounts.error().message.starts_with("mountinfo: "));
      continue;
    }
    ++good;
    for (const Mount& mount : *mounts) {
      ASSERT_NE(mount.device.find(':'), std::string::npos);
      MountOf(*mounts, mount.mount_point);
    }
  }
  EXPECT_GT(good, 1000);
  EXPECT_GT(bad, 1000);
}

// Their users may have replaced the tools, too.
TEST(DamagedInput, WhatToolsPrintGivesWholeAnswersOrAnError) {
  const std::string dnf =
      "bash.noarch 5.1.8-9.el9 baseos\ncurl.x86_64\n   1:7.76-26 updates\n"
      "Obsoleting Packages\na.b 1-1 c\n";
  const std::string advisories = "RHSA-1 Moderate/Sec.  curl-7.76-26.noarch\nX Sec. a-1-2.b\n";
  const std::string zypper =
      "<stream><update kind=\"patch\" name=\"a&amp;b\" edition=\"1\" category=\"security\">"
      "<source alias=\"u\"/></update><update kind=\"package\" name=\"c\" edition=\"2\"/></stream>";
  const std::string nft =
      R"({"nftables":[{"chain":{"family":"inet","table":"f","name":"i","type":"filter",)"
      R"("hook":"input","policy":"drop"}},{"rule":{"family":"inet","table":"f","chain":"i",)"
      R"("expr":[{"counter":null},{"jump":{"target":"i"}}]}}]})";
  std::mt19937 random(7);
  int good = 0;
  int bad = 0;
  const auto count = [&](bool sound) { ++(sound ? good : bad); };
  for (int i = 0; i < 5000; ++i) {
    const auto packages = ParseDnfCheckUpdate(Damage(dnf, ". \n-", &random));
    for (const DnfPackage& package : packages.value_or(std::vector<DnfPackage>{})) {
      ASSERT_FALSE(package.name.empty() || package.arch.empty() || package.version.empty());
    }
    const auto fixes = ParseDnfUpdateinfo(Damage(advisories, ". \n-/", &random));
    for (const DnfAdvisory& fix : fixes.value_or(std::vector<DnfAdvisory>{})) {
      ASSERT_FALSE(fix.id.empty() || fix.package.name.empty() || fix.package.arch.empty());
    }
    const auto updates = ParseZypperXml(Damage(zypper, "<>\"=&/ ", &random));
    for (const PackageUpdate& update : updates.value_or(std::vector<PackageUpdate>{})) {
      ASSERT_FALSE(update.package.empty() || update.candidate.empty());
    }
    const auto rules = ParseNftRuleset(Damage(nft, "{}[]\":,", &random));
    ASSERT_FALSE(rules && IsUnknown(rules->inbound));
    for (const std::string& path :
         ParseZpoolList(Damage("t\t1\n\t/dev/a\n\tspare\n", "/\t\n", &random))) {
      ASSERT_TRUE(path.starts_with('/'));
    }
    ParseSettings(Damage("aid=\"1\", rfm-state=false.\nx : true [managed]\n", "=:,\". ", &random));
    for (const bool sound :
         {packages.has_value(), fixes.has_value(), updates.has_value(), rules.has_value()}) {
      count(sound);
    }
  }
  EXPECT_GT(good, 1000);
  EXPECT_GT(bad, 1000);
}

TEST(DamagedInput, DpkgStatusGivesPackagesWithNameAndVersionOrNamesTheStanza) {
  const std::string text =
      "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2-3\n"
      "Description: x\n y\n\nPackage: b\nStatus: hold ok installed\nVersion: 2\n\n"
      "Package: c\nStatus: deinstall ok config-files\nVersion: 3\n";
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::string damaged = Damage(text, ":\n a", &random);
    const auto packages = ParseDpkgStatus(damaged);
    if (!packages) {
      EXPECT_TRUE(packages.error().message.starts_with("dpkg status: "));
      continue;
    }
    for (const InstalledPackage& package : *packages) {
      EXPECT_FALSE(package.name.empty() || package.version.empty());
    }
  }
}

}  // namespace
}  // namespace sallyport
