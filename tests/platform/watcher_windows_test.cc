// SPDX-License-Identifier: Apache-2.0
// The watcher against real files, processes, services and keys, as Wine has them. Wine tells nobody
// of addresses and routes, of a service that was killed, or of a service or folder that is to be
// deleted while somebody has it open.
#include "platform/watcher.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "platform/handle_windows.h"
#include "platform/registry_windows.h"
#include "tests/platform/qt_loop.h"
#include "tests/platform/service_fixture_windows.h"
#include "tests/platform/temp_folder.h"

namespace sallyport {
namespace {

namespace fs = std::filesystem;
using Kind = WatchTarget::Kind;

WatchTarget Path(const std::string& path) { return {Kind::kPath, path, 0}; }
WatchTarget Exit(int64_t pid) { return {Kind::kProcessExit, "", pid}; }
WatchTarget Key(const std::string& key) { return {Kind::kRegistry, key, 0}; }
WatchTarget Service(const std::string& name) { return {Kind::kUnit, name, 0}; }

// "C:/x/y" as the watcher says it.
std::string Shown(std::string path) {
  std::ranges::replace(path, '/', '\\');
  return path;
}

class WatcherTest : public testing::Test {
 protected:
  // Awaits an event of the target that says this; then forgets all events. One change may come as
  // several events: a file that is written is emptied first.
  testing::AssertionResult Hears(const WatchTarget& target, const std::string& about) {
    const auto fits = [&](const WatchEvent& e) { return e.target == target && e.about == about; };
    const bool heard = RunUntil([&] { return std::ranges::any_of(events_, fits); });
    RunPending();
    testing::AssertionResult result =
        heard ? testing::AssertionSuccess() : testing::AssertionFailure() << "heard instead:";
    for (const WatchEvent& event : events_) result << "\n" << event.about;
    events_.clear();
    return result;
  }
  bool HearsAny(const WatchTarget& target) {
    const bool heard = RunUntil([&] {
      return std::ranges::any_of(events_, [&](const auto& e) { return e.target == target; });
    });
    RunPending();
    events_.clear();
    return heard;
  }
  // Nothing but what `proof` brings. The system tells of one folder in order.
  void ExpectOnly(const WatchTarget& target) {
    ASSERT_TRUE(RunUntil([&] {
      return std::ranges::any_of(events_, [&](const auto& e) { return e.target == target; });
    })) << target.what;
    RunPending();
    for (const WatchEvent& event : events_) EXPECT_EQ(event.target, target) << event.about;
    events_.clear();
  }

  TempFolder folder_;
  std::vector<WatchEvent> events_;
  std::unique_ptr<Watcher> watcher_ =
      MakeWatcher([this](const WatchEvent& event) { events_.push_back(event); });
};

// ---- files and folders ---------------------------------------------------------------------

TEST_F(WatcherTest, AFileThatIsWrittenOrDeletedIsHeardOf) {
  folder_.Write("a.conf", "1");
  const WatchTarget file = Path(folder_ / "a.conf");
  const WatchTarget later = Path(folder_ / "later");
  ASSERT_TRUE(watcher_->Watch({file, later}));
  RunPending();
  EXPECT_TRUE(events_.empty());
  folder_.Write("a.conf", "22");
  EXPECT_TRUE(Hears(file, "folder " + Shown(folder_.path()) + ": written a.conf"));
  // The system tells in order: after this no second word of the writing is left, which the deletion
  // could be told together with.
  folder_.Write("later", "1");
  EXPECT_TRUE(HearsAny(later));
  fs::remove(folder_ / "a.conf");
  EXPECT_TRUE(Hears(file, "folder " + Shown(folder_.path()) + ": deleted a.conf"));
}

TEST_F(WatcherTest, AFileThatIsRenamedIntoPlaceIsHeardOfAndFollowed) {
  folder_.Write("a.conf", "1");
  const WatchTarget file = Path(folder_ / "a.conf");
  ASSERT_TRUE(watcher_->Watch({file}));
  for (const char* next : {"2", "3"}) {
    folder_.Write("a.conf.new", next);
    ASSERT_TRUE(MoveFileExW(Wide(folder_ / "a.conf.new")->c_str(),
                            Wide(folder_ / "a.conf")->c_str(), MOVEFILE_REPLACE_EXISTING));
    EXPECT_TRUE(HearsAny(file));
  }
  folder_.Write("a.conf", "44");
  EXPECT_TRUE(Hears(file, "folder " + Shown(folder_.path()) + ": written a.conf"));
}

TEST_F(WatcherTest, WhatHappensBesideAFileIsNotToldAndCaseDoesNotMatter) {
  folder_.Write("A.conf", "1");
  folder_.Write("noise", "1");
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "a.CONF")}));
  folder_.Write("noise", "22");
  folder_.Write("more-noise", "1");
  folder_.Write("A.conf", "22");
  ExpectOnly(Path(folder_ / "a.CONF"));
}

