// SPDX-License-Identifier: Apache-2.0
// The Qt event loop for tests: runs it while a blocking client works in a thread, or until
// something is true.
#pragma once

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QEventLoop>
#include <QSocketNotifier>
#include <QTimer>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace sallyport {

inline QCoreApplication& TestApplication() {
  static int argc = 1;
  static char name[] = "test";
  static char* argv[] = {name, nullptr};
  static QCoreApplication application(argc, argv);
  return application;
}

// What `work` returns; the event loop of this thread runs meanwhile.
template <typename Work>
auto WhileLoopRuns(Work work) {
  TestApplication();
  QEventLoop loop;
  std::packaged_task<decltype(work())()> task(std::move(work));
  auto result = task.get_future();
  std::thread worker([&] {
    task();
    QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
  });
  loop.exec();
  worker.join();
  return result.get();
}

// Handles events until `done`; false when that takes longer than `patience`.
inline bool RunUntil(const std::function<bool()>& done,
                     std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  TestApplication();
  QTimer end;  // wakes the loop, and goes with this call
  end.setSingleShot(true);
  end.start(patience);
  QTimer look;  // Windows' dispatcher handles what has been posted, and then waits all the same
  look.start(std::chrono::milliseconds(10));
  while (!done() && end.isActive()) {
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  return done();
}

}  // namespace sallyport
