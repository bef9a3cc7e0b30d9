// SPDX-License-Identifier: Apache-2.0
#include "collectors/host_firewall.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
const Value kUnknown = Unknown{};

std::string Chain(const std::string& family, const std::string& table, const std::string& name,
                  const std::string& hook = "", const std::string& policy = "accept") {
  std::string out = R"(,{"chain":{"family":")" + family + R"(","table":")" + table +
                    R"(","name":")" + name + R"(","handle":1)";
  if (!hook.empty()) {
    out += R"(,"type":"filter","hook":")" + hook + R"(","prio":0,"policy":")" + policy + "\"";
  }
  return out + "}}";
}

std::string Rule(const std::string& family, const std::string& table, const std::string& chain,
                 const std::string& expr) {
  return R"(,{"rule":{"family":")" + family + R"(","table":")" + table + R"(","chain":")" + chain +
         R"(","handle":2,"expr":[)" + expr + "]}}";
}

std::string Listing(const std::string& objects) {
  return R"({"nftables":[{"metainfo":{"version":"1.0.6","json_schema_version":1}})" + objects +
         "]}";
}

constexpr char kEstablished[] =
    R"({"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},)"
    R"({"accept":null})";
constexpr char kLoopback[] =
    R"({"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"lo"}},{"accept":null})";

Ruleset Effect(const std::string& objects) {
  const Result<Ruleset> rules = ParseNftRuleset(Listing(objects));
  EXPECT_TRUE(rules) << rules.error().message;
  return rules.value_or(Ruleset{});
}

TEST(NftRuleset, NoRulesAreOpenAndAPolicyOfDropBlocksWhatItsFamilyHolds) {
  EXPECT_EQ(Effect("").inbound, Cell("open"));
  EXPECT_EQ(Effect(Chain("inet", "f", "input", "input", "drop")).inbound, Cell("blocked"));
  EXPECT_EQ(Effect(Chain("inet", "f", "input", "input", "drop")).outbound, Cell("open"));
  EXPECT_EQ(Effect(Chain("ip", "f", "INPUT", "input", "drop")).inbound, Cell("partial"));
  EXPECT_EQ(Effect(Chain("ip", "f", "INPUT", "input", "drop") +
                   Chain("ip6", "f", "INPUT", "input", "drop"))
                .inbound,
            Cell("blocked"));
  EXPECT_EQ(Effect(Chain("inet", "f", "output", "output", "drop")).outbound, Cell("blocked"));
}

TEST(NftRuleset, APolicyOfAcceptWithOnlyDockersRulesIsNoFirewall) {
  const std::string docker =
      Chain("ip", "filter", "INPUT", "input") +
      Chain("ip", "filter", "FORWARD", "forward", "drop") + Chain("ip", "filter", "DOCKER") +
      Rule("ip", "filter", "FORWARD", R"({"jump":{"target":"DOCKER"}})") +
      Rule("ip", "filter", "DOCKER", R"({"counter":{"packets":0,"bytes":0}},{"drop":null})");
  EXPECT_EQ(Effect(docker).inbound, Cell("open"));
}

TEST(NftRuleset, AcceptByPolicyAndRejectAtTheEndIsBlocked) {
  // As firewalld has it: the chain's last rule rejects, through a jump.
  const std::string firewalld =
      Chain("inet", "firewalld", "filter_INPUT", "input") + Chain("inet", "firewalld", "REST") +
      Rule("inet", "firewalld", "filter_INPUT", kEstablished) +
      Rule("inet", "firewalld", "filter_INPUT", kLoopback) +
      Rule("inet", "firewalld", "filter_INPUT", R"({"jump":{"target":"REST"}})") +
      Rule("inet", "firewalld", "REST", R"({"counter":null},{"reject":{"type":"icmpx"}})");
  EXPECT_EQ(Effect(firewalld).inbound, Cell("blocked"));
}

TEST(NftRuleset, AnAcceptOfEverythingBeforeTheDropIsOpen) {
  const std::string rules = Chain("inet", "f", "input", "input", "drop") +
                            Rule("inet", "f", "input", R"({"counter":null},{"accept":null})") +
                            Rule("inet", "f", "input", R"({"drop":null})");
  EXPECT_EQ(Effect(rules).inbound, Cell("open"));
}

// firewalld 1.3: eth0 is in the zone trusted, all else in public.
std::string Zones() {
  const auto chain = [](const std::string& name) { return Chain("inet", "firewalld", name); };
  const auto rule = [](const std::string& name, const std::string& expr) {
    return Rule("inet", "firewalld", name, expr);
  };
  return Chain("inet", "firewalld", "filter_INPUT", "input") + chain("filter_INPUT_ZONES") +
         chain("filter_IN_public") + chain("filter_IN_trusted") +
         rule("filter_INPUT", kEstablished) + rule("filter_INPUT", kLoopback) +
         rule("filter_INPUT", R"({"jump":{"target":"filter_INPUT_ZONES"}})") +
         rule("filter_INPUT", R"({"reject":{"type":"icmpx"}})") +
         rule("filter_INPUT_ZONES",
              R"({"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"eth0"}},)"
              R"({"goto":{"target":"filter_IN_trusted"}})") +
         rule("filter_INPUT_ZONES", R"({"goto":{"target":"filter_IN_public"}})") +
         rule("filter_IN_public", R"({"reject":{"type":"icmpx"}})") +
         rule("filter_IN_trusted", R"({"accept":null})");
}

