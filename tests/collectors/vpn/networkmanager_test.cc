// SPDX-License-Identifier: Apache-2.0
// NetworkManager's keyfiles, by plug-in.
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

constexpr char kFile[] = "/etc/NetworkManager/system-connections/a.nmconnection";

FakeHost With(const std::string& plugin, const std::string& rest) {
  FakeHost host;
  host.Put(kFile,
           "[connection]\nid=work\ntype=vpn\n\n[vpn]\n"
           "service-type=org.freedesktop.NetworkManager." +
               plugin + "\n" + rest,
           {.modified_s = 1700000000, .mode = 0600});
  return host;
}

Shows Connections(const FakeHost& host, const std::vector<std::string>& columns) {
  return Shown(host, kVpnConnections, VpnConnectionsLinux, columns);
}

TEST(NetworkManager, L2tpWithAKeyInTheFile) {
  const FakeHost host =
      With("l2tp",
           "gateway=gw.example\nipsec-enabled=yes\nipsec-psk=canary-1\npassword-flags=1\n"
           "refuse-pap=yes\nrefuse-chap=yes\nrefuse-mschap=yes\nuser=me\n"
           "[vpn-secrets]\nanything=canary-2\n[ipv4]\nnever-default=true\nmethod=auto\n"
           "route1=10.1.0.0/16,10.0.0.1\n");
  EXPECT_EQ(Connections(host, {"name", "client", "protocol", "ike_version", "remote_addrs",
                               "local_auth", "server_check", "uses_psk", "weak_proposals",
                               "split_tunnel", "remote_ts", "mode", "source"}),
            (Shows{std::string("work|networkmanager-l2tp|l2tp_ipsec|1|gw.example|psk,eap|mschapv2|"
                               "psk|1|3des,sha1,modp1024|1|10.1.0.0/16,pushed|transport|") +
                   kFile + ":1"}));
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux,
                  {"connection", "kind", "storage", "sealed", "others_read", "line", "col"}),
            (Shows{"work|password|config|0|0|16|1", "work|psk|config|0|0|9|1",
                   "work|password|keyring|1|null|10|1"}));
  EXPECT_EQ(Shown(host, kVpnRoutes, VpnRoutesLinux, {"destination", "everything", "line"}),
            Shows{"10.1.0.0/16|0|20"});
}

TEST(NetworkManager, L2tpWithoutIpsecIsCleartext) {
  const FakeHost host = With("l2tp", "gateway=gw.example\n");
  EXPECT_EQ(Connections(host, {"protocol", "ike_version", "uses_psk", "weak_proposals",
                               "server_check", "split_tunnel"}),
            Shows{"l2tp|null|0|cleartext,mschap,chap,pap|none|0"});
  EXPECT_EQ(Shown(host, kVpnProposals, VpnProposalsLinux, {"phase", "algorithm", "kind", "weak"}),
            (Shows{"ppp|eap|authentication|0", "ppp|mschapv2|authentication|0",
                   "ppp|mschap|authentication|1", "ppp|chap|authentication|1",
                   "ppp|pap|authentication|1"}));
}

TEST(NetworkManager, L2tpWithACertificateAndGoodProposals) {
  const FakeHost host =
      With("l2tp",
           "gateway=gw\nipsec-enabled=yes\nmachine-auth-type=tls\nipsec-pfs=no\n"
           "ipsec-ike=aes256-sha256-ecp384!\nipsec-esp=aes256-sha256\nrefuse-pap=yes\n"
           "refuse-chap=yes\nrefuse-mschap=yes\n");
  EXPECT_EQ(Connections(host, {"local_auth", "remote_auth", "uses_psk", "server_check", "proposals",
                               "weak_proposals", "pfs", "aggressive"}),
            Shows{"pubkey,eap|mschapv2|pubkey|0|chain|aes256-sha256-ecp384!||0|0"});
}

TEST(NetworkManager, StrongswanByItsMethod) {
  EXPECT_EQ(Connections(With("strongswan",
                             "address=gw.example\nmethod=eap\nproposal=yes\n"
                             "ike=aes256-sha256-modp1024\nesp=aes256gcm16-ecp256\n"),
                        {"protocol", "side", "local_auth", "remote_auth", "remote_id",
                         "server_check", "proposals", "esp_proposals", "weak_proposals", "pfs",
                         "split_tunnel", "autostart"}),
            Shows{"ikev2|client|eap|pubkey|gw.example|name|aes256-sha256-modp1024|"
                  "aes256gcm16-ecp256|modp1024|1|0|0"});
  EXPECT_EQ(Connections(With("strongswan", "address=gw\nmethod=psk\nike=3des-md5-modp768\n"),
                        {"uses_psk", "server_check", "proposals"}),
            Shows{"1|psk|default"});  // without proposal=yes they do not count
  EXPECT_EQ(Connections(With("strongswan", "address=gw\nmethod=magic\n"), {"uses_psk"}),
            Shows{"unknown"});
}

