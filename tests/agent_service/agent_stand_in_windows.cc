// SPDX-License-Identifier: Apache-2.0
// Stands in for sallyport-agent.exe in agent_process_windows_test: says what it is, and does what
// its argument says.
#include <windows.h>

#include <QCoreApplication>
#include <cstdint>
#include <cstdio>
#include <string>

#include "agent/stop_request.h"

namespace {

void Say(const std::string& text) {
  std::fprintf(stderr, "[now] [info] %s\n", text.c_str());
  std::fflush(stderr);
}

HANDLE OwnToken() {
  HANDLE token = nullptr;
  OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token);
  return token;
}

std::string Privileges() {
  alignas(TOKEN_PRIVILEGES) unsigned char buffer[4096];
  DWORD size = 0;
  GetTokenInformation(OwnToken(), TokenPrivileges, buffer, sizeof buffer, &size);
  const auto* const held = reinterpret_cast<const TOKEN_PRIVILEGES*>(buffer);
  std::string names;
  for (DWORD i = 0; i < held->PrivilegeCount; ++i) {
    char name[64];
    DWORD length = sizeof name;
    LUID luid = held->Privileges[i].Luid;
    if (LookupPrivilegeNameA(nullptr, &luid, name, &length)) names += " " + std::string(name);
  }
  return "privileges" + names;
}

std::string Administrators() {
  alignas(SID) unsigned char sid[SECURITY_MAX_SID_SIZE];
  DWORD sid_size = sizeof sid;
  CreateWellKnownSid(WinBuiltinAdministratorsSid, nullptr, sid, &sid_size);
  alignas(TOKEN_GROUPS) unsigned char buffer[4096];
  DWORD size = 0;
  GetTokenInformation(OwnToken(), TokenGroups, buffer, sizeof buffer, &size);
  const auto* const groups = reinterpret_cast<const TOKEN_GROUPS*>(buffer);
  for (DWORD i = 0; i < groups->GroupCount; ++i) {
    if (!EqualSid(groups->Groups[i].Sid, sid)) continue;
    const bool denies = (groups->Groups[i].Attributes & SE_GROUP_USE_FOR_DENY_ONLY) != 0;
    return denies ? "administrators deny-only" : "administrators enabled";
  }
  return "administrators: not in the token";
}

std::string Variable(const char* name) {
  char value[512] = "";
  GetEnvironmentVariableA(name, value, sizeof value);
  return value;
}

// Variables that the test's own environment has, and a child of a service must not.
std::string OthersOf() {
  std::string others = "other variables";
  for (const char* name : {"USERPROFILE", "COMPUTERNAME", "SALLYPORT_STOP_EVENT", "PLANTED"}) {
    if (!Variable(name).empty()) others += " " + std::string(name);
  }
  return others;
}

int Describe() {
  Say(Privileges());
  Say(Administrators());
  Say("temp " + Variable("TEMP"));
  Say("path " + Variable("PATH"));
  const sallyport::StopRequest takes_its_variable;
  Say(OthersOf());
  BOOL in_job = FALSE;
  IsProcessInJob(GetCurrentProcess(), nullptr, &in_job);
  Say(in_job ? "in a job" : "in no job");
  Say(std::getchar() == EOF ? "stdin ends" : "stdin has something");
  return 0;
}

int Serve(int argc, char** argv) {
  sallyport::StopRequest stop;
  QCoreApplication qt(argc, argv);
  stop.OnStop([] { QCoreApplication::exit(7); });
  Say("serving");
  const int code = QCoreApplication::exec();
  Say("asked to end");
  return code;
}

int Parent() {
  wchar_t line[] = L"agent_stand_in_windows.exe hang";
  wchar_t self[MAX_PATH];
  GetModuleFileNameW(nullptr, self, MAX_PATH);
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION made{};
  if (!CreateProcessW(self, line, nullptr, nullptr, FALSE, CREATE_BREAKAWAY_FROM_JOB, nullptr,
                      nullptr, &startup, &made) &&
      !CreateProcessW(self, line, nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &made)) {
    Say("no child");
  }
  Say("child " + std::to_string(made.dwProcessId));
  Sleep(INFINITE);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "describe") return Describe();
  if (what == "serve") return Serve(argc, argv);
  if (what == "parent") return Parent();
  if (what == "set") {
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    SetEvent(reinterpret_cast<HANDLE>(static_cast<uintptr_t>(std::stoull(argv[2]))));
    Say("tried");
  }
  if (what == "hang") {
    Say("hanging");
    Sleep(INFINITE);
  }
  return 0;
}
