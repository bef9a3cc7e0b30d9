// SPDX-License-Identifier: Apache-2.0
// ServiceControl: this process as a service of Windows. The service manager's calls come on threads
// of their own; the work is done in the main thread, where QCoreApplication is.
#pragma once

#include <windows.h>

#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

// STOP, SHUTDOWN and PRESHUTDOWN.
bool EndsService(DWORD control);

// One per process: the service manager calls back without an argument.
class ServiceControl {
 public:
  // `on_stop` comes once, from a foreign thread.
  explicit ServiceControl(std::function<void()> on_stop);
  ~ServiceControl();  // says STOPPED, if nobody has
  ServiceControl(const ServiceControl&) = delete;
  ServiceControl& operator=(const ServiceControl&) = delete;

  // Waits for the service manager to start the service. kUnavailable when this process was not
  // started by it.
  Status Begin();
  void Running();
  // While starting or stopping: it takes longer, and goes on.
  void Busy();
  // The last word. Not zero: the service failed with this code of its own.
  void Stopped(DWORD exit_code);

 private:
  static void WINAPI Main(DWORD count, wchar_t** arguments);
  static DWORD WINAPI OnControl(DWORD control, DWORD type, void* data, void* self);
  void Serve();
  void StopAsked();
  void Report(DWORD state, DWORD exit_code);  // with mutex_ held

  std::function<void()> on_stop_;
  Handle begun_;  // Main runs, or the dispatcher has failed
  Handle over_;   // STOPPED was said
  std::mutex mutex_;
  SERVICE_STATUS_HANDLE reported_ = nullptr;
  DWORD state_ = SERVICE_START_PENDING;
  DWORD step_ = 0;
  DWORD dispatcher_error_ = 0;
  std::thread dispatcher_;
};

}  // namespace sallyport
