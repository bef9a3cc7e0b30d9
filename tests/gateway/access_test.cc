// SPDX-License-Identifier: Apache-2.0
#include "gateway/access.h"

#include <gtest/gtest.h>

namespace sallyport::gateway {
namespace {

std::string Refusal(const std::string& yaml) {
  const auto access = ParseAccess(yaml, "access.yaml");
  return access ? "accepted" : access.error().message;
}

const std::string kTail = "tiers: {full: [], limited: [], quarantine: []}\n";

TEST(Access, ServicesTiersAndWhatIsAlwaysReachable) {
  const auto access = ParseAccess(
      "services:\n"
      "  app: {hosts: [10.20.1.10, 10.20.4.0/24], ports: [tcp/443, tcp/8000-8100, icmp]}\n"
      "  mend: {hosts: [10.20.2.10], ports: [udp/53]}\n"
      "tiers:\n"
      "  full: [app, mend]\n"
      "  limited: [mend]\n"
      "  quarantine: []\n"
      "always: [mend]\n",
      "access.yaml");
  ASSERT_TRUE(access) << access.error().message;
  Access expected;
  expected.services = {
      {"app",
       {{Ipv4{0x0a14010a}, 32}, {Ipv4{0x0a140400}, 24}},
       {{Protocol::kTcp, 443, 443}, {Protocol::kTcp, 8000, 8100}, {Protocol::kIcmp, 0, 0}}},
      {"mend", {{Ipv4{0x0a14020a}, 32}}, {{Protocol::kUdp, 53, 53}}}};
  expected.tiers = {
      {Tier::kFull, {"app", "mend"}}, {Tier::kLimited, {"mend"}}, {Tier::kQuarantine, {}}};
  expected.always = {"mend"};
  EXPECT_EQ(*access, expected);
}

TEST(Access, EveryFaultIsNamedWithItsLine) {
  EXPECT_EQ(Refusal(""), "access.yaml: empty");
  EXPECT_EQ(Refusal("services: {}\n"), "access.yaml:1: no tiers");
  EXPECT_EQ(Refusal("services: {}\nports: []\n" + kTail),
            "access.yaml:2: the access file: unknown key: ports");
  EXPECT_EQ(Refusal("services:\n  a: {hosts: [10.0.0.1], port: [tcp/1]}\n" + kTail),
            "access.yaml:2: service a: unknown key: port");
  EXPECT_EQ(Refusal("services:\n  a:\n    hosts: [10.0.0.1]\n" + kTail),
            "access.yaml:3: service a: no ports");
  EXPECT_EQ(Refusal("services: {}\ntiers: {full: [], limited: []}\n"),
            "access.yaml:2: tiers: no quarantine");
  EXPECT_EQ(Refusal("services: {}\ntiers: {full: [x], limited: [], quarantine: []}\n"),
            "access.yaml:2: tier full: no such service: x");
  EXPECT_EQ(Refusal("services: {}\n" + kTail + "always: y\n"),
            "access.yaml:3: always: a list is expected");
  EXPECT_EQ(Refusal("services: {}\nservices: {}\n" + kTail),
            "access.yaml:2: the access file: key that comes twice: services");
  EXPECT_EQ(Refusal("services: [\n"), "access.yaml:2: end of sequence flow not found");
}

TEST(Access, AHostIsAnIpv4AddressOrNetworkAndNeverEverything) {
  const auto host = [](const std::string& text) {
    return Refusal("services:\n  a: {hosts: ['" + text + "'], ports: [tcp/1]}\n" + kTail);
  };
  EXPECT_EQ(host("10.0.0.0/8"), "accepted");
  EXPECT_EQ(host("0.0.0.0/0"), "access.yaml:2: service a: everything is not a service");
  EXPECT_EQ(host("10.0.0.1/24"),
            "access.yaml:2: service a: address has bits beyond its prefix: 10.0.0.1/24");
  for (const char* bad : {"10.0.0", "10.0.0.256", "10.0.0.01", "::1", "10.0.0.1/33", "10.0.0.1/-1",
                          "10.0.0.1/8/8", "", "host.example", "1e1.0.0.1", "+1.0.0.1"}) {
    EXPECT_EQ(host(bad).find("access.yaml:2: service a: not an IPv4 address"), 0u) << bad;
  }
}

TEST(Access, APortHasAProtocolAndANumberOrRange) {
  const auto port = [](const std::string& text) {
    return Refusal("services:\n  a: {hosts: [10.0.0.1], ports: ['" + text + "']}\n" + kTail);
  };
  EXPECT_EQ(port("udp/1-65535"), "accepted");
  for (const char* bad : {"tcp", "443", "tcp/0", "tcp/65536", "tcp/9-8", "tcp/1-2-3", "sctp/1",
                          "tcp/", "tcp/-", "tcp/1/2", "icmp/8", "TCP/1", "tcp/4294967297"}) {
    EXPECT_EQ(port(bad).find("access.yaml:2: service a: not a port"), 0u) << bad;
  }
}

TEST(Access, AliasesAnchorsDepthAndSizeAreRefusedBeforeATreeIsBuilt) {
  EXPECT_EQ(Refusal("services: &a {}\ntiers: *a\n"), "access.yaml:1: anchors are not allowed");
  EXPECT_EQ(Refusal("services: *a\n").find("access.yaml:1: "), 0u);
  EXPECT_EQ(Refusal("services: [[[[[[[[[[[[]]]]]]]]]]]]\n"), "access.yaml:1: nested too deeply");
  std::string many = "services: [";
  for (int i = 0; i < 20'001; ++i) many += "a,";
  EXPECT_EQ(Refusal(many + "]\n"), "access.yaml:1: too many values");
  EXPECT_EQ(ParseAccess(std::string(kMaxAccessBytes + 1, ' '), "x").error().code, Code::kTooLarge);
}

TEST(Access, APlaceThatIsNoAddressHasNoForm) {
  EXPECT_EQ(ToText(Ipv4{0xc0000201}), "192.0.2.1");
  EXPECT_EQ(ParseIpv4("192.0.2.1"), Ipv4{0xc0000201});
  EXPECT_EQ(ParseIpv4("192.0.2.1 "), std::nullopt);
  EXPECT_EQ(ParseIpv4("0.0.0.0"), Ipv4{0});
}

}  // namespace
}  // namespace sallyport::gateway
