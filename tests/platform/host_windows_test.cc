// SPDX-License-Identifier: Apache-2.0
// Run by ctest under Wine, which has no links of NTFS, no access lists beyond POSIX modes and no
// security namespaces of WMI: what it lacks is tested as lacking.
#include "platform/host_windows.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "platform/handle_windows.h"
#include "tests/platform/service_fixture_windows.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kCimv2 = R"(root\CIMV2)";
constexpr const char* kTestKey = R"(HKEY_LOCAL_MACHINE\SOFTWARE\SallyportTest)";

TEST(WindowsHostFiles, ReadsBytesAsTheyAreUpToTheBound) {
  const TempFolder folder;
  folder.Write("f", std::string("a\r\n\0\x1a\xff", 6));
  folder.Write("empty", "");
  const WindowsHost host;
  EXPECT_EQ(host.ReadFile(folder / "f", 6).value(), std::string("a\r\n\0\x1a\xff", 6));
  EXPECT_EQ(host.ReadFile(folder / "empty").value(), "");
  EXPECT_EQ(host.ReadFile(folder / "f", 5).error(),
            (Error{Code::kTooLarge, folder / "f" + ": over 5 bytes"}));
  EXPECT_EQ(host.ReadHead(folder / "f", 3).value(), "a\r\n");
}

TEST(WindowsHostFiles, WhatIsNotThereOrNotAFileHasItsOwnError) {
  const TempFolder folder;
  folder.Write("f", "x");
  const WindowsHost host;
  EXPECT_EQ(host.ReadFile(folder / "missing").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadFile(folder / "missing/f").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadFile(folder.path()).error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ListDir(folder / "f").error().code, Code::kNotFound);
  EXPECT_EQ(host.ListDir(folder / "missing").error().code, Code::kNotFound);
  EXPECT_EQ(host.ReadLink(folder / "f").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile("/etc/passwd").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile(R"(\\server\share\x)").error().code, Code::kInvalidArgument);
  EXPECT_EQ(host.ReadFile("C:/a\xff").error().code, Code::kInvalidArgument);
}

TEST(WindowsHostFiles, NamesAreUtf8AndPathsMayBeLong) {
  const TempFolder folder;
  // Over MAX_PATH, and no longer: Wine's GetFinalPathNameByHandle ends at 265.
  std::string path = R"(\\?\)" + folder.path();
  while (path.size() < 4 + 262) {
    path += "\\" + std::string(std::min<size_t>(100, 4 + 262 - path.size() - 1), 'x');
    ASSERT_TRUE(CreateDirectoryW(Wide(path)->c_str(), nullptr)) << path;
  }
  const std::string file = path + "\\gr\xc3\xbc\xc3\x9f\xf0\x9f\x94\x92";
  Handle made = Owned(CreateFileW(Wide(file)->c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW,
                                  FILE_ATTRIBUTE_NORMAL, nullptr));
  ASSERT_TRUE(made);
  const WindowsHost host;
  const auto entries = host.ListDir(path.substr(4));
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_EQ(*entries,
            (std::vector<DirEntry>{{"gr\xc3\xbc\xc3\x9f\xf0\x9f\x94\x92", FileType::kFile}}));
  EXPECT_EQ(host.Stat(file.substr(4))->size, 0);
  made.reset();  // what std::filesystem would not reach
  EXPECT_TRUE(DeleteFileW(Wide(file)->c_str()));
  EXPECT_TRUE(RemoveDirectoryW(Wide(path)->c_str()));
}

TEST(WindowsHostFiles, FoldersAreListedByNameWithTypes) {
  const TempFolder folder;
  folder.Write("b", "");
  folder.Write("a/x", "");
  folder.Write("C", "");
  EXPECT_EQ(WindowsHost().ListDir(folder.path()).value(),
            (std::vector<DirEntry>{
                {"C", FileType::kFile}, {"a", FileType::kDirectory}, {"b", FileType::kFile}}));
}

