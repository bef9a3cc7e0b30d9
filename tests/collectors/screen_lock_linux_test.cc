// SPDX-License-Identifier: Apache-2.0
#include "collectors/screen_lock.h"

#include <gtest/gtest.h>

#include "tests/collectors/gvdb_bytes.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr char kIdle[] = "/org/gnome/desktop/session/idle-delay";
constexpr char kLock[] = "/org/gnome/desktop/screensaver/lock-enabled";
constexpr char kDelay[] = "/org/gnome/desktop/screensaver/lock-delay";
constexpr char kNoLock[] = "/org/gnome/desktop/lockdown/disable-lock-screen";
constexpr char kSchemas[] = "/usr/share/glib-2.0/schemas/gschemas.compiled";
constexpr char kUserDb[] = "/home/ann/.config/dconf/user";
constexpr char kLocalDb[] = "/etc/dconf/db/local";
const Value kNone = Cell(std::nullopt);

// One person, ann, at the desktop of the one session that is installed.
FakeHost Machine(const std::string& session, const std::string& desktop_names) {
  FakeHost host;
  host.Put("/etc/passwd",
           "root:x:0:0:root:/root:/bin/bash\n"
           "sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n"
           "ann:x:1000:1000:Ann:/home/ann:/bin/bash\n"
           "gone:x:1001:1001::/home/gone:/bin/bash\n");
  host.PutDir("/home/ann");
  host.Put("/usr/share/wayland-sessions/" + session + ".desktop",
           "[Desktop Entry]\nName=Desktop\nDesktopNames=" + desktop_names + "\n");
  return host;
}

// GNOME with the defaults that Debian 12 has.
FakeHost Gnome() {
  FakeHost host = Machine("gnome", "GNOME");
  host.Put(
      kSchemas,
      ToGvdb(
          {},
          {{"org.gnome.desktop.session", {{"idle-delay", NumberVariant(300, "(u)")}}},
           {"org.gnome.desktop.screensaver",
            {{"lock-enabled", BoolVariant(true, "(b)")}, {"lock-delay", NumberVariant(0, "(u)")}}},
           {"org.gnome.desktop.lockdown", {{"disable-lock-screen", BoolVariant(false, "(b)")}}}}));
  return host;
}

GvdbValues Locked(const std::vector<std::string>& paths) {
  GvdbValues locks;
  for (const std::string& path : paths) locks[path] = BoolVariant(true);
  return locks;
}

FakeHost Kde() { return Machine("plasma", "KDE"); }

Rows Read(const FakeHost& host) { return ScreenLockLinux(host, {}).value(); }

Row Ann(const Value& enabled, const Value& idle, const Value& grace, const Value& enforced,
        const std::string& source) {
  return {Cell("ann"), enabled, idle, grace, enforced, Cell(source)};
}
Row Unknowns(const Value& source) {
  return {Cell("ann"), Unknown{}, Unknown{}, Unknown{}, Unknown{}, source};
}

TEST(ScreenLockLinux, WithoutSettingsGnomeLocksByTheSchemasDefaultAndTheUserMayChangeThat) {
  EXPECT_EQ(Read(Gnome()), (Rows{Ann(Cell(1), Cell(300), Cell(0), Cell(0), kSchemas)}));
}

TEST(ScreenLockLinux, AnIdleDelayOfZeroIsNeverAndNotAtOnce) {
  FakeHost host = Gnome();
  host.Put(kUserDb, ToGvdb({{kIdle, NumberVariant(0)}}));
  EXPECT_EQ(Read(host),
            (Rows{Ann(Cell(0), kNone, kNone, Cell(0), std::string(kSchemas) + ", " + kUserDb)}));
}

TEST(ScreenLockLinux, AUserWhoTurnedTheLockOffHasNoneThoughTheAdministratorsDefaultHasOne) {
  FakeHost host = Gnome();
  host.Put("/etc/dconf/profile/user", "user-db:user\nsystem-db:local\n");
  host.Put(kLocalDb, ToGvdb({{kLock, BoolVariant(true)}, {kIdle, NumberVariant(120)}}));
  host.Put(kUserDb, ToGvdb({{kLock, BoolVariant(false)}}));
  EXPECT_EQ(Read(host), (Rows{Ann(Cell(0), Cell(120), kNone, Cell(0),
                                  std::string(kUserDb) + ", " + kSchemas + ", " + kLocalDb)}));
}

