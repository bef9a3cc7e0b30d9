// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "collectors/vpn/proposals.h"
#include "collectors/vpn_connections.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kStart[] = "/etc/swanctl/swanctl.conf";

// Cells by column name of the row of one connection.
std::map<std::string, Value> Connection(const FakeHost& host, const std::string& name) {
  std::map<std::string, Value> out;
  const Result<Rows> rows = VpnConnectionsLinux(host, {});
  EXPECT_TRUE(rows) << rows.error().message;
  for (const Row& row : rows.value_or(Rows{})) {
    if (row[0] != Cell(name)) continue;
    for (size_t i = 0; i < row.size(); ++i) {
      out[std::string(kVpnConnections.columns[i].name)] = row[i];
    }
  }
  EXPECT_FALSE(out.empty()) << "no connection " << name;
  return out;
}

TEST(VpnConnectionsLinux, ACertificateTunnelWithStrictProposals) {
  FakeHost host;
  host.Put(kStart,
           "connections {\n"
           "  home {\n"
           "    version = 2\n"
           "    remote_addrs = vpn-gw.example.com\n"
           "    proposals = aes256gcm16-prfsha384-ecp384\n"
           "    vips = 0.0.0.0\n"
           "    local { auth = pubkey\n certs = laptop.crt\n id = laptop.example.com }\n"
           "    remote { auth = pubkey\n id = \"CN=vpn, O=Example\"\n revocation = strict }\n"
           "    children { net { remote_ts = 10.1.0.0/16,10.2.0.0/16\n"
           "      esp_proposals = aes256gcm16-ecp384\n start_action = trap } }\n"
           "  }\n"
           "}\n");
  EXPECT_EQ(VpnConnectionsLinux(host, {}).value(), (Rows{{Cell("home"),
                                                          Cell("strongswan"),
                                                          Cell("ikev2"),
                                                          Cell(2),
                                                          Cell("client"),
                                                          Cell("vpn-gw.example.com"),
                                                          Cell("laptop.example.com"),
                                                          Cell("CN=vpn, O=Example"),
                                                          Cell("pubkey"),
                                                          Cell("pubkey"),
                                                          Cell(0),
                                                          Cell(0),
                                                          Cell("aes256gcm16-prfsha384-ecp384"),
                                                          Cell("aes256gcm16-ecp384"),
                                                          Cell(std::nullopt),
                                                          Cell(""),
                                                          Cell(1),
                                                          Cell("tunnel"),
                                                          Cell("10.1.0.0/16,10.2.0.0/16"),
                                                          Cell(1),
                                                          Cell("trap"),
                                                          Cell("strict"),
                                                          Cell("/etc/swanctl/swanctl.conf:2"),
                                                          Cell("/etc/swanctl/swanctl.conf"),
                                                          Cell(2),
                                                          Cell(3),
                                                          Cell(std::nullopt),
                                                          Cell("name"),
                                                          Cell(0),
                                                          Cell(1),
                                                          Cell(std::nullopt)}}));
}

TEST(VpnConnectionsLinux, APskConnectionDroppedIntoTheFolderIsSeenWithItsWeakGroupAndItsLine) {
  FakeHost host;
  host.Put(kStart, "# the distribution's file\ninclude conf.d/*.conf\n");
  host.Put(
      "/etc/swanctl/conf.d/old.conf",
      "\n# legacy\nconnections {\n  legacy {\n    version = 1\n    aggressive = yes\n"
      "    remote_addrs = 192.0.2.1\n    proposals = 3des-sha1-modp1024,aes128-sha256-modp2048\n"
      "    local { auth = psk }\n    local-2 { auth = xauth }\n    remote { auth = psk }\n"
      "    children { all { remote_ts = 0.0.0.0/0\n esp_proposals = aes128-md5 } }\n  }\n}\n"
      "secrets { ike-1 { secret = \"hunter2\" } }\n");
  host.Put("/etc/swanctl/conf.d/old.conf~", "connections { backup { } }\n");
  auto row = Connection(host, "legacy");
  EXPECT_EQ(row["protocol"], Cell("ikev1"));
  EXPECT_EQ(row["uses_psk"], Cell(1));
  EXPECT_EQ(row["aggressive"], Cell(1));
  EXPECT_EQ(row["local_auth"], Cell("psk,xauth"));
  EXPECT_EQ(row["weak_proposals"], Cell("3des,sha1,modp1024,md5"));
  EXPECT_EQ(row["pfs"], Cell(0));
  EXPECT_EQ(row["split_tunnel"], Cell(0));
  EXPECT_EQ(row["revocation"], Cell(std::nullopt));
  EXPECT_EQ(row["source"], Cell("/etc/swanctl/conf.d/old.conf:4"));
  EXPECT_EQ(VpnConnectionsLinux(host, {}).value().size(), 1u);
  for (const auto& [column, value] : row) {
    EXPECT_EQ(ToText(value).find("hunter2"), std::string::npos) << column;
  }
}

