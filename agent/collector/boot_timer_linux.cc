// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/boot_timer_linux.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/errno_posix.h"

namespace sallyport {

Result<std::unique_ptr<BootTimer>> BootTimer::Make(std::function<void()> on_due) {
  Fd timer(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return FailErrno(errno, "timerfd_create");
  return std::unique_ptr<BootTimer>(new BootTimer(std::move(timer), std::move(on_due)));
}

BootTimer::BootTimer(Fd timer, std::function<void()> on_due)
    : timer_(std::move(timer)), notifier_(timer_.get(), QSocketNotifier::Read) {
  QObject::connect(&notifier_, &QSocketNotifier::activated, [this, due = std::move(on_due)] {
    uint64_t expirations = 0;
    if (read(timer_.get(), &expirations, sizeof expirations) != sizeof expirations) return;
    due_.reset();
    due();
  });
}

void BootTimer::SetDue(std::optional<Millis> boot) {
  if (boot == due_) return;
  due_ = boot;
  itimerspec when{};  // zero disarms
  if (boot) {
    const int64_t ms = std::max<int64_t>(boot->count(), 1);
    when.it_value.tv_sec = ms / 1000;
    when.it_value.tv_nsec = ms % 1000 * 1'000'000;
  }
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace sallyport