TEST(ScreenLockLinux, WhereADconfLockIsTheUsersValueCountsNoMore) {
  FakeHost host = Gnome();
  host.Put("/etc/dconf/profile/user", "# managed\nuser-db:user\nsystem-db:local\n");
  host.Put(kLocalDb, ToGvdb({{kLock, BoolVariant(true)},
                             {kIdle, NumberVariant(120)},
                             {kDelay, NumberVariant(5)},
                             {kNoLock, BoolVariant(false)}},
                            {{".locks", Locked({kLock, kIdle, kDelay, kNoLock})}}));
  host.Put(kUserDb, ToGvdb({{kLock, BoolVariant(false)}, {kIdle, NumberVariant(0)}}));
  EXPECT_EQ(Read(host), (Rows{Ann(Cell(1), Cell(120), Cell(5), Cell(1), kLocalDb)}));
}

TEST(ScreenLockLinux, ALockOnSomeOfTheSettingsEnforcesNothing) {
  for (const char* open : {kLock, kIdle, kDelay, kNoLock}) {
    FakeHost host = Gnome();
    host.Put("/etc/dconf/profile/user", "user-db:user\nsystem-db:local\n");
    GvdbValues locks = Locked({kLock, kIdle, kDelay, kNoLock});
    locks.erase(open);
    host.Put(kLocalDb, ToGvdb({}, {{".locks", locks}}));
    EXPECT_EQ(Read(host), (Rows{Ann(Cell(1), Cell(300), Cell(0), Cell(0), kSchemas)})) << open;
  }
}

TEST(ScreenLockLinux, ALockWithoutAValueHoldsTheDefault) {
  FakeHost host = Gnome();
  host.Put("/etc/dconf/profile/user", "user-db:user\nsystem-db:local\nsystem-db:site\n");
  host.Put(kLocalDb, ToGvdb({{kIdle, NumberVariant(0)}}));  // before the lock: counts no more
  host.Put("/etc/dconf/db/site", ToGvdb({}, {{".locks", Locked({kLock, kIdle, kDelay, kNoLock})}}));
  EXPECT_EQ(Read(host), (Rows{Ann(Cell(1), Cell(300), Cell(0), Cell(1), kSchemas)}));
}

TEST(ScreenLockLinux, AUsersOwnDatabaseLocksNothing) {
  FakeHost host = Gnome();
  host.Put(kUserDb, ToGvdb({}, {{".locks", Locked({kLock, kIdle, kDelay, kNoLock})}}));
  EXPECT_EQ(Read(host)[0][4], Cell(0));
}

TEST(ScreenLockLinux, ALockScreenThatIsForbiddenIsNoLock) {
  FakeHost host = Gnome();
  host.Put(kUserDb, ToGvdb({{kNoLock, BoolVariant(true)}}));
  EXPECT_EQ(Read(host)[0][1], Cell(0));
}

TEST(ScreenLockLinux, TheProfileOfTheRunningSystemComesBeforeThatOfTheFile) {
  FakeHost host = Gnome();
  host.Put("/etc/dconf/profile/user", "user-db:user\n");
  host.Put("/run/dconf/user/1000", "system-db:local\n");
  host.Put(kLocalDb, ToGvdb({{kIdle, NumberVariant(60)}}));
  host.Put(kUserDb, ToGvdb({{kIdle, NumberVariant(0)}}));
  // Nothing of that profile is the user's to write.
  EXPECT_EQ(
      Read(host),
      (Rows{Ann(Cell(1), Cell(60), Cell(0), Cell(1), std::string(kSchemas) + ", " + kLocalDb)}));
}

