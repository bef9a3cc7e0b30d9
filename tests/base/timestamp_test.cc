// SPDX-License-Identifier: Apache-2.0
#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Timestamp, IsRfc3339InUtcAndWholeSeconds) {
  EXPECT_EQ(Timestamp(Millis(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Timestamp(Millis(1'732'406'399'999)), "2024-11-23T23:59:59Z");
  EXPECT_EQ(Timestamp(Millis(1'709'164'800'000)), "2024-02-29T00:00:00Z");
  EXPECT_EQ(Timestamp(Millis(-1)), "1969-12-31T23:59:59Z");
}

TEST(Timestamp, AMomentThatCannotBeWrittenIsSaid) {
  EXPECT_EQ(Timestamp(Millis(253'402'300'799'999)), "9999-12-31T23:59:59Z");
  EXPECT_EQ(Timestamp(Millis(253'402'300'800'000)), "?");
  EXPECT_EQ(Timestamp(Millis::max()), "?");
  EXPECT_EQ(Timestamp(Millis::min()), "?");
}

}  // namespace
}  // namespace sallyport
