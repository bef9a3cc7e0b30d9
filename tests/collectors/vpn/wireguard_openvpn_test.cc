// SPDX-License-Identifier: Apache-2.0
// wg-quick's and OpenVPN's own files, and ppp's secrets.
#include <gtest/gtest.h>

#include "collectors/vpn/openvpn.h"
#include "collectors/vpn_connections.h"
#include "collectors/vpn_credentials.h"
#include "collectors/vpn_proposals.h"
#include "collectors/vpn_revocation.h"
#include "collectors/vpn_routes.h"
#include "collectors/vpn_settings.h"
#include "tests/collectors/vpn/shown.h"

namespace sallyport {
namespace {

constexpr char kWg[] = "/etc/wireguard/wg0.conf";
constexpr char kOvpn[] = "/etc/openvpn/client/work.conf";

Shows Connections(const FakeHost& host, const std::vector<std::string>& columns) {
  return Shown(host, kVpnConnections, VpnConnectionsLinux, columns);
}

TEST(WgQuick, PeersNetworksAndHooks) {
  FakeHost host;
  host.Put(kWg,
           "[interface]\r\nPrivateKey = canary-1=  # mine\r\nAddress=10.0.0.2/32\r\n"
           "PostUp = curl canary-2\r\nTable = auto\r\n\r\n[Peer]\r\nPublicKey = x=\r\n"
           "PresharedKey = canary-3=\r\nAllowedIPs = 10.0.0.0/8, 192.168.0.0/16\r\n"
           "allowedips = ::/0\r\nEndpoint = gw.example:51820\r\n[Peer]\r\nPublicKey = y=\r\n"
           "AllowedIPs = 0.0.0.0/0\r\n");
  EXPECT_EQ(
      Connections(host, {"name", "client", "protocol", "side", "remote_addrs", "remote_ts",
                         "split_tunnel", "uses_psk", "weak_proposals", "pfs", "source", "problem"}),
      Shows{"wg0|wireguard|wireguard|client|gw.example:51820|10.0.0.0/8,192.168.0.0/16,::/0,"
            "0.0.0.0/0|0|0||1|/etc/wireguard/wg0.conf:1|null"});
  EXPECT_EQ(Shown(host, kVpnRoutes, VpnRoutesLinux, {"destination", "everything", "line"}),
            (Shows{"10.0.0.0/8|0|11", "192.168.0.0/16|0|11", "::/0|1|11", "0.0.0.0/0|1|15"}));
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux,
                  {"kind", "storage", "sealed", "line", "col"}),
            (Shows{"private_key|config|0|2|1", "psk|config|0|9|1"}));
  EXPECT_EQ(Shown(host, kVpnSettings, VpnSettingsLinux, {"name", "value", "known", "weak", "line"}),
            Shows{"interface.postup|null|1|unknown|4"});
}

TEST(WgQuick, ASettingThatWgDoesNotKnowIsShownWithoutItsValue) {
  FakeHost host;
  host.Put(kWg,
           "[Interface]\nSecretSauce = canary\nTable=off\n[Peer]\nEndpoint=g:1\n"
           "AllowedIPs=0.0.0.0/0\n");
  EXPECT_EQ(Connections(host, {"name", "split_tunnel", "problem"}),
            Shows{"wg0|1|unknown setting: interface.secretsauce"});
  EXPECT_EQ(Shown(host, kVpnSettings, VpnSettingsLinux, {"name", "value", "known"}),
            Shows{"interface.secretsauce|null|0"});
}

// The key is wrapped onto the next line, where its "=" makes a setting of it.
TEST(WgQuick, AKeyInThePlaceOfANameIsNotShown) {
  for (const char* key : {"yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "ab/cd=", "1abc=",
                          "abcdef0123456789=", "x0123456789abcdef0="}) {
    FakeHost host;
    host.Put(kWg, std::string("[Interface]\nPrivateKey =\n") + key + "\n");
    EXPECT_EQ(Connections(host, {"problem"}),
              Shows{"unknown setting: interface.(a name that is not shown)"});
    EXPECT_EQ(Shown(host, kVpnSettings, VpnSettingsLinux, {"name", "line"}),
              Shows{"interface.(a name that is not shown)|3"});
  }
}

TEST(WgQuick, ASectionOrALineThatIsNoneIsUnknown) {
  for (const char* text : {"[Interface]\n[Router]\n", "[Interface]\ncanary\n", "x=canary\n"}) {
    FakeHost host;
    host.Put(kWg, text);
    const Shows shown =
        Connections(host, {"client", "name", "protocol", "split_tunnel", "problem"});
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_TRUE(shown[0].starts_with("wireguard|wg0.conf|unknown|unknown|/etc/wireguard/wg0.conf:"))
        << shown[0];
    EXPECT_EQ(shown[0].find("canary"), std::string::npos);
  }
}