TEST_F(WatcherTest, AFolderTellsOfWhatIsCreatedWrittenRenamedAndDeletedInIt) {
  folder_.Write("conf.d/old", "1");
  const WatchTarget conf = Path(folder_ / "conf.d");
  const std::string about = "folder " + Shown(conf.what) + ": ";
  ASSERT_TRUE(watcher_->Watch({conf}));
  folder_.Write("conf.d/a.conf", "");
  EXPECT_TRUE(Hears(conf, about + "created a.conf"));
  folder_.Write("conf.d/old", "22");
  EXPECT_TRUE(Hears(conf, about + "written old"));
  fs::rename(folder_ / "conf.d/a.conf", folder_ / "conf.d/b.conf");
  EXPECT_TRUE(Hears(conf, about + "moved away a.conf"));
  fs::remove(folder_ / "conf.d/b.conf");
  EXPECT_TRUE(Hears(conf, about + "deleted b.conf"));
}

TEST_F(WatcherTest, AFileWhoseFoldersDoNotExistYetIsHeardOfWhenItComesAtLast) {
  const WatchTarget file = Path(folder_ / "x/y/a.conf");
  ASSERT_TRUE(watcher_->Watch({file, Path(folder_ / "proof")}));
  fs::create_directory(folder_ / "x");
  folder_.Write("proof", "1");
  ExpectOnly(Path(folder_ / "proof"));  // a folder on the way is not the file
  fs::create_directory(folder_ / "x/y");
  folder_.Write("x/y/a.conf", "1");
  EXPECT_TRUE(HearsAny(file));
  folder_.Write("x/y/a.conf", "22");
  EXPECT_TRUE(Hears(file, "folder " + Shown(folder_ / "x/y") + ": written a.conf"));
}

TEST_F(WatcherTest, AFolderThatIsExchangedIsHeardOfAndFollowed) {
  folder_.Write("swanctl/a.conf", "1");
  const WatchTarget conf = Path(folder_ / "swanctl");
  ASSERT_TRUE(watcher_->Watch({conf}));
  fs::rename(folder_ / "swanctl", folder_ / "old");
  EXPECT_TRUE(Hears(conf, "folder " + Shown(folder_.path()) + ": moved away swanctl"));
  folder_.Write("new/b.conf", "1");
  fs::rename(folder_ / "new", folder_ / "swanctl");
  EXPECT_TRUE(Hears(conf, "folder " + Shown(folder_.path()) + ": moved in swanctl"));
  folder_.Write("swanctl/c.conf", "");
  EXPECT_TRUE(Hears(conf, "folder " + Shown(conf.what) + ": created c.conf"));
}

TEST_F(WatcherTest, AReplacedSetHearsOfItsOwnTargetsOnly) {
  folder_.Write("a", "1");
  folder_.Write("b", "1");
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "a"), Path(folder_ / "b")}));
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "b")}));
  folder_.Write("a", "22");
  folder_.Write("b", "22");
  ExpectOnly(Path(folder_ / "b"));
}

TEST_F(WatcherTest, WhenTheSystemLostEventsEveryPathOfTheFolderHasOne) {
  folder_.Write("quiet", "1");
  ASSERT_TRUE(watcher_->Watch({Path(folder_ / "quiet"), Path(folder_.path())}));
  for (int i = 0; i < 400; ++i) {  // 16 KiB of names and more, while the loop stands
    folder_.Write(std::to_string(i) + std::string(100, 'n'), "");
  }
  EXPECT_TRUE(
      Hears(Path(folder_ / "quiet"), "folder " + Shown(folder_.path()) + ": events were lost"));
  folder_.Write("quiet", "22");
  EXPECT_TRUE(
      Hears(Path(folder_ / "quiet"), "folder " + Shown(folder_.path()) + ": written quiet"));
}

