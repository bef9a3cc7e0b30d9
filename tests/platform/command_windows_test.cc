// SPDX-License-Identifier: Apache-2.0
// Run by ctest under Wine.
#include "platform/host_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <chrono>

#include "platform/handle_windows.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

std::string Child() {
  wchar_t self[MAX_PATH];
  GetModuleFileNameW(nullptr, self, MAX_PATH);
  const std::string path = Narrow(self, "this program").value();
  return path.substr(0, path.rfind('\\')) + "\\child_windows.exe";
}

Result<CommandOutput> RunChild(std::vector<std::string> words, milliseconds deadline,
                               size_t max_output = 1 << 20) {
  words.insert(words.begin(), Child());
  return WindowsHost({Child()}).Run({words, deadline, max_output});
}
Result<CommandOutput> RunChild(const std::vector<std::string>& words) {
  return RunChild(words, milliseconds(20'000));
}

bool IsRunning(const std::string& process_id) {
  const Handle process(OpenProcess(SYNCHRONIZE, FALSE, std::stoul(process_id)));
  return process && WaitForSingleObject(process.get(), 5'000) == WAIT_TIMEOUT;
}

TEST(WindowsHostRun, OutputErrorsAndExitCodeAreAnswers) {
  EXPECT_EQ(RunChild({"say"}).value(), (CommandOutput{3, "out\n", "err\n"}));
}

TEST(WindowsHostRun, ArgumentsArriveAsTheyWereGiven) {
  EXPECT_EQ(RunChild({"arguments", "", "a b", R"(c\)", R"(d\\" e)", "\"", "gr\xc3\xbc\xc3\x9f",
                      "%PATH%", "& calc"})
                .value()
                .out,
            R"([][a b][c\][d\\" e]["])"
            "[gr\xc3\xbc\xc3\x9f][%PATH%][& calc]");
}

TEST(WindowsHostRun, TheEnvironmentIsOursAndStdinIsEmpty) {
  SetEnvironmentVariableW(L"OF_A_STRANGER", L"x");
  const std::string environment = RunChild({"environment"}).value().out;
  EXPECT_NE(environment.find("SystemRoot=C:\\"), std::string::npos) << environment;
  EXPECT_NE(environment.find("PATH=C:\\"), std::string::npos) << environment;
  EXPECT_EQ(environment.find("STRANGER"), std::string::npos) << environment;
  EXPECT_EQ(RunChild({"stdin"}).value(), (CommandOutput{0, "0", ""}));
}

TEST(WindowsHostRun, OnlyTheAllowListIsRunAndOnlyByItsFullPath) {
  const WindowsHost host({Child(), R"(C:\no\such.exe)", R"(C:\x.bat)", "child.exe"});
  EXPECT_EQ(host.Run({{R"(C:\windows\system32\cmd.exe)"}}).error().code, Code::kDenied);
  EXPECT_EQ(host.Run({{R"(C:\no\such.exe)"}}).error().code, Code::kNotFound);
  EXPECT_EQ(host.Run({{R"(C:\x.bat)"}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.Run({{"child.exe"}}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.Run({{}}).error().code, Code::kInvalidArgument);
}

TEST(WindowsHostRun, ACommandThatHangsIsKilledWithItsWholeJob) {
  const auto start = SteadyClock::now();
  EXPECT_EQ(RunChild({"hang"}, milliseconds(300)).error(),
            (Error{Code::kTimeout, Child() + ": not done after 300 ms"}));
  EXPECT_EQ(RunChild({"leave-and-hang"}, milliseconds(500)).error().code, Code::kTimeout);
  EXPECT_LT(SteadyClock::now() - start, milliseconds(10'000));
}

TEST(WindowsHostRun, AGrandchildThatKeepsThePipeOpenIsKilledAndDelaysNothing) {
  const auto start = SteadyClock::now();
  const CommandOutput left = RunChild({"leave"}).value();
  EXPECT_LT(SteadyClock::now() - start, milliseconds(10'000));
  EXPECT_EQ(left.exit_code, 0);
  EXPECT_FALSE(IsRunning(left.out)) << left.out;
}

TEST(WindowsHostRun, ACommandThatPrintsWithoutEndIsKilledAtTheBound) {
  EXPECT_EQ(RunChild({"flood"}, milliseconds(20'000), 1000).error().code, Code::kTooLarge);
  EXPECT_EQ(RunChild({"flood-err"}, milliseconds(20'000), 1000).error().code, Code::kTooLarge);
  EXPECT_EQ(RunChild({"say"}, milliseconds(20'000), 4).value().out, "out\n");
}

TEST(WindowsHostRun, NoHandleStaysBehind) {
  const auto count = [] {
    DWORD handles = 0;
    GetProcessHandleCount(GetCurrentProcess(), &handles);
    return handles;
  };
  static_cast<void>(RunChild({"say"}));
  const DWORD before = count();
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(RunChild({"say"}));
    static_cast<void>(RunChild({"hang"}, milliseconds(10)));
    static_cast<void>(RunChild({"flood"}, milliseconds(20'000), 10));
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace sallyport
