// SPDX-License-Identifier: Apache-2.0
// Files of VPN programs through the pack that ships.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/lint/baseline.h"
#include "agent/lint/built_in_pack.h"
#include "agent/lint/config_lint.h"
#include "agent/lint/report_view.h"
#include "agent/lint/vpn_file_kinds.h"
#include "agent/lint/vpn_list.h"
#include "collectors/tables.h"
#include "tests/agent_lint/schema.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

constexpr char kCanary[] = "canary-7f3k21-secret";

constexpr char kWeak[] =
    "connections {\n"
    "  branch {\n"
    "    version = 1\n"
    "    aggressive = yes\n"
    "    remote_addrs = vpn.example.com\n"
    "    proposals = 3des-sha1-modp1024\n"
    "    local {\n"
    "      auth = psk\n"
    "    }\n"
    "    remote {\n"
    "      auth = psk\n"
    "    }\n"
    "    children {\n"
    "      net {\n"
    "        remote_ts = 10.0.0.0/8\n"
    "        esp_proposals = aes128-sha256\n"
    "      }\n"
    "    }\n"
    "  }\n"
    "}\n"
    "secrets {\n"
    "  ike {\n"
    "    secret = canary-7f3k21-secret\n"
    "  }\n"
    "}\n";

constexpr char kStrong[] =
    "connections {\n"
    "  corp {\n"
    "    version = 2\n"
    "    remote_addrs = vpn.example.com\n"
    "    vips = 0.0.0.0, ::\n"
    "    proposals = aes256gcm16-prfsha384-ecp384\n"
    "    local {\n"
    "      auth = pubkey\n"
    "      certs = laptop.pem\n"
    "    }\n"
    "    remote {\n"
    "      auth = pubkey\n"
    "      id = vpn.example.com\n"
    "      revocation = strict\n"
    "    }\n"
    "    children {\n"
    "      all {\n"
    "        remote_ts = 0.0.0.0/0, ::/0\n"
    "        esp_proposals = aes256gcm16-ecp384\n"
    "      }\n"
    "    }\n"
    "  }\n"
    "}\n";

ConfigReport LintVpn(const FakeHost& host, const std::vector<std::string>& paths = {"repo"}) {
  static const std::vector<Schema> kSchemas = AllSchemas();
  auto judge = PackJudge::Make(BuiltInPack(), "vpn-hardening.yml", kSchemas);
  EXPECT_TRUE(judge) << judge.error().message;
  auto report =
      LintPaths(host, {.paths = paths, .folder = "/home", .kinds = VpnFileKinds()}, &*judge);
  EXPECT_TRUE(report) << report.error().message;
  return report.value_or(ConfigReport{});
}

// "repo/x:3 vpn-pfs"
std::vector<std::string> Told(const ConfigReport& report) {
  std::vector<std::string> out;
  for (const ConfigFinding& finding : report.findings) {
    out.push_back(finding.path + ":" + std::to_string(finding.line) + " " + finding.rule +
                  (finding.kind == FindingKind::kUnknown ? " ?" : ""));
  }
  return out;
}

std::vector<std::string> ToldUnread(const ConfigReport& report) {
  std::vector<std::string> out;
  for (const UnreadFile& unread : report.files_unread)
    out.push_back(unread.kind + " | " + unread.why);
  return out;
}

TEST(VpnLint, WeakSwanctlConfIsToldLineByLine) {
  FakeHost host;
  host.Put("/home/repo/etc/swanctl/swanctl.conf", kWeak);
  const ConfigReport report = LintVpn(host);
  const std::string at = "repo/etc/swanctl/swanctl.conf:";
  EXPECT_THAT(
      Told(report),
      IsSupersetOf({at + "2 vpn-shared-key", at + "2 vpn-aggressive", at + "2 vpn-ikev1",
                    at + "2 vpn-pfs", at + "6 vpn-weak-encryption", at + "6 vpn-weak-integrity",
                    at + "6 vpn-weak-key-exchange", at + "15 vpn-wide-route",
                    at + "23 vpn-secret-in-clear", at + "23 vpn-shared-key-for-anyone"}));
  EXPECT_EQ(ToldUnread(report), std::vector<std::string>{});
  EXPECT_EQ(LintExitCode(report, Severity::kError), 1);
}

