// SPDX-License-Identifier: Apache-2.0
// Properties and unit changes over a real bus. The other side of it is a program of its own, so
// that nothing is short-cut inside Qt.
#include "platform/dbus_linux.h"

#include <gtest/gtest.h>

#include <QProcess>
#include <fstream>

#include "platform/host_linux.h"
#include "platform/watch_units_linux.h"
#include "platform/watcher.h"
#include "tests/platform/private_bus.h"
#include "tests/platform/qt_loop.h"

namespace sallyport {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};

// fake_systemd: owns org.freedesktop.systemd1 and has one unit, auditd.service.
class FakeSystemd {
 public:
  FakeSystemd() {
    process_.start(SALLYPORT_FAKE_SYSTEMD, QStringList());
    process_.waitForReadyRead(10'000);
  }
  ~FakeSystemd() {
    process_.kill();
    process_.waitForFinished();
  }
  bool ready() { return process_.readLine() == "ready\n"; }
  void Set(const char* state) { process_.write(state); }

 private:
  QProcess process_;
};

DbusProperty UnitProperty(const std::string& property) {
  return {"org.freedesktop.systemd1", UnitObjectPath("auditd.service"),
          "org.freedesktop.systemd1.Unit", property};
}

TEST(UnitObjectPath, EscapesAsSystemdDoes) {
  EXPECT_EQ(UnitObjectPath("auditd.service"), "/org/freedesktop/systemd1/unit/auditd_2eservice");
  EXPECT_EQ(UnitObjectPath("9-a_b@c.service"),
            "/org/freedesktop/systemd1/unit/_39_2da_5fb_40c_2eservice");
}

TEST(DbusProperty, ValuesOfEveryKindAreRead) {
  const PrivateBus bus;
  FakeSystemd systemd;
  ASSERT_TRUE(systemd.ready());
  const LinuxHost host;
  EXPECT_EQ(host.ReadDbusProperty(UnitProperty("ActiveState")).value(), Cell("active"));
  EXPECT_EQ(host.ReadDbusProperty(UnitProperty("MainPID")).value(), Cell(412));
  EXPECT_EQ(host.ReadDbusProperty(UnitProperty("CanStart")).value(), Cell(true));
  EXPECT_EQ(host.ReadDbusProperty(UnitProperty("Infinity")).error().code, Code::kTooLarge);
  EXPECT_EQ(host.ReadDbusProperty(UnitProperty("Names")).error().code, Code::kUnsupported);
}

TEST(DbusProperty, WhatIsNotThereIsNotFound) {
  const PrivateBus bus;
  FakeSystemd systemd;
  ASSERT_TRUE(systemd.ready());
  const LinuxHost host;
  EXPECT_EQ(host.ReadDbusProperty(UnitProperty("NoSuch")).error().code, Code::kNotFound);
  DbusProperty other = UnitProperty("ActiveState");
  other.path = "/no/such/object";
  EXPECT_EQ(host.ReadDbusProperty(other).error().code, Code::kNotFound);
  other.service = "org.example.NoSuchService";
  EXPECT_EQ(host.ReadDbusProperty(other).error().code, Code::kNotFound);
}

TEST(DbusProperty, AServiceThatDoesNotAnswerIsATimeout) {
  const PrivateBus bus;
  FakeSystemd systemd;
  ASSERT_TRUE(systemd.ready());
  EXPECT_EQ(
      ReadSystemBusProperty(UnitProperty("Hangs"), std::chrono::milliseconds(200)).error().code,
      Code::kTimeout);
}

TEST(DbusProperty, WithoutABusItIsUnavailableAndTheNextBusIsFound) {
  EXPECT_EQ(ReadSystemBusProperty(UnitProperty("ActiveState"), kTimeout).error().code,
            Code::kUnavailable);
  const PrivateBus bus;
  FakeSystemd systemd;
  ASSERT_TRUE(systemd.ready());
  EXPECT_EQ(ReadSystemBusProperty(UnitProperty("ActiveState"), kTimeout).value(), Cell("active"));
}

TEST(SystemdUnits, AreThoseThatTheBusListsInOrderOfTheirNames) {
  const std::string path = UnitObjectPath("auditd.service");
  EXPECT_EQ(LinuxHost().SystemdUnits().error().code, Code::kUnavailable);
  const PrivateBus bus;
  EXPECT_EQ(LinuxHost().SystemdUnits().error().code, Code::kNotFound);
  FakeSystemd systemd;
  ASSERT_TRUE(systemd.ready());
  EXPECT_EQ(LinuxHost().SystemdUnits().value(),
            (std::vector<SystemdUnit>{{"auditd.service", "Security Auditing Service", "loaded",
                                       "active", "running", "", path, 0, "", "/"},
                                      {"ssh.service", "OpenBSD Secure Shell server", "loaded",
                                       "activating", "start", "", path, 7, "start", "/"}}));
}

TEST(WatchUnits, AUnitThatChangesIsHeardOfAndAnotherIsNot) {
  const PrivateBus bus;
  FakeSystemd systemd;
  ASSERT_TRUE(systemd.ready());
  std::vector<WatchEvent> events;
  const auto watcher = MakeWatcher([&](const WatchEvent& event) { events.push_back(event); });
  const WatchTarget auditd{WatchTarget::Kind::kUnit, "auditd.service", 0};
  ASSERT_TRUE(watcher->Watch({auditd, {WatchTarget::Kind::kUnit, "other.service", 0}}));
  systemd.Set("failed\n");
  ASSERT_TRUE(RunUntil([&] { return !events.empty(); }));
  EXPECT_EQ(events[0].target, auditd);
  EXPECT_EQ(events[0].about, "unit auditd.service: changed");
  EXPECT_EQ(LinuxHost().ReadDbusProperty(UnitProperty("ActiveState")).value(), Cell("failed"));
}

TEST(WatchUnits, WithoutABusThereIsNothingToHearAndNoError) {
  const auto watcher = MakeWatcher([](const WatchEvent&) {});
  EXPECT_TRUE(watcher->Watch({{WatchTarget::Kind::kUnit, "auditd.service", 0}}).has_value());
}

}  // namespace
}  // namespace sallyport