TEST(Openvpn, AClientThatChecksNothing) {
  FakeHost host;
  host.Put(kOvpn,
           "\xEF\xBB\xBF"
           "client\ndev tun\nremote gw.example 1194 udp\n# comment\n; another\n"
           "ca ca.pem\ncert me.pem\nkey /etc/openvpn/me.key\nauth-user-pass \"/etc/openvpn/p w\"\n"
           "cipher BF-CBC\nauth SHA1\nscript-security 2\ncomp-lzo\nredirect-gateway def1\n");
  EXPECT_EQ(Connections(host, {"name", "client", "protocol", "side", "remote_addrs", "local_auth",
                               "server_check", "uses_psk", "weak_proposals", "split_tunnel", "pfs",
                               "revocation"}),
            Shows{"work|openvpn|openvpn|client|gw.example|pubkey,password|none|0|bf-cbc,sha1|0|1|"
                  "relaxed"});
  EXPECT_EQ(
      Shown(host, kVpnProposals, VpnProposalsLinux,
            {"phase", "proposal", "algorithm", "kind", "key_bits", "weak", "from_default", "line"}),
      (Shows{"data|1|aes-256-gcm|encryption|256|0|1|1", "data|2|aes-128-gcm|encryption|128|0|1|1",
             "data|3|chacha20-poly1305|encryption|null|0|1|1",
             "data|4|bf-cbc|encryption|null|1|0|10", "data|1|sha1|integrity|null|1|0|11"}));
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux,
                  {"kind", "storage", "sealed", "secret_path", "line"}),
            (Shows{"private_key|file|unknown|/etc/openvpn/me.key|8",
                   "password|file|0|/etc/openvpn/p w|9"}));
  EXPECT_EQ(
      Shown(host, kVpnSettings, VpnSettingsLinux,
            {"name", "value", "from_default", "weak", "line"}),
      (Shows{"script-security|2|0|1|12", "tls-version-min|1.2|1|0|1", "comp-lzo|yes|0|1|13"}));
  EXPECT_EQ(Shown(host, kVpnRevocation, VpnRevocationLinux, {"policy", "enforced"}),
            Shows{"none|0"});
}

TEST(Openvpn, AClientThatChecksTheNameAndTakesWhatTheServerPushes) {
  FakeHost host;
  host.Put(kOvpn,
           "client\nremote gw\ndata-ciphers AES-256-GCM:?FANCY-1\nverify-x509-name gw name\n"
           "crl-verify crl.pem\nroute 10.0.0.0 255.0.0.0\n<key>\ncanary-1\n</key>\n"
           "<tls-crypt>\ncanary-2\n</tls-crypt>\nhttp-proxy p 1 canary-3\n");
  EXPECT_EQ(Connections(host, {"server_check", "weak_proposals", "split_tunnel", "remote_ts",
                               "revocation"}),
            Shows{"name|unknown|unknown|10.0.0.0/255.0.0.0,pushed|strict"});
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux,
                  {"kind", "storage", "sealed", "secret_path", "line"}),
            (Shows{std::string("static_key|config|0|") + kOvpn + "|10",
                   std::string("private_key|config|unknown|") + kOvpn + "|7"}));
}

TEST(Openvpn, AStaticKeyIsAPskWithoutPfs) {
  FakeHost host;
  host.Put(kOvpn, "remote gw\nsecret static.key\n");
  EXPECT_EQ(Connections(host, {"local_auth", "uses_psk", "pfs", "weak_proposals", "server_check",
                               "revocation"}),
            Shows{"psk|1|0|bf-cbc,sha1|psk|null"});
}

TEST(Openvpn, ATagWithACommentOpensABlockAndSetenvOptIsTheOptionItself) {
  FakeHost host;
  host.Put(kOvpn,
           "client\nremote gw\n<auth-user-pass> # login\nme\nremote canary-1\n"
           "  </auth-user-pass> # end\nsetenv opt remote-cert-tls server\n<connection> # one\n"
           "remote gw2\n</connection> # end\nsetenv opt auth SHA256\ncipher AES-128-CBC\n");
  EXPECT_EQ(Connections(host, {"remote_addrs", "local_auth", "server_check", "weak_proposals"}),
            Shows{"gw,gw2|password|chain|"});
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"kind", "storage", "line"}),
            Shows{"password|config|3"});
}

TEST(Openvpn, WhatDoesNotTellAServerFromAClientIsNoCheck) {
  for (const char* option :
       {"verify-hash aa:bb", "remote-cert-tls client", "ns-cert-type client"}) {
    FakeHost host;
    host.Put(kOvpn, std::string("client\nremote gw\n") + option + "\n");
    EXPECT_EQ(Connections(host, {"server_check"}), Shows{"none"}) << option;
  }
}

