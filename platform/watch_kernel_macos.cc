// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_kernel_macos.h"

#include <fcntl.h>
#include <net/route.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QMetaObject>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "platform/errno_posix.h"

namespace sallyport {
namespace {

// The notifier may be the one whose signal is being handled: it is deleted later.
void Retire(std::unique_ptr<QSocketNotifier>& notifier) {
  if (!notifier) return;
  notifier->setEnabled(false);
  notifier.release()->deleteLater();
}

// What begins every message of a routing socket, route(4).
struct MessageStart {
  uint16_t size;
  uint8_t version;
  uint8_t type;
};

// "" for what changes no address and no route: neighbours that come and go, questions of others.
std::string RouteWords(const char* message, size_t size) {
  MessageStart start{};
  if (size < sizeof start) return "";
  std::memcpy(&start, message, sizeof start);
  if (start.version != RTM_VERSION) return "changed";
  switch (start.type) {
    case RTM_NEWADDR:
      return "address added";
    case RTM_DELADDR:
      return "address removed";
    case RTM_IFINFO:
      return "interface changed";
    case RTM_ADD:
    case RTM_DELETE:
    case RTM_CHANGE:
      break;
    default:
      return "";
  }
  rt_msghdr header{};
  if (size < sizeof header) return "changed";
  std::memcpy(&header, message, sizeof header);
  if (header.rtm_flags & (RTF_LLINFO | RTF_WASCLONED)) return "";
  if (start.type == RTM_ADD) return "route added";
  return start.type == RTM_DELETE ? "route removed" : "route changed";
}

}  // namespace

ExitWatch::ExitWatch(OnExit on_exit) : on_exit_(std::move(on_exit)), kqueue_(kqueue()) {
  if (!kqueue_.valid()) return;
  fcntl(kqueue_.get(), F_SETFD, FD_CLOEXEC);
  notifier_ = std::make_unique<QSocketNotifier>(kqueue_.get(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] { Drain(); });
}

Status ExitWatch::Change(int64_t pid, uint16_t action) {
  struct kevent change {};
  EV_SET(&change, static_cast<uintptr_t>(pid), EVFILT_PROC, action, NOTE_EXIT, 0, nullptr);
  if (kevent(kqueue_.get(), &change, 1, nullptr, 0, nullptr) == 0) return {};
  return FailErrno(errno, "pid " + std::to_string(pid));
}

Status ExitWatch::Watch(const std::set<int64_t>& pids) {
  if (!kqueue_.valid()) return Fail(Code::kExhausted, "kqueue: no more descriptors");
  for (const int64_t pid : watched_) {
    // Of one that has exited there is nothing left to delete.
    if (!pids.contains(pid)) static_cast<void>(Change(pid, EV_DELETE));
  }
  const auto before = std::exchange(watched_, pids);
  std::erase_if(told_, [&](int64_t pid) { return !pids.contains(pid); });
  Status first;
  for (const int64_t pid : pids) {
    if (before.contains(pid)) continue;
    const bool possible = pid > 0 && pid <= INT_MAX;
    const Status added = possible ? Change(pid, EV_ADD | EV_ONESHOT)
                                  : Fail(Code::kNotFound, "pid " + std::to_string(pid));
    if (added) continue;
    if (added.error().code != Code::kNotFound) {
      if (first) first = added;
      watched_.erase(pid);
      continue;
    }
    QMetaObject::invokeMethod(
        &context_, [this, pid] { Exited(pid); }, Qt::QueuedConnection);
  }
  return first;
}

void ExitWatch::Drain() {
  constexpr timespec kAtOnce{0, 0};
  std::array<struct kevent, 64> told{};
  const int count = kevent(kqueue_.get(), nullptr, 0, told.data(), told.size(), &kAtOnce);
  for (int i = 0; i < count; ++i) {
    Exited(static_cast<int64_t>(told[static_cast<size_t>(i)].ident));
  }
}

void ExitWatch::Exited(int64_t pid) {
  if (!watched_.contains(pid) || !told_.insert(pid).second) return;
  on_exit_(pid, "exit " + std::to_string(pid));
}

Status NetworkWatch::Watch(bool wanted) {
  if (!wanted) {
    Retire(notifier_);
    socket_.Close();
    return {};
  }
  if (socket_.valid()) return {};
  Fd opened(socket(PF_ROUTE, SOCK_RAW, AF_UNSPEC));
  if (!opened.valid()) return FailErrno(errno, "routing socket");
  fcntl(opened.get(), F_SETFD, FD_CLOEXEC);
  fcntl(opened.get(), F_SETFL, O_NONBLOCK);
  socket_ = std::move(opened);
  notifier_ = std::make_unique<QSocketNotifier>(socket_.get(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] { Drain(); });
  return {};
}

void NetworkWatch::Drain() {
  std::string about;
  std::array<char, 1 << 14> buffer;
  for (;;) {
    const ssize_t got = read(socket_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {  // the kernel had more to say than the socket could hold
      about = "events were lost";
      continue;
    }
    if (got <= 0) break;
    const std::string words = RouteWords(buffer.data(), static_cast<size_t>(got));
    if (about.empty()) about = words;
  }
  if (!about.empty()) on_change_("routing socket: " + about);
}

}  // namespace sallyport
