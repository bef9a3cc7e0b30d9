// SPDX-License-Identifier: Apache-2.0
// ipsec.conf and ipsec.secrets, as starter and stroke of strongSwan take them.
#include "collectors/vpn/ipsec_conf.h"

#include <gtest/gtest.h>

#include "collectors/vpn_connections.h"
#include "collectors/vpn_credentials.h"
#include "collectors/vpn_proposals.h"
#include "collectors/vpn_revocation.h"
#include "collectors/vpn_routes.h"
#include "collectors/vpn_settings.h"
#include "tests/collectors/vpn/shown.h"

namespace sallyport {
namespace {

constexpr char kConf[] = "/etc/ipsec.conf";
constexpr char kSecrets[] = "/etc/ipsec.secrets";

std::string ErrorOf(const std::string& text) {
  FakeHost host;
  host.Put(kConf, text);
  const auto loaded = LoadIpsecConf(host, kConf);
  return loaded ? "no error" : loaded.error().message;
}

TEST(IpsecConf, OwnSettingsComeBeforeAlsoAndThatBeforeTheDefault) {
  FakeHost host;
  host.Put(kConf,
           "# legacy\nversion 2.0\nconfig setup\n\tstrictcrlpolicy=yes\n\n"
           "conn %default\n\tkeyexchange=ikev1\n\tike=3des-sha1-modp1024\n\taggressive=yes\n"
           "conn base\n    esp = aes128-sha1!  # weak\n    auto=add\n    right=192.0.2.7\n"
           "conn l2tp\n\talso=base\n\ttype=transport\n\trightprotoport=17/1701\n"
           "\tike=aes256-sha256-modp2048!\n\tauthby=secret\n\taggressive=\n\tauto=start\n");
  EXPECT_EQ(Shown(host, kVpnConnections, VpnConnectionsLinux,
                  {"name", "client", "protocol", "side", "remote_addrs", "local_auth", "uses_psk",
                   "aggressive", "proposals", "esp_proposals", "weak_proposals", "mode",
                   "remote_ts", "start_action", "autostart", "revocation", "source", "col"}),
            (Shows{"base|strongswan-ipsec|ikev1|client|192.0.2.7|pubkey|0|1|3des-sha1-modp1024,"
                   "default|aes128-sha1|3des,sha1,modp1024|tunnel|dynamic|add|0|strict|"
                   "/etc/ipsec.conf:10|6",
                   "l2tp|strongswan-ipsec|ikev1|client|192.0.2.7|psk|1|0|aes256-sha256-modp2048|"
                   "aes128-sha1|sha1|transport|dynamic[17/1701]|start|1|null|"
                   "/etc/ipsec.conf:14|6"}));
  EXPECT_EQ(
      Shown(host, kVpnRoutes, VpnRoutesLinux, {"connection", "destination", "protocol", "line"}),
      (Shows{"base|dynamic|null|10", "l2tp|dynamic|17/1701|14"}));
  EXPECT_EQ(Shown(host, kVpnRevocation, VpnRevocationLinux, {"connection", "policy", "enforced"}),
            (Shows{"base|strict|1"}));
}

TEST(IpsecConf, WithoutAnExclamationMarkTheDefaultIsOfferedToo) {
  FakeHost host;
  host.Put(kConf,
           "conn a\n ike=aes256-sha256-ecp256\n esp=aes256gcm16-ecp256\n"
           "conn b\n ike=aes256-sha256-ecp256!\n esp=aes256gcm16-ecp256!\n");
  EXPECT_EQ(Shown(host, kVpnConnections, VpnConnectionsLinux,
                  {"name", "proposals", "weak_proposals", "pfs"}),
            (Shows{"a|aes256-sha256-ecp256,default|3des,sha1|0", "b|aes256-sha256-ecp256||1"}));
}

TEST(IpsecConf, RoundsAndTheirIdentities) {
  FakeHost host;
  host.Put(kConf,
           "conn a\n right=gw.example\n leftauth=pubkey\n leftauth2=eap-mschapv2\n leftid=me\n"
           " leftid2=\"CN=me too, O=x\"\n rightauth=pubkey\n rightid=@gw.example\n"
           " leftsourceip=%config\n rightsubnet=0.0.0.0/0\n keyexchange=ikev2\n"
           "conn x\n authby=xauthpsk\n right=%any\n");
  EXPECT_EQ(Shown(host, kVpnConnections, VpnConnectionsLinux,
                  {"name", "protocol", "side", "local_auth", "local_id", "remote_auth", "remote_id",
                   "eap_method", "server_check", "split_tunnel", "uses_psk"}),
            (Shows{"a|ikev2|client|pubkey,eap-mschapv2|me,CN=me too, O=x|pubkey|@gw.example|"
                   "mschapv2|name|0|0",
                   "x|any|server|psk,xauth|null|psk|null|null|null|null|1"}));
}

TEST(IpsecConf, IncludesAreRelativeAndCountWhereTheyStand) {
  FakeHost host;
  host.Put(kConf, "include ipsec.d/*.conf\nconn a\n auto=add\n");
  host.Put("/etc/ipsec.d/1.conf", "conn a\n  auto=start\r\n  foo = bar\r\n");
  EXPECT_EQ(Shown(host, kVpnConnections, VpnConnectionsLinux, {"name", "start_action", "source"}),
            (Shows{"a|add|/etc/ipsec.d/1.conf:1"}));
  EXPECT_EQ(Shown(host, kVpnSettings, VpnSettingsLinux,
                  {"connection", "name", "value", "known", "source", "col"}),
            (Shows{"null|setup.strictcrlpolicy|no|1|/etc/ipsec.d/1.conf:1|6",
                   "a|foo|null|0|/etc/ipsec.d/1.conf:3|3"}));
}

TEST(IpsecConf, WhatIsNotUnderstoodIsAnErrorWithItsPlaceAndWithoutItsValue) {
  EXPECT_EQ(ErrorOf("conn a\n ike=\"aes\n"), "/etc/ipsec.conf:2: unterminated string");
  EXPECT_EQ(ErrorOf("conn a\n geheim-1\n"), "/etc/ipsec.conf:2: name=value was expected");
  EXPECT_EQ(ErrorOf(" ike=aes\n"), "/etc/ipsec.conf:1: a setting outside of a section");
  EXPECT_EQ(ErrorOf("connn a\n"), "/etc/ipsec.conf:1: config, conn, ca or include was expected");
  EXPECT_EQ(ErrorOf("include none.conf\n"),
            "/etc/ipsec.conf:1: include: /etc/none.conf: no such file");
  EXPECT_EQ(ErrorOf("\xEF\xBB\xBF"
                    "conn a\n"),
            "/etc/ipsec.conf:1: a byte order mark");
  EXPECT_EQ(ErrorOf(std::string("\xFF\xFE"
                                "c\0",
                                4)),
            "/etc/ipsec.conf:1: UTF-16, not text of one byte");
  EXPECT_EQ(ErrorOf(std::string("conn a\0", 7)), "/etc/ipsec.conf: NUL bytes, not text");
}

TEST(IpsecConf, CirclesAndGrowthAreBounded) {
  EXPECT_NE(ErrorOf("include /etc/ipsec.conf\n").find("more includes than"), std::string::npos);
  std::string many = "conn a\n";
  for (int i = 0; i < 100'000; ++i) many += " k" + std::to_string(i) + "=1\n";
  EXPECT_EQ(ErrorOf(many), "/etc/ipsec.conf: more settings than the bound allows");
  FakeHost host;
  host.Put(kConf, "conn a\n also=b\nconn b\n also=a\n");
  EXPECT_EQ(VpnConnectionsLinux(host, {}).error().message,
            "/etc/ipsec.conf:1: section \"a\" takes over itself");
}

TEST(IpsecSecrets, EachLineIsACredentialAndItsSecretIsNowhere) {
  FakeHost host;
  host.Put(kSecrets,
           "# keys\n: PSK \"canary-1\"\n192.0.2.1 %any : PSK canary-2\n%any : PSK 0sY2FuYXJ5\n"
           "me : EAP \"canary-3\"\n: RSA key.pem \"canary-4\"\n: ECDSA key.der\n"
           ": PIN %smartcard:50 canary-5\n: PIN %smartcard:50 %prompt\n"
           ": RSA {\n canary-6: 0x1\n }\ncanary-7 canary-8\nuser : WHAT canary-9\n",
           {.modified_s = 1700000000, .mode = 0600});
  const Shows shown = Shown(host, kVpnCredentials, VpnCredentialsLinux,
                            {"kind", "owner", "any_peer", "storage", "sealed", "secret_path",
                             "others_read", "line", "col"});
  const std::string in = "|/etc/ipsec.secrets|0|";
  EXPECT_EQ(shown,
            (Shows{"psk|null|1|config|0" + in + "2|1", "psk|192.0.2.1 %any|1|config|0" + in + "3|1",
                   "psk|%any|1|config|0" + in + "4|1", "password|me|null|config|0" + in + "5|1",
                   "private_key|key.pem|null|config|0" + in + "6|1",
                   "private_key|key.der|null|file|unknown" + in + "7|1",
                   "pin|null|null|config|0" + in + "8|1", "pin|null|null|prompt|1" + in + "9|1",
                   "private_key|null|null|config|0" + in + "10|1",
                   "unknown|null|null|unknown|unknown" + in + "13|1",
                   "unknown|null|null|unknown|unknown" + in + "14|1"}));
  for (const std::string& line : shown) EXPECT_EQ(line.find("canary"), std::string::npos) << line;
}

TEST(IpsecSecrets, AKeyIsForAnyoneWhenOneOfItsOwnersIs) {
  FakeHost host;
  host.Put(kSecrets,
           "%any6 : PSK x\na\t* : PSK x\na \"%any\" : PSK x\nb :: : PSK x\n"
           "a 0.0.0.0 : PSK x\na *.b : PSK x\n0.0.0.1\tb : PSK x\n");
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"any_peer", "line"}),
            (Shows{"1|1", "1|2", "1|3", "1|4", "1|5", "0|6", "0|7"}));
}

TEST(IpsecSecrets, AFileThatMayNotBeReadIsDeniedAndThatDoesNotHideTheConnections) {
  FakeHost host;
  host.Put(kConf, "conn a\n auto=add\n");
  host.Fail(kSecrets, Code::kDenied);
  EXPECT_EQ(VpnCredentialsLinux(host, {}).error().code, Code::kDenied);
  EXPECT_EQ(Shown(host, kVpnConnections, VpnConnectionsLinux, {"name"}), Shows{"a"});
}

}  // namespace
}  // namespace sallyport