TEST(WindowsHostFiles, AFolderWithMoreThanOneAnswersWorthIsListedWhole) {
  const TempFolder folder;
  for (int i = 0; i < 600; ++i) folder.Write(std::to_string(i) + std::string(60, 'n'), "");
  EXPECT_EQ(WindowsHost().ListDir(folder.path())->size(), 600u);
}

TEST(WindowsHostFiles, StatTellsSizeTypeAndTime) {
  const TempFolder folder;
  folder.Write("f", "12345");
  const WindowsHost host;
  const FileStat stat = host.Stat(folder / "f").value();
  EXPECT_EQ(stat.type, FileType::kFile);
  EXPECT_EQ(stat.size, 5);
  EXPECT_EQ(stat.mode, 0u);
  EXPECT_NEAR(static_cast<double>(stat.modified_s), static_cast<double>(time(nullptr)), 5);
  EXPECT_EQ(host.Stat(folder.path())->type, FileType::kDirectory);
}

TEST(WindowsHostFiles, InspectTellsTimesNamesAndAttributesAndNoOwner) {
  const TempFolder folder;
  folder.Write("f", "12345");
  const WindowsHost host;
  const FileDetails details = host.Inspect(folder / "f").value();
  EXPECT_EQ(details.kind, FileDetails::Kind::kRegular);
  EXPECT_EQ(details.size, 5);
  EXPECT_EQ(details.link_target, std::nullopt);
  EXPECT_EQ(details.hard_links, 1);
  EXPECT_NEAR(static_cast<double>(details.modified_s), static_cast<double>(time(nullptr)), 5);
  EXPECT_NE(details.attributes.value() & FILE_ATTRIBUTE_ARCHIVE, 0u);
  EXPECT_EQ(details.uid, std::nullopt);
  EXPECT_EQ(details.mode, std::nullopt);
  EXPECT_EQ(host.Inspect(folder.path())->kind, FileDetails::Kind::kDirectory);
  EXPECT_EQ(host.Inspect(folder / "none").error().code, Code::kNotFound);
}

TEST(WindowsHostFiles, AFileThatAnotherWritesIsReadAndMayBeDeletedMeanwhile) {
  const TempFolder folder;
  folder.Write("log", "x");
  const Handle writer = Owned(CreateFileW(Wide(folder / "log")->c_str(), GENERIC_WRITE | DELETE,
                                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                          nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  ASSERT_TRUE(writer);
  EXPECT_EQ(WindowsHost().ReadFile(folder / "log").value(), "x");
}

TEST(WindowsHostFiles, AFileThatIsLockedAwayIsDenied) {
  const TempFolder folder;
  folder.Write("f", "x");
  const Handle alone = Owned(CreateFileW(Wide(folder / "f")->c_str(), GENERIC_READ, 0, nullptr,
                                         OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr));
  ASSERT_TRUE(alone);
  EXPECT_EQ(WindowsHost().ReadFile(folder / "f").error(),
            (Error{Code::kDenied, folder / "f" + ": Windows error 32"}));
}

TEST(WindowsHostFiles, TheGuardHearsTheRealPathOfWhatWasOpened) {
  const TempFolder folder;
  folder.Write("Secret/key", "x");
  std::vector<std::string> heard;
  const WindowsHost host({}, [&](const std::string& real) -> Status {
    heard.push_back(real);
    return Fail(Code::kDenied, "no");
  });
  EXPECT_EQ(host.ReadFile(folder / "SECRET/KEY").error(), (Error{Code::kDenied, "no"}));
  EXPECT_EQ(host.ListDir(folder / "secret").error(), (Error{Code::kDenied, "no"}));
  EXPECT_EQ(heard, (std::vector<std::string>{folder.path() + "\\Secret\\key",
                                             folder.path() + "\\Secret"}));
  EXPECT_EQ(host.RealPath(folder / "secret/key").value(), folder.path() + "\\Secret\\key");
}

TEST(WindowsHostTime, BothClocksAreThoseOfTheSystem) {
  const Now now = WindowsHost().Time();
  EXPECT_NEAR(static_cast<double>(now.boot.count()), static_cast<double>(GetTickCount64()), 1000);
  EXPECT_NEAR(static_cast<double>(now.wall.count()), static_cast<double>(time(nullptr)) * 1000,
              2000);
}

// ---- commands ------------------------------------------------------------------------------

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

// ---- registry ------------------------------------------------------------------------------

class WindowsHostRegistry : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\SallyportTest", 0, nullptr, 0,
                              KEY_ALL_ACCESS | KEY_WOW64_64KEY, nullptr, &key_, nullptr),
              ERROR_SUCCESS);
  }
  void TearDown() override {
    RegCloseKey(key_);
    RegDeleteKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\SallyportTest", KEY_WOW64_64KEY, 0);
  }
  void Put(const wchar_t* name, DWORD type, const void* bytes, size_t size) {
    ASSERT_EQ(RegSetValueExW(key_, name, 0, type, static_cast<const BYTE*>(bytes),
                             static_cast<DWORD>(size)),
              ERROR_SUCCESS);
  }
  HKEY key_ = nullptr;
};