TEST(NftRuleset, AnInterfaceInATrustedZoneIsOpenThoughAllOthersAreRejected) {
  const auto inbound = [](const std::vector<std::string>& interfaces) {
    return ParseNftRuleset(Listing(Zones()), interfaces).value().inbound;
  };
  EXPECT_EQ(inbound({"eth0"}), Cell("open"));
  EXPECT_EQ(inbound({"eth0", "wlan0"}), Cell("partial"));
  EXPECT_EQ(inbound({"wlan0"}), Cell("blocked"));
  EXPECT_EQ(inbound({}), Cell("blocked"));
}

TEST(NftRuleset, AConditionOnTheInterfaceHoldsByNamePatternSetAndNegation) {
  const auto inbound = [](const std::string& op, const std::string& key, const std::string& right) {
    const std::string rules =
        Chain("inet", "f", "input", "input") +
        Rule("inet", "f", "input",
             R"({"match":{"op":")" + op + R"(","left":{"meta":{"key":")" + key + R"("}},"right":)" +
                 right + R"(}},{"counter":null},{"drop":null})");
    return ParseNftRuleset(Listing(rules), {"wlan0"}).value().inbound;
  };
  EXPECT_EQ(inbound("==", "iifname", R"("wlan0")"), Cell("blocked"));
  EXPECT_EQ(inbound("==", "iif", R"("wlan0")"), Cell("blocked"));
  EXPECT_EQ(inbound("==", "iifname", R"("wl*")"), Cell("blocked"));
  EXPECT_EQ(inbound("==", "iifname", R"({"set":["eth0","wlan0"]})"), Cell("blocked"));
  EXPECT_EQ(inbound("!=", "iifname", R"("lo")"), Cell("blocked"));
  EXPECT_EQ(inbound("==", "iifname", R"("eth0")"), Cell("open"));
  EXPECT_EQ(inbound("!=", "iifname", R"("wlan0")"), Cell("open"));
  EXPECT_EQ(inbound("==", "oifname", R"("wlan0")"), Cell("open"));  // not of packets that come in
  EXPECT_EQ(inbound("<", "iifname", R"("wlan0")"), Cell(Unknown{}));
  EXPECT_EQ(inbound("==", "iifname", R"("@lan")"), Cell(Unknown{}));  // what it holds is elsewhere
  EXPECT_EQ(inbound("==", "iifname", "7"), Cell("open"));
}

TEST(NftRuleset, AReturnLeavesTheRestOfItsChainAsideAndAMapByInterfaceIsUnknown) {
  const auto inbound = [](const std::string& statements) {
    const std::string rules = Chain("inet", "f", "input", "input") +
                              Rule("inet", "f", "input", statements) +
                              Rule("inet", "f", "input", R"({"drop":null})");
    return ParseNftRuleset(Listing(rules), {"wlan0"}).value().inbound;
  };
  const std::string interface = R"({"meta":{"key":"iifname"}})";
  const std::string wlan = R"({"match":{"op":"==","left":)" + interface + R"(,"right":"wlan0"}})";
  EXPECT_EQ(inbound(wlan + R"(,{"return":null})"), Cell("open"));
  EXPECT_EQ(inbound(R"({"vmap":{"key":)" + interface + R"(,"data":"@zones"}})"), Cell(Unknown{}));
  EXPECT_EQ(inbound(R"({"vmap":{"key":{"ct":{"key":"state"}},"data":"@states"}})"),
            Cell("blocked"));
  const std::string set = R"({"match":{"op":"==","left":)" + interface + R"(,"right":"@lan"}})";
  EXPECT_EQ(inbound(set + R"(,{"accept":null})"), Cell(Unknown{}));
  EXPECT_EQ(inbound(set + R"(,{"match":{"op":"==","left":{"payload":{"protocol":"tcp",)"
                          R"("field":"dport"}},"right":22}},{"accept":null})"),
            Cell("blocked"))
      << "whatever the set holds, the rule is about one port";
}

TEST(NftRuleset, WhatAGotoLeavesUndecidedIsLeftToThePolicy) {
  const std::string rules = Chain("inet", "f", "input", "input") + Chain("inet", "f", "a") +
                            Rule("inet", "f", "input", R"({"goto":{"target":"a"}})") +
                            Rule("inet", "f", "input", R"({"drop":null})");
  EXPECT_EQ(Effect(rules).inbound, Cell("open"));
}

