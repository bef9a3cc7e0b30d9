// SPDX-License-Identifier: Apache-2.0
#include "platform/command_windows.h"

#include <windows.h>

#include <array>
#include <thread>

#include "platform/child_process_windows.h"
#include "platform/handle_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

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

Result<Handle> StartIn(HANDLE job, const Command& command, HANDLE in, HANDLE out, HANDLE err) {
  const std::string& name = command.argv[0];
  const auto line = CommandLine(command.argv);
  if (!line) return tl::unexpected(line.error());
  const auto extended = ExtendedPath(name);  // for its checks: CreateProcess takes no "\\?\" well
  if (!extended) return tl::unexpected(extended.error());
  const auto program = Wide(name);
  const auto wide_line = Wide(*line);
  const auto folders = FindSystemFolders();
  if (!program) return tl::unexpected(program.error());
  if (!wide_line) return tl::unexpected(wide_line.error());
  if (!folders) return tl::unexpected(folders.error());
  return StartInJob(job,
                    {.program = *program,
                     .line = *wide_line,
                     .folder = folders->system,
                     .environment = EnvironmentOf(*folders),
                     .in = in,
                     .out = out,
                     .err = err},
                    name);
}

}  // namespace

Result<CommandOutput> RunCommand(const Command& command) {
  const std::string& name = command.argv[0];
  auto in = OpenNull();
  auto out = MakeChildPipe();
  auto err = MakeChildPipe();
  const auto job = MakeJob();
  const Handle too_much(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!in) return tl::unexpected(in.error());
  if (!out) return tl::unexpected(out.error());
  if (!err) return tl::unexpected(err.error());
  if (!job) return tl::unexpected(job.error());
  const auto process = StartIn(job->get(), command, in->get(), out->write.get(), err->write.get());
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
