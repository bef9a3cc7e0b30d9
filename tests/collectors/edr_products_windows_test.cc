// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/text.h"
#include "collectors/edr/windows_product.h"
#include "collectors/edr_products.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using State = ServiceInfo::State;

constexpr int64_t kNow = 1'800'000'000;
constexpr int64_t kDay = 86'400;
const Value kNone = std::monostate{};
constexpr char kDefender[] = R"(root\Microsoft\Windows\Defender)";
constexpr char kStatus[] =
    "SELECT AMRunningMode, RealTimeProtectionEnabled, AntivirusSignatureAge, AMProductVersion, "
    "IsTamperProtected FROM MSFT_MpComputerStatus";

FakeHost Machine() {
  FakeHost host(Os::kWindows);
  host.SetTime({.wall = std::chrono::seconds(kNow)});
  return host;
}

// A machine on which one service is in a state; when it has a process, that runs `program`.
FakeHost With(const std::string& service, State state, const std::string& program = "") {
  FakeHost host = Machine();
  host.PutService({.name = service, .state = state, .pid = program.empty() ? 0 : 612});
  host.PutProcess({.pid = 4, .name = "System"});
  if (!program.empty()) host.PutProcess({.pid = 612, .parent_pid = 4, .name = program});
  return host;
}
FakeHost WithDefender(Value mode, Value real_time) {
  FakeHost host = With("WinDefend", State::kRunning, "MsMpEng.exe");
  host.PutWmi(kDefender, kStatus, Rows{{mode, real_time, Cell(2), Cell("4.18.24050.7"), Cell(1)}});
  return host;
}

std::map<std::string, Value> Read(const Host& host) {
  const Rows rows = EdrProductsWindows(host, {}).value();
  EXPECT_EQ(rows.size(), 1u);
  std::map<std::string, Value> out;
  for (size_t i = 0; i < kEdrProducts.columns.size(); ++i) {
    out[std::string(kEdrProducts.columns[i].name)] = rows.front()[i];
  }
  return out;
}

TEST(EdrProductsWindows, DefenderAsTheMachinesAntivirus) {
  EXPECT_EQ(EdrProductsWindows(WithDefender(Cell("Normal"), Cell(1)), {}).value(),
            (Rows{{Cell("defender"), Cell("Microsoft"), Cell("antivirus"), Cell(1), Cell(1),
                   Cell(1), Cell("enforcing"), Cell(612), Cell("4.18.24050.7"), Cell(2),
                   Cell("WMI MSFT_MpComputerStatus"), Cell("active"), kNone, Cell("Normal"),
                   Cell(0), Cell(1)}}));
}

TEST(EdrProductsWindows, WithoutAnyServiceOfAProductThereIsNoRow) {
  EXPECT_EQ(EdrProductsWindows(With("Spooler", State::kRunning, "MsMpEng.exe"), {}).value(),
            Rows{});
}

TEST(EdrProductsWindows, DefenderThatIsPassiveEnforcesNothingThoughRealTimeProtectionIsCalledOn) {
  for (const char* mode : {"Passive Mode", "SxS Passive Mode", "EDR Block Mode", "Not running"}) {
    auto row = Read(WithDefender(Cell(mode), Cell(1)));
    EXPECT_EQ(row["enforcing"], Cell(0)) << mode;
    // Whether another antivirus is on, nobody tells here.
    EXPECT_EQ(row["state"], mode == std::string("Not running") ? Cell("degraded") : Cell(Unknown{}))
        << mode;
  }
  EXPECT_EQ(Read(WithDefender(Cell("Normal"), Cell(0)))["enforcing"], Cell(0));
}

constexpr char kAntivirus[] =
    "SELECT displayName, productState, timestamp, pathToSignedProductExe, "
    "pathToSignedReportingExe FROM AntiVirusProduct";

// Numbers of productState as community.idera.com decodes them.
void PutAntivirus(FakeHost* host, int64_t defender, int64_t other) {
  host->PutWmi(R"(root\SecurityCenter2)", kAntivirus,
               Rows{{Cell("Windows Defender"), Cell(defender), kNone, kNone, kNone},
                    {Cell("Other"), Cell(other), kNone, kNone, Cell("C:/Other/avp.exe")}});
  host->Put("C:/Other/avp.exe", "MZ");
}

TEST(EdrProductsWindows, PassiveIsRightIfAndOnlyIfAnotherAntivirusIsRegisteredAndOn) {
  FakeHost host = WithDefender(Cell("Passive Mode"), Cell(1));
  PutAntivirus(&host, 0x060100, 0x041000);
  EXPECT_EQ(Read(host)["degraded"], Cell(0));
  EXPECT_EQ(Read(host)["state"], Cell("running"));
  EXPECT_EQ(Read(host)["mode"], Cell("Passive Mode"));
  const std::pair<int64_t, Value> kOthers[] = {
      {0x040000, Cell(1)}, {0x042000, Cell(1)}, {0x043000, Cell(1)}, {0x044000, Unknown{}}};
  for (const auto& [other, degraded] : kOthers) {  // off, snoozed, expired, a new state
    PutAntivirus(&host, 0x061100, other);          // its own registration does not count
    EXPECT_EQ(Read(host)["degraded"], degraded) << other;
  }
  PutAntivirus(&host, 0x060100, 0x041000);
  host.Remove("C:/Other/avp.exe");  // registered still, and gone
  EXPECT_EQ(Read(host)["degraded"], Cell(1));
  host.PutWmi(R"(root\SecurityCenter2)", kAntivirus, Fail(Code::kUnsupported, "WMI"));
  EXPECT_EQ(Read(host)["degraded"], Cell(Unknown{}));  // Server has no Security Center
}

