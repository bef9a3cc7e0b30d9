// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/event.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "platform/child_posix.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

// What posix_spawn(2) is told, freed with it.
class Plan {
 public:
  Plan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  // 0 or an errno. POSIX_SPAWN_CLOEXEC_DEFAULT: only what the file actions name is inherited.
  int Fill(int out, int err) {
    sigset_t none;
    sigemptyset(&none);
    sigset_t ignored;  // by us: agent/stop_request.h
    sigemptyset(&ignored);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT}) sigaddset(&ignored, signal);
    constexpr short kFlags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_CLOEXEC_DEFAULT;
    for (const int error : {
             posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0),
             posix_spawn_file_actions_adddup2(&actions_, out, 1),
             posix_spawn_file_actions_adddup2(&actions_, err, 2),
             posix_spawn_file_actions_addchdir_np(&actions_, "/"),
             posix_spawnattr_setpgroup(&attributes_, 0),
             posix_spawnattr_setsigmask(&attributes_, &none),
             posix_spawnattr_setsigdefault(&attributes_, &ignored),
             posix_spawnattr_setflags(&attributes_, kFlags),
         }) {
      if (error != 0) return error;
    }
    return 0;
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

void SetFlags(int fd, int status_flags) {
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, status_flags);
}

}  // namespace

// There is no pipe2(2). A child that another thread starts in between gets neither end: every child
// of ours is started with POSIX_SPAWN_CLOEXEC_DEFAULT.
Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe(ends) != 0) return FailErrno(errno, "pipe");
  SetFlags(ends[0], O_NONBLOCK);
  SetFlags(ends[1], 0);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<Child> StartChild(const Command& command, int out, int err) {
  Plan plan;
  if (const int error = plan.Fill(out, err)) return FailErrno(error, "posix_spawn");
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  const std::array<char*, 3> environment = {locale, path, nullptr};
  std::vector<char*> argv;
  for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  Child child;
  child.watch = Fd(kqueue());
  if (!child.watch.valid()) return FailErrno(errno, "kqueue");
  if (const int error = posix_spawn(&child.pid, argv[0], plan.actions(), plan.attributes(),
                                    argv.data(), environment.data())) {
    return FailErrno(error, command.argv[0]);
  }
  return child;
}

// Asked for anew each time: EV_ADD of what is there changes nothing, kqueue(2). A child that has
// ended already cannot be watched any more: ESRCH.
Result<bool> AwaitChild(const Child& child, int out, int err, int milliseconds) {
  struct kevent change {};
  for (const int fd : {out, err}) {
    if (fd < 0) continue;
    EV_SET(&change, static_cast<uintptr_t>(fd), EVFILT_READ, EV_ADD, 0, 0, nullptr);
    if (kevent(child.watch.get(), &change, 1, nullptr, 0, nullptr) != 0) {
      return FailErrno(errno, "kevent");
    }
  }
  EV_SET(&change, static_cast<uintptr_t>(child.pid), EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, nullptr);
  if (kevent(child.watch.get(), &change, 1, nullptr, 0, nullptr) != 0) {
    if (errno == ESRCH) return true;
    return FailErrno(errno, "kevent");
  }
  const timespec limit{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  std::array<struct kevent, 3> told{};
  const int count = kevent(child.watch.get(), nullptr, 0, told.data(), 3, &limit);
  if (count < 0 && errno != EINTR) return FailErrno(errno, "kevent");
  for (int i = 0; i < count; ++i) {
    if (told[static_cast<size_t>(i)].filter == EVFILT_PROC) return true;
  }
  return false;
}

}  // namespace sallyport
