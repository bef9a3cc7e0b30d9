// SPDX-License-Identifier: Apache-2.0
#include "platform/child_process_windows.h"

#include <algorithm>
#include <utility>

namespace sallyport {
namespace {

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

// A handle may not be in the list twice.
std::vector<HANDLE> HandlesOf(const ChildStart& start) {
  std::vector<HANDLE> out;
  for (HANDLE handle : {start.in, start.out, start.err}) {
    if (std::ranges::find(out, handle) == out.end()) out.push_back(handle);
  }
  out.insert(out.end(), start.others.begin(), start.others.end());
  return out;
}

}  // namespace

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

Result<Handle> OpenNull() {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  Handle null = Owned(CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                  &inherited, OPEN_EXISTING, 0, nullptr));
  if (!null) return FailWindows(GetLastError(), "NUL");
  return null;
}

Result<ChildPipe> MakeChildPipe() {
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  HANDLE read = nullptr;
  HANDLE write = nullptr;
  if (!CreatePipe(&read, &write, &inherited, 0)) return FailWindows(GetLastError(), "pipe");
  ChildPipe made{Handle(read), Handle(write)};
  SetHandleInformation(read, HANDLE_FLAG_INHERIT, 0);
  return made;
}

Result<Handle> StartInJob(HANDLE job, ChildStart start, const std::string& name) {
  InheritedHandles inherited(HandlesOf(start));
  if (!inherited.ok()) return FailWindows(GetLastError(), name);
  wchar_t no_desktop[] = L"";
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.lpDesktop = start.own_desktop ? no_desktop : nullptr;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = start.in;
  startup.StartupInfo.hStdOutput = start.out;
  startup.StartupInfo.hStdError = start.err;
  startup.lpAttributeList = inherited.list();
  SECURITY_ATTRIBUTES access{sizeof access, start.access, FALSE};
  PROCESS_INFORMATION made{};
  constexpr DWORD kFlags = CREATE_NO_WINDOW | CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT |
                           EXTENDED_STARTUPINFO_PRESENT;
  const BOOL started =
      start.token != nullptr
          ? CreateProcessAsUserW(start.token, start.program.c_str(), start.line.data(), &access,
                                 nullptr, TRUE, kFlags, start.environment.data(),
                                 start.folder.c_str(), &startup.StartupInfo, &made)
          : CreateProcessW(start.program.c_str(), start.line.data(), &access, nullptr, TRUE, kFlags,
                           start.environment.data(), start.folder.c_str(), &startup.StartupInfo,
                           &made);
  if (!started) return FailWindows(GetLastError(), name);
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

}  // namespace sallyport
