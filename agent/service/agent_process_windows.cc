// SPDX-License-Identifier: Apache-2.0
#include "agent/service/agent_process_windows.h"

#include <windows.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "agent/service/access_windows.h"
#include "agent/stop_event_windows.h"
#include "platform/child_process_windows.h"
#include "platform/security_descriptor_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

// Sorted, as CreateProcess wants it.
Result<std::wstring> Environment(const std::string& folder, HANDLE stop) {
  std::array<wchar_t, MAX_PATH> windows{};
  const UINT size = GetSystemWindowsDirectoryW(windows.data(), MAX_PATH);
  if (size == 0 || size >= MAX_PATH) return FailWindows(GetLastError(), "the system folder");
  const std::wstring root(windows.data(), size);
  const auto temp = Wide(folder);
  if (!temp) return tl::unexpected(temp.error());
  std::wstring block;
  for (const std::wstring& entry : {L"PATH=" + root + L"\\system32;" + root,
                                    std::wstring(kStopEventVariable) + L"=" +
                                        std::to_wstring(reinterpret_cast<uintptr_t>(stop)),
                                    L"SystemRoot=" + root, L"TEMP=" + *temp, L"TMP=" + *temp}) {
    block += entry;
    block.push_back(L'\0');
  }
  block.push_back(L'\0');
  return block;
}

// It gets a window station of its own account: it may not be let into ours, and programs that load
// user32.dll need one.
Result<ChildStart> Prepare(const std::vector<std::string>& argv, const std::string& folder,
                           HANDLE stop) {
  const auto line = CommandLine(argv);
  if (!line) return tl::unexpected(line.error());
  const auto wide_line = Wide(*line);
  const auto program = Wide(argv[0]);
  const auto wide_folder = Wide(folder);
  if (!wide_line) return tl::unexpected(wide_line.error());
  if (!program) return tl::unexpected(program.error());
  if (!wide_folder) return tl::unexpected(wide_folder.error());
  const auto environment = Environment(folder, stop);
  if (!environment) return tl::unexpected(environment.error());
  return ChildStart{.program = *program,
                    .line = *wide_line,
                    .folder = *wide_folder,
                    .environment = *environment,
                    .others = {stop},
                    .own_desktop = true};
}

}  // namespace

Result<std::unique_ptr<AgentProcess>> AgentProcess::Start(const std::vector<std::string>& argv,
                                                          const std::string& folder,
                                                          const AgentToken& token, OnLine on_line) {
  std::unique_ptr<AgentProcess> agent(new AgentProcess);
  const auto null = OpenNull();
  auto pipe = MakeChildPipe();
  if (!null) return tl::unexpected(null.error());
  if (!pipe) return tl::unexpected(pipe.error());
  agent->said_ = std::move(pipe->read);
  agent->stop_.reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  // It may wait for the event and not set it.
  HANDLE raw_stop = nullptr;
  if (!agent->stop_ || !DuplicateHandle(GetCurrentProcess(), agent->stop_.get(),
                                        GetCurrentProcess(), &raw_stop, SYNCHRONIZE, TRUE, 0)) {
    return FailWindows(GetLastError(), "handles");
  }
  const Handle stop(raw_stop);
  auto job = MakeJob();
  if (!job) return tl::unexpected(job.error());
  agent->job_ = *std::move(job);
  const auto access = DescriptorOf(ProcessSddl(OwnUser()));
  if (!access) return tl::unexpected(access.error());
  auto start = Prepare(argv, folder, stop.get());
  if (!start) return Wrap(start.error(), argv[0]);
  start->in = null->get();
  start->out = start->err = pipe->write.get();
  start->token = token.token.get();
  start->access = access->get();
  auto process = StartInJob(agent->job_.get(), *std::move(start), argv[0]);
  if (!process) return tl::unexpected(process.error());
  agent->process_ = *std::move(process);
  agent->reader_ =
      std::thread([self = agent.get(), call = std::move(on_line)] { self->ReadLines(call); });
  return agent;
}

AgentProcess::~AgentProcess() {
  TerminateJobObject(job_.get(), 1);  // all who could hold the pipe open
  if (reader_.joinable()) reader_.join();
}

void AgentProcess::ReadLines(const OnLine& on_line) {
  LogLines lines;
  std::array<char, 4096> chunk;
  DWORD got = 0;
  while (ReadFile(said_.get(), chunk.data(), static_cast<DWORD>(chunk.size()), &got, nullptr)) {
    for (const LogLine& line : lines.Add({chunk.data(), got}, std::chrono::steady_clock::now())) {
      on_line(line);
    }
  }
}

DWORD AgentProcess::ExitCode() const {
  DWORD code = 0;
  GetExitCodeProcess(process_.get(), &code);
  return code;
}

bool AgentProcess::Stop(Millis patience, const std::function<void()>& waiting) {
  SetEvent(stop_.get());
  constexpr Millis kSlice{1'000};
  while (patience > Millis(0)) {
    const Millis slice = std::min(kSlice, patience);
    if (WaitForSingleObject(process_.get(), static_cast<DWORD>(slice.count())) == WAIT_OBJECT_0) {
      return true;
    }
    patience -= slice;
    waiting();
  }
  TerminateJobObject(job_.get(), 1);
  WaitForSingleObject(process_.get(), INFINITE);
  return false;
}

}  // namespace sallyport
