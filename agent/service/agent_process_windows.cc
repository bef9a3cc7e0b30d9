// SPDX-License-Identifier: Apache-2.0
#include "agent/service/agent_process_windows.h"

#include <windows.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "agent/service/access_windows.h"
#include "agent/stop_event_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

// What a new process inherits; all of them are closed here once it runs.
struct Inherited {
  Handle null;
  Handle says;
  Handle stop;
};

class AttributeList {
 public:
  explicit AttributeList(std::vector<HANDLE> handles) : handles_(std::move(handles)) {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    ok_ = InitializeProcThreadAttributeList(get(), 1, 0, &size) &&
          UpdateProcThreadAttribute(get(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                    handles_.size() * sizeof(HANDLE), nullptr, nullptr);
  }
  ~AttributeList() {
    if (ok_) DeleteProcThreadAttributeList(get());
  }
  AttributeList(const AttributeList&) = delete;
  AttributeList& operator=(const AttributeList&) = delete;

  bool ok() const { return ok_; }
  LPPROC_THREAD_ATTRIBUTE_LIST get() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
  }

 private:
  std::vector<HANDLE> handles_;
  std::vector<unsigned char> memory_;
  bool ok_ = false;
};

// Closing it kills all that is in it; nothing in it may leave it.
Result<Handle> MakeJob() {
  Handle job(CreateJobObjectW(nullptr, nullptr));
  if (!job) return FailWindows(GetLastError(), "job");
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits,
                               sizeof limits)) {
    return FailWindows(GetLastError(), "job");
  }
  return job;
}

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

struct Launch {
  std::wstring program;
  std::wstring line;
  std::wstring folder;
  std::wstring environment;
  LocalMemory access;  // to the process
};

Result<Launch> Prepare(const std::vector<std::string>& argv, const std::string& folder,
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
  auto access = DescriptorOf(ProcessSddl(OwnUser()));
  if (!access) return tl::unexpected(access.error());
  return Launch{*program, *wide_line, *wide_folder, *environment, *std::move(access)};
}

// Suspended, so that it is in the job before it does anything. It gets a window station of its own
// account (lpDesktop ""): it may not be let into ours, and programs that load user32.dll need one.
Result<Handle> StartIn(HANDLE job, Launch launch, HANDLE token, const Inherited& inherited) {
  AttributeList attributes({inherited.null.get(), inherited.says.get(), inherited.stop.get()});
  if (!attributes.ok()) return FailWindows(GetLastError(), "list of handles");
  wchar_t no_desktop[] = L"";
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.lpDesktop = no_desktop;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = inherited.null.get();
  startup.StartupInfo.hStdOutput = inherited.says.get();
  startup.StartupInfo.hStdError = inherited.says.get();
  startup.lpAttributeList = attributes.get();
  SECURITY_ATTRIBUTES process_access{sizeof process_access, launch.access.get(), FALSE};
  PROCESS_INFORMATION made{};
  constexpr DWORD kFlags = CREATE_NO_WINDOW | CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT |
                           EXTENDED_STARTUPINFO_PRESENT;
  if (!CreateProcessAsUserW(token, launch.program.c_str(), launch.line.data(), &process_access,
                            nullptr, TRUE, kFlags, launch.environment.data(), launch.folder.c_str(),
                            &startup.StartupInfo, &made)) {
    return FailWindows(GetLastError(), "start");
  }
  Handle process(made.hProcess);
  const Handle thread(made.hThread);
  if (!AssignProcessToJobObject(job, process.get())) {
    const DWORD error = GetLastError();
    TerminateProcess(process.get(), 1);
    return FailWindows(error, "job");
  }
  ResumeThread(thread.get());
  return process;
}

}  // namespace

Result<std::unique_ptr<AgentProcess>> AgentProcess::Start(const std::vector<std::string>& argv,
                                                          const std::string& folder,
                                                          const AgentToken& token, OnLine on_line) {
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  HANDLE read = nullptr;
  HANDLE write = nullptr;
  if (!CreatePipe(&read, &write, &inheritable, 0)) return FailWindows(GetLastError(), "pipe");
  std::unique_ptr<AgentProcess> agent(new AgentProcess);
  agent->said_.reset(read);
  SetHandleInformation(read, HANDLE_FLAG_INHERIT, 0);
  Inherited inherited;
  inherited.says.reset(write);
  inherited.null = Owned(CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                     &inheritable, OPEN_EXISTING, 0, nullptr));
  agent->stop_.reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  // It may wait for the event and not set it.
  HANDLE stop = nullptr;
  if (!inherited.null || !agent->stop_ ||
      !DuplicateHandle(GetCurrentProcess(), agent->stop_.get(), GetCurrentProcess(), &stop,
                       SYNCHRONIZE, TRUE, 0)) {
    return FailWindows(GetLastError(), "handles");
  }
  inherited.stop.reset(stop);
  auto job = MakeJob();
  if (!job) return tl::unexpected(job.error());
  agent->job_ = *std::move(job);
  auto launch = Prepare(argv, folder, stop);
  if (!launch) return Wrap(launch.error(), argv[0]);
  auto process = StartIn(agent->job_.get(), *std::move(launch), token.token.get(), inherited);
  if (!process) return Wrap(process.error(), argv[0]);
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
