// SPDX-License-Identifier: Apache-2.0
// Runs the Qt loop until something has happened, with a deadline instead of sleeps.
#pragma once

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QTimer>
#include <functional>

namespace sallyport {

inline bool RunUntil(const std::function<bool()>& happened, int deadline_ms = 10'000) {
  const QDeadlineTimer deadline(deadline_ms);
  QTimer wake;  // so that the wait for events ends at the deadline
  wake.setSingleShot(true);
  wake.start(deadline_ms);
  while (!happened()) {
    if (deadline.hasExpired()) return false;
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
  return true;
}

// What is due now, and what that makes due; then stops.
inline void RunPending() {
  for (int i = 0; i < 10; ++i) {
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCoreApplication::processEvents();
  }
}

}  // namespace sallyport