TEST(NetworkManager, WhatStandsBeforeTheAddressIsNoIdentity) {
  EXPECT_EQ(Connections(With("strongswan", "address=u:canary@gw\nmethod=eap\n"),
                        {"remote_addrs", "remote_id"}),
            Shows{"gw|gw"});
  EXPECT_EQ(Connections(With("Fancy Canary", "x=1\n"), {"client"}),
            Shows{"networkmanager-(a name that is not shown)"});
}

TEST(NetworkManager, LibreswanWithAGroupIsAggressive) {
  EXPECT_EQ(Connections(With("libreswan",
                             "right=gw\nleftid=group\nike=aes256-sha1;modp1536\n"
                             "esp=aes256-sha1\npskvalue-flags=2\n"),
                        {"protocol", "aggressive", "uses_psk", "local_id", "weak_proposals"}),
            Shows{"ikev1|1|1|group|sha1,modp1536"});
  EXPECT_EQ(Connections(With("libreswan", "right=gw\nleftcert=me\nikev2=insist\n"),
                        {"protocol", "aggressive", "uses_psk", "weak_proposals"}),
            Shows{"ikev2|0|0|unknown"});  // its default is not known here
}

TEST(NetworkManager, WhatThePluginAddsByItselfIsARowToo) {
  const std::vector<std::string> columns = {"phase", "algorithm", "kind", "weak", "from_default"};
  EXPECT_EQ(Shown(With("libreswan", "right=gw\nleftcert=me\nesp=aes256gcm16\n"), kVpnProposals,
                  VpnProposalsLinux, columns),
            (Shows{"esp|aes256gcm16|encryption|0|0", "ike|default|unknown|unknown|1"}));
  const FakeHost l2tp = With("l2tp",
                             "gateway=gw\nipsec-enabled=yes\nipsec-ike=aes256-sha256-ecp384\n"
                             "refuse-pap=yes\nrefuse-chap=yes\nrefuse-mschap=yes\n");
  EXPECT_EQ(Connections(l2tp, {"weak_proposals"}), Shows{"3des,sha1"});
  const Shows rows = Shown(l2tp, kVpnProposals, VpnProposalsLinux, columns);
  for (const char* row : {"esp|3des|encryption|1|1", "esp|sha1|integrity|1|1"}) {
    EXPECT_NE(std::ranges::find(rows, row), rows.end()) << row;
  }
}

TEST(NetworkManager, PptpIsWeakWhateverIsWritten) {
  EXPECT_EQ(Connections(With("pptp", "gateway=u:canary@gw\n"),
                        {"protocol", "remote_addrs", "weak_proposals", "server_check", "pfs"}),
            Shows{"pptp|gw|mppe,mschap,chap,pap|none|0"});
}

TEST(NetworkManager, OpenvpnAndOpenconnect) {
  EXPECT_EQ(Connections(With("openvpn",
                             "connection-type=password-tls\nremote=gw1:1194, gw2\nca=/ca\n"
                             "cert=/c\nkey=/k\ncipher=BF-CBC\nauth=SHA1\nping=5\n"
                             "password-flags=2\n"),
                        {"protocol", "side", "remote_addrs", "local_auth", "server_check",
                         "weak_proposals", "split_tunnel", "uses_psk"}),
            Shows{"openvpn|client|gw1:1194,gw2|pubkey,password|none|bf-cbc,sha1|0|0"});
  EXPECT_EQ(Connections(With("openvpn", "connection-type=static-key\nremote=gw\nstatic-key=/s\n"),
                        {"uses_psk", "weak_proposals", "pfs"}),
            Shows{"1|bf-cbc,sha1|0"});
  EXPECT_EQ(Connections(With("openconnect", "gateway=gw\nprotocol=anyconnect\n"),
                        {"protocol", "server_check", "uses_psk"}),
            Shows{"openconnect|name|0"});
}

TEST(NetworkManager, WireguardIsNoVpnPluginAndCountsAllTheSame) {
  FakeHost host;
  host.Put(kFile,
           "[connection]\nid=wg\ntype=wireguard\nautoconnect=false\n[wireguard]\n"
           "private-key=canary\n[wireguard-peer.PUBKEY=]\nendpoint=gw:51820\n"
           "preshared-key-flags=1\nallowed-ips=0.0.0.0/0;::/0;\n");
  EXPECT_EQ(Connections(host, {"name", "client", "protocol", "remote_addrs", "remote_ts",
                               "split_tunnel", "autostart", "uses_psk"}),
            Shows{"wg|networkmanager-wireguard|wireguard|gw:51820|0.0.0.0/0,::/0|0|0|0"});
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"kind", "storage", "line"}),
            (Shows{"private_key|config|6", "psk|keyring|9"}));
}

