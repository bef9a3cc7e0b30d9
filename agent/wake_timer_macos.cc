// SPDX-License-Identifier: Apache-2.0
// A timer of kqueue(2) by mach_continuous_time(), which counts sleep (sys/event.h: NOTE_MACHTIME
// and NOTE_ABSOLUTE with NOTE_MACH_CONTINUOUS_TIME). CLOCK_MONOTONIC_RAW, which MacosHost::Time
// tells, is the same clock in nanoseconds, clock_gettime(3).
#include <fcntl.h>
#include <mach/mach_time.h>
#include <sys/event.h>
#include <time.h>

#include <QSocketNotifier>
#include <algorithm>
#include <cstdint>
#include <utility>

#include "agent/wake_timer.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

constexpr uintptr_t kTimer = 1;  // our only one in this queue

Millis BootTime() {
  return Millis(static_cast<int64_t>(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / 1'000'000));
}

// Rounded up: to wake early would be for nothing.
int64_t ContinuousUnits(Millis at) {
  mach_timebase_info_data_t base{};  // nanoseconds are units times numer by denom
  mach_timebase_info(&base);
  const auto ns = static_cast<uint64_t>(std::max<int64_t>(at.count(), 0)) * 1'000'000;
  const uint64_t whole = ns / base.numer * base.denom;
  const uint64_t rest = ns % base.numer * base.denom / base.numer;
  return static_cast<int64_t>(whole + rest + 1);
}

}  // namespace

struct WakeTimer::Impl {
  explicit Impl(std::function<void()> on_time)
      : call(std::move(on_time)), queue(kqueue()), notifier(queue.get(), QSocketNotifier::Read) {
    fcntl(queue.get(), F_SETFD, FD_CLOEXEC);
    QObject::connect(&notifier, &QSocketNotifier::activated, [this] { Look(); });
  }

  void Tell(uint16_t action, int64_t units) const {
    struct kevent change {};
    EV_SET(&change, kTimer, EVFILT_TIMER, action,
           NOTE_MACHTIME | NOTE_ABSOLUTE | NOTE_MACH_CONTINUOUS_TIME, units, nullptr);
    kevent(queue.get(), &change, 1, nullptr, 0, nullptr);
  }
  void Arm() const { Tell(EV_ADD | EV_ONESHOT, ContinuousUnits(*at)); }

  void Look() {
    constexpr timespec kAtOnce{0, 0};
    struct kevent told {};
    if (kevent(queue.get(), nullptr, 0, &told, 1, &kAtOnce) <= 0 || !at) return;
    if (BootTime() < *at) return Arm();
    at.reset();
    const auto tell = call;  // which may destroy this
    tell();
  }

  std::function<void()> call;
  std::optional<Millis> at;
  Fd queue;
  QSocketNotifier notifier;
};

WakeTimer::WakeTimer(std::function<void()> on_time)
    : impl_(std::make_unique<Impl>(std::move(on_time))) {}

WakeTimer::~WakeTimer() { impl_->notifier.setEnabled(false); }

void WakeTimer::Set(std::optional<Millis> at) {
  if (at == impl_->at) return;
  impl_->at = at;
  if (at) {
    impl_->Arm();
  } else {
    impl_->Tell(EV_DELETE, 0);  // ENOENT: it has fired already
  }
}

}  // namespace sallyport
