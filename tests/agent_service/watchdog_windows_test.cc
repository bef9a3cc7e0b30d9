// SPDX-License-Identifier: Apache-2.0
#include "agent/service/watchdog_windows.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>

#include "agent/collector/progress_file.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Fault = std::pair<std::string, int>;

int64_t MonotonicMs() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class WatchdogTest : public testing::Test {
 protected:
  WatchdogTest() { limits_.progress = temp_ / "collector.progress"; }

  void Begin(const std::string& table, int64_t since) {
    ASSERT_TRUE(file_.Write(table + "\nboot\n" + std::to_string(since) + "\n"));
  }
  Fault Await() {
    Watchdog watchdog(limits_, [this](const std::string& why, int code) {
      fault_.set_value({why, code});
    });
    auto fault = fault_.get_future();
    if (fault.wait_for(patience_) != std::future_status::ready) return {"nothing", 0};
    return fault.get();
  }

  TempFolder temp_;
  Watchdog::Limits limits_;
  std::promise<Fault> fault_;
  seconds patience_{20};
  ProgressFile file_ = ProgressFile::MakeAnew(temp_ / "collector.progress").value();
};

TEST_F(WatchdogTest, ATableThatTakesTooLongIsNamed) {
  limits_.table_deadline = milliseconds(300);
  Begin("disk_volumes", MonotonicMs());
  EXPECT_EQ(Await(), Fault("the collector is ended: disk_volumes takes too long", Watchdog::kHung));
}

TEST_F(WatchdogTest, ATableWithinItsDeadlineAndNoTableAtAllAreFine) {
  limits_.table_deadline = seconds(3);
  patience_ = seconds(2);
  Begin("disk_volumes", MonotonicMs());
  EXPECT_EQ(Await(), Fault("nothing", 0));
  fault_ = {};
  limits_.table_deadline = milliseconds(100);
  Begin("", 0);
  EXPECT_EQ(Await(), Fault("nothing", 0));
}

TEST_F(WatchdogTest, AProcessThatIsTooLargeIsSaidWithItsSize) {
  limits_.table_deadline = milliseconds(300);
  limits_.max_bytes = 4096;
  const Fault fault = Await();
  EXPECT_EQ(fault.second, Watchdog::kGrown);
  EXPECT_TRUE(fault.first.starts_with("the collector is ended: it has grown to ")) << fault.first;
}

TEST_F(WatchdogTest, EndsAtOnceWhenNothingIsWrong) {
  const auto before = std::chrono::steady_clock::now();
  {
    const Watchdog watchdog(limits_, [](const std::string&, int) {});
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(5));
}

}  // namespace
}  // namespace sallyport
