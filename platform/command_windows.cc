// SPDX-License-Identifier: Apache-2.0
#include "platform/command_windows.h"

#include <windows.h>

#include <array>
#include <thread>
#include <vector>

#include "platform/handle_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

struct Pipe {
  Handle read;
  Handle write;  // inherited by the command
};

Result<Pipe> MakePipe() {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  HANDLE read = nullptr;
  HANDLE write = nullptr;
  if (!CreatePipe(&read, &write, &inherited, 0)) return FailWindows(GetLastError(), "pipe");
  Pipe made{Handle(read), Handle(write)};
  SetHandleInformation(read, HANDLE_FLAG_INHERIT, 0);
  return made;
}

// One stream of the command, read by a thread: anonymous pipes cannot be waited for.
class Drain {
 public:
  Drain(HANDLE pipe, HANDLE too_much, size_t max)
      : thread_([this, pipe, too_much, max] { Run(pipe, too_much, max); }) {}
  ~Drain() { Join(); }
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  // Returns when nobody can write to the pipe any more.
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  bool over() const { return over_; }
  std::string Take() { return std::move(text_); }

 private:
  void Run(HANDLE pipe, HANDLE too_much, size_t max) {
    std::array<char, 1 << 14> chunk;
    DWORD got = 0;
    while (ReadFile(pipe, chunk.data(), static_cast<DWORD>(chunk.size()), &got, nullptr)) {
      if (over_) continue;  // whoever writes must not block until it is killed
      if (text_.size() + got > max) {
        over_ = true;
        SetEvent(too_much);
        continue;
      }
      text_.append(chunk.data(), got);
    }
  }

  std::string text_;
  bool over_ = false;
  std::thread thread_;  // the last: it uses the others
};

// The list of handles that a new process inherits, and no others.
class InheritedHandles {
 public:
  explicit InheritedHandles(std::vector<HANDLE> handles) : handles_(std::move(handles)) {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    ok_ = InitializeProcThreadAttributeList(list(), 1, 0, &size) &&
          UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                    handles_.size() * sizeof(HANDLE), nullptr, nullptr);
  }
  ~InheritedHandles() {
    if (ok_) DeleteProcThreadAttributeList(list());
  }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;

  bool ok() const { return ok_; }
  LPPROC_THREAD_ATTRIBUTE_LIST list() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
  }

 private:
  std::vector<HANDLE> handles_;
  std::vector<unsigned char> memory_;
  bool ok_ = false;
};

// Windows and its system folder, as the system itself names them: C:\Windows, C:\Windows\system32.
struct SystemFolders {
  std::wstring windows;
  std::wstring system;
};

Result<SystemFolders> FindSystemFolders() {
  std::array<wchar_t, MAX_PATH> windows;
  std::array<wchar_t, MAX_PATH> system;
  const UINT a = GetSystemWindowsDirectoryW(windows.data(), MAX_PATH);
  const UINT b = GetSystemDirectoryW(system.data(), MAX_PATH);
  if (a == 0 || a >= MAX_PATH || b == 0 || b >= MAX_PATH) {
    return FailWindows(GetLastError(), "the system folder");
  }
  return SystemFolders{std::wstring(windows.data(), a), std::wstring(system.data(), b)};
}

// Sorted, each with its NUL, and one more NUL.
std::wstring EnvironmentOf(const SystemFolders& folders) {
  std::wstring block = L"PATH=" + folders.system + L";" + folders.windows;
  block.push_back(L'\0');
  block += L"SystemRoot=" + folders.windows;
  block.push_back(L'\0');
  block.push_back(L'\0');
  return block;
}

// Closing it kills all that is in it.
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

struct Standard {
  HANDLE in = nullptr;
  HANDLE out = nullptr;
  HANDLE err = nullptr;
};

// Suspended, so that it is in the job before it does anything.
Result<Handle> StartIn(HANDLE job, const Command& command, const Standard& standard) {
  const std::string& name = command.argv[0];
  const auto line = CommandLine(command.argv);
  if (!line) return tl::unexpected(line.error());
  const auto extended = ExtendedPath(name);  // for its checks: CreateProcess takes no "\\?\" well
  if (!extended) return tl::unexpected(extended.error());
  const auto program = Wide(name);
  auto wide_line = Wide(*line);
  const auto folders = FindSystemFolders();
  if (!program) return tl::unexpected(program.error());
  if (!wide_line) return tl::unexpected(wide_line.error());
  if (!folders) return tl::unexpected(folders.error());
  InheritedHandles inherited({standard.in, standard.out, standard.err});
  if (!inherited.ok()) return FailWindows(GetLastError(), name);

  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = standard.in;
  startup.StartupInfo.hStdOutput = standard.out;
  startup.StartupInfo.hStdError = standard.err;
  startup.lpAttributeList = inherited.list();
  std::wstring environment = EnvironmentOf(*folders);
  PROCESS_INFORMATION made{};
  constexpr DWORD kFlags = CREATE_NO_WINDOW | CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT |
                           EXTENDED_STARTUPINFO_PRESENT;
  if (!CreateProcessW(program->c_str(), wide_line->data(), nullptr, nullptr, TRUE, kFlags,
                      environment.data(), folders->system.c_str(), &startup.StartupInfo, &made)) {
    return FailWindows(GetLastError(), name);
  }
  Handle process(made.hProcess);
  const Handle thread(made.hThread);
  if (!AssignProcessToJobObject(job, process.get())) {
    const DWORD error = GetLastError();
    TerminateProcess(process.get(), 1);
    return FailWindows(error, name);
  }
  ResumeThread(thread.get());
  return process;
}

Result<Handle> OpenNull() {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  Handle null = Owned(CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                  &inherited, OPEN_EXISTING, 0, nullptr));
  if (!null) return FailWindows(GetLastError(), "NUL");
  return null;
}

}  // namespace

Result<CommandOutput> RunCommand(const Command& command) {
  const std::string& name = command.argv[0];
  auto in = OpenNull();
  auto out = MakePipe();
  auto err = MakePipe();
  const auto job = MakeJob();
  const Handle too_much(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!in) return tl::unexpected(in.error());
  if (!out) return tl::unexpected(out.error());
  if (!err) return tl::unexpected(err.error());
  if (!job) return tl::unexpected(job.error());
  const auto process =
      StartIn(job->get(), command, {in->get(), out->write.get(), err->write.get()});
  if (!process) return tl::unexpected(process.error());
  out->write.reset();
  err->write.reset();
  Drain drain_out(out->read.get(), too_much.get(), command.max_output);
  Drain drain_err(err->read.get(), too_much.get(), command.max_output);

  const HANDLE either[] = {process->get(), too_much.get()};
  const DWORD woke =
      WaitForMultipleObjects(2, either, FALSE, static_cast<DWORD>(command.deadline.count()));
  DWORD exit_code = 0;
  GetExitCodeProcess(process->get(), &exit_code);
  TerminateJobObject(job->get(), 1);  // what it left behind would hold the pipes open
  drain_out.Join();
  drain_err.Join();
  if (woke == WAIT_TIMEOUT) {
    return Fail(Code::kTimeout,
                name + ": not done after " + std::to_string(command.deadline.count()) + " ms");
  }
  if (drain_out.over() || drain_err.over()) {
    return Fail(Code::kTooLarge,
                name + ": printed more than " + std::to_string(command.max_output) + " bytes");
  }
  return CommandOutput{static_cast<int>(exit_code), drain_out.Take(), drain_err.Take()};
}

}  // namespace sallyport