TEST(ScreenLockLinux, SettingsThatCannotBeReadAreUnknownAndNotTheDefault) {
  const Value session = Cell("/usr/share/wayland-sessions/gnome.desktop");
  FakeHost denied = Gnome();
  denied.Fail(kUserDb, Code::kDenied);
  EXPECT_EQ(Read(denied), (Rows{Unknowns(session)}));

  FakeHost damaged = Gnome();
  damaged.Put(kUserDb, "GVariant");
  EXPECT_EQ(Read(damaged), (Rows{Unknowns(session)}));

  FakeHost other_type = Gnome();
  other_type.Put(kUserDb, ToGvdb({{kIdle, NumberVariant(60, "i")}}));
  EXPECT_EQ(Read(other_type), (Rows{Unknowns(session)}));

  FakeHost service = Gnome();
  service.Put("/etc/dconf/profile/user", "service-db:keyfile/user\n");
  EXPECT_EQ(Read(service), (Rows{Unknowns(session)}));

  FakeHost no_schema = Gnome();
  no_schema.Remove(kSchemas);
  EXPECT_EQ(Read(no_schema), (Rows{Unknowns(session)}));
}

TEST(ScreenLockLinux, KdeLocksAfterFiveMinutesUnlessItsFilesSayOtherwise) {
  EXPECT_EQ(Read(Kde()), (Rows{Ann(Cell(1), Cell(300), Cell(5), Cell(0),
                                   "/usr/share/wayland-sessions/plasma.desktop")}));
  FakeHost host = Kde();
  host.Put("/etc/xdg/kscreenlockerrc", "[Daemon]\nTimeout=2\nLockGrace=0\n");
  host.Put("/home/ann/.config/kscreenlockerrc", "[Greeter]\nTimeout=9\n[Daemon]\nTimeout=30\n");
  EXPECT_EQ(Read(host), (Rows{Ann(Cell(1), Cell(1800), Cell(0), Cell(0),
                                  "/home/ann/.config/kscreenlockerrc, /etc/xdg/kscreenlockerrc")}));
}

TEST(ScreenLockLinux, KdeWithoutAutolockTimeoutOrPasswordDoesNotLock) {
  const auto enabled = [](const std::string& text) {
    FakeHost host = Kde();
    host.Put("/home/ann/.config/kscreenlockerrc", text);
    return Read(host)[0];
  };
  const std::string path = "/home/ann/.config/kscreenlockerrc";
  EXPECT_EQ(enabled("[Daemon]\nAutolock=false\n"), Ann(Cell(0), kNone, kNone, Cell(0), path));
  EXPECT_EQ(enabled("[Daemon]\nTimeout=0\n"), Ann(Cell(0), kNone, kNone, Cell(0), path));
  EXPECT_EQ(enabled("[Daemon]\nRequirePassword=false\n"),
            Ann(Cell(0), Cell(300), kNone, Cell(0), path));
  const Value session = Cell("/usr/share/wayland-sessions/plasma.desktop");
  EXPECT_EQ(enabled("[Daemon]\nTimeout=soon\n"), Unknowns(session));
  EXPECT_EQ(enabled("[Daemon]\nLockGrace=-1\n"), Unknowns(session));
  EXPECT_EQ(enabled("[Daemon\nTimeout=0\n"), Unknowns(session));
}

TEST(ScreenLockLinux, WhatAnAdministratorMadeImmutableAUserOfKdeDoesNotChange) {
  const std::string user = "[Daemon]\nAutolock=false\nTimeout=0\nLockGrace=300\n";
  const Row held = Ann(Cell(1), Cell(120), Cell(0), Cell(1), "/etc/xdg/kscreenlockerrc");
  for (const char* system :
       {"[$i]\n[Daemon]\nTimeout=2\nLockGrace=0\n", "[Daemon][$i]\nTimeout=2\nLockGrace=0\n",
        "[Daemon]\nTimeout[$i]=2\nLockGrace[$ei]=0\nAutolock[$i]=true\nRequirePassword[$i]=1\n"}) {
    FakeHost host = Kde();
    host.Put("/etc/xdg/kscreenlockerrc", system);
    host.Put("/home/ann/.config/kscreenlockerrc", user);
    Row row = Read(host)[0];
    EXPECT_EQ(row, held) << system;
  }
  FakeHost one_key = Kde();
  one_key.Put("/etc/xdg/kscreenlockerrc", "[Daemon]\nTimeout[$i]=2\n");
  one_key.Put("/home/ann/.config/kscreenlockerrc", user);
  EXPECT_EQ(Read(one_key)[0], Ann(Cell(0), kNone, kNone, Cell(0),
                                  "/home/ann/.config/kscreenlockerrc, /etc/xdg/kscreenlockerrc"));
}

