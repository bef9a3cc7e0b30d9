// SPDX-License-Identifier: Apache-2.0
// Numbers of productState as public lists of real machines have them (stackoverflow.com 4700897,
// community.idera.com); Microsoft documents none.
#include "collectors/security_center.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kNamespace[] = R"(root\SecurityCenter2)";
constexpr char kDefenderPath[] = R"(%ProgramFiles%\Windows Defender\MsMpeng.exe)";
constexpr char kOtherPath[] = R"(C:\Program Files\Other\avp.exe)";
constexpr char kStamp[] = "Mon, 23 Nov 2026 08:12:44 GMT";

std::string Query(const std::string& name) {
  return "SELECT displayName, productState, timestamp, pathToSignedProductExe, "
         "pathToSignedReportingExe FROM " +
         name;
}

Row Product(const char* name, int64_t state, const char* program) {
  return {Cell(name), Cell(state), Cell(kStamp), Cell("windowsdefender://"), Cell(program)};
}

// Windows with Defender on, and with what is given beside it.
FakeHost Machine(int64_t defender, Rows others = {}) {
  FakeHost host(Os::kWindows);
  others.insert(others.begin(), Product("Windows Defender", defender, kDefenderPath));
  host.PutWmi(kNamespace, Query("AntiVirusProduct"), others);
  host.PutWmi(kNamespace, Query("FirewallProduct"), Rows{});
  host.PutWmi(kNamespace, Query("AntiSpywareProduct"), Rows{});
  host.PutService({.name = "wscsvc", .state = ServiceInfo::State::kRunning, .pid = 900});
  return host;
}

Value Antivirus(const FakeHost& host) { return WindowsSecurityCenter(host, {}).value()[0][2]; }

TEST(SecurityCenterWindows, RegisteredProductsInOsquerysWords) {
  FakeHost host = Machine(0x061100);
  host.PutWmi(kNamespace, Query("FirewallProduct"),
              Rows{{Cell("Other Firewall"), Cell(0x041010), Cell(kStamp), kNone, kNone}});
  EXPECT_EQ(
      WindowsSecurityProducts(host, {}).value(),
      (Rows{{Cell("Firewall"), Cell("Other Firewall"), Cell("On"), Cell(kStamp), kNone, Cell(0)},
            {Cell("Antivirus"), Cell("Windows Defender"), Cell("On"), Cell(kStamp),
             Cell("windowsdefender://"), Cell(1)}}));
}

TEST(SecurityCenterWindows, SnoozedAndExpiredAreNotOnAndANewStateIsUnknown) {
  const std::pair<int64_t, Value> kStates[] = {{0x060100, Cell("Off")},
                                               {0x061100, Cell("On")},
                                               {0x062100, Cell("Snoozed")},
                                               {0x063100, Cell("Expired")},
                                               {0x064100, Unknown{}}};
  for (const auto& [bits, word] : kStates) {
    EXPECT_EQ(WindowsSecurityProducts(Machine(bits), {}).value()[0][2], word) << bits;
  }
  EXPECT_EQ(Antivirus(Machine(0x062100)), Cell("Snoozed"));
  EXPECT_EQ(Antivirus(Machine(0x063100)), Cell("Poor"));
  EXPECT_EQ(Antivirus(Machine(0x064100)), Cell(Unknown{}));
}

TEST(SecurityCenterWindows, OldSignaturesArePoorThoughTheProductIsOn) {
  EXPECT_EQ(Antivirus(Machine(0x061100)), Cell("Good"));
  EXPECT_EQ(Antivirus(Machine(0x061110)), Cell("Poor"));
  EXPECT_EQ(Antivirus(Machine(0x061120)), Cell(Unknown{}));
  EXPECT_EQ(WindowsSecurityProducts(Machine(0x061110), {}).value()[0][5], Cell(0));
}

TEST(SecurityCenterWindows, ARegistrationThatOutlivedItsProgramIsNotOn) {
  FakeHost host = Machine(0x060100, {Product("Other", 0x041000, kOtherPath)});
  EXPECT_EQ(WindowsSecurityProducts(host, {}).value()[1][2], Cell("Off"));
  EXPECT_EQ(Antivirus(host), Cell("Poor"));
  host.Put(kOtherPath, "MZ");
  EXPECT_EQ(WindowsSecurityProducts(host, {}).value()[1][2], Cell("On"));
  EXPECT_EQ(Antivirus(host), Cell("Good"));
}

TEST(SecurityCenterWindows, AProductWithoutAStateIsUnknown) {
  FakeHost host = Machine(0x060100, {{Cell("Other"), kNone, kNone, kNone, kNone}});
  const Row row = WindowsSecurityProducts(host, {}).value()[1];
  EXPECT_EQ((Row{row[2], row[3], row[5]}), (Row{Unknown{}, kNone, Unknown{}}));
  EXPECT_EQ(Antivirus(host), Cell(Unknown{}));
}

