// SPDX-License-Identifier: Apache-2.0
// What must not survive carries the word canary.
#include "platform/redact.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Redact, SwanctlSecretsGoAndTheRestStays) {
  EXPECT_EQ(RedactSecrets("/etc/swanctl/conf.d/a.conf",
                          "connections { a { proposals = aes256-sha256-modp1024 } }\n"
                          "secrets {\n"
                          "  ike-a { id = alice  # who\n"
                          "    secret = 0scanary== }\n"
                          "  eap-b { secret = \"can}ary\n"
                          "canary\" }\n"
                          "  pkcs8 { file = a.pem\n"
                          "    secret=\"canary \\\" canary\" }\n"
                          "  token-c { handle = 01\n"
                          "    pin = canary }\n"
                          "}\n"),
            "connections { a { proposals = aes256-sha256-modp1024 } }\n"
            "secrets {\n"
            "  ike-a { id = alice  # who\n"
            "    secret = [redacted] }\n"
            "  eap-b { secret = [redacted] }\n"
            "  pkcs8 { file = a.pem\n"
            "    secret=[redacted] }\n"
            "  token-c { handle = 01\n"
            "    pin = [redacted] }\n"
            "}\n");
}

TEST(Redact, IpsecSecretsOfEveryTypeGo) {
  EXPECT_EQ(RedactSecrets("/etc/ipsec.secrets",
                          "# comment : about PSKs\n"
                          "moon.example sun.example : PSK \"canary\"\n"
                          ": PSK 0xcanary\n"
                          "alice : EAP \"canary\"\n"
                          ": RSA moonKey.pem \"canary\"\n"
                          ": RSA {\n\tPrivateExponent: 0xcanary\n\t}\n"
                          "include /var/lib/*.secrets\n"),
            "# comment : about PSKs\n"
            "moon.example sun.example : PSK [redacted]\n"
            ": PSK [redacted]\n"
            "alice : EAP [redacted]\n"
            ": RSA [redacted]\n"
            ": RSA [redacted]}\n"
            "include /var/lib/*.secrets\n");
}

TEST(Redact, PrivateKeysGoAndCertificatesStay) {
  EXPECT_EQ(RedactSecrets("/etc/a.pem",
                          "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
                          "-----BEGIN EC PRIVATE KEY-----\nCANARY\n-----END EC PRIVATE KEY-----\n"
                          "-----BEGIN PRIVATE KEY-----\nCANARY cut off"),
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
            "-----BEGIN EC PRIVATE KEY-----\n[redacted]\n-----END EC PRIVATE KEY-----\n"
            "-----BEGIN PRIVATE KEY-----\n[redacted]\n");
}

TEST(Redact, NetworkManagerWireGuardAndWpaKeysGo) {
  EXPECT_EQ(RedactSecrets("/etc/NetworkManager/system-connections/a.nmconnection",
                          "[wifi-security]\nkey-mgmt=wpa-psk\npsk=canary\npsk-flags=0\n"
                          "[vpn-secrets]\npassword=can=ary\nwep-key0=canary\n"
                          "[wireguard]\nPrivateKey = canary=\nPublicKey = stays=\n"
                          "PresharedKey=canary\nListenPort=51820\n"),
            "[wifi-security]\nkey-mgmt=wpa-psk\npsk=[redacted]\npsk-flags=0\n"
            "[vpn-secrets]\npassword=[redacted]\nwep-key0=[redacted]\n"
            "[wireguard]\nPrivateKey = [redacted]\nPublicKey = stays=\n"
            "PresharedKey=[redacted]\nListenPort=51820\n");
}

TEST(Redact, JsonYamlPlistAndCommandLinesAreCoveredToo) {
  EXPECT_EQ(RedactSecrets("a.json", R"({"api_key": "canary", "port": 1})"),
            R"({"api_key": [redacted], "port": 1})");
  EXPECT_EQ(RedactSecrets("a.yaml", "password: canary\nuser: alice\n"),
            "password: [redacted]\nuser: alice\n");
  EXPECT_EQ(
      RedactSecrets("a.plist", "<key>SharedSecret</key>\n<string>canary</string><key>x</key>"),
      "<key>SharedSecret</key>\n<string>[redacted]</string><key>x</key>");
  using std::string_literals::operator""s;
  EXPECT_EQ(RedactSecrets("/proc/1/cmdline", "vpn\0--password\0canary\0--user\0alice\0"s),
            "vpn\0--password\0[redacted]\0--user\0alice\0"s);
  EXPECT_EQ(RedactSecrets("/proc/1/environ", "DB_PASSWORD=canary\0HOME=/root\0"s),
            "DB_PASSWORD=[redacted]\0HOME=/root\0"s);
}

TEST(Redact, AValueThatABackslashContinuesGoesWhole) {
  EXPECT_EQ(RedactSecrets("a.conf", "secret = can\\\nary\nid = x\n"),
            "secret = [redacted]\nid = x\n");
}

TEST(Redact, PasswordHashesGoWhereverTheyAre) {
  EXPECT_EQ(
      RedactSecrets("/srv/users", "root:$y$j9T$canarycanary$canarycanary:19000:0\n$PATH $1\n"),
      "root:[redacted]:19000:0\n$PATH $1\n");
}

TEST(Redact, FilesThatHoldNothingElseGoWhole) {
  for (const char* file : {"/etc/shadow", "/etc/ppp/chap-secrets", "/etc/x/a.key", "/a/b.p12"}) {
    EXPECT_EQ(RedactSecrets(file, "a b canary *\n"), "[redacted]") << file;
  }
}

TEST(Redact, APasswordInAnAddressGoes) {
  EXPECT_EQ(RedactSecrets("/etc/apt/sources.list", "deb https://ada:canary@repo.test/x y main\n"),
            "deb https://repo.test/x y main\n");
}

TEST(Redact, PackageListsArePublicAndStayWhole) {
  const std::string list("\x04\x22\x4d\x18: PSK \"canary\" --password=canary");
  EXPECT_EQ(RedactSecrets("/var/lib/apt/lists/deb.debian.org_main_Packages.lz4", list), list);
  EXPECT_NE(RedactSecrets("/var/lib/apt/lists.d/x", list), list);
}

TEST(Redact, WhatCollectorsReadIsLeftAlone) {
  const std::string texts[] = {
      "PasswordAuthentication no\nPubkeyAuthentication yes\n",
      "passwd:\n  Installed: 1:4.13\n",
      "Package: passwd\nStatus: install ok installed\nDepends: libsecret-1-0 (>= 0.7)\n",
      "22 1 254:1 / / rw shared:1 - ext4 /dev/mapper/root rw\n",
      "Inst openssl [3.0.1] (3.0.2 Debian-Security:12/stable-security [amd64])\n",
  };
  for (const std::string& text : texts) EXPECT_EQ(RedactSecrets("/x", text), text);
}

}  // namespace
}  // namespace sallyport