TEST(EdrProductsWindows, DefenderIsDegradedWithoutRealTimeProtectionAndWhereItDoesNotRun) {
  EXPECT_EQ(Read(WithDefender(Cell("Normal"), Cell(0)))["degraded"], Cell(1));
  EXPECT_EQ(Read(WithDefender(Cell("Not running"), Cell(0)))["degraded"], Cell(1));
  EXPECT_EQ(Read(WithDefender(Cell("Dormant Mode"), Cell(1)))["degraded"], Cell(Unknown{}));
  FakeHost host = With("WinDefend", State::kStopped);
  host.PutWmi(kDefender, kStatus, Rows{{Cell("Not running"), Cell(0), Cell(2), kNone, kNone}});
  EXPECT_EQ(Read(host)["degraded"], kNone);
  EXPECT_EQ(Read(host)["tamper_protection"], Cell(Unknown{}));
}

TEST(EdrProductsWindows, ReducedFunctionalityOfASensorIsUnknownAndNotAbsent) {
  FakeHost host = With("CSFalconService", State::kRunning, "CSFalconService.exe");
  EXPECT_EQ(Read(host)["degraded"], Cell(1));  // its driver is not there
  EXPECT_EQ(Read(host)["state"], Cell("degraded"));
  host.PutService({.name = "CSAgent", .state = State::kRunning, .driver = true});
  for (const char* column : {"mode", "degraded", "tamper_protection"}) {
    EXPECT_EQ(Read(host)[column], Cell(Unknown{})) << column;
  }
  EXPECT_EQ(Read(host)["state"], Cell("running"));  // which is all that a sensor shows
}

TEST(EdrProductsWindows, WhatDefenderSaysInNewWordsOrDoesNotSayIsUnknown) {
  for (const Value& mode : {Cell("Dormant Mode"), Cell(""), kNone}) {
    EXPECT_EQ(Read(WithDefender(mode, Cell(1)))["enforcing"], Cell(Unknown{})) << ToText(mode);
  }
  FakeHost host = WithDefender(Cell("Normal"), Cell(1));
  for (const Code code : {Code::kUnsupported, Code::kNotFound, Code::kTimeout}) {
    host.PutWmi(kDefender, kStatus, Fail(code, "WMI"));
    auto row = Read(host);
    EXPECT_EQ(row["running"], Cell(1));
    EXPECT_EQ(row["enforcing"], Cell(Unknown{}));
    EXPECT_EQ(row["state"], Cell(Unknown{}));
    EXPECT_EQ(row["signature_age_days"], Cell(Unknown{}));
    EXPECT_EQ(row["version"], Cell(Unknown{}));
  }
}

TEST(EdrProductsWindows, SignaturesThatDefenderNeverHadAreUnknownAndNotOld) {
  for (const int64_t age : {int64_t{65'535}, int64_t{4'294'967'295}}) {
    FakeHost host = WithDefender(Cell("Normal"), Cell(1));
    host.PutWmi(kDefender, kStatus, Rows{{Cell("Normal"), Cell(1), Cell(age), kNone, kNone}});
    EXPECT_EQ(Read(host)["signature_age_days"], Cell(Unknown{}));
  }
}

TEST(EdrProductsWindows, AServiceThatIsStoppedOrOnItsWayDoesNotRun) {
  const std::pair<State, const char*> states[] = {{State::kStopped, "inactive"},
                                                  {State::kStartPending, "activating"},
                                                  {State::kStopPending, "deactivating"},
                                                  {State::kPaused, "paused"}};
  for (const auto& [state, word] : states) {
    auto row = Read(With("CSFalconService", state, "CSFalconService.exe"));
    EXPECT_EQ(row["running"], Cell(0)) << word;
    EXPECT_EQ(row["enforcing"], Cell(0)) << word;
    EXPECT_EQ(row["state"], Cell("stopped")) << word;
    EXPECT_EQ(row["pid"], kNone) << word;
    EXPECT_EQ(row["unit_state"], Cell(word));
  }
}

TEST(EdrProductsWindows, AServiceWhoseProcessWasKilledDoesNotRunWhateverItsStateSays) {
  FakeHost host = Machine();
  host.PutService({.name = "clamd", .state = State::kRunning, .pid = 612});
  host.PutProcess({.pid = 4, .name = "System"});
  EXPECT_EQ(Read(host)["running"], Cell(0));
  EXPECT_EQ(Read(host)["unit_state"], Cell("active"));
}

