// SPDX-License-Identifier: Apache-2.0
#include "platform/processes_windows.h"

// clang-format off
#include <windows.h>
#include <tlhelp32.h>
// clang-format on

#include <algorithm>

#include "platform/handle_windows.h"

namespace sallyport {
namespace {

constexpr size_t kMaxProcesses = 100'000;
constexpr size_t kMaxPath = 32'768;  // of a path with \\?\, in characters

// Of what has ended meanwhile, or is the system itself, nothing.
std::optional<std::string> ProgramOf(DWORD pid, std::wstring* buffer) {
  const Handle process(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid));
  if (!process) return std::nullopt;
  buffer->resize(kMaxPath);
  auto size = static_cast<DWORD>(buffer->size());
  if (!QueryFullProcessImageNameW(process.get(), 0, buffer->data(), &size)) return std::nullopt;
  auto path = Narrow(std::wstring_view(*buffer).substr(0, size), "a program");
  return path ? std::optional(*std::move(path)) : std::nullopt;
}

}  // namespace

Result<std::vector<ProcessInfo>> ListProcesses() {
  const Handle snapshot = Owned(CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  if (!snapshot) return FailWindows(GetLastError(), "processes");
  std::vector<ProcessInfo> processes;
  std::wstring buffer;
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  for (BOOL found = Process32FirstW(snapshot.get(), &entry); found;
       found = Process32NextW(snapshot.get(), &entry)) {
    if (processes.size() == kMaxProcesses) return Fail(Code::kTooLarge, "processes: too many");
    auto name = Narrow(entry.szExeFile, "a program's name");
    if (!name) return tl::unexpected(name.error());
    processes.push_back({.pid = entry.th32ProcessID,
                         .parent_pid = entry.th32ParentProcessID,
                         .name = *std::move(name),
                         .program = ProgramOf(entry.th32ProcessID, &buffer)});
  }
  if (GetLastError() != ERROR_NO_MORE_FILES) return FailWindows(GetLastError(), "processes");
  std::ranges::sort(processes, {}, &ProcessInfo::pid);
  return processes;
}

}  // namespace sallyport