TEST(VpnLint, StrongSwanctlConfHasNoFinding) {
  FakeHost host;
  host.Put("/home/repo/swanctl.conf", kStrong);
  const ConfigReport report = LintVpn(host);
  EXPECT_THAT(Told(report), IsEmpty());
  ASSERT_EQ(report.files_read.size(), 1u);
  EXPECT_EQ(report.files_read[0].kind, "swanctl.conf");
  EXPECT_EQ(LintExitCode(report, Severity::kNote), 0);
}

TEST(VpnLint, EspWithoutIntegrityIsAnError) {
  FakeHost host;
  std::string text = kStrong;
  text.replace(text.find("aes256gcm16-ecp384"), 18, "aes256-modp2048");
  host.Put("/home/repo/swanctl.conf", text);
  EXPECT_THAT(Told(LintVpn(host)), Contains("repo/swanctl.conf:2 vpn-weak-proposals"));
}

TEST(VpnLint, IncludedFilesBelongToSwanctlConfAlsoByTheirPathOnTheMachine) {
  FakeHost host;
  host.Put("/home/repo/swanctl.conf", "include conf.d/*.conf\ninclude /etc/swanctl/more/b.conf\n");
  host.Put("/home/repo/conf.d/a.conf", "connections {\n  a {\n    aggressive = yes\n  }\n}\n");
  host.Put("/home/repo/more/b.conf", "connections {\n\n  b {\n    aggressive = yes\n  }\n}\n");
  const ConfigReport report = LintVpn(host);
  EXPECT_THAT(Told(report), IsSupersetOf({"repo/conf.d/a.conf:2 vpn-aggressive",
                                          "repo/more/b.conf:3 vpn-aggressive"}));
  ASSERT_EQ(report.files_read.size(), 3u);
  EXPECT_EQ(report.files_read[0].included_by, "repo/swanctl.conf");
}

TEST(VpnLint, SnippetOfSwanctlIsKnownByItsContent) {
  FakeHost host;
  host.Put("/home/repo/roles/vpn/files/branch.conf", kWeak);
  EXPECT_THAT(Told(LintVpn(host)), Contains("repo/roles/vpn/files/branch.conf:2 vpn-aggressive"));
}

TEST(VpnLint, ParseErrorAndMissingIncludeAreToldWithFileAndLineOfTheTree) {
  FakeHost host;
  host.Put("/home/repo/a/swanctl.conf", "connections {\n  a {\n");
  host.Put("/home/repo/b/swanctl.conf", "connections {\n}\ninclude gone.conf\n");
  const ConfigReport report = LintVpn(host);
  ASSERT_EQ(report.files_unread.size(), 2u);
  EXPECT_THAT(report.files_unread[0].why, HasSubstr("repo/a/swanctl.conf:"));
  EXPECT_THAT(report.files_unread[1].why, HasSubstr("repo/b/swanctl.conf:3"));
  EXPECT_EQ(report.files_unread[1].line, 3);
  EXPECT_EQ(LintExitCode(report, Severity::kError), 5);
}

TEST(VpnLint, UnknownSettingIsToldAtItsLineWithoutItsValue) {
  FakeHost host;
  host.Put("/home/repo/swanctl.conf",
           std::string("connections {\n  a {\n    agressive = ") + kCanary + "\n  }\n}\n");
  const ConfigReport report = LintVpn(host);
  EXPECT_THAT(Told(report), Contains("repo/swanctl.conf:3 vpn-unknown-setting"));
  EXPECT_THAT(LintJson(report, Millis(0)), Not(HasSubstr(kCanary)));
}

