// SPDX-License-Identifier: Apache-2.0
// Runs the Qt loop until something has happened, with a deadline instead of sleeps.
#pragma once

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>
#include <functional>

namespace sallyport {

// Asked each time before the loop would wait. processEvents(WaitForMoreEvents) would not do: on
// Windows it waits on after it has sent what was posted.
inline bool RunUntil(const std::function<bool()>& happened, int deadline_ms = 10'000) {
  QEventLoop loop;
  QTimer::singleShot(deadline_ms, &loop, &QEventLoop::quit);
  QObject::connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::aboutToBlock,
                   &loop, [&] {
                     if (happened()) loop.quit();
                   });
  if (!happened()) loop.exec();
  return happened();
}

// What is due now, and what that makes due; then stops.
inline void RunPending() {
  for (int i = 0; i < 10; ++i) {
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCoreApplication::processEvents();
  }
}

}  // namespace sallyport
