// SPDX-License-Identifier: Apache-2.0
// StopRequest: hears that this process is to end.
#pragma once

#include <functional>
#include <memory>

namespace sallyport {

// POSIX: SIGTERM and SIGINT, signalfd(2) or kqueue(2). Windows: Ctrl-C and the closing of the
// console, SetConsoleCtrlHandler; and the event of stop_event_windows.h, by which the service ends
// the agent.
class StopRequest {
 public:
  // Made in main() before any thread: threads inherit that the signals are blocked (Linux). SIGPIPE,
  // and on macOS each of them, is ignored from then on.
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  // From the Qt event loop of this thread, once. After QCoreApplication was made.
  void OnStop(std::function<void()> stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport
