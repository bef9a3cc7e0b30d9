// SPDX-License-Identifier: Apache-2.0
// Keys and values as learn.microsoft.com has them ("Interactive logon: Machine inactivity limit",
// Policy CSP - DeviceLock, the Personalization policies); none was captured.
#include "collectors/screen_lock.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
const std::string kHive = R"(HKEY_USERS\S-1-5-21-1-2-3-1001)";
const std::string kDesktop = kHive + R"(\Control Panel\Desktop)";
const std::string kPolicies =
    kHive + R"(\Software\Policies\Microsoft\Windows\Control Panel\Desktop)";
constexpr char kSystem[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System)";
constexpr char kDeviceLock[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\PolicyManager\current\device\DeviceLock)";

void LogOn(FakeHost* host, const std::string& hive, const char* name) {
  host->PutRegistryValues(hive + R"(\Volatile Environment)", RegistryContent{});
  host->PutRegistry(hive + R"(\Volatile Environment)", "USERNAME", Cell(name));
}

// ada is logged on. The other hives are Windows' own, a service account's and ada's classes.
FakeHost Windows() {
  FakeHost host(Os::kWindows);
  host.PutRegistryKeys(
      "HKEY_USERS", std::vector<std::string>{".DEFAULT", "S-1-5-18", "S-1-5-21-1-2-3-1001",
                                             "S-1-5-21-1-2-3-1001_Classes", "S-1-5-21-1-2-3-1055"});
  LogOn(&host, kHive, "ada");
  host.PutRegistry(kDesktop, "ScreenSaveActive", Cell("1"));
  return host;
}

void SetScreenSaver(FakeHost* host, const std::string& key, const char* seconds) {
  host->PutRegistry(key, "ScreenSaveActive", Cell("1"));
  host->PutRegistry(key, "ScreenSaverIsSecure", Cell("1"));
  host->PutRegistry(key, "ScreenSaveTimeOut", Cell(seconds));
  host->PutRegistry(key, "SCRNSAVE.EXE", Cell(R"(C:\Windows\system32\scrnsave.scr)"));
}

Rows Locks(const FakeHost& host) { return ScreenLockWindows(host, {}).value(); }
const Row kNever = {Cell("ada"), Cell(0), kNone, kNone, Cell(0), kNone};
const Row kUntold = {Cell("ada"), Unknown{}, Unknown{}, Unknown{}, Unknown{}, kNone};

TEST(ScreenLockWindows, WithoutALimitAndAScreenSaverNothingLocks) {
  EXPECT_EQ(Locks(Windows()), (Rows{kNever}));
}

TEST(ScreenLockWindows, TheMachinesLimitLocksForEverybody) {
  FakeHost host = Windows();
  host.PutRegistry(kSystem, "InactivityTimeoutSecs", Cell(900));
  EXPECT_EQ(Locks(host), (Rows{{Cell("ada"), Cell(1), Cell(900), Cell(0), Cell(1),
                                Cell("policy InactivityTimeoutSecs")}}));
  host.PutRegistry(kSystem, "InactivityTimeoutSecs", Cell(0));
  EXPECT_EQ(Locks(host), (Rows{kNever}));
  host.PutRegistry(kSystem, "InactivityTimeoutSecs", Fail(Code::kDenied, "policy"));
  EXPECT_EQ(Locks(host), (Rows{kUntold}));
}

TEST(ScreenLockWindows, TheLimitLocksByTheScreenSaverAndIsUntoldWhereThatIsOff) {
  FakeHost host = Windows();
  host.PutRegistry(kSystem, "InactivityTimeoutSecs", Cell(900));
  for (const char* off_or_not : {"0", "soon"}) {
    host.PutRegistry(kDesktop, "ScreenSaveActive", Cell(off_or_not));
    EXPECT_EQ(Locks(host), (Rows{kUntold})) << off_or_not;
  }
}