TEST(NftRuleset, ChainsThatJumpInACircleEndAndNonsenseIsRefused) {
  const std::string circle = Chain("inet", "f", "input", "input") + Chain("inet", "f", "a") +
                             Rule("inet", "f", "input", R"({"jump":{"target":"a"}})") +
                             Rule("inet", "f", "a", R"({"jump":{"target":"a"}})");
  EXPECT_EQ(Effect(circle).inbound, Cell("open"));
  EXPECT_EQ(ParseNftRuleset("").error().code, Code::kMalformed);
  EXPECT_EQ(ParseNftRuleset(R"({"nftables":[1]})").error().code, Code::kMalformed);
  EXPECT_EQ(ParseNftRuleset(std::string(100'000, '[')).error().code, Code::kMalformed);
}

class Machine {
 public:
  Machine() { host.Put("/proc/modules", "nf_tables 372736 1 nft_compat, Live 0x0\n"); }
  void Nft(const std::string& objects) {
    host.PutCommand({"/usr/sbin/nft", "-j", "list", "ruleset"}, {0, Listing(objects), ""});
  }
  Row Firewall() const { return HostFirewallLinux(host, {}).value().at(0); }
  FakeHost host;
};

TEST(HostFirewallLinux, UfwThatIsEnabledAndStoppedIsNotRunning) {
  Machine m;
  m.host.Put("/usr/sbin/ufw", "");
  m.host.Put("/etc/ufw/ufw.conf", "# Set to yes to start on boot\nENABLED=yes\nLOGLEVEL=low\n");
  m.Nft("");
  EXPECT_EQ(m.Firewall(), (Row{Cell("open"), Cell("open"), Cell("ufw"), Cell(1), Cell(0)}));
  m.Nft(Chain("ip", "filter", "INPUT", "input", "drop") +
        Chain("ip6", "filter", "INPUT", "input", "drop") +
        Chain("ip", "filter", "ufw-before-input"));
  EXPECT_EQ(m.Firewall(), (Row{Cell("blocked"), Cell("open"), Cell("ufw"), Cell(1), Cell(1)}));
}

TEST(HostFirewallLinux, FirewalldIsRunningWhenItSaysSo) {
  Machine m;
  m.host.Put("/usr/sbin/firewalld", "");
  m.Nft("");
  m.host.PutDbus({"org.fedoraproject.FirewallD1", "/org/fedoraproject/FirewallD1",
                  "org.fedoraproject.FirewallD1", "state"},
                 Cell("RUNNING"));
  EXPECT_EQ(m.Firewall(), (Row{Cell("open"), Cell("open"), Cell("firewalld"), Cell(0), Cell(1)}));
}

TEST(HostFirewallLinux, TheZoneOfTheInterfaceThatIsUpCounts) {
  Machine m;
  m.Nft(Zones());
  for (const char* name : {"eth0", "wlan0", "docker0"}) {
    m.host.Put(std::string("/sys/class/net/") + name + "/operstate", "up\n");
  }
  m.host.Put("/sys/class/net/eth0/device/vendor", "0x8086\n");
  m.host.Put("/sys/class/net/wlan0/device/vendor", "0x8086\n");
  EXPECT_EQ(m.Firewall()[0], Cell("partial"));
  m.host.Put("/sys/class/net/wlan0/operstate", "down\n");
  EXPECT_EQ(m.Firewall()[0], Cell("open"));
  m.host.PutLink("/sys/class/net/eth0/master", "../bond0");  // bond0 is in the zone public
  EXPECT_EQ(m.Firewall()[0], Cell("blocked"));
  m.host.Fail("/sys/class/net", Code::kDenied);
  EXPECT_EQ(m.Firewall()[0], kUnknown);
}

TEST(HostFirewallLinux, RulesOfTheOldIptablesAreNotSeenByNftAndMakeOpenUnknown) {
  Machine m;
  m.host.Put("/proc/net/ip_tables_names", "nat\nfilter\n");
  m.Nft("");
  EXPECT_EQ(m.Firewall(), (Row{kUnknown, kUnknown, kNone, kNone, kNone}));
  m.Nft(Chain("inet", "f", "input", "input", "drop"));
  EXPECT_EQ(m.Firewall(), (Row{Cell("blocked"), kUnknown, kNone, kNone, kNone}));
}

TEST(HostFirewallLinux, WithoutNfTablesInTheKernelNoCommandIsRunAndNothingIsBlocked) {
  FakeHost host;
  host.Put("/proc/modules", "ext4 1 1 - Live 0x0\n");
  host.Put("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
  host.Put("/lib/modules/6.1.0-18-amd64/modules.builtin", "kernel/fs/binfmt_script.ko\n");
  EXPECT_EQ(HostFirewallLinux(host, {}).value().at(0),
            (Row{Cell("open"), Cell("open"), kNone, kNone, kNone}));
}

TEST(HostFirewallLinux, AListingThatCannotBeHadIsUnknown) {
  Machine m;
  m.host.FailCommand({"/usr/sbin/nft", "-j", "list", "ruleset"}, Code::kTimeout);
  EXPECT_EQ(m.Firewall(), (Row{kUnknown, kUnknown, kNone, kNone, kNone}));
}

}  // namespace
}  // namespace sallyport
