// SPDX-License-Identifier: Apache-2.0
// What swanctl.conf and strongswan.conf become in the tables beside vpn_connections.
#include <gtest/gtest.h>

#include <algorithm>

#include "collectors/vpn_connections.h"
#include "collectors/vpn_credentials.h"
#include "collectors/vpn_proposals.h"
#include "collectors/vpn_revocation.h"
#include "collectors/vpn_routes.h"
#include "collectors/vpn_settings.h"
#include "tests/collectors/vpn/shown.h"

namespace sallyport {
namespace {

constexpr char kStart[] = "/etc/swanctl/swanctl.conf";

TEST(VpnProposalsLinux, EachAlgorithmIsARowWithItsPlaceAndWhatCharonAddsIsMarked) {
  FakeHost host;
  host.Put(
      kStart,
      "connections {\n  a {\n    proposals = aes128-sha1-modp1024, aes256gcm16-prfsha384-x25519\n"
      "    children { n { esp_proposals = aes256gcm16-rot13 } }\n  }\n}\n");
  EXPECT_EQ(
      Shown(host, kVpnProposals, VpnProposalsLinux,
            {"phase", "child", "proposal", "algorithm", "kind", "key_bits", "weak", "from_default",
             "line", "col"}),
      (Shows{"ike|null|1|aes128|encryption|128|0|0|3|5", "ike|null|1|sha1|integrity|null|1|0|3|5",
             "ike|null|1|prfsha1|prf|null|0|1|3|5", "ike|null|1|modp1024|key_exchange|1024|1|0|3|5",
             "ike|null|2|aes256gcm16|encryption|256|0|0|3|5",
             "ike|null|2|prfsha384|prf|null|0|0|3|5", "ike|null|2|x25519|key_exchange|256|0|0|3|5",
             "esp|n|1|aes256gcm16|encryption|256|0|0|4|20",
             "esp|n|1|rot13|unknown|unknown|unknown|0|4|20"}));
}

TEST(VpnProposalsLinux, WhatIsNotWrittenIsTheDefaultOfCharonWordByWord) {
  FakeHost host;
  host.Put(kStart, "connections { a { children { n { } } } }\n");
  const Shows all = Shown(host, kVpnProposals, VpnProposalsLinux,
                          {"phase", "proposal", "algorithm", "weak", "from_default", "col"});
  EXPECT_EQ(all.size(), 96u);
  EXPECT_EQ(all.front(), "ike|1|aes128|0|1|15");
  EXPECT_EQ(all.back(), "esp|2|aesxcbc|0|1|30");
  EXPECT_NE(std::ranges::find(all, "ike|1|3des|1|1|15"), all.end());
  EXPECT_NE(std::ranges::find(all, "esp|2|sha1|1|1|30"), all.end());
}

TEST(VpnRoutesLinux, EachSelectorIsARowAndABypassIsNone) {
  FakeHost host;
  host.Put(kStart,
           "connections { a { children {\n"
           " n { remote_ts = 10.1.0.0/16[tcp/443], ::/0 }\n"
           " l2tp { mode = transport\n remote_ts = dynamic[17/1701] }\n"
           " lan { mode = pass\n remote_ts = 192.168.0.0/16 } } } }\n");
  EXPECT_EQ(Shown(host, kVpnRoutes, VpnRoutesLinux,
                  {"connection", "child", "destination", "protocol", "everything", "source"}),
            (Shows{"a|n|10.1.0.0/16|tcp/443|0|/etc/swanctl/swanctl.conf:2",
                   "a|n|::/0|null|1|/etc/swanctl/swanctl.conf:2",
                   "a|l2tp|dynamic|17/1701|0|/etc/swanctl/swanctl.conf:4"}));
}

TEST(VpnRevocationLinux, EachRoundWithACertificateHasItsPolicy) {
  FakeHost host;
  host.Put(kStart,
           "connections { a { remote-1 { revocation = strict }\n remote-2 { auth = eap-tls }\n"
           " remote-3 { auth = psk } }\n b { } }\n");
  EXPECT_EQ(Shown(host, kVpnRevocation, VpnRevocationLinux,
                  {"connection", "round", "policy", "enforced", "line"}),
            (Shows{"a|remote-1|strict|1|1", "a|remote-2|relaxed|0|2", "b|remote|relaxed|0|4"}));
}

TEST(VpnCredentialsLinux, ASecretIsAFactAndNeverAValue) {
  FakeHost host;
  host.Put(kStart, "include conf.d/*.conf\n");
  host.Put("/etc/swanctl/conf.d/s.conf",
           "secrets {\n  ike-all { secret = canary-1 }\n"
           "  ike-gw { id-1 = gw.example\n id-2 = 192.0.2.1\n secret = \"canary-2\" }\n"
           "  eap-me : base { id = me }\n  private-k { file = k.pem }\n  token-1 { pin = canary-3\n"
           "    handle = canary-5\n }\n  odd { secret = canary-6 } }\n"
           "base { secret = canary-4\n }\n",
           {.modified_s = 1700000000, .mode = 0644});
  const Shows shown = Shown(host, kVpnCredentials, VpnCredentialsLinux,
                            {"kind", "owner", "any_peer", "storage", "sealed", "secret_path",
                             "others_read", "modified", "source", "col"});
  const std::string file = "/etc/swanctl/conf.d/s.conf";
  EXPECT_EQ(shown,
            (Shows{"psk|null|1|config|0|" + file + "|1|1700000000|" + file + ":2|13",
                   "psk|gw.example,192.0.2.1|0|config|0|" + file + "|1|1700000000|" + file + ":5|2",
                   "password|me|null|config|0|" + file + "|1|1700000000|" + file + ":12|8",
                   "key_passphrase|k.pem|null|prompt|1|null|null|null|" + file + ":7|3",
                   "pin|null|null|config|0|" + file + "|1|1700000000|" + file + ":8|13",
                   "unknown|null|null|config|0|" + file + "|1|1700000000|" + file + ":11|9"}));
}

TEST(VpnCredentialsLinux, AKeyIsForAnyoneWhenOneOfItsOwnersIs) {
  FakeHost host;
  host.Put(kStart,
           "secrets { ike-a { id-1 = gw\n id-2 = %any\n }\n ike-b { id = \"\"\n }\n"
           " ike-c { id = 0::0\n }\n ike-d { id = gw\n } }\n");
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"owner", "any_peer"}),
            (Shows{"gw,%any|1", "|1", "0::0|1", "gw|0"}));
}

