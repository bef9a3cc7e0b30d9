// SPDX-License-Identifier: Apache-2.0
// A QTimer counts no sleep, so it runs for ten seconds at most before the clock is looked at again:
// GetTickCount64, which counts sleep and is what WindowsHost::Time tells. And it is looked at when
// the machine resumes.
#include <windows.h>

#include <QTimer>
#include <algorithm>
#include <mutex>
#include <set>

#include "agent/wake_timer.h"
#include "platform/posted.h"

namespace sallyport {
namespace {

constexpr Millis kLongestSleep{10'000};

Millis BootTime() { return Millis(static_cast<int64_t>(GetTickCount64())); }

// powerbase.h and powrprof.h of Windows 8; mingw-w64 10 has them not.
constexpr DWORD kNotifyByCallback = 2;  // DEVICE_NOTIFY_CALLBACK
using OnPower = ULONG CALLBACK(void* context, ULONG type, void* setting);
struct PowerSubscription {  // DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS
  OnPower* callback;
  void* context;
};
using RegisterForPower = DWORD WINAPI(DWORD flags, PowerSubscription* recipient, void** handle);

// Everybody who is told that the machine resumed. Asked of the system once and for the life of the
// process: nothing says that a callback is over when its registration has been taken back.
class Resumes {
 public:
  Resumes() {
    const HMODULE library = LoadLibraryExW(L"powrprof.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (library == nullptr) return;
    const auto ask = reinterpret_cast<RegisterForPower*>(
        reinterpret_cast<void*>(GetProcAddress(library, "PowerRegisterSuspendResumeNotification")));
    subscription_ = {[](void* self, ULONG, void*) -> ULONG {
                       static_cast<Resumes*>(self)->TellAll();
                       return ERROR_SUCCESS;
                     },
                     this};
    if (ask != nullptr) ask(kNotifyByCallback, &subscription_, &registration_);
  }

  void Add(Posted* listener) {
    const std::lock_guard lock(mutex_);
    listeners_.insert(listener);
  }
  void Remove(Posted* listener) {
    const std::lock_guard lock(mutex_);
    listeners_.erase(listener);
  }

 private:
  void TellAll() {
    const std::lock_guard lock(mutex_);
    for (Posted* listener : listeners_) listener->Ask();
  }

  std::mutex mutex_;
  std::set<Posted*> listeners_;
  PowerSubscription subscription_{};
  void* registration_ = nullptr;
};

Resumes& TheResumes() {
  static auto* const resumes = new Resumes;  // never ends: the system may call at any time
  return *resumes;
}

}  // namespace

struct WakeTimer::Impl {
  explicit Impl(std::function<void()> on_time)
      : call(std::move(on_time)), resumed([this] { Look(); }) {
    timer.setSingleShot(true);
    timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer, &QTimer::timeout, [this] { Look(); });
    TheResumes().Add(&resumed);
  }
  ~Impl() { TheResumes().Remove(&resumed); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Arm() { timer.start(std::clamp(*at - BootTime(), Millis(0), kLongestSleep)); }

  void Look() {
    if (!at) return;
    if (BootTime() < *at) return Arm();
    timer.stop();
    at.reset();
    const auto tell = call;  // which may destroy this
    tell();
  }

  std::function<void()> call;
  std::optional<Millis> at;
  QTimer timer;
  Posted resumed;
};

WakeTimer::WakeTimer(std::function<void()> on_time)
    : impl_(std::make_unique<Impl>(std::move(on_time))) {}

WakeTimer::~WakeTimer() = default;

void WakeTimer::Set(std::optional<Millis> at) {
  if (at == impl_->at) return;
  impl_->at = at;
  if (at) {
    impl_->Arm();
  } else {
    impl_->timer.stop();
  }
}

}  // namespace sallyport