TEST(VpnConnectionsLinux, WhatIsNotWrittenIsTheDefaultAndSaysSo) {
  FakeHost host;
  host.Put(kStart, "connections { any { children { net { } } } }\n");
  auto row = Connection(host, "any");
  EXPECT_EQ(row["protocol"], Cell("any"));
  EXPECT_EQ(row["side"], Cell("server"));
  EXPECT_EQ(row["remote_addrs"], Cell("%any"));
  EXPECT_EQ(row["local_auth"], Cell("pubkey"));
  EXPECT_EQ(row["remote_id"], Cell(std::nullopt));
  EXPECT_EQ(row["proposals"], Cell("default"));
  EXPECT_EQ(row["esp_proposals"], Cell("default"));
  EXPECT_EQ(row["weak_proposals"], Cell("3des,sha1"));  // as charon of Debian 12 logs its default
  EXPECT_EQ(row["pfs"], Cell(0));
  EXPECT_EQ(row["fallback"], Cell(1));  // whoever begins with IKEv1 gets it
  EXPECT_EQ(row["autostart"], Cell(0));
  EXPECT_EQ(row["remote_ts"], Cell("dynamic"));
  EXPECT_EQ(row["split_tunnel"], Cell(std::nullopt));
  EXPECT_EQ(row["revocation"], Cell("relaxed"));
}

