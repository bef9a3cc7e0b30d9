// SPDX-License-Identifier: Apache-2.0
// Posted: a function that runs soon, from the Qt loop.
#pragma once

#include <QMetaObject>
#include <QObject>
#include <atomic>
#include <functional>

namespace sallyport {

// Runs once, however often it was asked for before it ran, in the loop of the thread that made
// this; never from inside Ask(). Ask() may be called from any thread.
class Posted {
 public:
  explicit Posted(std::function<void()> run) : run_(std::move(run)) {}

  void Ask() {
    if (asked_.exchange(true)) return;
    QMetaObject::invokeMethod(
        &context_,
        [this] {
          asked_ = false;
          run_();
        },
        Qt::QueuedConnection);
  }

 private:
  std::function<void()> run_;
  std::atomic<bool> asked_ = false;
  QObject context_;  // what was asked for dies with it
};

}  // namespace sallyport
