// SPDX-License-Identifier: Apache-2.0
#include "platform/command_linux.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "platform/errno_posix.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return FailErrno(errno, "pipe");
  Pipe made{Fd(ends[0]), Fd(ends[1])};
  fcntl(made.read.get(), F_SETFL, O_NONBLOCK);
  return made;
}

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

class RunningCommand {
 public:
  static Result<RunningCommand> Start(const Command& command);
  RunningCommand(RunningCommand&&) = default;
  RunningCommand& operator=(RunningCommand&&) = delete;
  ~RunningCommand() {
    if (pidfd_.valid()) Reap();
  }

  Result<CommandOutput> Finish(const Command& command);

 private:
  RunningCommand() = default;
  static Status Drain(Fd& from, std::string& into, const Command& command);
  Status DrainBoth(const Command& command);
  int Reap();  // kills what is left of the group; the wait status

  pid_t pid_ = -1;
  Fd pidfd_;
  Fd out_;
  Fd err_;
  CommandOutput output_;
};

Result<RunningCommand> RunningCommand::Start(const Command& command) {
  auto out = MakePipe();
  auto err = MakePipe();
  auto failure = MakePipe();
  for (const auto* made : {&out, &err, &failure}) {
    if (!*made) return tl::unexpected(made->error());
  }
  char locale[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  Launch launch{
      {},      {locale, path, nullptr}, out->write.get(), err->write.get(), failure->write.get(),
      getpid()};
  for (const std::string& word : command.argv)
    launch.argv.push_back(const_cast<char*>(word.c_str()));
  launch.argv.push_back(nullptr);

  RunningCommand running;
  running.pid_ = fork();
  if (running.pid_ < 0) return FailErrno(errno, "fork");
  if (running.pid_ == 0) RunChild(launch);
  setpgid(running.pid_, running.pid_);  // whoever of the two is first
  running.pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, running.pid_, 0)));
  running.out_ = std::move(out->read);
  running.err_ = std::move(err->read);
  failure->write.Close();
  fcntl(failure->read.get(), F_SETFL, 0);
  int error = 0;  // the pipe closes on a successful exec
  if (read(failure->read.get(), &error, sizeof error) == sizeof error) {
    running.Reap();
    return FailErrno(error, command.argv[0]);
  }
  if (!running.pidfd_.valid()) {
    running.Reap();
    return Fail(Code::kInternal, command.argv[0] + ": pidfd_open");
  }
  return running;
}

int RunningCommand::Reap() {
  kill(-pid_, SIGKILL);  // before waiting: as long as the leader is a zombie, the group is ours
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pidfd_.Close();
  return status;
}

Status RunningCommand::Drain(Fd& from, std::string& into, const Command& command) {
  std::array<char, 1 << 14> chunk;
  for (;;) {
    const ssize_t got = read(from.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return {};
    if (got <= 0) {
      from.Close();
      return {};
    }
    if (into.size() + static_cast<size_t>(got) > command.max_output) {
      return Fail(Code::kTooLarge, command.argv[0] + ": printed more than " +
                                       std::to_string(command.max_output) + " bytes");
    }
    into.append(chunk.data(), static_cast<size_t>(got));
  }
}

Status RunningCommand::DrainBoth(const Command& command) {
  if (out_.valid()) {
    if (const Status ok = Drain(out_, output_.out, command); !ok) return ok;
  }
  return err_.valid() ? Drain(err_, output_.err, command) : Status{};
}

Result<CommandOutput> RunningCommand::Finish(const Command& command) {
  const auto end = SteadyClock::now() + command.deadline;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now()).count();
    if (left <= 0) {
      return Fail(Code::kTimeout, command.argv[0] + ": not done after " +
                                      std::to_string(command.deadline.count()) + " ms");
    }
    pollfd fds[] = {{pidfd_.get(), POLLIN, 0}, {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}};
    if (poll(fds, 3, static_cast<int>(std::min<int64_t>(left, 60'000))) < 0 && errno != EINTR) {
      return FailErrno(errno, command.argv[0]);
    }
    const bool ended = (fds[0].revents & POLLIN) != 0;
    const int status = ended ? Reap() : 0;
    if (const Status ok = DrainBoth(command); !ok) return tl::unexpected(ok.error());
    if (!ended) continue;
    output_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return std::move(output_);
  }
}

}  // namespace

Result<CommandOutput> RunCommand(const Command& command) {
  auto running = RunningCommand::Start(command);
  if (!running) return tl::unexpected(running.error());
  return running->Finish(command);
}

}  // namespace sallyport
