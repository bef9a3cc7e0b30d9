// SPDX-License-Identifier: Apache-2.0
// What the tests of WindowsHost::Run start: it does the one thing that its argument names.
#include <windows.h>
// The shell's header needs those of windows.h.
#include <shellapi.h>

#include <cstdio>
#include <string>

namespace {

void Print(HANDLE to, const std::string& text) {
  DWORD written = 0;
  WriteFile(to, text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
}

std::string Utf8(const wchar_t* wide) {
  char buffer[4096];
  const int size =
      WideCharToMultiByte(CP_UTF8, 0, wide, -1, buffer, sizeof buffer, nullptr, nullptr);
  return std::string(buffer, size > 0 ? static_cast<size_t>(size) - 1 : 0);
}

// Starts itself as `what` with all that can be inherited, and says its process id.
int Leave(const wchar_t* what, HANDLE out) {
  wchar_t self[MAX_PATH];
  GetModuleFileNameW(nullptr, self, MAX_PATH);
  std::wstring line = std::wstring(L"child ") + what;
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION made{};
  if (!CreateProcessW(self, line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup,
                      &made)) {
    return 1;
  }
  Print(out, std::to_string(made.dwProcessId));
  return 0;
}

int CountStdin(HANDLE out) {
  char byte = 0;
  DWORD got = 0;
  int bytes = 0;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &got, nullptr) && got == 1) ++bytes;
  Print(out, std::to_string(bytes));
  return 0;
}

}  // namespace

int main() {
  int argc = 0;
  wchar_t** const argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  const std::string what = argc > 1 ? Utf8(argv[1]) : "";
  const HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
  const HANDLE err = GetStdHandle(STD_ERROR_HANDLE);
  if (what == "say") {
    Print(out, "out\n");
    Print(err, "err\n");
    return 3;
  }
  if (what == "arguments") {
    for (int i = 2; i < argc; ++i) Print(out, "[" + Utf8(argv[i]) + "]");
    return 0;
  }
  if (what == "environment") {
    const wchar_t* all = GetEnvironmentStringsW();
    for (; *all != L'\0'; all += wcslen(all) + 1) Print(out, Utf8(all) + "\n");
    return 0;
  }
  if (what == "stdin") return CountStdin(out);
  if (what == "leave") return Leave(L"hang", out);
  if (what == "leave-and-hang") Leave(L"hang", out);
  if (what == "flood") {
    for (;;) Print(out, std::string(4096, 'x'));
  }
  if (what == "flood-err") {
    for (;;) Print(err, std::string(4096, 'x'));
  }
  Sleep(INFINITE);
}
