// SPDX-License-Identifier: Apache-2.0
#include "base/package_version.h"

#include <gtest/gtest.h>

#include <iterator>

namespace sallyport {
namespace {

using Compare = int (*)(std::string_view, std::string_view);

int Sign(int value) { return (value > 0) - (value < 0); }

// Each is older than all that follow.
template <size_t n>
void ExpectAscending(Compare compare, const char* const (&versions)[n]) {
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const int expected = i < j ? -1 : i > j ? 1 : 0;
      EXPECT_EQ(Sign(compare(versions[i], versions[j])), expected)
          << versions[i] << " and " << versions[j];
    }
  }
}

// Of the tests of rpm's own (tests/rpmvercmp.at) and rpm-version(7).
TEST(RpmVersions, TildeIsBeforeTheEndAndCaretAfterIt) {
  ExpectAscending(CompareRpmVersions,
                  {"1.0~rc1", "1.0~rc1^git1", "1.0", "1.0^", "1.0^git1~pre", "1.0^git1", "1.0^git2",
                   "1.0.1", "1.0.10", "1.1", "2.0a", "2.0.1", "10.0"});
}

TEST(RpmVersions, SeparatorsLeadingZerosAndNumbersOfAnyLength) {
  EXPECT_EQ(CompareRpmVersions("2_0", "2.0"), 0);
  EXPECT_EQ(CompareRpmVersions("1.0010", "1.10"), 0);
  EXPECT_GT(CompareRpmVersions("20101122", "20101121"), 0);
  EXPECT_GT(CompareRpmVersions("1.99999999999999999999999", "1.9"), 0);
  EXPECT_LT(CompareRpmVersions("a", "1"), 0);
  EXPECT_EQ(CompareRpmVersions("", ""), 0);
}

TEST(RpmVersions, AnEpochComesFirstAndAReleaseCountsWhenBothHaveOne) {
  ExpectAscending(CompareRpmVersions, {"9.9-1", "1:1.0-1", "1:1.0-2", "2:0.1-1"});
  EXPECT_EQ(CompareRpmVersions("0:1.0-1", "1.0-1"), 0);
  EXPECT_EQ(CompareRpmVersions("1.0", "1.0-7"), 0);
}

// The order that vercmp(8) of pacman gives, and what osquery's documentation shows.
TEST(ArchVersions, LettersAfterTheEndAreOlderThanTheEnd) {
  ExpectAscending(CompareArchVersions,
                  {"1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"});
  EXPECT_LT(CompareArchVersions("2-2pre", "2-2rc"), 0);
}

TEST(ArchVersions, AnEpochComesFirstAndAReleaseCountsWhenBothHaveOne) {
  EXPECT_EQ(CompareArchVersions("4:1.1.0", "4:1.1.0-3"), 0);
  EXPECT_GT(CompareArchVersions("1:1.2.13-2", "4.2.1"), 0);
  EXPECT_GT(CompareArchVersions("42.2-1", "42.1-2"), 0);
  EXPECT_LT(CompareArchVersions("1.0-1", "1.0-2"), 0);
}

TEST(DpkgVersions, ARevisionThatIsMissingIsZero) {
  ExpectAscending(CompareDpkgVersions,
                  {"1.0~rc1-1", "1.0-1~bpo12+1", "1.0-1", "1.0-1+deb12u1", "1.0.1-1", "1:0.5-1"});
  EXPECT_EQ(CompareDpkgVersions("1.0", "1.0-0"), 0);
}

}  // namespace
}  // namespace sallyport
