// SPDX-License-Identifier: Apache-2.0
#include <sys/timerfd.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <algorithm>
#include <cstdint>

#include "agent/wake_timer.h"

namespace sallyport {

struct WakeTimer::Impl {
  explicit Impl(std::function<void()> on_time)
      : fd(timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)),
        notifier(fd, QSocketNotifier::Read) {
    QObject::connect(&notifier, &QSocketNotifier::activated,
                     [this, call = std::move(on_time)](QSocketDescriptor) {
                       uint64_t expirations = 0;
                       if (read(fd, &expirations, sizeof(expirations)) <= 0) return;
                       set.reset();
                       call();
                     });
  }
  ~Impl() { close(fd); }

  int fd;
  QSocketNotifier notifier;
  std::optional<Millis> set;
};

WakeTimer::WakeTimer(std::function<void()> on_time)
    : impl_(std::make_unique<Impl>(std::move(on_time))) {}

WakeTimer::~WakeTimer() { impl_->notifier.setEnabled(false); }

void WakeTimer::Set(std::optional<Millis> at) {
  if (at == impl_->set) return;
  impl_->set = at;
  itimerspec spec{};  // zero disarms
  if (at) {
    const int64_t ms = std::max<int64_t>(at->count(), 1);
    spec.it_value.tv_sec = ms / 1000;
    spec.it_value.tv_nsec = (ms % 1000) * 1'000'000;
  }
  timerfd_settime(impl_->fd, TFD_TIMER_ABSTIME, &spec, nullptr);
}

}  // namespace sallyport
