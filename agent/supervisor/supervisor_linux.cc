// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor/supervisor_linux.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <optional>

#include "agent/collector/progress.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kGoodbye{10'000};
constexpr milliseconds kLookEvery{10'000};

// proc_pid_statm(5): the second field is resident pages.
uint64_t ResidentBytes(pid_t pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// What the collector's marker says; nothing when it reads nothing, or when the file is not ours:
// the agent may make files beside it.
std::optional<Progress> WorkInProgress(const std::string& marker) {
  const Fd fd(open(marker.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode) || status.st_uid != geteuid()) return std::nullopt;
  std::array<char, 512> text;
  const ssize_t got = read(fd.get(), text.data(), text.size());
  if (got <= 0) return std::nullopt;
  return ParseProgress(std::string_view(text.data(), static_cast<size_t>(got)));
}

std::string StatusWords(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

class Supervisor {
 public:
  explicit Supervisor(const SupervisorOptions& options) : options_(options) {
    wards_.emplace_back("collector", Argv(options.collector, options.collector_args), std::nullopt);
    if (!options.agent.empty()) {
      wards_.emplace_back("agent", Argv(options.agent, options.agent_args), options.agent_user);
    }
  }

  Status Run();

 private:
  static std::vector<std::string> Argv(const std::string& program,
                                       const std::vector<std::string>& args) {
    std::vector<std::string> argv{program};
    argv.insert(argv.end(), args.begin(), args.end());
    return argv;
  }

  Status Prepare();
  Status WaitForSomething(SteadyTime now);
  milliseconds UntilNextCheck(SteadyTime now) const;
  void CollectExits();
  void WatchCollector(SteadyTime now);
  void Kill(const std::string& why);
  void End();
  bool AnyRunning() const {
    return std::ranges::any_of(wards_, [](const Ward& ward) { return ward.running(); });
  }

  const SupervisorOptions& options_;
  std::vector<Ward> wards_;  // the collector first
  Fd signals_;
  SteadyTime next_look_;
  bool ending_ = false;
};

Status Supervisor::Prepare() {
  // Commands that a killed collector had started come to us, to be collected.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&wanted, signal);
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  signals_ = Fd(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_.valid()) return FailErrno(errno, "signalfd");
  return {};
}

milliseconds Supervisor::UntilNextCheck(SteadyTime now) const {
  SteadyTime next = next_look_;
  for (const Ward& ward : wards_) {
    if (!ward.running()) next = std::min(next, ward.start_due());
  }
  return std::max(std::chrono::ceil<milliseconds>(next - now), milliseconds(0));
}

Status Supervisor::WaitForSomething(SteadyTime now) {
  pollfd heard_of{signals_.get(), POLLIN, 0};
  if (poll(&heard_of, 1, static_cast<int>(UntilNextCheck(now).count())) < 0 && errno != EINTR) {
    return FailErrno(errno, "poll");
  }
  signalfd_siginfo heard{};
  while (read(signals_.get(), &heard, sizeof heard) == sizeof heard) {
    if (heard.ssi_signo != SIGCHLD) ending_ = true;
  }
  return {};
}

void Supervisor::CollectExits() {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    for (Ward& ward : wards_) {
      if (ward.child().pid != pid) continue;
      spdlog::info("{} ended: {}", ward.name(), StatusWords(status));
      ward.Exited(status, SteadyClock::now());
    }
  }
}

void Supervisor::Kill(const std::string& why) {
  spdlog::warn("the collector is killed: {}", why);
  kill(wards_[0].child().pid, SIGKILL);
}

void Supervisor::WatchCollector(SteadyTime now) {
  if (now < next_look_) return;
  next_look_ = now + std::min(kLookEvery, options_.table_deadline / 3);
  if (!wards_[0].running()) return;
  const auto work = WorkInProgress(options_.marker);
  if (work && now - work->since > options_.table_deadline) {
    return Kill(work->name + " takes too long");
  }
  const uint64_t resident = ResidentBytes(wards_[0].child().pid);
  if (resident > options_.max_rss_bytes) {
    Kill("it has grown to " + std::to_string(resident >> 20) + " MiB");
  }
}

void Supervisor::End() {
  for (const Ward& ward : wards_) {
    if (ward.running()) kill(ward.child().pid, SIGTERM);
  }
  const auto end = SteadyClock::now() + kGoodbye;
  while (AnyRunning()) {
    const auto left = std::chrono::ceil<milliseconds>(end - SteadyClock::now());
    if (left <= milliseconds(0)) break;
    pollfd exits{signals_.get(), POLLIN, 0};
    poll(&exits, 1, static_cast<int>(left.count()));
    signalfd_siginfo heard{};
    while (read(signals_.get(), &heard, sizeof heard) == sizeof heard) {
    }
    CollectExits();
  }
  for (Ward& ward : wards_) {
    if (!ward.running()) continue;
    spdlog::warn("{} does not end and is killed", ward.name());
    kill(ward.child().pid, SIGKILL);
    waitpid(ward.child().pid, nullptr, 0);
  }
}

Status Supervisor::Run() {
  if (const Status prepared = Prepare(); !prepared) return prepared;
  while (!ending_) {
    const SteadyTime now = SteadyClock::now();
    for (Ward& ward : wards_) ward.StartIfDue(now);
    WatchCollector(now);
    if (const Status waited = WaitForSomething(now); !waited) return waited;
    CollectExits();
  }
  End();
  return {};
}

}  // namespace

void Ward::StartIfDue(SteadyTime now) {
  if (running() || now < start_due()) return;
  auto started = StartChild(argv_, user_);
  if (!started) {
    spdlog::error("{} does not start: {}", name_, started.error().message);
    return wait_.NotStarted(now);
  }
  child_ = std::move(*started);
  wait_.Started(now);
  spdlog::info("{} runs as pid {}", name_, child_.pid);
}

void Ward::Exited(int, SteadyTime now) {
  child_ = Child();
  wait_.Ended(now);
}

Status Supervise(const SupervisorOptions& options) { return Supervisor(options).Run(); }

}  // namespace sallyport
