// SPDX-License-Identifier: Apache-2.0
#include "platform/answer_in_time.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace sallyport {
namespace {

using std::chrono::milliseconds;

TEST(AnswerInTime, AnswersAndErrorsComeThrough) {
  const AnswerInTime asker;
  EXPECT_EQ(asker
                .Ask(
                    "q", [] { return Rows{{Cell(1)}}; }, milliseconds(10'000))
                .value(),
            (Rows{{Cell(1)}}));
  const auto fails = []() -> Result<Rows> { return Fail(Code::kDenied, "no"); };
  EXPECT_EQ(asker.Ask("q", fails, milliseconds(10'000)).error(), (Error{Code::kDenied, "no"}));
}

TEST(AnswerInTime, OneThatHangsIsATimeoutAndManyThatHangAreNotAskedFor) {
  std::promise<void> release;
  const std::shared_future<void> released(release.get_future());
  const auto hangs = [released]() -> Result<Rows> {
    released.wait();
    return Rows{};
  };
  const AnswerInTime asker(2);
  EXPECT_EQ(asker.Ask("q", hangs, milliseconds(1)).error(),
            (Error{Code::kTimeout, "q: no answer after 1 ms"}));
  EXPECT_EQ(asker
                .Ask(
                    "q", [] { return Rows{}; }, milliseconds(10'000))
                .value(),
            Rows{});
  EXPECT_EQ(asker.Ask("q", hangs, milliseconds(1)).error().code, Code::kTimeout);
  EXPECT_EQ(asker
                .Ask(
                    "q", [] { return Rows{}; }, milliseconds(10'000))
                .error(),
            (Error{Code::kTimeout, "q: 2 earlier questions hang still"}));

  release.set_value();
  while (!asker.Ask(
      "q", [] { return Rows{}; }, milliseconds(10'000)))
    std::this_thread::yield();
}

}  // namespace
}  // namespace sallyport
