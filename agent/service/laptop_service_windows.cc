// SPDX-License-Identifier: Apache-2.0
#include "agent/service/laptop_service_windows.h"

#include <psapi.h>
#include <spdlog/spdlog.h>

#include <array>
#include <filesystem>
#include <utility>

#include "agent/places.h"
#include "agent/service/data_folder_windows.h"
#include "agent/service/this_program_windows.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

constexpr Millis kGoodbye{10'000};

uint64_t PrivateBytes() {
  PROCESS_MEMORY_COUNTERS_EX counters{};
  counters.cb = sizeof counters;
  if (!K32GetProcessMemoryInfo(GetCurrentProcess(),
                               reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&counters),
                               sizeof counters)) {
    return 0;
  }
  return std::max(counters.PrivateUsage, counters.PagefileUsage);  // the same; Wine fills one in
}

// From the watchdog's thread: the main one may hang, so nothing is wound up. The job closes with
// this process, and the agent ends with it.
void EndThisProcess(const std::string& why, int exit_code) {
  spdlog::error("{}", why);
  spdlog::default_logger()->flush();
  TerminateProcess(GetCurrentProcess(), static_cast<UINT>(exit_code));
}

void LogAgentLine(const LogLine& line) {
  switch (line.level) {
    case LogLine::Level::kInfo:
      return spdlog::info("agent: {}", line.text);
    case LogLine::Level::kWarning:
      return spdlog::warn("agent: {}", line.text);
    case LogLine::Level::kError:
      return spdlog::error("agent: {}", line.text);
  }
}

}  // namespace

Result<std::unique_ptr<LaptopService>> LaptopService::Start(const ServiceOptions& options,
                                                            const std::function<void()>& busy) {
  auto token = MakeAgentToken();
  if (!token) return Wrap(token.error(), "the agent's rights");
  std::unique_ptr<LaptopService> service(new LaptopService(options, *std::move(token)));
  busy();
  Status ok = service->PrepareFolders();
  busy();
  if (ok) ok = service->StartCollector();
  busy();
  if (!ok) return tl::unexpected(ok.error());
  service->StartWatchdog();
  service->StartAgent();
  return service;
}

LaptopService::LaptopService(ServiceOptions options, AgentToken token)
    : options_(std::move(options)), token_(std::move(token)) {
  retry_.setSingleShot(true);
  QObject::connect(&retry_, &QTimer::timeout, [this] { StartAgent(); });
}

// The outer one first: what lies in a folder that others may write is not looked at.
Status LaptopService::PrepareFolders() {
  const UserId own = OwnUser();
  for (const auto& [path, agent] :
       {std::pair(options_.state, std::optional<UserId>()),
        std::pair(Folder("collector"), std::optional<UserId>()),
        std::pair(Folder("agent"), std::optional<UserId>(token_.user))}) {
    const auto aside = PrepareFolder(path, own, agent);
    if (!aside) return tl::unexpected(aside.error());
    if (!aside->empty()) {
      spdlog::warn("{} belonged to others or was open to them: set aside as {}", path, *aside);
    }
  }
  return {};
}

Status LaptopService::StartCollector() {
  CollectorOptions options;
  options.socket = CollectorSocket(options_.run);
  options.state = Folder("collector");
  options.progress = ProgressPath(options.socket, options.state);
  options.service_key =
      options_.service_key.empty() ? Folder("agent") + "\\service.spki" : options_.service_key;
  options.limit = options_.limit;
  options.agent_user = token_.user;
  auto made = CollectorProcess::Make(options);
  if (!made) return tl::unexpected(made.error());
  collector_ = *std::move(made);
  return {};
}

void LaptopService::StartWatchdog() {
  Watchdog::Limits limits;
  limits.progress = ProgressPath(CollectorSocket(options_.run), Folder("collector"));
  limits.table_deadline = std::chrono::seconds(options_.table_deadline_s);
  limits.max_bytes = options_.max_memory_mib << 20;
  limits.bytes = PrivateBytes;
  watchdog_ = std::make_unique<Watchdog>(std::move(limits), EndThisProcess);
}

void LaptopService::StartAgent() {
  std::string program = options_.agent;
  if (program.empty()) {
    program = ThisFolder().value_or("") + "\\sallyport-agent.exe";
  }
  std::vector<std::string> argv = {program, "--state", Folder("agent"), "--run", options_.run};
  argv.insert(argv.end(), options_.agent_args.begin(), options_.agent_args.end());
  auto started = AgentProcess::Start(argv, Folder("agent"), token_, LogAgentLine);
  const auto now = std::chrono::steady_clock::now();
  if (!started) {
    spdlog::error("the agent does not start: {}", started.error().message);
    wait_.NotStarted(now);
    return Retry();
  }
  agent_ = *std::move(started);
  wait_.Started(now);
  ended_ = std::make_unique<QWinEventNotifier>(agent_->handle());
  QObject::connect(ended_.get(), &QWinEventNotifier::activated, [this](HANDLE) { AgentEnded(); });
  spdlog::info("the agent runs as process {}", agent_->pid());
}

void LaptopService::AgentEnded() {
  ended_->setEnabled(false);
  ended_.release()->deleteLater();  // it is in the middle of its own signal
  const DWORD code = agent_->ExitCode();
  const DWORD pid = agent_->pid();
  agent_.reset();
  spdlog::warn("the agent (process {}) ended: exit code {}", pid, code);
  wait_.Ended(std::chrono::steady_clock::now());
  Retry();
}

void LaptopService::Retry() {
  const auto left = std::chrono::ceil<Millis>(wait_.due() - std::chrono::steady_clock::now());
  retry_.start(std::max(left, Millis(0)));
}

void LaptopService::Stop(const std::function<void()>& busy) {
  retry_.stop();
  ended_.reset();
  if (agent_ && !agent_->Stop(kGoodbye, busy)) {
    spdlog::warn("the agent does not end and is killed");
  }
  agent_.reset();
  watchdog_.reset();
  collector_.reset();
}

}  // namespace sallyport