TEST(VpnLint, StrongswanConfIsJudgedBySwitches) {
  FakeHost host;
  host.Put("/home/repo/strongswan.conf",
           "charon {\n  i_dont_care_about_security_and_use_aggressive_mode_psk = yes\n}\n");
  EXPECT_THAT(Told(LintVpn(host)), Contains("repo/strongswan.conf:2 vpn-weak-setting"));
}

// Each kind that has no reader, by name or content.
TEST(VpnLint, KindsThatNothingReadsAreToldAndNeverClean) {
  FakeHost host;
  host.Put("/home/repo/xl2tpd.conf", "[lac corp]\nlns = x.example\n");
  host.Put("/home/repo/rasphone.pbk", std::string("[corp]\r\nPreSharedKey=") + kCanary + "\r\n");
  host.Put("/home/repo/vpn.mobileconfig", std::string("<plist>") + kCanary + "</plist>");
  const ConfigReport report = LintVpn(host);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(ToldUnread(report),
            (std::vector<std::string>{
                "phonebook | repo/rasphone.pbk: nothing here reads phonebook",
                "configuration profile | repo/vpn.mobileconfig: nothing here reads configuration "
                "profile",
                "xl2tpd.conf | repo/xl2tpd.conf: nothing here reads xl2tpd.conf"}));
  EXPECT_EQ(LintExitCode(report, Severity::kError), 5);
}

TEST(VpnLint, FilesThatAreOneConnectionAreReadByTheirNameAndContent) {
  FakeHost host;
  host.Put("/home/repo/corp.nmconnection",
           "[connection]\nid=corp\ntype=vpn\n\n[vpn]\n"
           "service-type=org.freedesktop.NetworkManager.l2tp\ngateway=x.example\n");
  host.Put("/home/repo/wifi.nmconnection", "[connection]\nid=home\ntype=wifi\n");
  host.Put("/home/repo/templates/wg0",
           "[Interface]\nPrivateKey = canary-7f3k21-secret\n\n[Peer]\n"
           "PublicKey = x\nAllowedIPs = 10.0.0.0/8\n");
  host.Put("/home/repo/ppp/chap-secrets", "user * canary-7f3k21-secret *\n");
  host.Put("/home/repo/c.ovpn",
           "client\ndev tun\nremote x.example\nca ca.pem\ncert c.pem\n"
           "key k.pem\ncipher BF-CBC\n");
  const ConfigReport report = LintVpn(host);
  EXPECT_THAT(Told(report), Contains("repo/corp.nmconnection:1 vpn-cleartext"));
  EXPECT_THAT(Told(report), Contains("repo/templates/wg0:6 vpn-wide-route"));
  EXPECT_THAT(Told(report), Contains("repo/ppp/chap-secrets:1 vpn-secret-in-clear"));
  EXPECT_THAT(Told(report), Contains("repo/c.ovpn:7 vpn-weak-encryption"));
  EXPECT_EQ(ToldUnread(report), std::vector<std::string>{});
  EXPECT_EQ(report.files_read.size(), 4u);
  EXPECT_EQ(report.files_other, 1u);
}

TEST(VpnLint, ConnectionThatCannotBeUnderstoodIsAFileNotReadAtItsLine) {
  FakeHost host;
  host.Put("/home/repo/a.nmconnection", "[connection]\nid=a\n[vpn]\nno setting\n");
  const ConfigReport report = LintVpn(host);
  EXPECT_THAT(Told(report), IsEmpty());
  ASSERT_EQ(report.files_unread.size(), 1u);
  EXPECT_THAT(report.files_unread[0].why, HasSubstr("repo/a.nmconnection:4: "));
}

