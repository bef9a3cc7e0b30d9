// SPDX-License-Identifier: Apache-2.0
#include "platform/command_posix.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "platform/child_posix.h"
#include "platform/errno_posix.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

using SteadyClock = std::chrono::steady_clock;

class RunningCommand {
 public:
  static Result<RunningCommand> Start(const Command& command);
  RunningCommand(RunningCommand&&) = default;
  RunningCommand& operator=(RunningCommand&&) = delete;
  ~RunningCommand() {
    if (child_.watch.valid()) Reap();
  }

  Result<CommandOutput> Finish(const Command& command);

 private:
  RunningCommand() = default;
  static Status Drain(Fd& from, std::string& into, const Command& command);
  Status DrainBoth(const Command& command);
  int Reap();  // kills what is left of the group; the wait status

  Child child_;
  Fd out_;
  Fd err_;
  CommandOutput output_;
};

Result<RunningCommand> RunningCommand::Start(const Command& command) {
  auto out = MakePipe();
  auto err = MakePipe();
  for (const auto* made : {&out, &err}) {
    if (!*made) return tl::unexpected(made->error());
  }
  auto child = StartChild(command, out->write.get(), err->write.get());
  if (!child) return tl::unexpected(child.error());
  RunningCommand running;
  running.child_ = std::move(*child);
  running.out_ = std::move(out->read);
  running.err_ = std::move(err->read);
  return running;
}

int RunningCommand::Reap() {
  const int status = ReapChild(child_);
  child_.watch.Close();
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
    const auto ended = AwaitChild(child_, out_.get(), err_.get(),
                                  static_cast<int>(std::min<int64_t>(left, 60'000)));
    if (!ended) return Wrap(ended.error(), command.argv[0]);
    const int status = *ended ? Reap() : 0;
    if (const Status ok = DrainBoth(command); !ok) return tl::unexpected(ok.error());
    if (!*ended) continue;
    output_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return std::move(output_);
  }
}

}  // namespace

int ReapChild(const Child& child) {
  kill(-child.pid, SIGKILL);  // before waiting: while the leader is a zombie, the group is ours
  kill(child.pid, SIGKILL);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

Result<CommandOutput> RunCommand(const Command& command) {
  auto running = RunningCommand::Start(command);
  if (!running) return tl::unexpected(running.error());
  return running->Finish(command);
}

}  // namespace sallyport
