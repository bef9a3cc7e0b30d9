// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_kernel_linux.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <QMetaObject>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "platform/errno_posix.h"

namespace sallyport {
namespace {

std::string CommandName(int64_t pid) {
  const Fd fd(open(("/proc/" + std::to_string(pid) + "/comm").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> name;
  const ssize_t got = read(fd.get(), name.data(), name.size());
  return got <= 1 ? "" : " " + std::string(name.data(), static_cast<size_t>(got) - 1);
}

// The notifier may be the one whose signal is being handled: it is deleted later.
void Retire(std::unique_ptr<QSocketNotifier>& notifier) {
  if (!notifier) return;
  notifier->setEnabled(false);
  notifier.release()->deleteLater();
}

std::string NetlinkWords(const nlmsghdr& header) {
  switch (header.nlmsg_type) {
    case RTM_NEWADDR:
      return "address added";
    case RTM_DELADDR:
      return "address removed";
    case RTM_NEWROUTE:
      return "route added";
    case RTM_DELROUTE:
      return "route removed";
    default:
      return "changed";
  }
}

}  // namespace

Result<ExitWatch::One> ExitWatch::Open(int64_t pid) {
  if (pid <= 0 || pid > INT_MAX) return Fail(Code::kNotFound, "pid " + std::to_string(pid));
  One one{Fd(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0))), nullptr};
  if (!one.pidfd.valid()) return FailErrno(errno, "pid " + std::to_string(pid));
  one.notifier = std::make_unique<QSocketNotifier>(one.pidfd.get(), QSocketNotifier::Read);
  QObject::connect(one.notifier.get(), &QSocketNotifier::activated, &context_,
                   [this, pid] { Exited(pid); });
  return one;
}

void ExitWatch::Exited(int64_t pid) {
  const auto found = watched_.find(pid);
  if (found == watched_.end()) return;
  if (found->second.notifier) found->second.notifier->setEnabled(false);
  on_exit_(pid, "exit " + std::to_string(pid) + CommandName(pid));
}

Status ExitWatch::Watch(const std::set<int64_t>& pids) {
  for (auto at = watched_.begin(); at != watched_.end();) {
    if (!pids.contains(at->first)) Retire(at->second.notifier);
    at = pids.contains(at->first) ? std::next(at) : watched_.erase(at);
  }
  Status first;
  for (const int64_t pid : pids) {
    if (watched_.contains(pid)) continue;
    auto opened = Open(pid);
    if (!opened && opened.error().code != Code::kNotFound) {
      if (first) first = tl::unexpected(opened.error());
      continue;
    }
    const bool gone = !opened;
    watched_.emplace(pid, gone ? One{} : std::move(*opened));
    if (gone) {
      QMetaObject::invokeMethod(
          &context_, [this, pid] { Exited(pid); }, Qt::QueuedConnection);
    }
  }
  return first;
}

Status NetworkWatch::Watch(bool wanted) {
  if (!wanted) {
    Retire(notifier_);
    socket_.Close();
    return {};
  }
  if (socket_.valid()) return {};
  Fd opened(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!opened.valid()) return FailErrno(errno, "netlink");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups =
      RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (bind(opened.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return FailErrno(errno, "netlink");
  }
  socket_ = std::move(opened);
  notifier_ = std::make_unique<QSocketNotifier>(socket_.get(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] { Drain(); });
  return {};
}

void NetworkWatch::Drain() {
  std::string about;
  alignas(nlmsghdr) std::array<char, 1 << 14> buffer;
  for (;;) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    const ssize_t got = recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                                 reinterpret_cast<sockaddr*>(&sender), &size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == ENOBUFS) {  // the kernel had more to say than the socket could hold
      about = "netlink: events were lost";
      continue;
    }
    if (got <= 0) break;
    if (sender.nl_pid != 0 || !about.empty()) continue;  // only the kernel is listened to
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data());
    about = "netlink: " + (got >= NLMSG_HDRLEN ? NetlinkWords(*header) : "changed");
  }
  if (!about.empty()) on_change_(about);
}

bool ProcWatch::Tells(const std::string& path) {
  return path == "/proc/mounts" || path == "/proc/self/mounts" || path == "/proc/self/mountinfo" ||
         path == "/proc/swaps";
}

Status ProcWatch::Watch(const std::set<std::string>& paths) {
  for (auto at = watched_.begin(); at != watched_.end();) {
    if (!paths.contains(at->first)) Retire(at->second.notifier);
    at = paths.contains(at->first) ? std::next(at) : watched_.erase(at);
  }
  Status first;
  for (const std::string& path : paths) {
    if (watched_.contains(path)) continue;
    One one{Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC)), nullptr};
    if (!one.file.valid()) {
      if (first) first = FailErrno(errno, path);
      continue;
    }
    one.notifier = std::make_unique<QSocketNotifier>(one.file.get(), QSocketNotifier::Exception);
    QObject::connect(one.notifier.get(), &QSocketNotifier::activated,
                     [this, path] { on_change_(path, path + ": changed"); });
    watched_.emplace(path, std::move(one));
  }
  return first;
}

}  // namespace sallyport