TEST(NetworkManager, APluginThatIsNotKnownIsARowOfUnknownCells) {
  EXPECT_EQ(Connections(With("fancy", "x=1\n"), {"client", "protocol", "uses_psk", "aggressive",
                                                 "weak_proposals", "split_tunnel", "problem"}),
            Shows{"networkmanager-fancy|unknown|unknown|unknown|unknown|unknown|"
                  "a plug-in that is not known"});
}

TEST(NetworkManager, WhatIsNoVpnIsNoRowAndItsSecretsAreNotLookedAt) {
  FakeHost host;
  host.Put(kFile, "[connection]\nid=home\ntype=wifi\n[wifi-security]\npsk=canary\n");
  EXPECT_EQ(Connections(host, {"name"}), Shows{});
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"kind"}), Shows{});
}

TEST(NetworkManager, AFileThatCannotBeParsedIsARowThatSaysSoAndHidesNoOther) {
  FakeHost host = With("pptp", "gateway=gw\n");
  const std::string folder = "/etc/NetworkManager/system-connections/";
  host.Put(folder + "bad1", "[connection]\ncanary-1\n");
  host.Put(folder + "bad2", std::string("\xFF\xFE[\0c\0", 6));
  host.Put(folder + "bad3", "id=canary\n");
  host.Put(folder + ".hidden", "canary\n");
  host.Put(folder + "bad4", "[connection\n");
  EXPECT_EQ(
      Connections(host, {"name", "protocol", "uses_psk", "aggressive", "problem"}),
      (Shows{
          "work|pptp|0|null|null",
          "bad1|unknown|unknown|unknown|" + folder + "bad1:2: [section] or name=value was expected",
          "bad2|unknown|unknown|unknown|" + folder + "bad2:1: UTF-16, not text of one byte",
          "bad3|unknown|unknown|unknown|" + folder + "bad3:1: a setting outside of a section",
          "bad4|unknown|unknown|unknown|" + folder + "bad4:1: a section without \"]\""}));
}

TEST(NetworkManager, AFileThatCannotBeParsedIsInDoubtInEachTable) {
  FakeHost host;
  host.Put("/etc/wireguard/bad.conf", "canary\n");
  EXPECT_EQ(Shown(host, kVpnProposals, VpnProposalsLinux,
                  {"connection", "client", "phase", "algorithm", "kind", "weak", "line"}),
            Shows{"bad.conf|wireguard|unknown|unknown|unknown|unknown|1"});
  EXPECT_EQ(Shown(host, kVpnRoutes, VpnRoutesLinux, {"connection", "destination", "everything"}),
            Shows{"bad.conf|unknown|unknown"});
  EXPECT_EQ(Shown(host, kVpnRevocation, VpnRevocationLinux, {"connection", "policy", "enforced"}),
            Shows{"bad.conf|unknown|unknown"});
  EXPECT_EQ(Shown(host, kVpnSettings, VpnSettingsLinux, {"connection", "name", "known", "weak"}),
            Shows{"bad.conf|unknown|unknown|unknown"});
  const Result<Rows> rows = VpnCredentialsLinux(host, {});
  ASSERT_TRUE(rows && rows->size() == 1);
  const auto kind = static_cast<size_t>(kVpnCredentials.IndexOf("kind"));
  EXPECT_TRUE(IsUnknown(rows->front().at(kind)));  // and not the word
}

TEST(NetworkManager, AFolderThatMayNotBeReadIsAnErrorAndOneThatIsNotThereIsNone) {
  FakeHost host;
  EXPECT_EQ(Connections(host, {"name"}), Shows{});
  host.Fail("/etc/NetworkManager/system-connections", Code::kDenied);
  EXPECT_EQ(VpnConnectionsLinux(host, {}).error().code, Code::kDenied);
}

TEST(NetworkManager, NoSecretOfAnyPluginIsInAnyCell) {
  FakeHost host =
      With("l2tp",
           "gateway=gw\nipsec-psk=canary\npassword=canary\npin=canary\nsecret-x=canary\n"
           "user-password=canary\ncert-pass=canary\npskvalue=canary\nhttp-proxy-password=canary\n"
           "otp=canary\ncookie=canary\nXauthpassword=canary\n[vpn-secrets]\nwhatever=canary\n");
  for (const CollectFn collect :
       {VpnConnectionsLinux, VpnRoutesLinux, VpnCredentialsLinux, VpnProposalsLinux}) {
    const auto rows = collect(host, {});
    ASSERT_TRUE(rows);
    for (const Row& row : *rows) {
      for (const Value& cell : row) EXPECT_EQ(ToText(cell).find("canary"), std::string::npos);
    }
  }
  EXPECT_EQ(Shown(host, kVpnCredentials, VpnCredentialsLinux, {"kind"}).size(), 12u);
}

}  // namespace
}  // namespace sallyport
