// SPDX-License-Identifier: Apache-2.0
#include "collectors/recorded_lists.h"

#include <gtest/gtest.h>

#include "collectors/lz4_frame.h"

namespace sallyport {
namespace {

constexpr char kStatus[] =
    "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\n"
    "Package: vim\nStatus: deinstall ok config-files\nVersion: 9\n\n";
constexpr char kList[] =
    "Package: bash\nVersion: 5.3\n\n"
    "Package: zsh\nVersion: 5.9\n\n"
    "Package: vim\nVersion: 9.1\n";
constexpr char kKept[] =
    "Package: bash\nVersion: 5.3\n\n"
    "Package: vim\nVersion: 9.1\n\n";

TEST(RecordedLists, KeepThePackagesThatTheMachineKnows) {
  EXPECT_EQ(ShortenAptList("/lists/x_Packages", kList, kStatus), kKept);
  EXPECT_EQ(ShortenAptList("/lists/x_Packages", kList, ""), "");
  const std::string packed =
      ShortenAptList("/lists/x_Packages.lz4", PackLz4(kList).value(), kStatus);
  std::string text;
  ASSERT_TRUE(UnpackLz4(packed, 1 << 20, [&](std::string_view piece) { text += piece; }));
  EXPECT_EQ(text, kKept);
}

TEST(RecordedLists, AListThatCannotBeUnpackedStaysAsItIs) {
  EXPECT_EQ(ShortenAptList("/lists/x_Packages.lz4", "\x04\x22", kStatus), "\x04\x22");
  const std::string cut = PackLz4(kList).value().substr(0, 20);
  EXPECT_EQ(ShortenAptList("/lists/x_Packages.lz4", cut, kStatus), cut);
}

TEST(RecordedLists, NothingElseIsAList) {
  EXPECT_TRUE(IsAptList("/var/lib/apt/lists/x_Packages"));
  EXPECT_TRUE(IsAptList("/var/lib/apt/lists/x_Packages.lz4"));
  for (const char* other : {"/var/lib/apt/lists/x_Packages.gz", "/var/lib/apt/lists/x_InRelease",
                            "/var/lib/dpkg/status", "/etc/Packages"}) {
    EXPECT_FALSE(IsAptList(other)) << other;
  }
}

}  // namespace
}  // namespace sallyport
