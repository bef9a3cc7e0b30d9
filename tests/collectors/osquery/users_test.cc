// SPDX-License-Identifier: Apache-2.0
// users, groups, user_groups, shadow.
#include <gtest/gtest.h>

#include "collectors/osquery/account_files.h"
#include "collectors/osquery/linux_tables.h"
#include "tests/collectors/osquery/shown.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

FakeHost Accounts() {
  FakeHost host;
  host.Put("/etc/passwd",
           "root:x:0:0:root:/root:/bin/bash\n"
           "# a remark\n"
           "nobody:x:4294967294:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
           "\n"
           "+@admins::::::\n"
           "alice:x:1000:1000:Alice,,,:/home/alice:/bin/zsh\n");
  host.Put("/etc/group",
           "root:x:0:\n"
           "sudo:x:27:alice,bob\n"
           "alice:x:1000:alice\n"
           "+:::\n");
  return host;
}

TEST(Users, AreThoseOfPasswdWithIdsOfThirtyTwoBits) {
  EXPECT_EQ(Shown(kUsers, UsersLinux(Accounts(), {})),
            "uid=0 gid=0 uid_signed=0 gid_signed=0 username=root description=root directory=/root "
            "shell=/bin/bash\n"
            "uid=4294967294 gid=65534 uid_signed=-2 gid_signed=65534 username=nobody "
            "description=nobody directory=/nonexistent shell=/usr/sbin/nologin\n"
            "uid=1000 gid=1000 uid_signed=1000 gid_signed=1000 username=alice "
            "description=Alice,,, directory=/home/alice shell=/bin/zsh\n");
  EXPECT_EQ(UsersLinux(Accounts(), {{"username", "alice"}})->size(), 1u);
}

TEST(Groups, AreThoseOfGroupAndAMemberWhoIsNoUserIsInNone) {
  EXPECT_EQ(Shown(kGroups, GroupsLinux(Accounts(), {})),
            "gid=0 gid_signed=0 groupname=root\n"
            "gid=27 gid_signed=27 groupname=sudo\n"
            "gid=1000 gid_signed=1000 groupname=alice\n");
  EXPECT_EQ(Shown(kUserGroups, UserGroupsLinux(Accounts(), {})),
            "uid=0 gid=0\nuid=1000 gid=27\nuid=1000 gid=1000\nuid=4294967294 gid=65534\n");
  EXPECT_EQ(Shown(kUserGroups, UserGroupsLinux(Accounts(), {{"uid", "1000"}, {"gid", "27"}})),
            "uid=1000 gid=27\n");
}

TEST(Users, ADamagedLineIsAnErrorThatDoesNotShowAPassword) {
  FakeHost host = Accounts();
  host.Put("/etc/passwd", "root:secret:0:0:root:/root\n");
  EXPECT_EQ(Shown(kUsers, UsersLinux(host, {})), "malformed: passwd: root\n");
  host.Put("/etc/passwd", "root:secret:4294967296:0:root:/root:/bin/sh\n");
  EXPECT_EQ(Shown(kUsers, UsersLinux(host, {})), "malformed: passwd: root\n");
  host.Put("/etc/group", "sudo:secret:-1:\n");
  EXPECT_EQ(Shown(kGroups, GroupsLinux(host, {})), "malformed: group: sudo\n");
}

TEST(UserGroups, ManyAccountsOfOneNameInManyGroupsAreBounded) {
  FakeHost host;
  std::string passwd, group;
  for (int i = 0; i < 1000; ++i) {
    passwd += "a:x:0:0:::\n";
    group += "g:x:1:a\n";
  }
  host.Put("/etc/passwd", passwd);
  host.Put("/etc/group", group);
  EXPECT_EQ(UserGroupsLinux(host, {}).error().code, Code::kTooLarge);
}

constexpr char kShadowFile[] =
    "root:*:19700:0:99999:7:::\n"
    "alice:$y$j9T$salt$hash:19800:1:90:7:30:20000:\n"
    "bob:!$6$salt$hash:19800:0:99999:7:::\n"
    "guest::0:0:99999:7:::\n"
    "new:!:19800::::::\n";

TEST(Shadow, TellsHowPasswordsAreKeptAndNoPartOfAHash) {
  FakeHost host;
  host.Put("/etc/shadow", kShadowFile);
  EXPECT_EQ(Shown(kShadow, ShadowLinux(host, {})),
            "password_status=not_set last_change=19700 min=0 max=99999 warning=7 username=root\n"
            "password_status=active hash_alg=yescrypt last_change=19800 min=1 max=90 warning=7 "
            "inactive=30 expire=20000 username=alice\n"
            "password_status=locked hash_alg=sha512 last_change=19800 min=0 max=99999 warning=7 "
            "username=bob\n"
            "password_status=empty last_change=0 min=0 max=99999 warning=7 username=guest\n"
            "password_status=not_set last_change=19800 username=new\n");
  host.Put("/etc/shadow", "root:$6$salt$hash\n");
  EXPECT_EQ(Shown(kShadow, ShadowLinux(host, {})),
            "malformed: /etc/shadow: a line without nine fields\n");
}

}  // namespace
}  // namespace sallyport
