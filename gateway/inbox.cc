// SPDX-License-Identifier: Apache-2.0
#include "gateway/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace sallyport::gateway {

Inbox::Inbox() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Inbox::~Inbox() { close(fd_); }

void Inbox::Post(Note note) {
  {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const int written = eventfd_write(fd_, 1);
}

std::vector<Note> Inbox::Take() {
  eventfd_t count = 0;
  [[maybe_unused]] const int read = eventfd_read(fd_, &count);
  const std::lock_guard lock(mutex_);
  return std::exchange(notes_, {});
}

}  // namespace sallyport::gateway
