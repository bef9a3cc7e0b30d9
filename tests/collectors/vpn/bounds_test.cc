// SPDX-License-Identifier: Apache-2.0
// Files that are made to cost: refused by a bound that names them, or a row that says so.
#include <gtest/gtest.h>

#include "collectors/vpn_connections.h"
#include "collectors/vpn_credentials.h"
#include "tests/collectors/vpn/shown.h"

namespace sallyport {
namespace {

std::string Repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string Numbered(const std::string& before, const std::string& after) {
  std::string out;
  for (int i = 0; i < 100'000; ++i) out += before + std::to_string(i) + after;
  return out;
}

Error ErrorOf(const std::string& path, const std::string& text, CollectFn collect) {
  FakeHost host;
  host.Put(path, text);
  const auto rows = collect(host, {});
  return rows ? Error{Code::kInternal, "no error"} : rows.error();
}

TEST(VpnBounds, AHundredThousandSettingsSectionsOrSecretsAreRefusedByName) {
  const std::string swanctl = "/etc/swanctl/swanctl.conf";
  const std::string ipsec = "/etc/ipsec.conf";
  for (const auto& [path, text, collect] :
       {std::tuple(swanctl, Numbered("k", " = 1\n"), &VpnConnectionsLinux),
        std::tuple(swanctl, Numbered("s", " { }\n"), &VpnConnectionsLinux),
        std::tuple(swanctl, Repeated("s {\n", 100'000), &VpnConnectionsLinux),
        std::tuple(ipsec, Numbered("conn c", "\n"), &VpnConnectionsLinux),
        std::tuple(ipsec, "conn a\n" + Numbered(" k", "=1\n"), &VpnConnectionsLinux),
        std::tuple(std::string("/etc/ipsec.secrets"), Repeated(": PSK x\n", 100'000),
                   &VpnCredentialsLinux),
        std::tuple(std::string("/etc/ppp/chap-secrets"), Repeated("a b c\n", 100'000),
                   &VpnCredentialsLinux)}) {
    const Error error = ErrorOf(path, text, collect);
    EXPECT_EQ(error.code, Code::kTooLarge) << path;
    EXPECT_TRUE(error.message.starts_with(path)) << error.message;
  }
}

TEST(VpnBounds, LongValuesAndListsAreRefusedByTheirPlace) {
  const std::string swanctl = "/etc/swanctl/swanctl.conf";
  const std::string ipsec = "/etc/ipsec.conf";
  const std::string list = Repeated("10.0.0.1,", 1'000) + "10.0.0.1";
  const std::string word = Repeated("x", 70'000);
  for (const auto& [path, text] :
       {std::pair(swanctl, "connections { a { children { n { remote_ts = " + list + "\n } } } }\n"),
        std::pair(swanctl, "connections { a { x = " + word + "\n } }\n"),
        std::pair(ipsec, "conn a\n rightsubnet=" + list + "\n"),
        std::pair(ipsec, "conn a\n x=" + word + "\n")}) {
    const Error error = ErrorOf(path, text, VpnConnectionsLinux);
    EXPECT_EQ(error.code, Code::kTooLarge) << path;
    EXPECT_TRUE(error.message.starts_with(path + ":")) << error.message;
  }
  for (const auto& [path, text] :
       {std::pair("/etc/NetworkManager/system-connections/a",
                  "[connection]\ntype=vpn\n[vpn]\nremote-ts=" + list + "\n"),
        std::pair("/etc/wireguard/a.conf", "[Peer]\nAllowedIPs = " + word + "\n"),
        std::pair("/etc/openvpn/a.conf", "data-ciphers " + Repeated("a:", 1'001) + "\n")}) {
    FakeHost host;
    host.Put(path, text);
    const Shows shown = Shown(host, kVpnConnections, VpnConnectionsLinux, {"protocol", "problem"});
    ASSERT_EQ(shown.size(), 1u) << path;
    EXPECT_TRUE(shown[0].starts_with(std::string("unknown|") + path + ":")) << shown[0];
    EXPECT_TRUE(shown[0].ends_with("than the bound allows")) << shown[0];
  }
}

// A megabyte in %default or in a section that a hundred others inherit.
TEST(VpnBounds, WhatIsTakenOverIsBoundedForAllTogether) {
  std::string settings;
  for (int i = 0; i < 20; ++i) {
    settings += " k" + std::to_string(i) + " = " + Repeated("x", 60'000) + "\n";
  }
  std::string ipsec = "conn %default\n" + settings;
  std::string swanctl = "base {\n" + settings + "}\nconnections {\n";
  for (int i = 0; i < 100; ++i) {
    ipsec += "conn c" + std::to_string(i) + "\n";
    swanctl += " c" + std::to_string(i) + " : base { }\n";
  }
  swanctl += "}\n";
  EXPECT_EQ(ErrorOf("/etc/ipsec.conf", ipsec, VpnConnectionsLinux).code, Code::kTooLarge);
  EXPECT_EQ(ErrorOf("/etc/swanctl/swanctl.conf", swanctl, VpnConnectionsLinux).code,
            Code::kTooLarge);
}

TEST(VpnBounds, IncludesOfNothingAreCountedToo) {
  const std::string nothing = Repeated("include none/*.conf\n", 300);
  for (const auto& [path, collect] : {std::pair("/etc/swanctl/swanctl.conf", &VpnConnectionsLinux),
                                      std::pair("/etc/ipsec.conf", &VpnConnectionsLinux),
                                      std::pair("/etc/ipsec.secrets", &VpnCredentialsLinux)}) {
    const Error error = ErrorOf(path, nothing, collect);
    EXPECT_EQ(error.code, Code::kTooLarge) << path;
    EXPECT_TRUE(error.message.starts_with(std::string(path) + ":257: ")) << error.message;
  }
}

TEST(VpnBounds, AFileThatIsOneConnectionAndTooLargeIsARowThatSaysSo) {
  for (const auto& [path, line] : {std::pair("/etc/NetworkManager/system-connections/a", "x=1\n"),
                                   std::pair("/etc/wireguard/a.conf", "Address=10.0.0.1\n"),
                                   std::pair("/etc/openvpn/a.conf", "route 10.0.0.0\n")}) {
    FakeHost host;
    host.Put(path, "[connection]\n" + Repeated(line, 100'000));
    const Shows shown =
        Shown(host, kVpnConnections, VpnConnectionsLinux, {"protocol", "uses_psk", "problem"});
    ASSERT_EQ(shown.size(), 1u) << path;
    EXPECT_TRUE(shown[0].starts_with(std::string("unknown|unknown|") + path + ": more ")) << path;
  }
}

TEST(VpnBounds, MoreConnectionFilesThanTheBoundAreAnErrorNotSomeOfThem) {
  FakeHost host;
  for (int i = 0; i < 1'001; ++i) {
    host.Put("/etc/wireguard/" + std::to_string(i) + ".conf", "[Interface]\n");
  }
  EXPECT_EQ(VpnConnectionsLinux(host, {}).error(),
            (Error{Code::kTooLarge, "/etc/wireguard: more files than the bound allows"}));
}

}  // namespace
}  // namespace sallyport
