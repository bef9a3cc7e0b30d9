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
  const PathLimit limit = PathLimit::Default();
  for (const char* path :
       {"/etc/shadow", "/etc/ssl/private", "/etc/ssl/private/a.pem", "/etc/swanctl/private/a.pem",
        "/srv/laptop/swanctl/private/a.pem", "/etc/swanctl/a.key", "/etc/ipsec.d/private/a",
        "/etc/ipsec.secrets", "/home/alice/.mozilla/firefox/logins.json", "/root/.ssh/id_ed25519",
        "/etc/ssh/ssh_host_rsa_key", "/proc/1/environ", "/etc/../etc/./shadow"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, WhatCollectorsReadStaysReadable) {
  const PathLimit limit = PathLimit::Default();
  for (const char* path :
       {"/etc/os-release", "/etc/swanctl/swanctl.conf", "/etc/swanctl/conf.d", "/etc/ssl/certs",
        "/proc/self/mountinfo", "/proc/1/status", "/etc/shadow.d/x", "/etc/ssh/sshd_config",
        "/var/lib/dpkg/status", "/"}) {
    EXPECT_FALSE(Refused(limit, path)) << path;
  }
}

TEST(PathLimit, AFileAddsPatternsAndTakesNoneAway) {
  const PathLimit limit =
      PathLimit::Parse("# ours\n\n  /srv/payroll \n/home/*/notes\n/opt/**/keys\n").value();
  for (const char* path : {"/srv/payroll", "/srv/payroll/2026/a.csv", "/home/bob/notes/x",
                           "/opt/keys", "/opt/a/b/keys/c", "/etc/shadow"}) {
    EXPECT_TRUE(Refused(limit, path)) << path;
  }
  EXPECT_FALSE(Refused(limit, "/srv/payroll-public"));
  EXPECT_FALSE(Refused(limit, "/home/bob/deep/notes"));
}

TEST(PathLimit, ALineThatCannotBeUnderstoodIsAnError) {
  EXPECT_EQ(PathLimit::Parse("/a\nb/c\n").error(),
            (Error{Code::kMalformed, "line 2: not absolute: b/c"}));
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
  LimitedHost host_{laptop_, PathLimit::Default()};
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

TEST_F(LimitedHostTest, EverythingElseIsAnsweredAsBefore) {
  EXPECT_EQ(host_.ReadFile("/etc/swanctl/swanctl.conf").value(), "connections {}");
  EXPECT_EQ(host_.ReadFile("/etc/none").error().code, Code::kNotFound);
  EXPECT_EQ(host_.ListDir("/etc/swanctl").value(), laptop_.ListDir("/etc/swanctl").value());
}

}  // namespace
}  // namespace sallyport
