// SPDX-License-Identifier: Apache-2.0
// Keys and values as [MS-GPFAS] 2.2.3, the Firewall CSP and CIS Benchmarks name them, meanings as
// [MS-FASP] 2.2.38 has them; none was captured.
#include <gtest/gtest.h>

#include "collectors/host_firewall.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const std::string kOwn =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters)"
    R"(\FirewallPolicy\)";
const std::string kPolicy = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\)";
constexpr char kNetworks[] = "SELECT NetworkCategory FROM MSFT_NetConnectionProfile";
constexpr char kProducts[] =
    "SELECT displayName, productState, timestamp, pathToSignedProductExe, "
    "pathToSignedReportingExe FROM FirewallProduct";
const Value kNone = std::monostate{};

// Windows as it is delivered: each profile on, and nothing else said. Its network is public (0).
FakeHost Windows() {
  FakeHost host(Os::kWindows);
  for (const char* profile : {"DomainProfile", "StandardProfile", "PublicProfile"}) {
    host.PutRegistry(kOwn + profile, "EnableFirewall", Cell(1));
  }
  host.PutService({.name = "mpssvc", .state = ServiceInfo::State::kRunning, .pid = 2000});
  host.PutWmi(R"(root\StandardCimv2)", kNetworks, Rows{{Cell(0)}});
  host.PutWmi(R"(root\SecurityCenter2)", kProducts, Rows{});
  return host;
}

void PutPolicy(FakeHost* host, const std::string& profile, const std::string& name, int value) {
  host->PutRegistryValues(kPolicy + profile, RegistryContent{});
  host->PutRegistry(kPolicy + profile, name, Cell(value));
}

void Connect(FakeHost* host, Result<Rows> networks) {
  host->PutWmi(R"(root\StandardCimv2)", kNetworks, std::move(networks));
}

Rows Firewall(const FakeHost& host) { return HostFirewallWindows(host, {}).value(); }
Value Inbound(const FakeHost& host) { return Firewall(host)[0][0]; }
Value Outbound(const FakeHost& host) { return Firewall(host)[0][1]; }

TEST(HostFirewallWindows, AsItIsDeliveredItKeepsOutAndLetsGo) {
  EXPECT_EQ(Firewall(Windows()),
            (Rows{{Cell("blocked"), Cell("open"), Cell("windows_firewall"), Cell(1), Cell(1)}}));
}

TEST(HostFirewallWindows, TheProfilesOfTheConnectedNetworksCount) {
  FakeHost host = Windows();
  host.PutRegistry(kOwn + "PublicProfile", "EnableFirewall", Cell(0));
  EXPECT_EQ(Firewall(host),
            (Rows{{Cell("open"), Cell("open"), Cell("windows_firewall"), Cell(0), Cell(1)}}));
  Connect(&host, Rows{{Cell(1)}, {Cell(2)}});
  EXPECT_EQ(Inbound(host), Cell("blocked"));
  EXPECT_EQ(Firewall(host)[0][3], Cell(1));
  Connect(&host, Rows{{Cell(1)}, {Cell(0)}});
  EXPECT_EQ(Inbound(host), Cell("partial"));
  EXPECT_EQ(Firewall(host)[0][3], Cell(0));
  Connect(&host, Rows{});
  EXPECT_EQ(Inbound(host), Cell(Unknown{}));
  Connect(&host, Fail(Code::kTimeout, "WMI"));
  EXPECT_EQ(Inbound(host), Cell(Unknown{}));
  Connect(&host, Rows{{Cell(3)}});
  EXPECT_EQ(Inbound(host), Cell(Unknown{}));
}

TEST(HostFirewallWindows, AGroupPolicyStandsOverTheMachinesOwnSettings) {
  FakeHost host = Windows();
  PutPolicy(&host, "PublicProfile", "EnableFirewall", 0);
  EXPECT_EQ(Inbound(host), Cell("open"));
  host.PutRegistry(kOwn + "PublicProfile", "EnableFirewall", Cell(0));
  PutPolicy(&host, "PublicProfile", "EnableFirewall", 1);
  EXPECT_EQ(Inbound(host), Cell("blocked"));
  PutPolicy(&host, "PublicProfile", "DefaultOutboundAction", 1);
  EXPECT_EQ(Outbound(host), Cell("blocked"));
}

TEST(HostFirewallWindows, TheOldStandardProfileCountsWhereTheNewerIsNotThere) {
  FakeHost host = Windows();
  PutPolicy(&host, "StandardProfile", "EnableFirewall", 0);
  EXPECT_EQ(Inbound(host), Cell("open"));
  PutPolicy(&host, "PublicProfile", "DefaultInboundAction", 1);
  EXPECT_EQ(Inbound(host), Cell("blocked"));
  Connect(&host, Rows{{Cell(2)}});
  EXPECT_EQ(Inbound(host), Cell("blocked"));
}

