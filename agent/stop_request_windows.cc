// SPDX-License-Identifier: Apache-2.0
#include <windows.h>

#include <QWinEventNotifier>
#include <array>
#include <string>
#include <utility>

#include "agent/stop_event_windows.h"
#include "agent/stop_request.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

// The console's handlers get no argument. Set as long as a StopRequest is there.
HANDLE console_asks = nullptr;

// On a thread that the system makes for it, HandlerRoutine. Of CTRL_LOGOFF_EVENT only services
// hear, whoever it is that logs off. After the others the system ends this process as soon as this
// returns, and five seconds later in any case.
BOOL WINAPI OnConsoleEvent(DWORD event) {
  if (event == CTRL_LOGOFF_EVENT) return TRUE;
  SetEvent(console_asks);
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) Sleep(INFINITE);
  return TRUE;
}

// The event that we inherited; null when there is none. No child of ours is told of it.
Handle InheritedEvent() {
  std::array<wchar_t, 32> text{};
  const DWORD size =
      GetEnvironmentVariableW(kStopEventVariable, text.data(), static_cast<DWORD>(text.size()));
  if (size == 0 || size >= text.size()) return nullptr;
  SetEnvironmentVariableW(kStopEventVariable, nullptr);
  wchar_t* end = nullptr;
  const unsigned long long number = std::wcstoull(text.data(), &end, 10);
  if (number == 0 || *end != L'\0') return nullptr;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  const HANDLE handle = reinterpret_cast<HANDLE>(static_cast<uintptr_t>(number));
  DWORD flags = 0;
  if (!GetHandleInformation(handle, &flags)) return nullptr;
  SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
  if (WaitForSingleObject(handle, 0) == WAIT_FAILED) return nullptr;
  return Handle(handle);
}

}  // namespace

struct StopRequest::Impl {
  Handle console{CreateEventW(nullptr, TRUE, FALSE, nullptr)};
  Handle parent = InheritedEvent();
  std::unique_ptr<QWinEventNotifier> of_console;
  std::unique_ptr<QWinEventNotifier> of_parent;
};

StopRequest::StopRequest() : impl_(std::make_unique<Impl>()) {
  console_asks = impl_->console.get();
  SetConsoleCtrlHandler(OnConsoleEvent, TRUE);
}

StopRequest::~StopRequest() { SetConsoleCtrlHandler(OnConsoleEvent, FALSE); }

void StopRequest::OnStop(std::function<void()> stop) {
  const auto listen = [this, call = std::move(stop)](HANDLE event) {
    auto notifier = std::make_unique<QWinEventNotifier>(event);
    QObject::connect(notifier.get(), &QWinEventNotifier::activated, [this, call](HANDLE) {
      impl_->of_console->setEnabled(false);
      if (impl_->of_parent) impl_->of_parent->setEnabled(false);
      call();
    });
    return notifier;
  };
  impl_->of_console = listen(impl_->console.get());
  if (impl_->parent) impl_->of_parent = listen(impl_->parent.get());
}

}  // namespace sallyport