TEST(ScreenLockWindows, AScreenSaverLocksOnlyIfItIsActiveSecureTimedAndThere) {
  FakeHost host = Windows();
  SetScreenSaver(&host, kDesktop, "600");
  const Row locked = {Cell("ada"), Cell(1), Cell(600), Cell(5), Cell(0), Cell("screen saver")};
  EXPECT_EQ(Locks(host), (Rows{locked}));
  for (const char* name : {"ScreenSaveActive", "ScreenSaverIsSecure", "ScreenSaveTimeOut"}) {
    FakeHost off = Windows();
    SetScreenSaver(&off, kDesktop, "600");
    off.PutRegistry(kDesktop, name, Cell("0"));
    EXPECT_EQ(Locks(off), (Rows{kNever})) << name;
    off.PutRegistry(kDesktop, name, Cell("soon"));
    EXPECT_EQ(Locks(off), (Rows{kUntold})) << name;
  }
  host.PutRegistry(kDesktop, "SCRNSAVE.EXE", Fail(Code::kNotFound, "SCRNSAVE.EXE"));
  EXPECT_EQ(Locks(host), (Rows{kNever}));
}

TEST(ScreenLockWindows, APolicyStandsOverWhatAPersonSet) {
  FakeHost host = Windows();
  SetScreenSaver(&host, kDesktop, "36000");
  host.PutRegistry(kPolicies, "ScreenSaveTimeOut", Cell("300"));
  EXPECT_EQ(Locks(host)[0][2], Cell(300));
  EXPECT_EQ(Locks(host)[0][4], Cell(0));  // a person may still turn it off
  SetScreenSaver(&host, kPolicies, "300");
  EXPECT_EQ(
      Locks(host),
      (Rows{{Cell("ada"), Cell(1), Cell(300), Cell(5), Cell(1), Cell("policy: screen saver")}}));
  host.PutRegistry(kPolicies, "ScreenSaverIsSecure", Cell("0"));
  EXPECT_EQ(Locks(host), (Rows{kNever}));
}

TEST(ScreenLockWindows, WhatAnAdministratorSetComesBeforeAPersonsShorterTime) {
  FakeHost host = Windows();
  SetScreenSaver(&host, kDesktop, "60");
  host.PutRegistry(kSystem, "InactivityTimeoutSecs", Cell(900));
  EXPECT_EQ(Locks(host)[0][2], Cell(900));
  SetScreenSaver(&host, kPolicies, "600");
  EXPECT_EQ(Locks(host)[0][2], Cell(600));
}

TEST(ScreenLockWindows, AManagementServersLimitIsInMinutesAndCountsWithAPasswordOnly) {
  FakeHost host = Windows();
  host.PutRegistry(kDeviceLock, "MaxInactivityTimeDeviceLock", Cell(15));
  EXPECT_EQ(Locks(host), (Rows{kUntold}));
  host.PutRegistry(kDeviceLock, "DevicePasswordEnabled", Cell(1));
  EXPECT_EQ(Locks(host), (Rows{kNever}));
  host.PutRegistry(kDeviceLock, "DevicePasswordEnabled", Cell(0));
  EXPECT_EQ(Locks(host), (Rows{{Cell("ada"), Cell(1), Cell(900), Cell(0), Cell(1),
                                Cell("MDM MaxInactivityTimeDeviceLock")}}));
}

TEST(ScreenLockWindows, EachPersonHasARowAndWithoutAnyTheMachineHas) {
  FakeHost host = Windows();
  LogOn(&host, R"(HKEY_USERS\S-1-5-21-1-2-3-1055)", "bob");
  SetScreenSaver(&host, kDesktop, "600");
  EXPECT_EQ(Locks(host).size(), 2u);
  EXPECT_EQ(Locks(host)[1][0], Cell("bob"));
  EXPECT_EQ(Locks(host)[1][1], Cell(0));
  FakeHost empty(Os::kWindows);
  EXPECT_EQ(ScreenLockWindows(empty, {}).error().code, Code::kNotFound);
  empty.PutRegistryKeys("HKEY_USERS", std::vector<std::string>{".DEFAULT"});
  EXPECT_EQ(Locks(empty), (Rows{{kNone, Unknown{}, Unknown{}, Unknown{}, Unknown{}, kNone}}));
  empty.PutRegistry(kSystem, "InactivityTimeoutSecs", Cell(900));
  EXPECT_EQ(
      Locks(empty),
      (Rows{{kNone, Cell(1), Cell(900), Cell(0), Cell(1), Cell("policy InactivityTimeoutSecs")}}));
}

}  // namespace
}  // namespace sallyport
