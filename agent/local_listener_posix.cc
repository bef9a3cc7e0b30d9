// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <cerrno>
#include <charconv>
#include <utility>

#include "agent/local_listener.h"
#include "agent/socket_activation_posix.h"
#include "agent/unix_socket_posix.h"
#include "base/text.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr int kBacklog = 64;

// Nobody may listen there, and nothing but a socket may lie there.
Status ClearTheWay(const std::string& path) {
  if (ConnectLocal(path)) return Fail(Code::kConflict, path + ": another process listens here");
  struct stat left {};
  if (lstat(path.c_str(), &left) != 0) return {};
  if (!S_ISSOCK(left.st_mode)) return Fail(Code::kConflict, path + ": is not a socket");
  if (unlink(path.c_str()) != 0) return FailErrno(errno, path);
  return {};
}

// bind(2) makes the file, so nobody's rights are ever wider than they are to be.
Status BindAs(int fd, const std::string& path, const UnixAddress& address, bool everybody) {
  const mode_t before = umask(everybody ? 0111 : 0117);
  const int bound = bind(fd, address.get(), UnixAddress::size());
  const int error = errno;
  umask(before);
  if (bound != 0) return FailErrno(error, path);
  return {};
}

Status GiveTo(const std::string& path, const UserId& user) {
  const auto uid = ParseInt(user);
  if (!uid) return Fail(Code::kInvalidArgument, "no uid: " + Excerpt(user));
  if (geteuid() != 0) return {};
  if (lchown(path.c_str(), static_cast<uid_t>(*uid), static_cast<gid_t>(-1)) != 0) {
    return FailErrno(errno, path);
  }
  return {};
}

}  // namespace

struct LocalListener::Impl {
  Impl(LocalEnd socket, std::string file, OnConnection handler)
      : listener(std::move(socket)),
        path(std::move(file)),
        on_connection(std::move(handler)),
        notifier(static_cast<int>(listener.native()), QSocketNotifier::Read) {
    QObject::connect(&notifier, &QSocketNotifier::activated, [this] { Accept(); });
  }
  ~Impl() {
    notifier.setEnabled(false);
    if (!path.empty()) unlink(path.c_str());
  }

  void Accept() {
    const Result<int> fd = AcceptUnix(static_cast<int>(listener.native()));
    if (!fd) return;  // it has gone again
    LocalEnd end(*fd);
    const Result<Peer> peer = PeerOf(end);
    if (peer) on_connection(std::move(end), *peer);
  }

  LocalEnd listener;
  std::string path;  // to be removed; empty: the socket is not ours
  OnConnection on_connection;
  QSocketNotifier notifier;
};

LocalListener::LocalListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalListener::~LocalListener() = default;

Result<std::unique_ptr<LocalListener>> LocalListener::Listen(const std::string& name,
                                                             std::optional<UserId> only,
                                                             OnConnection on_connection) {
  const auto address = UnixAddress::Of(name);
  if (!address) return tl::unexpected(address.error());
  if (const Status clear = ClearTheWay(name); !clear) return tl::unexpected(clear.error());
  const Result<int> fd = MakeUnixSocket();
  if (!fd) return tl::unexpected(fd.error());
  LocalEnd end(*fd);
  Status ready = BindAs(*fd, name, *address, !only);
  if (ready && only) ready = GiveTo(name, *only);
  if (!ready) return tl::unexpected(ready.error());
  if (listen(*fd, kBacklog) != 0) return FailErrno(errno, name);
  return std::unique_ptr<LocalListener>(
      new LocalListener(std::make_unique<Impl>(std::move(end), name, std::move(on_connection))));
}

Result<std::unique_ptr<LocalListener>> LocalListener::Inherited(OnConnection on_connection) {
  const Result<std::optional<int>> fd = ActivationSocket();
  if (!fd) return tl::unexpected(fd.error());
  if (!*fd) return std::unique_ptr<LocalListener>();
  return std::unique_ptr<LocalListener>(new LocalListener(
      std::make_unique<Impl>(LocalEnd(**fd), std::string(), std::move(on_connection))));
}

}  // namespace sallyport