TEST(SecurityCenterWindows, WhatOnlyWscapiTellsIsUnknownAndNeverGood) {
  FakeHost host = Machine(0x061100);
  const Row row = WindowsSecurityCenter(host, {}).value().at(0);
  EXPECT_EQ((Row{row[1], row[3], row[4]}), (Row{Unknown{}, Unknown{}, Unknown{}}));
  EXPECT_EQ((Row{row[2], row[5], row[6]}), (Row{Cell("Good"), Cell("Good"), Unknown{}}));
  // AutoUpdate is Good in wscapi with wuauserv disabled: here nobody says so.
  host.PutService({.name = "wuauserv", .start = ServiceInfo::Start::kDisabled});
  EXPECT_EQ(WindowsSecurityCenter(host, {}).value()[0][1], Cell(Unknown{}));
}

Value Firewall(const FakeHost& host) { return WindowsSecurityCenter(host, {}).value()[0][0]; }

void SetFirewall(FakeHost* host, const char* profile, int on) {
  host->PutRegistry(
      std::string(R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters)"
                  R"(\FirewallPolicy\)") +
          profile,
      "EnableFirewall", Cell(on));
}

TEST(SecurityCenterWindows, TheFirewallIsGoodOnEveryNetworkAndPoorOnNone) {
  FakeHost host = Machine(0x061100);
  EXPECT_EQ(Firewall(host), Cell("Poor"));  // it is not there
  host.PutService({.name = "mpssvc", .state = ServiceInfo::State::kRunning});
  EXPECT_EQ(Firewall(host), Cell(Unknown{}));  // what it is told is not
  for (const char* profile : {"DomainProfile", "StandardProfile", "PublicProfile"}) {
    SetFirewall(&host, profile, 1);
  }
  EXPECT_EQ(Firewall(host), Cell("Good"));
  SetFirewall(&host, "PublicProfile", 0);
  EXPECT_EQ(Firewall(host), Cell(Unknown{}));
  SetFirewall(&host, "DomainProfile", 0);
  SetFirewall(&host, "StandardProfile", 0);
  EXPECT_EQ(Firewall(host), Cell("Poor"));
  host.PutWmi(kNamespace, Query("FirewallProduct"),
              Rows{{Cell("Other Firewall"), Cell(0x041010), Cell(kStamp), kNone, kNone}});
  EXPECT_EQ(Firewall(host), Cell("Good"));
  host.PutWmi(kNamespace, Query("FirewallProduct"), Fail(Code::kTimeout, "WMI"));
  EXPECT_EQ(Firewall(host), Cell(Unknown{}));
}

TEST(SecurityCenterWindows, AccountControlThatIsOffIsPoorAndOneThatAsksNobodyIsNotCalledGood) {
  FakeHost host = Machine(0x061100);
  const char* const key =
      R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System)";
  const auto health = [&host, key](int on, int asks) {
    host.PutRegistry(key, "EnableLUA", Cell(on));
    host.PutRegistry(key, "ConsentPromptBehaviorAdmin", Cell(asks));
    return WindowsSecurityCenter(host, {}).value()[0][6];
  };
  EXPECT_EQ(health(1, 5), Cell("Good"));
  EXPECT_EQ(health(1, 0), Cell(Unknown{}));
  EXPECT_EQ(health(0, 5), Cell("Poor"));
}

TEST(SecurityCenterWindows, WithoutItsServiceItIsPoorAndWithoutServicesUnknown) {
  FakeHost host(Os::kWindows);
  host.PutWmi(kNamespace, Query("AntiVirusProduct"), Rows{});
  EXPECT_EQ(WindowsSecurityCenter(host, {}).value()[0][5], Cell("Poor"));
  EXPECT_EQ(Antivirus(host), Cell("Poor"));
  host.FailServices(Code::kDenied);
  EXPECT_EQ(WindowsSecurityCenter(host, {}).value()[0][5], Cell(Unknown{}));
}

TEST(SecurityCenterWindows, ServerHasNoneAndThatIsUnsupported) {
  FakeHost host(Os::kWindows);
  EXPECT_EQ(WindowsSecurityProducts(host, {}).error().code, Code::kUnsupported);
  EXPECT_EQ(WindowsSecurityCenter(host, {}).error().code, Code::kUnsupported);
  FakeHost half = Machine(0x061100);
  half.PutWmi(kNamespace, Query("AntiSpywareProduct"), Fail(Code::kTimeout, "WMI"));
  EXPECT_EQ(WindowsSecurityProducts(half, {}).error().code, Code::kTimeout);
}

}  // namespace
}  // namespace sallyport
