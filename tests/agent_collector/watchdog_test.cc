// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/watchdog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <string>

#include "agent/collector/progress_file.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;

struct Fault {
  std::string why;
  int exit_code = 0;
};

class WatchdogTest : public testing::Test {
 protected:
  ~WatchdogTest() override {
    progress_ = ProgressFile();  // closed: Windows removes no file that is open
    std::filesystem::remove(path_);
  }

  Watchdog::Limits Limits(std::function<uint64_t()> bytes) const {
    return {.progress = path_,
            .table_deadline = milliseconds(30),
            .max_bytes = 100 << 20,
            .bytes = std::move(bytes)};
  }
  Watchdog::OnFault Tell() {
    return [this](const std::string& why, int code) { told_.set_value({why, code}); };
  }
  static bool Comes(std::future<Fault>& fault) {
    return fault.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  }

  std::string path_ = testing::TempDir() + "watchdog." + std::to_string(getpid());
  ProgressFile progress_ = ProgressFile::MakeAnew(path_).value();
  std::promise<Fault> told_;
  std::future<Fault> fault_ = told_.get_future();
};

TEST_F(WatchdogTest, WorkThatOutlastsItsDeadlineIsTold) {
  ASSERT_TRUE(progress_.Write("disk_volumes\nboot-1\n5000\n"));
  int looks = 0;
  const auto count = [&looks]() -> uint64_t {
    ++looks;
    return 0;
  };
  const Watchdog watchdog(Limits(count), Tell());
  ASSERT_TRUE(Comes(fault_));
  const Fault fault = fault_.get();
  EXPECT_EQ(fault.why, "the collector is ended: disk_volumes takes too long");
  EXPECT_EQ(fault.exit_code, Watchdog::kHung);
  EXPECT_EQ(looks,
            4);  // the memory was asked for at the first, and at three, 30 ms, that found it again
}

TEST_F(WatchdogTest, AProcessThatHasGrownIsTold) {
  const Watchdog watchdog(Limits([] { return uint64_t{101} << 20; }), Tell());
  ASSERT_TRUE(Comes(fault_));
  const Fault fault = fault_.get();
  EXPECT_EQ(fault.why, "the collector is ended: it has grown to 101 MiB");
  EXPECT_EQ(fault.exit_code, Watchdog::kGrown);
}

TEST_F(WatchdogTest, WorkThatGoesOnIsNoFault) {
  std::promise<void> looked;
  int looks = 0;
  const auto go_on = [&]() -> uint64_t {
    ++looks;
    EXPECT_TRUE(progress_.Write("disk_volumes\nboot-1\n" + std::to_string(1000 + looks) + "\n"));
    if (looks == 20) looked.set_value();
    return 100 << 20;
  };
  const Watchdog watchdog(Limits(go_on), Tell());
  ASSERT_EQ(looked.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(fault_.wait_for(milliseconds(0)), std::future_status::timeout);
}

TEST_F(WatchdogTest, WhereNothingIsReadNothingHangs) {
  ASSERT_TRUE(progress_.Write("\nboot-1\n5000\n"));
  std::promise<void> looked;
  int looks = 0;
  const auto count = [&]() -> uint64_t {
    if (++looks == 20) looked.set_value();
    return 0;
  };
  const Watchdog watchdog(Limits(count), Tell());
  ASSERT_EQ(looked.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(fault_.wait_for(milliseconds(0)), std::future_status::timeout);
}

}  // namespace
}  // namespace sallyport