TEST(Openvpn, ACipherWithoutADigestHasTheDefaultOne) {
  for (const auto& [text, weak] : {std::pair("data-ciphers AES-256-CBC\n", "sha1"),
                                   std::pair("data-ciphers AES-256-GCM\n", ""),
                                   std::pair("data-ciphers AES-256-CBC\nauth SHA256\n", "")}) {
    FakeHost host;
    host.Put(kOvpn, std::string("client\nremote gw\n") + text);
    EXPECT_EQ(Connections(host, {"weak_proposals"}), Shows{weak}) << text;
  }
  FakeHost host;
  host.Put(kOvpn, "client\ndata-ciphers AES-256-CBC\nverify-client-cert optional\n");
  EXPECT_EQ(Shown(host, kVpnProposals, VpnProposalsLinux, {"algorithm", "weak", "from_default"}),
            (Shows{"aes-256-cbc|0|0", "sha1|1|1"}));
  const Shows switches = Shown(host, kVpnSettings, VpnSettingsLinux, {"name", "value", "weak"});
  EXPECT_EQ(switches.back(), "verify-client-cert|optional|1");
}

TEST(Openvpn, ASecretsFileIsSoughtBesideTheConfiguration) {
  FakeHost host;
  host.Put("/etc/openvpn/client/me.key", "x", {.mode = 0644});
  const std::vector<std::string> columns = {"secret_path", "others_read"};
  host.Put(kOvpn, "client\nkey me.key\n");
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, columns),
            Shows{"/etc/openvpn/client/me.key|1"});
  host.Put(kOvpn, "client\ncd /srv\nkey me.key\n");
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, columns), Shows{"unknown|unknown"});
}

TEST(Openvpn, WhatIsNotClosedIsUnknownAndSaysWhere) {
  for (const auto& [text, problem] :
       {std::pair("remote \"gw canary\n", ":1: unterminated string"),
        std::pair("client\n<key>\ncanary\n", ":2: an inline file that is never closed")}) {
    FakeHost host;
    host.Put(kOvpn, text);
    EXPECT_EQ(Connections(host, {"protocol", "uses_psk", "problem"}),
              Shows{std::string("unknown|unknown|") + kOvpn + problem});
  }
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "route 10.0.0.0\n";
  EXPECT_EQ(ParseOpenvpn(many, "f").error().code, Code::kTooLarge);
}

TEST(PppSecrets, WhoseTheyAreAndNeverWhat) {
  FakeHost host;
  host.Put("/etc/ppp/chap-secrets",
           "# client server secret ip\nme * \"canary 1\" *\n\"a b\" gw canary-2\nme * @/etc/x\n"
           "me * @canary-3\nme * \"\"\nbroken canary-4\n",
           {.modified_s = 1700000000, .mode = 0644});
  const Shows shown =
      Shown(host, kVpnCredentials, VpnCredentialsLinux,
            {"client", "kind", "owner", "storage", "sealed", "secret_path", "others_read", "line"});
  const std::string in = "|/etc/ppp/chap-secrets|1|";
  EXPECT_EQ(
      shown,
      (Shows{"ppp|password|me *|config|0" + in + "2", "ppp|password|a b gw|config|0" + in + "3",
             "ppp|password|me *|file|0|/etc/x|unknown|4", "ppp|password|me *|config|0" + in + "5",
             "ppp|password|me *|none|1" + in + "6",
             "ppp|unknown|null|unknown|unknown" + in + "7"}));
  for (const std::string& line : shown) EXPECT_EQ(line.find("canary"), std::string::npos) << line;
}

// pppd joins lines inside of a quote and behind a backslash: a part of the secret would stand where
// the owner stands.
TEST(PppSecrets, WhatGoesOnOverLinesIsUnknownUpToItsEnd) {
  FakeHost host;
  host.Put("/etc/ppp/chap-secrets",
           "me * \"canary-1\ncanary-2 canary-3 x\ncanary-4\" * y\na b canary-5 \\\n"
           "canary-6 canary-7 canary-8\n# \"comment\\\nc d canary-9\nme * 'canary a b\n"
           "canary b c\n");
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"kind", "owner", "storage", "line"}),
            (Shows{"unknown|null|unknown|1", "unknown|null|unknown|2", "unknown|null|unknown|3",
                   "unknown|null|unknown|4", "unknown|null|unknown|5", "password|c d|config|7",
                   "unknown|null|unknown|8", "unknown|null|unknown|9"}));
}

}  // namespace
}  // namespace sallyport
