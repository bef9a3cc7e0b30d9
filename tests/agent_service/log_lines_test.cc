// SPDX-License-Identifier: Apache-2.0
#include "agent/service/log_lines.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

using Level = LogLine::Level;
using Lines = std::vector<LogLine>;

LogLines::Time At(int seconds) { return LogLines::Time(std::chrono::seconds(1000 + seconds)); }

TEST(LogLines, TakesTheLevelFromTheLineAndLeavesTimeAndNameOut) {
  LogLines lines;
  EXPECT_EQ(lines.Add("[2026-11-23 19:00:00.000] [info] not enrolled\r\n"
                      "[2026-11-23 19:00:01.000] [warning] slow\n"
                      "[2026-11-23 19:00:02.000] [error] no: [info] in it\n"
                      "2026-11-23T19:00:03.000 collector error: broken\n"
                      "E1123 19:00:04 grpc.cc:1] something else\n\n",
                      At(0)),
            (Lines{{Level::kInfo, "not enrolled"},
                   {Level::kWarning, "slow"},
                   {Level::kError, "no: [info] in it"},
                   {Level::kError, "broken"},
                   {Level::kInfo, "E1123 19:00:04 grpc.cc:1] something else"}}));
}

TEST(LogLines, ALineMayComeInPieces) {
  LogLines lines;
  EXPECT_EQ(lines.Add("[x] [err", At(0)), Lines{});
  EXPECT_EQ(lines.Add("or] half", At(0)), Lines{});
  EXPECT_EQ(lines.Add("\nnext", At(0)), (Lines{{Level::kError, "half"}}));
}

TEST(LogLines, ALineWithoutEndIsCutAndUnprintableBytesAreShown) {
  LogLines lines;
  EXPECT_EQ(lines.Add(std::string(5000, 'x'), At(0)), Lines{});
  const Lines cut = lines.Add("\n\x1b[2J\n", At(0));
  ASSERT_EQ(cut.size(), 2u);
  EXPECT_LE(cut[0].text.size(), LogLines::kMaxBytes + 10);
  EXPECT_EQ(cut[1].text, "\\x1b[2J");
}

TEST(LogLines, AFloodOfErrorsIsThinnedAndCounted) {
  LogLines lines;
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "[x] [error] e\n";
  EXPECT_EQ(lines.Add(flood, At(0)).size(), 20u);
  EXPECT_EQ(lines.Add("[x] [info] i\n[x] [error] e\n", At(0)), (Lines{{Level::kInfo, "i"}}));
  EXPECT_EQ(lines.Add("[x] [warning] w\n[x] [error] e\n", At(1)),
            (Lines{{Level::kWarning, "w (81 more were left out)"}}));
  EXPECT_EQ(lines.Add(flood, At(1000)).size(), 20u);
}

}  // namespace
}  // namespace sallyport