TEST_F(WatcherTest, APathLongerThanMaxPathIsWatched) {
  std::string path = folder_.path();
  while (path.size() < 300) {
    path += "\\" + std::string(60, 'x');
    ASSERT_TRUE(CreateDirectoryW(Wide(R"(\\?\)" + path)->c_str(), nullptr)) << path;
  }
  const WatchTarget file = Path(path + "\\a.conf");
  ASSERT_TRUE(watcher_->Watch({file}));
  const std::wstring made = *Wide(R"(\\?\)" + file.what);
  Handle(CreateFileW(made.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr)).reset();
  EXPECT_TRUE(Hears(file, "folder " + path + ": created a.conf"));
  EXPECT_TRUE(DeleteFileW(made.c_str()));
  EXPECT_TRUE(Hears(file, "folder " + path + ": deleted a.conf"));
  ASSERT_TRUE(watcher_->Watch({}));
  for (; path.size() > folder_.path().size(); path.resize(path.rfind('\\'))) {
    EXPECT_TRUE(RemoveDirectoryW(Wide(R"(\\?\)" + path)->c_str())) << path;
  }
}

TEST_F(WatcherTest, APathThatCannotBeWatchedIsNamedAndTheOthersAreWatched) {
  folder_.Write("a", "1");
  const WatchTarget good = Path(folder_ / "a");
  EXPECT_EQ(watcher_->Watch({Path("/etc/passwd"), good}).error(),
            (Error{Code::kInvalidArgument, "/etc/passwd: not absolute"}));
  folder_.Write("a", "22");
  EXPECT_TRUE(Hears(good, "folder " + Shown(folder_.path()) + ": written a"));
}

// ---- processes -----------------------------------------------------------------------------

// A process that waits for the end of its input.
class Child {
 public:
  Child() {
    SECURITY_ATTRIBUTES inherit{sizeof inherit, nullptr, TRUE};
    HANDLE read = nullptr;
    HANDLE write = nullptr;
    CreatePipe(&read, &write, &inherit, 0);
    input_ = Handle(write);
    const Handle theirs(read);
    SetHandleInformation(write, HANDLE_FLAG_INHERIT, 0);
    wchar_t self[MAX_PATH];
    GetModuleFileNameW(nullptr, self, MAX_PATH);
    const std::wstring here(self);
    const std::wstring program = here.substr(0, here.rfind(L'\\')) + L"\\child_windows.exe";
    std::wstring line = L"child stdin";
    STARTUPINFOW startup{};
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = read;
    PROCESS_INFORMATION made{};
    if (!CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr,
                        &startup, &made)) {
      return;
    }
    process_ = Handle(made.hProcess);
    CloseHandle(made.hThread);
    pid_ = made.dwProcessId;
  }
  int64_t pid() const { return pid_; }
  void End() { input_.reset(); }
  // Once its number means nobody.
  void EndAndForget() {
    End();
    WaitForSingleObject(process_.get(), 10'000);
    process_.reset();
  }

 private:
  Handle input_;
  Handle process_;
  int64_t pid_ = 0;
};

TEST_F(WatcherTest, AProcessThatEndsIsHeardOf) {
  Child child;
  ASSERT_NE(child.pid(), 0);
  ASSERT_TRUE(watcher_->Watch({Exit(child.pid())}));
  RunPending();
  EXPECT_TRUE(events_.empty());
  child.End();
  EXPECT_TRUE(
      Hears(Exit(child.pid()), "exit " + std::to_string(child.pid()) + " child_windows.exe"));
}

TEST_F(WatcherTest, APidThatIsGoneHasItsEventAtOnceButNotInsideWatch) {
  Child child;
  const WatchTarget gone = Exit(child.pid());
  child.EndAndForget();
  ASSERT_TRUE(watcher_->Watch({gone}));
  EXPECT_TRUE(events_.empty());
  EXPECT_TRUE(HearsAny(gone));
  ASSERT_TRUE(watcher_->Watch({gone, Path(folder_ / "proof")}));
  folder_.Write("proof", "");
  ExpectOnly(Path(folder_ / "proof"));  // once is enough
}

