// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/collector/limited_host.h"
#include "agent/collector/path_limit.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

bool Refused(const PathLimit& limit, const std::string& path) {
  const Status checked = limit.Check(path);
  return !checked && checked.error().code == Code::kDenied;
}

TEST(PathLimit, KeysHashesAndStoresAreNeverReadByDefault) {
  const PathLimit limit = PathLimit::Default(Os::kLinux);
  for (const char* path :
       {"/etc/shadow", "/etc/ssl/private", "/etc/ssl/private/a.pem", "/etc/swanctl/private/a.pem",
        "/srv/laptop/swanctl/private/a.pem", "/etc/swanctl/a.key", "/etc/ipsec.d/private/a",
        "/etc/ipsec.secrets", "/home/alice/.mozilla/firefox/logins.json",
        "/home/alice/.ssh/id_ed25519", "/etc/ssh/ssh_host_rsa_key", "/proc/1/environ",
        "/etc/wireguard/wg0.conf", "/etc/openvpn/client/a.key", "/etc/krb5.keytab",
        "/etc/NetworkManager/system-connections/office.nmconnection", "/etc/security/opasswd",
        "/home/alice/.aws/credentials", "/etc/../etc/./shadow"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, ReadersOfVpnsReadWhereSettingsAndSecretsLieTogetherAndNothingElseOfIt) {
  const PathLimit limit =
      PathLimit::Parse(Os::kLinux, "/etc/NetworkManager/system-connections\n/srv/payroll\n")
          .value()
          .ForVpnReaders();
  for (const char* path : {"/etc/wireguard/wg0.conf", "/etc/ipsec.secrets", "/etc/ppp/chap-secrets",
                           "/etc/ppp/pap-secrets"}) {
    EXPECT_FALSE(Refused(limit, path)) << path;
  }
  for (const char* path :
       {"/etc/NetworkManager/system-connections/a", "/srv/payroll", "/etc/shadow",
        "/etc/swanctl/private/a.pem", "/etc/ipsec.d/private/a", "/etc/openvpn/client/a.key"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, WhatCollectorsReadStaysReadable) {
  const PathLimit limit = PathLimit::Default(Os::kLinux);
  for (const char* path :
       {"/etc/os-release", "/etc/swanctl/swanctl.conf", "/etc/swanctl/conf.d", "/etc/ssl/certs",
        "/proc/self/mountinfo", "/proc/1/status", "/etc/shadow.d/x", "/etc/ssh/sshd_config",
        "/var/lib/dpkg/status", "/"}) {
    EXPECT_FALSE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, AFileAddsPatternsAndTakesNoneAway) {
  const PathLimit limit =
      PathLimit::Parse(Os::kLinux, "# ours\n\n  /srv/payroll \n/home/*/notes\n/opt/**/keys\n")
          .value();
  for (const char* path : {"/srv/payroll", "/srv/payroll/2026/a.csv", "/home/bob/notes/x",
                           "/opt/keys", "/opt/a/b/keys/c", "/etc/shadow"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
  EXPECT_FALSE(Refused(limit, "/srv/payroll-public"));
  EXPECT_FALSE(Refused(limit, "/home/bob/deep/notes"));
}

TEST(PathLimit, ALineThatCannotBeUnderstoodIsAnError) {
  EXPECT_EQ(PathLimit::Parse(Os::kLinux, "/a\nb/c\n").error(),
            (Error{Code::kMalformed, "line 2: not absolute: b/c"}));
}

TEST(PathLimit, OfWindowsSecretsNoneIsReadHoweverItIsWritten) {
  const PathLimit limit = PathLimit::Default(Os::kWindows);
  for (const char* path :
       {"C:\\Windows\\System32\\config\\SAM", "c:/windows/system32/CONFIG/security",
        "C:\\Windows\\System32\\config", "C:\\ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\\1",
        "C:\\Users\\Ann\\AppData\\Roaming\\Microsoft\\Protect\\S-1-5-21-1\\key",
        "C:\\Users\\Ann\\AppData\\Local\\Google\\Chrome\\User Data\\Default\\Login Data",
        "D:\\programdata\\sallyport\\agent\\identity.key",
        "C:\\ProgramData\\ssh\\ssh_host_ed25519_key", "C:\\Program Files\\OpenVPN\\config\\a.KEY",
        "C:\\pagefile.sys", "HKEY_LOCAL_MACHINE\\SECURITY\\Policy\\Secrets",
        "hkey_local_machine\\sam", "C:\\x\\..\\Windows\\.\\System32\\config\\SAM"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, WhatCollectorsReadOnWindowsStaysReadable) {
  const PathLimit limit = PathLimit::Default(Os::kWindows);
  for (const char* path :
       {"C:\\Windows\\System32\\drivers\\etc\\hosts", "C:\\Windows\\System32\\configs",
        "C:\\ProgramData\\Microsoft\\Network\\Connections\\Pbk\\rasphone.pbk",
        "C:\\ProgramData\\Sallyport\\collector", "C:\\ProgramData\\ssh\\sshd_config",
        "C:\\Program Files\\OpenVPN\\config\\a.ovpn",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "C:\\"}) {
    EXPECT_FALSE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, OfMacosSecretsNoneIsReadHoweverItIsWritten) {
  const PathLimit limit = PathLimit::Default(Os::kMacos);
  for (const char* path :
       {"/etc/master.passwd", "/private/etc/master.passwd", "/PRIVATE/ETC/Master.passwd",
        "/private/var/db/dslocal/nodes/Default/users/ann.plist", "/var/db/dslocal/nodes",
        "/Library/Keychains/System.keychain", "/Users/ann/Library/Keychains/login.keychain-db",
        "/Users/ann/Library/Safari/History.db", "/Users/ann/Library/Cookies/Cookies.binarycookies",
        "/Users/ann/Library/Application Support/Google/Chrome/Default/Login Data",
        "/users/ann/library/application support/firefox/Profiles/x/key4.db",
        "/Users/ann/.ssh/id_ed25519", "/private/etc/ssh/ssh_host_rsa_key",
        "/private/etc/ppp/chap-secrets", "/etc/racoon/psk.txt",
        "/Library/Application Support/Tunnelblick/Shared/a.tblk/Contents/Resources/a.key",
        "/opt/homebrew/etc/swanctl/private/a.pem", "/private/var/vm/sleepimage"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
  for (const char* path : {"/Library/Preferences/com.apple.alf.plist", "/etc/ssh/sshd_config",
                           "/System/Library/CoreServices/SystemVersion.plist", "/private/etc/hosts",
                           "/Users/ann/Library/Preferences/com.apple.screensaver.plist",
                           "/Library/Application Support/JAMF/a.plist"}) {
    EXPECT_FALSE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, AFileOfWindowsPatternsKnowsDrivesKeysAndNoCase) {
  const PathLimit limit =
      PathLimit::Parse(Os::kWindows, "D:\\Payroll\nHKEY_USERS/*/Secrets\n/**/\u00dcbung\n").value();
  for (const char* path : {"d:/payroll/2026", "HKEY_USERS\\S-1-5-21\\secrets\\a",
                           "E:\\\u00dcBUNG\\x", "E:\\\u00fcbung"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
  EXPECT_FALSE(Refused(limit, "D:\\Payroll-public"));
  EXPECT_FALSE(Refused(limit, "E:\\bung"));
  EXPECT_EQ(PathLimit::Parse(Os::kWindows, "Payroll\\a\n").error(),
            (Error{Code::kMalformed, "line 1: not absolute: Payroll\\a"}));
}

TEST(PathLimit, OnLinuxCaseMatters) {
  EXPECT_FALSE(Refused(PathLimit::Default(Os::kLinux), "/ETC/SHADOW"));
}

class LimitedHostTest : public testing::Test {
 protected:
  LimitedHostTest() {
    laptop_.Put("/etc/swanctl/private/a.pem", "CANARY", {.modified_s = 7});
    laptop_.Put("/etc/swanctl/swanctl.conf", "connections {}");
    laptop_.PutLink("/etc/swanctl/conf.d/x.conf", "../private/a.pem");
    laptop_.PutLink("/srv/innocent", "/etc/swanctl/private");
  }
  FakeHost laptop_;
  LimitedHost host_{laptop_, PathLimit::Default(Os::kLinux)};
};

TEST_F(LimitedHostTest, RefusesContentsByNameAndByRealPath) {
  for (const char* path : {"/etc/swanctl/private/a.pem", "/etc/swanctl/conf.d/x.conf",
                           "/srv/innocent/a.pem", "/srv/../etc/swanctl/private/a.pem"}) {
    EXPECT_EQ(host_.ReadFile(path).error().code, Code::kDenied) << path;
    EXPECT_EQ(host_.ReadHead(path, 10).error().code, Code::kDenied) << path;
  }
  EXPECT_EQ(host_.ListDir("/etc/swanctl/private").error().code, Code::kDenied);
  EXPECT_EQ(host_.ListDir("/srv/innocent").error().code, Code::kDenied);
}

TEST_F(LimitedHostTest, TellsThatAKeyIsThereAndHowOldItIs) {
  EXPECT_EQ(host_.Stat("/etc/swanctl/private/a.pem").value().modified_s, 7);
  EXPECT_EQ(host_.ReadLink("/etc/swanctl/conf.d/x.conf").value(), "../private/a.pem");
}

TEST(LimitedHost, RefusesTheValuesOfKeysThatTheLimitNames) {
  FakeHost laptop;
  const LimitedHost host(laptop, PathLimit::Default(Os::kWindows));
  EXPECT_EQ(host.ReadRegistry("HKEY_LOCAL_MACHINE\\SECURITY\\Policy", "").error().code,
            Code::kDenied);
  EXPECT_EQ(host.ListRegistry("HKEY_LOCAL_MACHINE\\SAM").error().code, Code::kDenied);
  EXPECT_NE(host.ReadRegistry("HKEY_LOCAL_MACHINE\\SOFTWARE\\None", "").error().code,
            Code::kDenied);
}

TEST_F(LimitedHostTest, EverythingElseIsAnsweredAsBefore) {
  EXPECT_EQ(host_.ReadFile("/etc/swanctl/swanctl.conf").value(), "connections {}");
  EXPECT_EQ(host_.ReadFile("/etc/none").error().code, Code::kNotFound);
  EXPECT_EQ(host_.ListDir("/etc/swanctl").value(), laptop_.ListDir("/etc/swanctl").value());
}

}  // namespace
}  // namespace sallyport
