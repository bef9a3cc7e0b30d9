// SPDX-License-Identifier: Apache-2.0
// Outputs of pfctl(8) as the manual page and public reports of real Macs show them; none was
// captured here.
#include <gtest/gtest.h>

#include "collectors/host_firewall.h"
#include "tests/collectors/plist_text.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Argv = std::vector<std::string>;
constexpr char kTool[] = "/usr/libexec/ApplicationFirewall/socketfilterfw";
constexpr char kExtensions[] = "/Library/SystemExtensions/db.plist";
const Argv kInfo{"/sbin/pfctl", "-s", "info"};
const Argv kRules{"/sbin/pfctl", "-s", "rules"};
constexpr char kDelivered[] =
    "scrub-anchor \"com.apple/*\" all fragment reassemble\nanchor \"com.apple/*\" all\n";

// macOS 15 with the application firewall in `state`, and pf as it is delivered: off.
FakeHost Mac(int state) {
  FakeHost host(Os::kMacos);
  host.Put("/System/Library/CoreServices/SystemVersion.plist",
           PlistText("<dict><key>ProductVersion</key><string>15.1</string></dict>"));
  host.PutCommand({kTool, "--getglobalstate"},
                  {0, "Firewall is so. (State = " + std::to_string(state) + ")\n", ""});
  host.PutCommand(kInfo, {0, "Status: Disabled for 0 days 00:01:23           Debug: Urgent\n\n",
                          "No ALTQ support in kernel\nALTQ related functions disabled\n"});
  return host;
}

void TurnPfOn(FakeHost* host, const std::string& rules) {
  host->PutCommand(kInfo,
                   {0, "Status: Enabled for 0 days 00:01:23            Debug: Urgent\n", ""});
  host->PutCommand(kRules, {0, rules, ""});
}

void PutFilter(FakeHost* host, const std::string& state) {
  host->Put(kExtensions,
            PlistText("<dict><key>extensions</key><array><dict><key>identifier</key>"
                      "<string>com.example.filter</string><key>state</key><string>" +
                      state +
                      "</string><key>categories</key><array><string>"
                      "com.apple.system_extension.network_extension</string></array></dict>"
                      "</array></dict>"));
}

Rows Firewall(const FakeHost& host) { return HostFirewallMacos(host, {}).value(); }

TEST(HostFirewallMacos, TheApplicationFirewallKeepsOutAndNothingIn) {
  for (const int state : {1, 2}) {
    EXPECT_EQ(
        Firewall(Mac(state)),
        (Rows{{Cell("blocked"), Cell("open"), Cell("application_firewall"), Cell(1), Unknown{}}}));
  }
  EXPECT_EQ(Firewall(Mac(0)),
            (Rows{{Cell("open"), Cell("open"), Cell("application_firewall"), Cell(0), Cell(0)}}));
}

TEST(HostFirewallMacos, UpToFourteenTheSettingsAreAPropertyList) {
  FakeHost host = Mac(1);
  host.Put("/System/Library/CoreServices/SystemVersion.plist",
           PlistText("<dict><key>ProductVersion</key><string>14.6.1</string></dict>"));
  EXPECT_EQ(Firewall(host)[0][0], Cell(Unknown{}));  // the file is not there
  host.Put("/Library/Preferences/com.apple.alf.plist",
           PlistText("<dict><key>globalstate</key><integer>0</integer></dict>"));
  EXPECT_EQ(Firewall(host)[0][0], Cell("open"));
  host.Put("/Library/Preferences/com.apple.alf.plist",
           PlistText("<dict><key>globalstate</key><integer>1</integer></dict>"));
  EXPECT_EQ(Firewall(host)[0][0], Cell("blocked"));
}

TEST(HostFirewallMacos, PfThatIsOnBlocksByItsRulesAndPfThatIsOffByNone) {
  FakeHost host = Mac(0);
  host.PutCommand(kRules, {0, "block drop all\n", ""});
  EXPECT_EQ(Firewall(host)[0][0], Cell("open"));
  TurnPfOn(&host, "block drop all\n");
  EXPECT_EQ(Firewall(host)[0][0], Cell("blocked"));
  EXPECT_EQ(Firewall(host)[0][1], Cell("blocked"));
  host.PutCommand(kRules, {1, "", "pfctl: /dev/pf: Permission denied\n"});
  EXPECT_EQ(Firewall(host)[0][1], Cell(Unknown{}));
  host.PutCommand(kInfo, {1, "", "pfctl: /dev/pf: Permission denied\n"});
  EXPECT_EQ(Firewall(host)[0][0], Cell(Unknown{}));
}

TEST(HostFirewallMacos, WhatNeitherBlocksAContentFilterMay) {
  FakeHost host = Mac(0);
  PutFilter(&host, "activated_enabled");
  EXPECT_EQ(Firewall(host)[0][0], Cell(Unknown{}));
  EXPECT_EQ(Firewall(host)[0][1], Cell(Unknown{}));
  PutFilter(&host, "activated_waiting_for_user");
  EXPECT_EQ(Firewall(host)[0][0], Cell("open"));
  host.Fail(kExtensions, Code::kDenied);
  EXPECT_EQ(Firewall(host)[0][0], Cell(Unknown{}));
}

PfEffect Effect(const char* inbound, const char* outbound) {
  return {Cell(inbound), Cell(outbound)};
}

TEST(PfRules, AsDeliveredTheyBlockNothing) {
  EXPECT_EQ(ParsePfRules(kDelivered), Effect("open", "open"));
  EXPECT_EQ(ParsePfRules(""), Effect("open", "open"));
}

TEST(PfRules, TheLastRuleAboutEverythingDecidesUnlessOneIsQuick) {
  EXPECT_EQ(ParsePfRules("block drop in all\npass out all flags S/SA keep state\n"),
            Effect("blocked", "open"));
  EXPECT_EQ(ParsePfRules("block drop in all\npass in all flags S/SA keep state\n"),
            Effect("open", "open"));
  EXPECT_EQ(ParsePfRules("block return quick all\npass all flags S/SA keep state\n"),
            Effect("blocked", "blocked"));
}

TEST(PfRules, ARuleThatIsNarrowedDownDecidesNothing) {
  EXPECT_EQ(ParsePfRules("block drop in log all\n"
                         "pass in inet proto tcp from any to any port = 22 flags S/SA keep state\n"
                         "pass quick on lo0 all flags S/SA keep state\n"),
            Effect("blocked", "open"));
  EXPECT_EQ(ParsePfRules("block drop in on en0 all\n"), Effect("open", "open"));
}

TEST(PfRules, AWholeInterfaceThatPassesIsNotKnownToBeConnected) {
  EXPECT_EQ(ParsePfRules("block drop all\npass quick on en0 all flags S/SA keep state\n"),
            PfEffect{});
}

TEST(PfRules, ARuleAboutFragmentsIsAboutFragments) {
  EXPECT_EQ(ParsePfRules("block drop in quick fragment all\n"), Effect("open", "open"));
}

TEST(PfRules, OneFamilyAloneIsPartial) {
  EXPECT_EQ(ParsePfRules("block drop in inet all\n"), Effect("partial", "open"));
  EXPECT_EQ(ParsePfRules("block drop in inet all\nblock drop in inet6 all\n"),
            Effect("blocked", "open"));
}

TEST(PfRules, WhatAnotherAnchorHoldsIsNotSeen) {
  EXPECT_EQ(ParsePfRules("block drop all\nanchor \"com.example.vpn\" all\n"), PfEffect{});
}

}  // namespace
}  // namespace sallyport