TEST(EdrProductsWindows, AServiceOfTheSameNameThatRunsAnotherProgramIsSomebodyElses) {
  EXPECT_EQ(Read(With("clamd", State::kRunning, "notepad.exe"))["running"], Cell(0));
  EXPECT_EQ(Read(With("ClamD", State::kRunning, "CLAMD.EXE"))["running"], Cell(1));
}

TEST(EdrProductsWindows, WhereProcessesMayNotBeListedRunningIsUnknown) {
  FakeHost host = With("clamd", State::kRunning, "clamd.exe");
  host.FailProcesses(Code::kDenied);
  auto row = Read(host);
  for (const char* column : {"running", "enforcing", "state", "pid"}) {
    EXPECT_EQ(row[column], Cell(Unknown{})) << column;
  }
}

TEST(EdrProductsWindows, WhereServicesMayNotBeListedTheTableFails) {
  FakeHost host = Machine();
  host.FailServices(Code::kDenied);
  EXPECT_EQ(EdrProductsWindows(host, {}).error().code, Code::kDenied);
}

TEST(EdrProductsWindows, ASensorWithoutItsDriverIsBlindAndWithItItsModeIsNotSeen) {
  const std::string sensors[][3] = {
      {"CSFalconService", "CSFalconService.exe", "CSAgent"},
      {"SentinelAgent", "SentinelAgent.exe", "SentinelMonitor"},
      {"Sophos Endpoint Defense Service", "SEDService.exe", "Sophos Endpoint Defense"}};
  for (const auto& [service, program, driver] : sensors) {
    FakeHost host = With(service, State::kRunning, program);
    EXPECT_EQ(Read(host)["enforcing"], Cell(0)) << service;
    host.PutService({.name = driver, .state = State::kRunning, .driver = true});
    EXPECT_EQ(Read(host)["enforcing"], Cell(Unknown{})) << service;
    EXPECT_EQ(Read(host)["running"], Cell(1)) << service;
  }
}

TEST(EdrProductsWindows, DefenderForEndpointRecordsOnlyOnceItIsOnboarded) {
  FakeHost host = With("Sense", State::kRunning, "MsSense.exe");
  const std::string key =
      R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status)";
  EXPECT_EQ(Read(host)["enforcing"], Cell(0));
  host.PutRegistry(key, "OnboardingState", Cell(0));
  EXPECT_EQ(Read(host)["enforcing"], Cell(0));
  host.PutRegistry(key, "OnboardingState", Cell(1));
  EXPECT_EQ(Read(host)["enforcing"], Cell(1));
  host.PutRegistry(key, "OnboardingState", Cell("1"));  // of another type
  EXPECT_EQ(Read(host)["enforcing"], Cell(Unknown{}));
}

TEST(EdrProductsWindows, ClamavsSignaturesAreReadWhereItsConfigurationSays) {
  FakeHost host = With("clamd", State::kRunning, "clamd.exe");
  auto row = Read(host);
  EXPECT_EQ(row["signature_age_days"], kNone);
  EXPECT_EQ(row["enforcing"], Cell(0));
  const std::string header = "ClamAV-VDB:21 Nov 2026 03-24 -0500:27826:1:90:m:s:r:";
  host.Put("C:/Program Files/ClamAV/database/daily.cvd", header + std::to_string(kNow - 5 * kDay));
  row = Read(host);
  EXPECT_EQ(row["signature_age_days"], Cell(5));
  EXPECT_EQ(row["signature_source"], Cell("C:/Program Files/ClamAV/database/daily.cvd"));
  host.Put("C:/Program Files/ClamAV/clamd.conf", "DatabaseDirectory \"D:\\db\"\r\n");
  host.Put("D:/db/daily.cvd", header + std::to_string(kNow - 2 * kDay));
  EXPECT_EQ(Read(host)["signature_age_days"], Cell(2));
  host.Fail("C:/Program Files/ClamAV/clamd.conf", Code::kDenied);
  EXPECT_EQ(Read(host)["signature_age_days"], Cell(Unknown{}));
}

TEST(EdrProductsWindows, TriggersNameEveryServiceOfTheProductsAndNoOther) {
  std::set<std::string> services;
  std::set<std::string> keys;
  for (const WindowsEdrProduct& product : EdrProductsOfWindows()) {
    services.emplace(product.service);
    if (!product.enforcing.driver.empty()) services.emplace(product.enforcing.driver);
    if (!product.settings.empty()) keys.emplace(product.settings);
    if (!product.enforcing.key.empty()) keys.emplace(product.enforcing.key);
    for (std::string_view program : product.programs) EXPECT_EQ(Lower(program), program);
  }
  std::set<std::string> told;
  std::set<std::string> told_keys;
  for (const Trigger& trigger : kEdrProductsWindowsTriggers) {
    if (trigger.kind == Trigger::Kind::kUnit) told.emplace(trigger.what);
    if (trigger.kind == Trigger::Kind::kRegistry) told_keys.emplace(trigger.what);
  }
  EXPECT_EQ(told, services);
  EXPECT_EQ(told_keys, keys);
}

}  // namespace
}  // namespace sallyport
