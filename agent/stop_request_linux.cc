// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/signalfd.h>

#include <QSocketNotifier>
#include <utility>

#include "agent/stop_request.h"
#include "platform/fd_posix.h"

namespace sallyport {

struct StopRequest::Impl {
  Fd caught;
  std::unique_ptr<QSocketNotifier> notifier;
};

StopRequest::StopRequest() : impl_(std::make_unique<Impl>()) {
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  sigprocmask(SIG_BLOCK, &stopping, nullptr);
  signal(SIGPIPE, SIG_IGN);
  impl_->caught = Fd(signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK));
}

StopRequest::~StopRequest() = default;

void StopRequest::OnStop(std::function<void()> stop) {
  impl_->notifier = std::make_unique<QSocketNotifier>(impl_->caught.get(), QSocketNotifier::Read);
  QSocketNotifier* const notifier = impl_->notifier.get();
  QObject::connect(notifier, &QSocketNotifier::activated, [notifier, call = std::move(stop)] {
    notifier->setEnabled(false);
    call();
  });
}

}  // namespace sallyport