TEST_F(WatcherTest, ANumberThatNoProcessHasHasItsEventToo) {
  for (const int64_t pid : {int64_t{0x7ffffffc}, int64_t{1} << 40}) {
    ASSERT_TRUE(watcher_->Watch({Exit(pid)}));
    EXPECT_TRUE(events_.empty());
    EXPECT_TRUE(Hears(Exit(pid), "exit " + std::to_string(pid)));
  }
}

TEST_F(WatcherTest, TheSetMayBeReplacedFromInsideAnEvent) {
  Child child;
  bool heard = false;
  std::unique_ptr<Watcher> watcher;
  watcher = MakeWatcher([&](const WatchEvent&) {
    heard = true;
    EXPECT_TRUE(watcher->Watch({}).has_value());
  });
  ASSERT_TRUE(watcher->Watch({Exit(child.pid()), Path(folder_ / "a"), Service("Winmgmt"),
                              Key(R"(HKEY_LOCAL_MACHINE\SOFTWARE\SallyportWatch)")}));
  child.End();
  EXPECT_TRUE(RunUntil([&] { return heard; }));
  RunPending();
}

// ---- services ------------------------------------------------------------------------------

TEST_F(WatcherTest, AServiceThatStartsOrStopsIsHeardOfEachTime) {
  FakeService service(L"SallyportWatch1");
  const WatchTarget target = Service("SallyportWatch1");
  std::vector<DWORD> states;  // as they were when an event came
  watcher_ = MakeWatcher([&](const WatchEvent& event) {
    if (event.target == target) states.push_back(service.state());
    events_.push_back(event);
  });
  ASSERT_TRUE(watcher_->Watch({target, Path(folder_ / "proof")}));
  folder_.Write("proof", "");
  ExpectOnly(Path(folder_ / "proof"));  // that it is there is no event
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(service.Start());
    EXPECT_TRUE(RunUntil([&] { return !states.empty() && states.back() == SERVICE_RUNNING; }));
    service.Stop();
    EXPECT_TRUE(RunUntil([&] { return states.back() == SERVICE_STOPPED; }));
  }
  EXPECT_EQ(events_.back().about, "service SallyportWatch1: changed");
}

TEST_F(WatcherTest, AServiceThatDoesNotExistYetIsHeardOfWhenItIsCreatedAndThenWatched) {
  const WatchTarget target = Service("SallyportWatch2");
  ASSERT_TRUE(watcher_->Watch({target}));
  RunPending();
  EXPECT_TRUE(events_.empty());
  FakeService service(L"SallyportWatch2");
  EXPECT_TRUE(Hears(target, "service SallyportWatch2: created"));
  ASSERT_TRUE(service.Start());
  EXPECT_TRUE(Hears(target, "service SallyportWatch2: changed"));
  ASSERT_TRUE(watcher_->Watch({}));  // lets go of it, so that it can be deleted
}

// ---- registry ------------------------------------------------------------------------------

constexpr const char* kParent = R"(HKEY_LOCAL_MACHINE\SOFTWARE\SallyportWatch)";
constexpr const wchar_t* kParentPath = LR"(SOFTWARE\SallyportWatch)";
constexpr const wchar_t* kKeyPath = LR"(SOFTWARE\SallyportWatch\Product)";

class RegistryWatchTest : public WatcherTest {
 protected:
  ~RegistryWatchTest() override {
    Delete(kKeyPath);
    Delete(kParentPath);
  }
  static KeyHandle Make(const wchar_t* path) {
    HKEY key = nullptr;
    RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, nullptr, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY,
                    nullptr, &key, nullptr);
    return KeyHandle(key);
  }
  static void Delete(const wchar_t* path) {
    RegDeleteKeyExW(HKEY_LOCAL_MACHINE, path, KEY_WOW64_64KEY, 0);
  }
  static void Put(HKEY key, const wchar_t* name, DWORD number) {
    RegSetValueExW(key, name, 0, REG_DWORD, reinterpret_cast<const BYTE*>(&number), sizeof number);
  }
  const WatchTarget target_ = Key(std::string(kParent) + R"(\Product)");
  const std::string about_ = "registry " + target_.what + ": ";
};