TEST(ScreenLockLinux, AMarkInTheUsersOwnFileEnforcesNothing) {
  FakeHost host = Kde();
  host.Put("/home/ann/.config/kscreenlockerrc", "[Daemon][$i]\nTimeout=2\n");
  EXPECT_EQ(Read(host)[0][4], Cell(0));
}

TEST(ScreenLockLinux, OfSeveralDesktopsTheOneThatTheUserChoseIsAsked) {
  FakeHost host = Gnome();
  host.Put("/usr/share/xsessions/i3.desktop", "[Desktop Entry]\nDesktopNames=i3\n");
  EXPECT_EQ(Read(host), (Rows{Unknowns(Unknown{})}));  // nobody chose yet

  host.Put("/var/lib/AccountsService/users/ann", "[User]\nSession=gnome\nSystemAccount=false\n");
  EXPECT_EQ(Read(host)[0][1], Cell(1));
  host.Put("/var/lib/AccountsService/users/ann", "[User]\nSession=\nXSession=i3\n");
  EXPECT_EQ(Read(host), (Rows{Unknowns(Cell("/usr/share/xsessions/i3.desktop"))}));
  host.Put("/var/lib/AccountsService/users/ann", "[User]\nSession=removed\n");
  EXPECT_EQ(Read(host), (Rows{Unknowns(Unknown{})}));
  host.Fail("/var/lib/AccountsService/users/ann", Code::kDenied);
  EXPECT_EQ(Read(host), (Rows{Unknowns(Unknown{})}));
}

TEST(ScreenLockLinux, ADesktopThatOnlyCallsItselfGnomeIsNotTakenForIt) {
  FakeHost host = Machine("budgie-desktop", "Budgie:GNOME");
  EXPECT_EQ(Read(host),
            (Rows{Unknowns(Cell("/usr/share/wayland-sessions/budgie-desktop.desktop"))}));
}

TEST(ScreenLockLinux, APersonOfADirectoryServiceIsARowOfUnknowns) {
  FakeHost host = Gnome();
  host.Put("/var/lib/AccountsService/users/bea@corp.example", "[User]\nSession=gnome\n");
  host.Put("/var/lib/AccountsService/users/gdm", "[User]\nSystemAccount=true\n");
  const Rows rows = Read(host);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1], (Row{Cell("bea@corp.example"), Unknown{}, Unknown{}, Unknown{}, Unknown{},
                          Cell("/usr/share/wayland-sessions/gnome.desktop")}));
}

TEST(ScreenLockLinux, WithoutADesktopThereIsNoScreenToLock) {
  FakeHost host;
  host.Put("/etc/passwd", "ann:x:1000:1000:Ann:/home/ann:/bin/bash\n");
  EXPECT_EQ(ScreenLockLinux(host, {}).error().code, Code::kUnsupported);
}

TEST(ScreenLockLinux, AccountsOrSessionsThatCannotBeReadAreAnErrorNotAnEmptyTable) {
  FakeHost accounts = Gnome();
  accounts.Fail("/etc/passwd", Code::kDenied);
  EXPECT_EQ(ScreenLockLinux(accounts, {}).error().code, Code::kDenied);
  FakeHost sessions = Gnome();
  sessions.Fail("/usr/share/wayland-sessions", Code::kDenied);
  EXPECT_EQ(ScreenLockLinux(sessions, {}).error().code, Code::kDenied);
}

}  // namespace
}  // namespace sallyport
