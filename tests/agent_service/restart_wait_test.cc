// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor/restart_wait.h"

#include <gtest/gtest.h>

#include "agent/collector/progress.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;

TEST(RestartWait, DoublesUpToAMinuteAndForgetsAfterACalmRun) {
  RestartWait wait;
  SteadyTime now(milliseconds(5'000));
  for (const int ms : {0, 250, 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000}) {
    wait.Started(now);
    now += milliseconds(1);
    wait.Ended(now);
    EXPECT_EQ(wait.due() - now, milliseconds(ms));
    now = wait.due();
  }
  wait.Started(now);
  now += RestartWait::kCalm;
  wait.Ended(now);
  EXPECT_EQ(wait.due(), now);
}

TEST(RestartWait, OneThatDoesNotEvenStartWaitsAsWell) {
  RestartWait wait;
  const SteadyTime now(milliseconds(5'000));
  wait.NotStarted(now);
  wait.NotStarted(now);
  EXPECT_EQ(wait.due() - now, milliseconds(250));
}

TEST(Progress, IsWhatTheMarkerSaysAndNothingElse) {
  const auto progress = ParseProgress("disk_volumes/probe\nboot-1\n5000\nleft over");
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->name, "disk_volumes/probe");
  EXPECT_EQ(progress->since, SteadyTime(milliseconds(5'000)));
  for (const char* text : {"", "\n", "\nboot-1\n5000\n", "a\nboot-1\n", "a\nboot-1\nlong ago\n"}) {
    EXPECT_FALSE(ParseProgress(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace sallyport