TEST_F(RegistryWatchTest, AValueThatIsSetChangedOrDeletedIsHeardOfEachTime) {
  const KeyHandle key = Make(kKeyPath);
  ASSERT_TRUE(watcher_->Watch({target_}));
  for (const DWORD number : {1, 2, 3}) {
    Put(key.get(), L"UBR", number);
    EXPECT_TRUE(Hears(target_, about_ + "changed"));
  }
  RegDeleteValueW(key.get(), L"UBR");
  EXPECT_TRUE(Hears(target_, about_ + "changed"));
}

TEST_F(RegistryWatchTest, AKeyThatDoesNotExistYetIsHeardOfWhenItComesAndWhenItGoes) {
  ASSERT_TRUE(watcher_->Watch({target_, Key(kParent)}));
  const KeyHandle parent = Make(kParentPath);
  ExpectOnly(Key(kParent));  // a key on the way is not the key
  KeyHandle key = Make(kKeyPath);
  EXPECT_TRUE(Hears(target_, about_ + "created"));
  Put(key.get(), L"UBR", 1);
  EXPECT_TRUE(Hears(target_, about_ + "changed"));
  key.reset();
  Delete(kKeyPath);
  EXPECT_TRUE(Hears(target_, about_ + "deleted"));
  key = Make(kKeyPath);
  EXPECT_TRUE(Hears(target_, about_ + "created"));
}

TEST_F(RegistryWatchTest, WhatHappensBesideAKeyIsNotTold) {
  const KeyHandle key = Make(kKeyPath);
  ASSERT_TRUE(watcher_->Watch({target_, Key(kParent)}));
  const KeyHandle other = Make(LR"(SOFTWARE\SallyportWatch\Other)");
  Put(other.get(), L"x", 1);
  Delete(LR"(SOFTWARE\SallyportWatch\Other)");
  ExpectOnly(Key(kParent));
  Put(key.get(), L"UBR", 1);
  ExpectOnly(target_);
}

TEST_F(RegistryWatchTest, AKeyOfNoKnownHiveIsNamedAndTheOthersAreWatched) {
  const KeyHandle key = Make(kKeyPath);
  EXPECT_EQ(watcher_->Watch({Key(R"(HKEY_CURRENT_USER\x)"), target_}).error().code,
            Code::kInvalidArgument);
  Put(key.get(), L"UBR", 1);
  EXPECT_TRUE(Hears(target_, about_ + "changed"));
}

// ---- what Wine has not ---------------------------------------------------------------------

TEST_F(WatcherTest, WhereTheNetworkTellsNothingThatIsSaid) {
  EXPECT_EQ(watcher_->Watch({{Kind::kNetwork, "", 0}}).error(),
            (Error{Code::kUnsupported, "NotifyIpInterfaceChange: does nothing here"}));
}

TEST_F(WatcherTest, StartsOfProgramsAreNotHeardOf) {
  folder_.Write("clamd.exe", "1");
  ASSERT_TRUE(
      watcher_->Watch({{Kind::kProgram, folder_ / "clamd.exe", 0}, Path(folder_ / "proof")}));
  folder_.Write("clamd.exe", "22");
  folder_.Write("proof", "");
  ExpectOnly(Path(folder_ / "proof"));
}

TEST_F(WatcherTest, NoHandleStaysBehind) {
  const auto count = [] {
    DWORD handles = 0;
    GetProcessHandleCount(GetCurrentProcess(), &handles);
    return handles;
  };
  folder_.Write("a", "1");
  const std::vector<WatchTarget> targets = {Path(folder_ / "a"), Path(folder_ / "b/c"),
                                            Exit(GetCurrentProcessId()),
                                            Key(R"(HKEY_LOCAL_MACHINE\SOFTWARE)"), Key(kParent)};
  ASSERT_TRUE(watcher_->Watch(targets));
  ASSERT_TRUE(watcher_->Watch({}));
  const DWORD before = count();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(watcher_->Watch(targets));
    RunPending();
    ASSERT_TRUE(watcher_->Watch({}));
  }
  EXPECT_LE(count(), before + 2);
}

}  // namespace
}  // namespace sallyport
