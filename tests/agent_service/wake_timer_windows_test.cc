// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <windows.h>

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>
#include <functional>
#include <memory>
#include <string>

#include "agent/stop_event_windows.h"
#include "agent/stop_request.h"
#include "agent/wake_timer.h"

namespace sallyport {
namespace {

Millis Boot() { return Millis(static_cast<int64_t>(GetTickCount64())); }

// Qt's loop on Windows does not come back from each event, so `done` is asked by a timer.
bool RunUntil(const std::function<bool()>& done, Millis patience = Millis(10'000)) {
  QEventLoop loop;
  QTimer look;
  QObject::connect(&look, &QTimer::timeout, [&] {
    if (done()) loop.quit();
  });
  look.start(5);
  QTimer::singleShot(patience, &loop, &QEventLoop::quit);
  loop.exec();
  return done();
}

TEST(WakeTimer, ComesAtItsMomentAndOnce) {
  int calls = 0;
  WakeTimer timer([&calls] { ++calls; });
  const Millis at = Boot() + Millis(200);
  timer.Set(at);
  ASSERT_TRUE(RunUntil([&calls] { return calls > 0; }));
  EXPECT_GE(Boot(), at);
  EXPECT_FALSE(RunUntil([&calls] { return calls > 1; }, Millis(300)));
}

TEST(WakeTimer, AMomentBeyondTenSecondsIsNotMetWhenTheClockIsLookedAt) {
  int calls = 0;
  WakeTimer timer([&calls] { ++calls; });
  const Millis at = Boot() + Millis(10'400);
  timer.Set(at);
  ASSERT_TRUE(RunUntil([&calls] { return calls > 0; }, Millis(20'000)));
  EXPECT_GE(Boot(), at);
}

TEST(WakeTimer, AMomentThatHasPassedComesInTheNextTurnOfTheLoop) {
  int calls = 0;
  WakeTimer timer([&calls] { ++calls; });
  timer.Set(Millis(1));
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(RunUntil([&calls] { return calls == 1; }));
}

TEST(WakeTimer, IsReplacedAndTakenBack) {
  int calls = 0;
  WakeTimer timer([&calls] { ++calls; });
  timer.Set(Boot() + Millis(3'600'000));
  timer.Set(Boot() + Millis(50));
  EXPECT_TRUE(RunUntil([&calls] { return calls == 1; }));
  timer.Set(Boot() + Millis(50));
  timer.Set(std::nullopt);
  EXPECT_FALSE(RunUntil([&calls] { return calls == 2; }, Millis(300)));
}

TEST(WakeTimer, MayBeSetAgainAndDestroyedFromInsideItsCall) {
  int calls = 0;
  std::unique_ptr<WakeTimer> timer;
  timer = std::make_unique<WakeTimer>([&] {
    if (++calls == 2) return timer.reset();
    timer->Set(Boot() + Millis(20));
  });
  timer->Set(Boot() + Millis(20));
  EXPECT_TRUE(RunUntil([&calls] { return calls == 2; }));
  EXPECT_EQ(timer, nullptr);
}

TEST(StopRequest, HearsTheEventThatTheEnvironmentNamesAndTakesItOut) {
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  const HANDLE event = CreateEventW(&inheritable, TRUE, FALSE, nullptr);
  HANDLE held = nullptr;  // StopRequest takes the other
  DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &held, 0, FALSE,
                  DUPLICATE_SAME_ACCESS);
  SetEnvironmentVariableW(kStopEventVariable,
                          std::to_wstring(reinterpret_cast<uintptr_t>(event)).c_str());
  StopRequest stop;
  EXPECT_EQ(GetEnvironmentVariableW(kStopEventVariable, nullptr, 0), 0u);
  int calls = 0;
  stop.OnStop([&calls] { ++calls; });
  EXPECT_FALSE(RunUntil([&calls] { return calls > 0; }, Millis(200)));
  SetEvent(held);
  EXPECT_TRUE(RunUntil([&calls] { return calls > 0; }));
  EXPECT_FALSE(RunUntil([&calls] { return calls > 1; }, Millis(200)));
  CloseHandle(held);
}

TEST(StopRequest, ANumberThatIsNoEventIsPassedOver) {
  for (const wchar_t* text :
       {L"", L"0", L"123456788", L"12x", L"99999999999999999999999999999999"}) {
    SetEnvironmentVariableW(kStopEventVariable, text);
    StopRequest stop;
    int calls = 0;
    stop.OnStop([&calls] { ++calls; });
    EXPECT_FALSE(RunUntil([&calls] { return calls > 0; }, Millis(50)));
  }
}

}  // namespace
}  // namespace sallyport
