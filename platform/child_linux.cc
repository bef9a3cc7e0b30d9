// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/child_posix.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

// Everything that exec needs, made before fork: afterwards only async-signal-safe calls.
struct Launch {
  std::vector<char*> argv;
  std::array<char*, 3> environment;
  int out = -1;
  int err = -1;
  int failure = -1;  // gets the errno of an exec that failed
  pid_t parent = 0;
};

[[noreturn]] void RunChild(const Launch& launch) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(127);  // it died before prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY);
  if (null >= 0 && dup2(null, 0) >= 0 && dup2(launch.out, 1) >= 0 && dup2(launch.err, 2) >= 0 &&
      chdir("/") == 0 &&
      syscall(SYS_close_range, 3u, ~0u, static_cast<unsigned>(CLOSE_RANGE_CLOEXEC)) == 0) {
    execve(launch.argv[0], launch.argv.data(), launch.environment.data());
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(launch.failure, &error, sizeof error);
  _exit(127);
}

}  // namespace

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return FailErrno(errno, "pipe");
  Pipe made{Fd(ends[0]), Fd(ends[1])};
  fcntl(made.read.get(), F_SETFL, O_NONBLOCK);
  return made;
}

Result<Child> StartChild(const Command& command, int out, int err) {
  auto failure = MakePipe();
  if (!failure) return tl::unexpected(failure.error());
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  Launch launch{{}, {locale, path, nullptr}, out, err, failure->write.get(), getpid()};
  for (const std::string& word : command.argv)
    launch.argv.push_back(const_cast<char*>(word.c_str()));
  launch.argv.push_back(nullptr);

  Child child;
  child.pid = fork();
  if (child.pid < 0) return FailErrno(errno, "fork");
  if (child.pid == 0) RunChild(launch);
  setpgid(child.pid, child.pid);  // whoever of the two is first
  child.watch = Fd(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
  failure->write.Close();
  fcntl(failure->read.get(), F_SETFL, 0);
  int error = 0;  // the pipe closes on a successful exec
  if (read(failure->read.get(), &error, sizeof error) == sizeof error) {
    ReapChild(child);
    return FailErrno(error, command.argv[0]);
  }
  if (!child.watch.valid()) {
    ReapChild(child);
    return Fail(Code::kInternal, command.argv[0] + ": pidfd_open");
  }
  return child;
}

Result<bool> AwaitChild(const Child& child, int out, int err, int milliseconds) {
  pollfd fds[] = {{child.watch.get(), POLLIN, 0}, {out, POLLIN, 0}, {err, POLLIN, 0}};
  if (poll(fds, 3, milliseconds) < 0 && errno != EINTR) return FailErrno(errno, "poll");
  return (fds[0].revents & POLLIN) != 0;
}

}  // namespace sallyport
