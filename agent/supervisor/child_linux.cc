// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor/child_linux.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "platform/errno_posix.h"

namespace sallyport {
namespace {

// setuid(2) from root to another user clears all capability sets but the bounding set, which
// no_new_privs makes useless.
bool Become(const User& user) {
  return setgroups(0, nullptr) == 0 && setresgid(user.gid, user.gid, user.gid) == 0 &&
         setresuid(user.uid, user.uid, user.uid) == 0;
}

struct Launch {
  std::vector<char*> argv;
  const User* user = nullptr;
  int failure = -1;
  pid_t parent = 0;
};

[[noreturn]] void RunChild(const Launch& launch) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDONLY);
  const bool ready =
      null >= 0 && dup2(null, 0) == 0 &&
      syscall(SYS_close_range, 3u, ~0u, static_cast<unsigned>(CLOSE_RANGE_CLOEXEC)) == 0 &&
      (launch.user == nullptr || Become(*launch.user)) &&
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;  // after setuid, which clears it
  if (ready && getppid() == launch.parent) execv(launch.argv[0], launch.argv.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(launch.failure, &error, sizeof error);
  _exit(127);
}

}  // namespace

Result<Child> StartChild(const std::vector<std::string>& argv, std::optional<User> user) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return FailErrno(errno, "pipe");
  const Fd failed(ends[0]);
  Fd failure(ends[1]);
  Launch launch{{}, user ? &*user : nullptr, failure.get(), getpid()};
  for (const std::string& word : argv) launch.argv.push_back(const_cast<char*>(word.c_str()));
  launch.argv.push_back(nullptr);
  Child child;
  child.pid = fork();
  if (child.pid < 0) return FailErrno(errno, "fork");
  if (child.pid == 0) RunChild(launch);
  failure.Close();
  int error = 0;  // the pipe closes on a successful exec
  if (read(failed.get(), &error, sizeof error) == sizeof error) {
    waitpid(child.pid, nullptr, 0);
    return FailErrno(error, argv[0]);
  }
  child.pidfd = Fd(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.pidfd.valid()) return FailErrno(errno, "pidfd_open");
  return child;
}

}  // namespace sallyport
