// SPDX-License-Identifier: Apache-2.0
#include "service/agenda.h"

#include <gtest/gtest.h>

#include <future>

namespace sallyport {
namespace {

TEST(Agenda, WakesForADeadlineThatWasSetWhileItHadNone) {
  std::promise<std::string> woken;
  Agenda agenda(SystemNow, [&woken](const std::string& name) { woken.set_value(name); });
  agenda.Set("d-1", SystemNow().boot + Millis{20});
  std::future<std::string> name = woken.get_future();
  ASSERT_EQ(name.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(name.get(), "d-1");
}

TEST(Agenda, WakesInTheOrderOfTheDeadlinesAndOnlyForTheNewestOfAName) {
  std::vector<std::string> order;
  std::promise<void> last;
  Agenda agenda(SystemNow, [&](const std::string& name) {
    order.push_back(name);
    if (name == "last") last.set_value();
  });
  const Millis now = SystemNow().boot;
  agenda.Set("last", now + Millis{120});
  agenda.Set("moved", now + Millis{10});
  agenda.Set("moved", now + Millis{80});
  agenda.Set("first", now + Millis{40});
  agenda.Set("dropped", now + Millis{30});
  agenda.Drop("dropped");
  ASSERT_EQ(last.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  agenda.Stop();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "moved", "last"}));
}

}  // namespace
}  // namespace sallyport
