// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/event.h>

#include <QSocketNotifier>
#include <utility>

#include "agent/stop_request.h"
#include "platform/fd_posix.h"

namespace sallyport {

struct StopRequest::Impl {
  Fd caught;
  std::unique_ptr<QSocketNotifier> notifier;
};

// kqueue(2): EVFILT_SIGNAL records a signal that is ignored; of one that is blocked it says
// nothing. It is asked first, so none is lost in between. A child gets the default back
// (platform/child_macos.cc). What cannot be recorded keeps its default: it ends the process.
StopRequest::StopRequest() : impl_(std::make_unique<Impl>()) {
  impl_->caught = Fd(kqueue());
  fcntl(impl_->caught.get(), F_SETFD, FD_CLOEXEC);
  for (const int stopping : {SIGTERM, SIGINT}) {
    struct kevent change {};
    EV_SET(&change, static_cast<uintptr_t>(stopping), EVFILT_SIGNAL, EV_ADD, 0, 0, nullptr);
    if (kevent(impl_->caught.get(), &change, 1, nullptr, 0, nullptr) == 0) {
      signal(stopping, SIG_IGN);
    }
  }
  signal(SIGPIPE, SIG_IGN);
}

StopRequest::~StopRequest() = default;

void StopRequest::OnStop(std::function<void()> stop) {
  if (!impl_->caught.valid()) return;
  impl_->notifier = std::make_unique<QSocketNotifier>(impl_->caught.get(), QSocketNotifier::Read);
  QSocketNotifier* const notifier = impl_->notifier.get();
  QObject::connect(notifier, &QSocketNotifier::activated, [notifier, call = std::move(stop)] {
    notifier->setEnabled(false);
    call();
  });
}

}  // namespace sallyport
