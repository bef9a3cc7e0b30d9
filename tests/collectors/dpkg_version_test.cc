// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/package_version.h"
#include "collectors/dpkg_status.h"
#include "platform/host_linux.h"

namespace sallyport {
namespace {

int Sign(int value) { return (value > 0) - (value < 0); }

TEST(DpkgVersion, TheOrderOfTheManPage) {
  const char* ascending[] = {"0~~",
                             "0~~a",
                             "0~",
                             "0",
                             "0a",
                             "0.1~rc1-1",
                             "0.1-1~bpo1",
                             "0.1-1",
                             "0.1-1+b1",
                             "0.1-1+deb12u1",
                             "0.1-1.1",
                             "0.1-2",
                             "0.1-10",
                             "0.1a-1",
                             "0.1+git1-1",
                             "0.1.1-1",
                             "0.2-1",
                             "9.9",
                             "10.0",
                             "99999999999999999999.1",
                             "100000000000000000000.0",
                             "1:0.1-1",
                             "2:0"};
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      EXPECT_EQ(Sign(CompareDpkgVersions(ascending[i], ascending[j])), (i > j) - (i < j))
          << ascending[i] << " and " << ascending[j];
    }
  }
  EXPECT_EQ(CompareDpkgVersions("1.0", "0:1.0-0"), 0);
  EXPECT_EQ(CompareDpkgVersions("1.00", "1.0"), 0);
}

// The versions of this machine's packages, changed a little, judged by dpkg itself.
TEST(DpkgVersion, AgreesWithDpkgOnRealVersions) {
  const LinuxHost host({"/usr/bin/dpkg"});
  const Result<std::string> status = host.ReadFile(kDpkgStatusPath, kMaxDpkgStatusBytes);
  ASSERT_TRUE(status) << status.error().message;
  const auto installed = ParseDpkgStatus(*status).value();
  std::mt19937 random(20261123);
  const auto pick = [&](size_t size) { return random() % size; };
  const std::string edits = "0129~+.-ab";
  for (int i = 0; i < 120; ++i) {
    const std::string a(installed[pick(installed.size())].version);
    std::string b = a;
    if (i % 3 == 0) b = installed[pick(installed.size())].version;
    const size_t upstream = b.find(':') == std::string::npos ? 1 : b.find(':') + 2;
    if (i % 3 != 0 && upstream < b.size()) {
      b.insert(upstream + pick(b.size() - upstream), 1, edits[pick(edits.size())]);
    }
    const bool older = CompareDpkgVersions(a, b) < 0;
    const auto dpkg = host.Run({.argv = {"/usr/bin/dpkg", "--compare-versions", a, "lt", b}});
    ASSERT_TRUE(dpkg) << dpkg.error().message;
    EXPECT_EQ(dpkg->exit_code == 0, older) << a << " lt " << b;
    const bool newer = CompareDpkgVersions(b, a) < 0;
    EXPECT_FALSE(older && newer) << a << " and " << b;
  }
}

}  // namespace
}  // namespace sallyport