TEST(HostFirewallWindows, WhereTwoAdministratorsDifferNobodySaysWhoWins) {
  FakeHost host = Windows();
  host.PutRegistry(kOwn + R"(Mdm\PublicProfile)", "EnableFirewall", Cell(0));
  EXPECT_EQ(Inbound(host), Cell("open"));
  PutPolicy(&host, "PublicProfile", "EnableFirewall", 1);
  EXPECT_EQ(Inbound(host), Cell(Unknown{}));
  host.PutRegistry(kOwn + R"(Mdm\PublicProfile)", "EnableFirewall", Cell(1));
  EXPECT_EQ(Inbound(host), Cell("blocked"));
}

TEST(HostFirewallWindows, AStoppedServiceEnforcesNothingWhateverIsSet) {
  FakeHost stopped(Os::kWindows);
  stopped.PutService({.name = "MpsSvc", .state = ServiceInfo::State::kStopped});
  EXPECT_EQ(
      Firewall(stopped),
      (Rows{{Cell("open"), Cell("open"), Cell("windows_firewall"), Cell(Unknown{}), Cell(0)}}));
  FakeHost host = Windows();
  host.FailServices(Code::kDenied);
  EXPECT_EQ(Inbound(host), Cell(Unknown{}));
  EXPECT_EQ(Firewall(host)[0][4], Cell(Unknown{}));
}

TEST(HostFirewallWindows, WhatItLetsThroughAnotherFirewallMayNot) {
  FakeHost host = Windows();
  const auto other = [&host](int64_t state) {
    host.PutWmi(R"(root\SecurityCenter2)", kProducts,
                Rows{{Cell("Other Firewall"), Cell(state), kNone, kNone, kNone}});
  };
  other(0x041010);  // on
  EXPECT_EQ(Inbound(host), Cell("blocked"));
  EXPECT_EQ(Outbound(host), Cell(Unknown{}));
  other(0x040010);  // off
  EXPECT_EQ(Outbound(host), Cell("open"));
  other(0x044010);  // no number that is known
  EXPECT_EQ(Outbound(host), Cell(Unknown{}));
  host.PutWmi(R"(root\SecurityCenter2)", kProducts, Fail(Code::kDenied, "WMI"));
  EXPECT_EQ(Outbound(host), Cell(Unknown{}));
  host.PutWmi(R"(root\SecurityCenter2)", kProducts, Fail(Code::kUnsupported, "no namespace"));
  EXPECT_EQ(Outbound(host), Cell("open"));
}

TEST(HostFirewallWindows, AnAllowingDefaultIsOpenAndShieldedIsBlockedAllTheSame) {
  FakeHost host = Windows();
  host.PutRegistry(kOwn + "PublicProfile", "DefaultInboundAction", Cell(0));
  EXPECT_EQ(Inbound(host), Cell("open"));
  host.PutRegistry(kOwn + "PublicProfile", "DoNotAllowExceptions", Cell(1));
  EXPECT_EQ(Inbound(host), Cell("blocked"));
}

TEST(HostFirewallWindows, AnInterfaceThatIsExemptMakesItPartial) {
  FakeHost host = Windows();
  host.PutRegistry(kOwn + "PublicProfile", "DisabledInterfaces", Cell("{11111111-1111}"));
  EXPECT_EQ(Inbound(host), Cell("partial"));
  host.PutRegistry(kOwn + "PublicProfile", "DisabledInterfaces", Cell(""));
  EXPECT_EQ(Inbound(host), Cell("blocked"));
}

TEST(HostFirewallWindows, WhatCannotBeReadIsUnknown) {
  FakeHost host = Windows();
  host.PutRegistry(kOwn + "PublicProfile", "EnableFirewall", Cell("on"));
  EXPECT_EQ(Inbound(host), Cell(Unknown{}));
  FakeHost denied = Windows();
  denied.PutRegistryValues(kPolicy + "PublicProfile", Fail(Code::kDenied, "policy"));
  denied.PutRegistry(kPolicy + "PublicProfile", "EnableFirewall", Fail(Code::kDenied, "policy"));
  EXPECT_EQ(Inbound(denied), Cell(Unknown{}));
  FakeHost bare(Os::kWindows);
  bare.PutService({.name = "mpssvc", .state = ServiceInfo::State::kRunning});
  EXPECT_EQ(Inbound(bare), Cell(Unknown{}));
}

TEST(HostFirewallWindows, WithoutItsServiceThereIsNone) {
  FakeHost host(Os::kWindows);
  EXPECT_EQ(Firewall(host), (Rows{{Cell("open"), Cell("open"), kNone, kNone, kNone}}));
}

}  // namespace
}  // namespace sallyport