TEST(VpnLint, NoSecretReachesAnyOutput) {
  const std::string secret = kCanary;
  FakeHost host;
  host.Put("/home/repo/swanctl.conf", kWeak);
  host.Put("/home/repo/broken/swanctl.conf", "secrets {\n  ike {\n    secret = \"" + secret + "\n");
  host.Put("/home/repo/odd/swanctl.conf", "secrets {\n  " + secret + "\n}\n");
  host.Put("/home/repo/wide/swanctl.conf",
           "connections {\n  a {\n    psk = " + secret + "\n    local { auth = " + "psk } }\n}\n");
  host.Put("/home/repo/t/swanctl.conf.j2", "secrets { ike { secret = {{ '" + secret + "' }} } }\n");
  host.Put("/home/repo/ipsec.secrets", ": PSK \"" + secret + "\"\n");
  host.Put("/home/repo/ipsec.conf",
           "conn a\n  keyexchange=ikev1\n  authby=psk\n  left=1.2.3.4\n  secret=" + secret + "\n");
  host.Put("/home/repo/a.nmconnection",
           "[connection]\nid=a\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\n"
           "[vpn-secrets]\nipsec-psk=" +
               secret + "\n");
  host.Put("/home/repo/ppp/chap-secrets", "u * " + secret + " *\n");
  host.Put("/home/repo/wireguard/wg0.conf", "[Interface]\nPrivateKey = " + secret + "\n");
  host.Put("/home/repo/c.ovpn", "client\ndev tun\nremote x\n<secret>\n" + secret + "\n</secret>\n");
  host.Put("/home/repo/r.pbk", "[a]\nPreSharedKey=" + secret + "\n");
  ConfigReport report = LintVpn(host);
  EXPECT_GE(report.files_read.size(), 1u);
  EXPECT_THAT(LintText(report, Style(true)), Not(HasSubstr(kCanary)));
  EXPECT_THAT(LintJson(report, Millis(0)), Not(HasSubstr(kCanary)));
  EXPECT_THAT(LintSarif(report), Not(HasSubstr(kCanary)));
  EXPECT_THAT(BaselineJson(report), Not(HasSubstr(kCanary)));
}

TEST(VpnList, ConnectionsStandWithTheirFindingsAndWhatWasNotReadIsSaid) {
  FakeHost host;
  host.Put("/etc/swanctl/swanctl.conf", kWeak);
  static const std::vector<Schema> kSchemas = AllSchemas();
  auto judge = PackJudge::Make(BuiltInPack(), "vpn-hardening.yml", kSchemas);
  VpnList list;
  for (std::string_view name : VpnTables()) {
    list.tables.push_back(Collect(*FindCollector(Os::kLinux, name), host, {}));
  }
  ConfigReport report;
  report.findings = judge->Judge(Os::kLinux, list.tables, "this machine");
  FinishReport(&report);
  list.findings = report.findings;
  const std::string text = VpnListText(list, Style(false));
  EXPECT_THAT(text, testing::StartsWith("branch   strongswan, ikev1 client\n"
                                        "  peer      vpn.example.com\n"
                                        "  auth      psk\n"
                                        "  reaches   10.0.0.0/8\n"
                                        "  source    /etc/swanctl/swanctl.conf:2\n"));
  EXPECT_THAT(text, HasSubstr("\n  /etc/swanctl/swanctl.conf:2: error: vpn-aggressive\n"));
  EXPECT_THAT(text, HasSubstr("\n1 connection, "));
  EXPECT_THAT(text + VpnListJson(list, Millis(0)), Not(HasSubstr(kCanary)));
  EXPECT_EQ(Validate("vpn-list", VpnListJson(list, Millis(0))), "");
  EXPECT_EQ(VpnListExitCode(list), 1);

  list.findings.clear();
  list.tables[0].state = State::kDenied;
  list.tables[0].rows.clear();
  EXPECT_THAT(VpnListText(list, Style(false)), HasSubstr("not read: vpn_connections: denied"));
  EXPECT_EQ(Validate("vpn-list", VpnListJson(list, Millis(0))), "");
  EXPECT_EQ(VpnListExitCode(list), 5);
}

}  // namespace
}  // namespace sallyport
