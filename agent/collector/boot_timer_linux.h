// SPDX-License-Identifier: Apache-2.0
// BootTimer: fires in the Qt loop at a moment of CLOCK_BOOTTIME, also when the machine slept
// through it. timerfd_create(2). QTimer counts no sleep.
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <memory>
#include <optional>

#include "base/now.h"
#include "base/result.h"
#include "platform/fd_posix.h"

namespace sallyport {

class BootTimer {
 public:
  // Fires once per SetDue.
  static Result<std::unique_ptr<BootTimer>> Make(std::function<void()> on_due);

  // Nothing: it does not fire. A moment that is past: at once.
  void SetDue(std::optional<Millis> boot);

 private:
  BootTimer(Fd timer, std::function<void()> on_due);

  Fd timer_;
  QSocketNotifier notifier_;
  std::optional<Millis> due_;
};

}  // namespace sallyport