TEST_F(WindowsHostRegistry, TextAndNumbersAreRead) {
  Put(L"gr\u00fc\u00df", REG_SZ, L"v\u00e4lue", 12);
  const DWORD number = 0xfffffffe;
  Put(L"number", REG_DWORD, &number, sizeof number);
  const std::wstring lines(L"a\0b\0\0", 5);
  Put(L"", REG_MULTI_SZ, lines.data(), lines.size() * sizeof(wchar_t));
  const std::wstring large(5000, L'x');
  Put(L"large", REG_SZ, large.data(), large.size() * sizeof(wchar_t));
  const WindowsHost host;
  EXPECT_EQ(host.ReadRegistry(kTestKey, "gr\xc3\xbc\xc3\x9f").value(), Cell("v\xc3\xa4lue"));
  EXPECT_EQ(host.ReadRegistry(kTestKey, "number").value(), Cell(int64_t{0xfffffffe}));
  EXPECT_EQ(host.ReadRegistry(kTestKey, "").value(), Cell("a\nb"));
  EXPECT_EQ(host.ReadRegistry(kTestKey, "large").value(), Cell(std::string(5000, 'x')));
}

TEST_F(WindowsHostRegistry, AllValuesOfAKeyAreListedByNameWithTheirTypes) {
  const WindowsHost host;
  EXPECT_EQ(host.ReadRegistryKey(kTestKey).value().entries, std::vector<RegistryEntry>{});
  Put(L"gr\u00fc\u00df", REG_SZ, L"v\u00e4lue", 12);
  const DWORD number = 0xfffffffe;
  Put(L"number", REG_DWORD, &number, sizeof number);
  Put(L"", REG_SZ, L"d", 4);
  Put(L"binary", REG_BINARY, "\xab", 1);
  Put(L"short", REG_DWORD, "ab", 2);
  const std::string large(5000, '\1');
  Put(L"large", REG_BINARY, large.data(), large.size());
  const RegistryContent content = host.ReadRegistryKey(kTestKey).value();
  std::string hex;
  for (size_t i = 0; i < large.size(); ++i) hex += "01";
  EXPECT_EQ(content.entries,
            (std::vector<RegistryEntry>{{"", "REG_SZ", "d"},
                                        {"binary", "REG_BINARY", "AB"},
                                        {"gr\xc3\xbc\xc3\x9f", "REG_SZ", "v\xc3\xa4lue"},
                                        {"large", "REG_BINARY", hex},
                                        {"number", "REG_DWORD", "-2"},
                                        {"short", "REG_DWORD", std::nullopt}}));
  EXPECT_GT(content.modified_s, 1'600'000'000);
  EXPECT_EQ(host.ReadRegistryKey(std::string(kTestKey) + "\\none").error().code, Code::kNotFound);
}

TEST_F(WindowsHostRegistry, AValueOverTheBoundRefusesTheKey) {
  const std::string big((1 << 20) + 2, 'x');
  Put(L"big", REG_SZ, big.data(), big.size());
  EXPECT_EQ(WindowsHost().ReadRegistryKey(kTestKey).error().code, Code::kTooLarge);
}

TEST(WindowsHostRegistryHive, AHiveAloneCanBeListed) {
  const auto names = WindowsHost().ListRegistry("HKEY_LOCAL_MACHINE").value();
  EXPECT_NE(
      std::ranges::find_if(names, [](const std::string& n) { return Lower(n) == "software"; }),
      names.end());
  EXPECT_TRUE(WindowsHost().ListRegistry("HKEY_USERS").has_value());
}

TEST_F(WindowsHostRegistry, SubkeysAreListedByNameAndAnEmptyKeyIsNoMissingOne) {
  const WindowsHost host;
  EXPECT_EQ(host.ListRegistry(kTestKey).value(), std::vector<std::string>{});
  for (const wchar_t* name : {L"b", L"gr\u00fc\u00df", L"A"}) {
    HKEY made = nullptr;
    ASSERT_EQ(RegCreateKeyExW(key_, name, 0, nullptr, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, nullptr,
                              &made, nullptr),
              ERROR_SUCCESS);
    RegCloseKey(made);
  }
  EXPECT_EQ(host.ListRegistry(kTestKey).value(),
            (std::vector<std::string>{"A", "b", "gr\xc3\xbc\xc3\x9f"}));
  for (const wchar_t* name : {L"b", L"gr\u00fc\u00df", L"A"}) RegDeleteKeyExW(key_, name, 0, 0);
  EXPECT_EQ(host.ListRegistry(std::string(kTestKey) + "\\b").error().code, Code::kNotFound);
  EXPECT_EQ(host.ListRegistry("HKEY_CURRENT_USER\\x").error().code, Code::kInvalidArgument);
}

TEST_F(WindowsHostRegistry, AKeyWhoseNameIsNoUtf16IsAnErrorThatNamesItsPlace) {
  const wchar_t alone[] = {L'a', wchar_t{0xd800}, L'\0'};
  HKEY made = nullptr;
  ASSERT_EQ(RegCreateKeyExW(key_, alone, 0, nullptr, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, nullptr,
                            &made, nullptr),
            ERROR_SUCCESS);
  RegCloseKey(made);
  EXPECT_EQ(
      WindowsHost().ListRegistry(kTestKey).error(),
      (Error{Code::kMalformed, std::string(kTestKey) + ": a key in it: not UTF-16 at unit 1"}));
  RegDeleteKeyExW(key_, alone, 0, 0);
}

TEST_F(WindowsHostRegistry, AValueOfTheWrongTypeIsAClearErrorThatNamesIt) {
  Put(L"short", REG_DWORD, "ab", 2);
  Put(L"binary", REG_BINARY, "ab", 2);
  const wchar_t alone[] = {L'a', wchar_t{0xd800}};
  Put(L"surrogate", REG_SZ, alone, sizeof alone);
  const std::string big((1 << 20) + 2, 'x');
  Put(L"big", REG_SZ, big.data(), big.size());
  const WindowsHost host;
  const auto error = [&](const std::string& name) {
    return host.ReadRegistry(kTestKey, name).error();
  };
  const std::string key = std::string(kTestKey) + "\\";
  EXPECT_EQ(error("short"), (Error{Code::kMalformed, key + "short: a number of 2 bytes, not 4"}));
  EXPECT_EQ(error("binary"),
            (Error{Code::kMalformed, key + "binary: registry type 3, neither text nor number"}));
  EXPECT_EQ(error("surrogate"), (Error{Code::kMalformed, key + "surrogate: not UTF-16 at unit 1"}));
  EXPECT_EQ(error("big").code, Code::kTooLarge);
  EXPECT_EQ(error("missing").code, Code::kNotFound);
  EXPECT_EQ(host.ReadRegistry(key + "missing", "x").error().code, Code::kNotFound);
  for (const char* bad : {"", "HKLM\\SOFTWARE", "HKEY_CURRENT_USER", "HKEY_CURRENT_USER\\x"}) {
    EXPECT_EQ(host.ReadRegistry(bad, "x").error().code, Code::kInvalidArgument) << bad;
  }
}

// ---- services and processes -----------------------------------------------------------------

TEST(WindowsHostServices, StandByNameWithTheirProcessAndHowTheyStart) {
  const auto services = WindowsHost().Services().value();
  EXPECT_TRUE(std::ranges::is_sorted(services, {}, &ServiceInfo::name));
  const auto rpc = std::ranges::find(services, "RpcSs", &ServiceInfo::name);
  ASSERT_NE(rpc, services.end());
  EXPECT_EQ(rpc->state, ServiceInfo::State::kRunning);
  EXPECT_FALSE(rpc->driver);
  EXPECT_EQ(rpc->start, ServiceInfo::Start::kDemand);
  EXPECT_EQ(rpc->command, R"(C:\windows\system32\rpcss.exe)");
  const auto processes = WindowsHost().Processes().value();
  const auto process = std::ranges::find(processes, rpc->pid, &ProcessInfo::pid);
  ASSERT_NE(process, processes.end());
  EXPECT_EQ(process->name, "rpcss.exe");
  const auto mounts = std::ranges::find(services, "MountMgr", &ServiceInfo::name);
  ASSERT_NE(mounts, services.end());
  EXPECT_TRUE(mounts->driver);
  EXPECT_EQ(mounts->pid, 0);
}

TEST(WindowsHostServices, OneThatIsMadeStartedAndStoppedIsSeenEachTime) {
  const auto find = [] {
    const auto services = WindowsHost().Services().value();
    const auto found = std::ranges::find(services, "SallyportHost", &ServiceInfo::name);
    return found == services.end() ? std::nullopt : std::optional(*found);
  };
  EXPECT_EQ(find(), std::nullopt);
  {
    FakeService service(L"SallyportHost");
    EXPECT_EQ(find()->state, ServiceInfo::State::kStopped);
    EXPECT_EQ(find()->pid, 0);
    EXPECT_EQ(find()->command, Narrow(service.program(), "").value());
    ASSERT_TRUE(service.Start());
    const auto started = find();
    EXPECT_TRUE(started->state == ServiceInfo::State::kRunning ||
                started->state == ServiceInfo::State::kStartPending);
    EXPECT_NE(started->pid, 0);
  }
  EXPECT_EQ(find(), std::nullopt);
}

TEST(WindowsHostProcesses, StandByPidWithTheirPrograms) {
  const auto processes = WindowsHost().Processes().value();
  EXPECT_TRUE(std::ranges::is_sorted(processes, {}, &ProcessInfo::pid));
  const auto self = std::ranges::find(processes, int64_t{GetCurrentProcessId()}, &ProcessInfo::pid);
  ASSERT_NE(self, processes.end());
  EXPECT_EQ(self->name, "platform_test.exe");
  EXPECT_EQ(self->program, Child().substr(0, Child().rfind('\\')) + "\\platform_test.exe");
}

// ---- WMI -----------------------------------------------------------------------------------

TEST(WindowsHostWmi, CellsStandInTheOrderOfTheQuery) {
  const WindowsHost host;
  const Rows rows =
      host.QueryWmi(kCimv2, "SELECT Version, BuildNumber FROM Win32_OperatingSystem").value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(std::get<std::string>(rows[0][0]).starts_with("10.0.")) << ToText(rows[0][0]);
  const Rows swapped =
      host.QueryWmi(kCimv2, "SELECT BuildNumber, Version FROM Win32_OperatingSystem").value();
  EXPECT_EQ(swapped[0], (Row{rows[0][1], rows[0][0]}));
}

TEST(WindowsHostWmi, ServicesAndProcessesAreThere) {
  const WindowsHost host;
  const Rows processes = host.QueryWmi(kCimv2, "SELECT ProcessId, Name FROM Win32_Process").value();
  EXPECT_NE(std::ranges::find(
                processes, (Row{Cell(int64_t{GetCurrentProcessId()}), Cell("platform_test.exe")})),
            processes.end());
  const Rows services = host.QueryWmi(kCimv2, "SELECT Name, State FROM Win32_Service").value();
  EXPECT_NE(std::ranges::find(services, (Row{Cell("RpcSs"), Cell("Running")})), services.end());
}

TEST(WindowsHostWmi, AMethodOfAnObjectAnswersWithItsOutputs) {
  const WindowsHost host;
  const std::string self = "Win32_Process.Handle=\"" + std::to_string(GetCurrentProcessId()) + "\"";
  const Row row = host.CallWmi({kCimv2, self, "GetOwner", {"ReturnValue", "User"}}).value();
  ASSERT_EQ(row.size(), 2u);
  EXPECT_EQ(row[0], Cell(0));
  EXPECT_TRUE(std::holds_alternative<std::string>(row[1])) << ToText(row[1]);
}

TEST(WindowsHostWmi, AMethodThatDoesMoreThanGetOrIsNotThereIsRefused) {
  const WindowsHost host;
  const std::string self = "Win32_Process.Handle=\"" + std::to_string(GetCurrentProcessId()) + "\"";
  EXPECT_EQ(host.CallWmi({kCimv2, self, "Terminate", {"ReturnValue"}}).error(),
            (Error{Code::kInvalidArgument,
                   R"(WMI root\CIMV2: Terminate: only methods that get something)"}));
  EXPECT_FALSE(host.CallWmi({kCimv2, self, "GetNothing", {"ReturnValue"}}));
  EXPECT_EQ(host.CallWmi({R"(root\CIMV2\Security\MicrosoftVolumeEncryption)",
                          "Win32_EncryptableVolume.DeviceID=\"x\"",
                          "GetProtectionStatus",
                          {"ReturnValue"}})
                .error()
                .code,
            Code::kUnsupported);
}

TEST(WindowsHostWmi, NumbersOf64BitsThatComeAsTextAreNumbers) {
  const Rows rows =
      WindowsHost()
          .QueryWmi(kCimv2, "SELECT TotalPhysicalMemory, Name FROM Win32_ComputerSystem")
          .value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_GT(std::get<int64_t>(rows[0][0]), 1 << 20);
}

TEST(WindowsHostWmi, AListIsTextWithCommasBetween) {
  const Rows rows = WindowsHost()
                        .QueryWmi(kCimv2,
                                  "SELECT Manufacturer, ChassisTypes FROM "
                                  "Win32_SystemEnclosure")
                        .value();
  ASSERT_EQ(rows.size(), 1u);
  const std::string types = std::get<std::string>(rows[0][1]);
  ASSERT_FALSE(types.empty());
  for (const std::string_view type : Split(types, ',')) EXPECT_TRUE(ParseInt(type)) << types;
}

TEST(WindowsHostWmi, ANamespaceThatIsNotThereIsUnsupported) {
  const WindowsHost host;
  EXPECT_EQ(
      host.QueryWmi(R"(root\SecurityCenter2)", "SELECT displayName FROM AntiVirusProduct").error(),
      (Error{Code::kUnsupported, R"(WMI root\SecurityCenter2: COM error 0x8004100e)"}));
  EXPECT_EQ(host.QueryWmi(R"(root\CIMV2\Security\MicrosoftVolumeEncryption)",
                          "SELECT ProtectionStatus FROM Win32_EncryptableVolume")
                .error()
                .code,
            Code::kUnsupported);
}

TEST(WindowsHostWmi, AQueryThatCannotBeAnsweredIsAnError) {
  const WindowsHost host;
  EXPECT_EQ(host.QueryWmi(kCimv2, "SELECT * FROM Win32_Process").error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(host.QueryWmi(kCimv2, "SELECT NoSuchThing FROM Win32_OperatingSystem").error().code,
            Code::kNotFound);
  EXPECT_EQ(host.QueryWmi(kCimv2, "SELECT Name FROM Win32_Process WHERE").error().code,
            Code::kInvalidArgument);
}

TEST(WindowsHost, WhatWindowsHasNotIsUnsupported) {
  EXPECT_EQ(WindowsHost().ReadDbusProperty({"org.x", "/", "i", "p"}).error(),
            (Error{Code::kUnsupported, "D-Bus org.x: not on windows"}));
}

}  // namespace
}  // namespace sallyport