TEST(VpnConnectionsLinux, InheritedPskAndProposalsCountAsWritten) {
  FakeHost host;
  host.Put(kStart,
           "connections { a : base.weak { remote_addrs = 192.0.2.9 } }\n"
           "base { weak { proposals = aes128-sha256-modp1536\n local { auth = psk } } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["weak_proposals"], Cell("modp1536"));
  EXPECT_EQ(row["uses_psk"], Cell(1));
  EXPECT_EQ(row["side"], Cell("client"));
}

TEST(VpnConnectionsLinux, RoundsAreInTheOrderOfTheirNumberAndTheLaxestRevocationWins) {
  FakeHost host;
  host.Put(kStart,
           "connections { a {\n local-b { round = 2\n auth = eap-mschapv2\n id = second }\n"
           " local-a { round = 1\n id = first }\n"
           " remote-1 { revocation = strict }\n remote-2 { revocation = ifuri } } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["local_auth"], Cell("pubkey,eap-mschapv2"));
  EXPECT_EQ(row["local_id"], Cell("first,second"));
  EXPECT_EQ(row["revocation"], Cell("ifuri"));
  EXPECT_EQ(row["pfs"], Cell(std::nullopt));
}

TEST(VpnConnectionsLinux, ARangeOrSubnetOfPeersIsAServer) {
  FakeHost host;
  host.Put(kStart,
           "connections { range { remote_addrs = 10.0.0.1-10.0.0.9 }\n"
           "net { remote_addrs = 10.0.0.0/8 }\n name { remote_addrs = %any, gw-1.example } }\n");
  EXPECT_EQ(Connection(host, "range")["side"], Cell("server"));
  EXPECT_EQ(Connection(host, "net")["side"], Cell("server"));
  EXPECT_EQ(Connection(host, "name")["side"], Cell("client"));
}

TEST(VpnConnectionsLinux, AhAloneEncryptsNothing) {
  FakeHost host;
  host.Put(kStart, "connections { a { children { n { ah_proposals = sha256-modp2048 } } } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["esp_proposals"], Cell(std::nullopt));
  EXPECT_EQ(row["ah_proposals"], Cell("sha256-modp2048"));
  EXPECT_EQ(row["weak_proposals"], Cell("3des,sha1,ah"));
  EXPECT_EQ(row["pfs"], Cell(1));
}

TEST(VpnConnectionsLinux, APskOfThePeerAloneIsAPsk) {
  FakeHost host;
  host.Put(kStart, "connections { a { local { auth = pubkey }\n remote { auth = psk } } }\n");
  EXPECT_EQ(Connection(host, "a")["uses_psk"], Cell(1));
}

TEST(VpnConnectionsLinux, AggressiveIsWhatStrongSwanTakesForYes) {
  const std::pair<const char*, int> cases[] = {{"yes", 1}, {"True", 1}, {"enabled", 1}, {"1", 1},
                                               {"no", 0},  {"0", 0},    {"false", 0},   {"2", 0}};
  for (const auto& [word, aggressive] : cases) {
    FakeHost host;
    host.Put(kStart, std::string("connections { a { aggressive = ") + word + "\n } }\n");
    EXPECT_EQ(Connection(host, "a")["aggressive"], Cell(aggressive)) << word;
  }
}

TEST(VpnConnectionsLinux, OnlyAPeerThatShowsACertificateHasARevocationToCheck) {
  const std::pair<const char*, Value> cases[] = {
      {"eap-ttls", Cell("relaxed")},         {"eap-tls", Cell("relaxed")},
      {"rsa-3072-sha256", Cell("relaxed")},  {"eap-mschapv2", Cell(std::nullopt)},
      {"xauth-generic", Cell(std::nullopt)}, {"psk", Cell(std::nullopt)}};
  for (const auto& [auth, revocation] : cases) {
    FakeHost host;
    host.Put(kStart, std::string("connections { a { remote { auth = ") + auth + "\n } } }\n");
    EXPECT_EQ(Connection(host, "a")["revocation"], revocation) << auth;
  }
}

TEST(VpnConnectionsLinux, WhoAsksForAVirtualAddressIsAClientOfAnyPeer) {
  FakeHost host;
  host.Put(kStart, "connections { a { vips = 0.0.0.0\n children { n { } } } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["remote_addrs"], Cell("%any"));
  EXPECT_EQ(row["side"], Cell("client"));
  EXPECT_EQ(row["split_tunnel"], Cell(1));
}

TEST(VpnConnectionsLinux, AVersionThatIsNoneOfIkesIsUnknown) {
  FakeHost host;
  host.Put(kStart, "connections { a { version = 3 }\n b { version = two } }\n");
  EXPECT_EQ(Connection(host, "a")["protocol"], Cell(Unknown{}));
  EXPECT_EQ(Connection(host, "a")["ike_version"], Cell(3));
  EXPECT_EQ(Connection(host, "b")["protocol"], Cell(Unknown{}));
  EXPECT_EQ(Connection(host, "b")["ike_version"], Cell(Unknown{}));
}

TEST(VpnConnectionsLinux, ChildrenThatSayTheSameSayItOnce) {
  FakeHost host;
  host.Put(kStart,
           "connections { a { children {\n"
           " one { esp_proposals = aes256gcm16-x25519\n remote_ts = 10.1.0.0/16 }\n"
           " two { esp_proposals = aes256gcm16-x25519, aes128-sha1\n remote_ts = 10.1.0.0/16 }\n"
           "} } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["esp_proposals"], Cell("aes256gcm16-x25519,aes128-sha1"));
  EXPECT_EQ(row["remote_ts"], Cell("10.1.0.0/16"));
  EXPECT_EQ(row["mode"], Cell("tunnel"));
  EXPECT_EQ(row["weak_proposals"], Cell("3des,sha1"));
  EXPECT_EQ(row["pfs"], Cell(0));  // one child without it is enough
}

TEST(VpnConnectionsLinux, AhIsJudgedLikeEsp) {
  FakeHost host;
  host.Put(kStart,
           "connections { a { children { n { esp_proposals = aes256gcm16-x25519\n"
           " ah_proposals = md5 } } } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["weak_proposals"], Cell("3des,sha1,md5,ah"));
  EXPECT_EQ(row["pfs"], Cell(0));
}

TEST(VpnConnectionsLinux, AnInheritanceThatCannotBeResolvedIsAnErrorNotFewerRows) {
  FakeHost host;
  host.Put(kStart, "connections { a : connections.a { version = 2 } }\n");
  EXPECT_EQ(
      VpnConnectionsLinux(host, {}).error(),
      (Error{Code::kMalformed, "/etc/swanctl/swanctl.conf:1: section \"a\" inherits itself"}));
}

TEST(VpnConnectionsLinux, NoFileIsNoRowsAndOneBadFileIsAnErrorNotFewerRows) {
  FakeHost host;
  EXPECT_EQ(VpnConnectionsLinux(host, {}).value(), Rows{});

  host.Put(kStart, "connections { good { } }\ninclude conf.d/*.conf\n");
  host.Put("/etc/swanctl/conf.d/bad.conf", "connections {\n  cut {\n    version = 2\n");
  const Error cut = VpnConnectionsLinux(host, {}).error();
  EXPECT_EQ(cut.code, Code::kMalformed);
  EXPECT_EQ(cut.message,
            "/etc/swanctl/swanctl.conf:2: include: /etc/swanctl/conf.d/bad.conf:2: section "
            "\"cut\" is never closed");

  host.Fail("/etc/swanctl/conf.d/bad.conf", Code::kDenied);
  EXPECT_EQ(VpnConnectionsLinux(host, {}).error().code, Code::kDenied);
  host.Fail(kStart, Code::kDenied);
  EXPECT_EQ(VpnConnectionsLinux(host, {}).error().code, Code::kDenied);
}

TEST(Proposals, WeakAreTheOnesOfTheHardeningListAndEachOnce) {
  const auto ike = [](std::string_view text) { return WeakAlgorithms(text, ProposalPhase::kIke); };
  using List = std::vector<std::string>;
  EXPECT_EQ(ike("aes256-sha384-prfsha384-ecp384, AES256GCM16-prfsha256-curve25519"), List{});
  EXPECT_EQ(ike("aes256gcm16-prfsha256-ecp256, default"), (List{"3des", "sha1"}));
  EXPECT_EQ(ike("3DES-sha1-modp1024,3des-sha1-modp1536"),
            (List{"3des", "sha1", "modp1024", "modp1536"}));
  EXPECT_EQ(ike("aes128-sha256-modp2048s256-modp1024s160-modp2048s224").size(), 3u);
  EXPECT_EQ(ike("aes128-sha256-prfsha1-modp2048"), List{});  // SHA-1 as PRF is not integrity
  EXPECT_EQ(ike("aes128-sha256-none"), List{"none"});
  EXPECT_EQ(WeakAlgorithms("aes128gmac-modp2048,null-sha256,des-md5", ProposalPhase::kEsp),
            (List{"aes128gmac", "null", "des", "md5"}));
}

TEST(Proposals, EspThatEncryptsAndAuthenticatesNothingIsWeak) {
  using List = std::vector<std::string>;
  const auto esp = [](std::string_view text) { return WeakAlgorithms(text, ProposalPhase::kEsp); };
  EXPECT_EQ(esp("aes256-ecp256"), List{"unauthenticated"});
  EXPECT_EQ(esp("aes256gcm16-ecp256, aes256"), List{"unauthenticated"});
  EXPECT_EQ(esp("aes256-sha256, aes256gcm16"), List{});
  EXPECT_EQ(WeakAlgorithms("aes256-ecp256", ProposalPhase::kIke), List{});  // charon refuses it
}

TEST(Proposals, OneProposalWithoutKeyExchangeIsEnoughToLosePfs) {
  EXPECT_TRUE(AllHaveKeyExchange("aes128gcm16-ecp256,aes256gcm16-x25519", ProposalPhase::kEsp));
  EXPECT_FALSE(AllHaveKeyExchange("aes128gcm16-ecp256,aes256gcm16", ProposalPhase::kEsp));
  EXPECT_FALSE(AllHaveKeyExchange("aes128gcm16-modpnone", ProposalPhase::kEsp));
  EXPECT_FALSE(AllHaveKeyExchange("default", ProposalPhase::kEsp));
}

TEST(VpnConnectionsLinux, AWordThatIsNoKnownAlgorithmIsUnknownAndNotHarmless) {
  FakeHost host;
  host.Put(kStart,
           "connections { a { proposals = aes256gcm16-prfsha256-rot13\n"
           " children { n { esp_proposals = aes256gcm16-rot13 } } }\n"
           "b { proposals = 3des-sha1-rot13 } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["weak_proposals"], Cell(Unknown{}));
  EXPECT_EQ(row["pfs"], Cell(Unknown{}));
  EXPECT_EQ(row["problem"], Cell("proposals: \"rot13\" is no algorithm"));
  EXPECT_EQ(Connection(host, "b")["weak_proposals"], Cell("3des,sha1"));  // that much is known
}

TEST(VpnConnectionsLinux, HowTheServerIsToldFromAnotherIsItsFirstRounds) {
  const std::pair<const char*, Value> cases[] = {
      {"remote { id = gw.example\n }", Cell("name")},
      {"remote { id = \"C=DE, O=x, CN=*\"\n }", Cell("chain")},
      {"remote { id = %any\n }", Cell("chain")},
      {"", Cell("chain")},
      {"remote { certs = gw.pem\n }", Cell("key")},
      {"remote { auth = psk\n id = gw\n }", Cell("psk")},
      {"remote { auth = eap-mschapv2\n }", Cell("eap")},
      {"remote { auth = hope\n }", Cell(Unknown{})}};
  for (const auto& [remote, check] : cases) {
    FakeHost host;
    host.Put(kStart, std::string("connections { a { remote_addrs = gw.example\n") + remote + "} }");
    EXPECT_EQ(Connection(host, "a")["server_check"], check) << remote;
  }
}

TEST(VpnConnectionsLinux, AnAuthenticationThatIsNotUnderstoodIsNotTakenForOneWithoutPsk) {
  FakeHost host;
  host.Put(kStart, "connections { a { local { auth = hope\n } } }\n");
  EXPECT_EQ(Connection(host, "a")["uses_psk"], Cell(Unknown{}));
}

TEST(VpnConnectionsLinux, WhatCharonDiscardsIsStillShownAndSaysWhy) {
  FakeHost host;
  host.Put(kStart, "connections { a { remote_addrs = gw\n password = geheim-1\n } }\n");
  auto row = Connection(host, "a");
  EXPECT_EQ(row["problem"], Cell("unknown option: password"));
  EXPECT_EQ(row["side"], Cell("client"));
}

TEST(VpnConnectionsLinux, WhatDialsByItselfSaysSo) {
  const std::pair<const char*, Value> cases[] = {{"start", Cell(1)},
                                                 {"trap", Cell(1)},
                                                 {"none", Cell(0)},
                                                 {"trap|start", Cell(1)},
                                                 {"maybe", Cell(Unknown{})}};
  for (const auto& [action, autostart] : cases) {
    FakeHost host;
    host.Put(kStart, std::string("connections { a { children { n { start_action = ") + action +
                         "\n } } } }\n");
    EXPECT_EQ(Connection(host, "a")["autostart"], autostart) << action;
  }
}

}  // namespace
}  // namespace sallyport