TEST(VpnProposalsLinux, EspThatProvesNothingHasARowThatSaysSo) {
  FakeHost host;
  host.Put(kStart,
           "connections { a { proposals = aes256gcm16-prfsha384-x25519\n children { n {\n"
           " esp_proposals = aes256gcm16, aes128-x25519, aes128-sha256, aes256-rot13 } } } }\n");
  const Shows rows = Shown(host, kVpnProposals, VpnProposalsLinux,
                           {"phase", "child", "proposal", "algorithm", "kind", "weak", "line"});
  EXPECT_EQ(std::ranges::count_if(
                rows, [](const std::string& row) { return row.find("|none|") != row.npos; }),
            1);
  EXPECT_EQ(rows.back(), "esp|n|2|none|integrity|1|3");
}

TEST(VpnSettingsLinux, SwitchesAreMadeExplicitAndAnUnknownSettingHasNoValue) {
  FakeHost host;
  host.Put(kStart, "connections { a { pasword = canary\n } }\n");
  host.Put("/etc/strongswan.conf",
           "charon {\n  i_dont_care_about_security_and_use_aggressive_mode_psk = yes\n"
           "  plugins { revocation { enable_ocsp = no } }\n}\n"
           "charon-systemd { accept_private_algs = on\n signature_authentication = no\n}\n");
  EXPECT_EQ(Shown(host, kVpnSettings, VpnSettingsLinux,
                  {"connection", "name", "value", "known", "from_default", "weak", "line"}),
            (Shows{"a|a.pasword|null|0|0|null|1",
                   "null|charon.i_dont_care_about_security_and_use_aggressive_mode_psk|yes|1|0|1|2",
                   "null|charon.accept_unencrypted_mainmode_messages|no|1|1|0|1",
                   "null|charon.accept_private_algs|no|1|1|0|1",
                   "null|charon.signature_authentication|yes|1|1|0|1",
                   "null|charon.signature_authentication_constraints|yes|1|1|0|1",
                   "null|charon.plugins.revocation.load|yes|1|1|0|1",
                   "null|charon.plugins.revocation.enable_crl|yes|1|1|0|1",
                   "null|charon.plugins.revocation.enable_ocsp|no|1|0|1|3",
                   "null|charon-systemd.accept_private_algs|no|1|1|0|5",
                   "null|charon-systemd.signature_authentication|no|1|0|1|6"}));
}

TEST(VpnSettingsLinux, ANameThatMayBeASecretIsNotShown) {
  const std::string name = "0123456789abcdef0123";
  FakeHost host;
  host.Put(kStart,
           "connections { a { " + name + " = 1\n children { n { " + name + " = 1\n} } } }\n");
  host.Put("/etc/ipsec.conf", "conn b\n " + name + "=1\n");
  const Shows names = Shown(host, kVpnSettings, VpnSettingsLinux, {"connection", "name"});
  for (const char* row : {"a|a.(a name that is not shown)", "a|n.(a name that is not shown)",
                          "b|(a name that is not shown)"}) {
    EXPECT_NE(std::ranges::find(names, row), names.end()) << row;
  }
  EXPECT_EQ(Shown(host, kVpnConnections, VpnConnectionsLinux, {"name", "problem"}),
            (Shows{"a|unknown option: (a name that is not shown)", "b|null"}));
}

TEST(VpnTablesLinux, NoFileIsNoRowsAndAFileThatCannotBeReadIsAnErrorInEach) {
  const std::pair<const Schema&, CollectFn> tables[] = {
      {kVpnConnections, VpnConnectionsLinux}, {kVpnProposals, VpnProposalsLinux},
      {kVpnCredentials, VpnCredentialsLinux}, {kVpnRoutes, VpnRoutesLinux},
      {kVpnRevocation, VpnRevocationLinux},   {kVpnSettings, VpnSettingsLinux}};
  for (const auto& [schema, collect] : tables) {
    FakeHost host;
    EXPECT_EQ(collect(host, {}).value(), Rows{}) << schema.name;
    host.Fail(kStart, Code::kDenied);
    EXPECT_EQ(collect(host, {}).error().code, Code::kDenied) << schema.name;
  }
}

}  // namespace
}  // namespace sallyport
