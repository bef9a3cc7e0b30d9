// SPDX-License-Identifier: Apache-2.0
#include "platform/recorded_host.h"

#include <gtest/gtest.h>

#include "tests/platform/temp_folder.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const DbusProperty kActive{"org.freedesktop.systemd1", "/unit/auditd",
                           "org.freedesktop.systemd1.Unit", "ActiveState"};

FakeHost Laptop() {
  FakeHost host;
  host.SetTime({Millis(1000), Millis(1'700'000'000'000)});
  host.Put("/etc/os-release", "ID=debian\n", {.modified_s = 5, .mode = 0644, .uid = 1});
  host.Put("/boot/blob", std::string("\xff\x00\x80", 3));
  host.PutLink("/etc/localtime", "/usr/share/zoneinfo/UTC");
  host.Fail("/etc/shadow", Code::kDenied);
  host.PutCommand({"/usr/sbin/auditctl", "-s"}, {1, "enabled 1\n", "warning\n"});
  host.PutDbus(kActive, Cell("active"));
  return host;
}

void AskEverything(const Host& host) {
  static_cast<void>(host.ReadFile("/etc/os-release"));
  static_cast<void>(host.ReadFile("/boot/blob"));
  static_cast<void>(host.ReadFile("/etc/shadow"));
  static_cast<void>(host.ReadHead("/etc/os-release", 2));
  static_cast<void>(host.ListDir("/etc"));
  static_cast<void>(host.Stat("/etc/os-release"));
  static_cast<void>(host.ReadLink("/etc/localtime"));
  static_cast<void>(host.RealPath("/etc/none"));
  static_cast<void>(host.Run({{"/usr/sbin/auditctl", "-s"}}));
  static_cast<void>(host.ReadDbusProperty(kActive));
  static_cast<void>(host.QueryWmi("root", "SELECT 1"));
  static_cast<void>(host.ReadRegistry("HKLM\\Software", "x"));
  static_cast<void>(host.Services());
}

TEST(RecordedHost, TheRecordingIsThatMachine) {
  const FakeHost laptop = Laptop();
  const RecordingHost recording(laptop, "written from documentation: this test");
  AskEverything(recording);
  const TempFolder folder;
  folder.Write("laptop.json", ToJson(recording.recording()));
  const RecordedHost replayed = RecordedHost::Load(folder / "laptop.json").value();

  EXPECT_EQ(replayed.os(), Os::kLinux);
  EXPECT_EQ(replayed.Time().wall, Millis(1'700'000'000'000));
  EXPECT_EQ(replayed.ReadFile("/etc/os-release").value(), "ID=debian\n");
  EXPECT_EQ(replayed.ReadFile("/boot/blob").value(), std::string("\xff\x00\x80", 3));
  EXPECT_EQ(replayed.ReadHead("/etc/os-release", 2).value(), "ID");
  EXPECT_EQ(replayed.ReadFile("/etc/shadow").error(), laptop.ReadFile("/etc/shadow", 99).error());
  EXPECT_EQ(replayed.ListDir("/etc").value(), laptop.ListDir("/etc").value());
  EXPECT_EQ(replayed.Stat("/etc/os-release").value(), laptop.Stat("/etc/os-release").value());
  EXPECT_EQ(replayed.ReadLink("/etc/localtime").value(), "/usr/share/zoneinfo/UTC");
  EXPECT_EQ(replayed.RealPath("/etc/none").error().code, Code::kNotFound);
  EXPECT_EQ(replayed.Run({{"/usr/sbin/auditctl", "-s"}}).value(),
            (CommandOutput{1, "enabled 1\n", "warning\n"}));
  EXPECT_EQ(replayed.ReadDbusProperty(kActive).value(), Cell("active"));
  EXPECT_EQ(replayed.QueryWmi("root", "SELECT 1").error().code, Code::kUnsupported);
  EXPECT_EQ(replayed.ReadRegistry("HKLM\\Software", "x").error().code, Code::kUnsupported);
  EXPECT_EQ(replayed.Services().error(),
            (Error{Code::kUnsupported, "services: not asked on linux"}));
}

TEST(RecordedHost, EveryKindOfCellSurvivesTheJson) {
  Recording recording{.origin = "written from documentation: this test", .os = Os::kWindows};
  const Rows rows{{std::monostate{}, Unknown{}, Cell(-3), Cell(0.5), Cell("x"), Cell("\xff")}, {}};
  recording.wmi.insert_or_assign({"root\\cimv2", "SELECT * FROM X"}, rows);
  EXPECT_EQ(RecordingFromJson(ToJson(recording)).value().wmi, recording.wmi);
}

FakeHost WindowsLaptop() {
  FakeHost host(Os::kWindows);
  host.PutService({.name = "WinDefend",
                   .state = ServiceInfo::State::kRunning,
                   .pid = 612,
                   .start = ServiceInfo::Start::kAutomatic,
                   .command = R"("C:\x\MsMpEng.exe")"});
  host.PutService({.name = "WdFilter", .driver = true});
  host.PutProcess({.pid = 612, .parent_pid = 4, .name = "MsMpEng.exe"});
  host.PutProcess({.pid = 700, .name = "a.exe", .program = R"(C:\a.exe)"});
  return host;
}
const WmiCall kCall{"root", "C.K=\"1\"", "GetX", {"ReturnValue", "X"}};

TEST(RecordedHost, ServicesProcessesAndMethodsSurviveTheJson) {
  FakeHost laptop = WindowsLaptop();
  laptop.PutRegistryKeys("HKEY_USERS\\a", std::vector<std::string>{"b", "c"});
  laptop.PutWmiCall(kCall, Row{Cell(0), std::monostate{}});
  const RecordingHost recording(laptop, "written from documentation: this test");
  static_cast<void>(recording.Services());
  static_cast<void>(recording.Processes());
  static_cast<void>(recording.CallWmi(kCall));
  static_cast<void>(recording.ListRegistry("HKEY_USERS\\a"));
  const RecordedHost replayed(RecordingFromJson(ToJson(recording.recording())).value());
  EXPECT_EQ(replayed.Services().value(), laptop.Services().value());
  EXPECT_EQ(replayed.Processes().value(), laptop.Processes().value());
  EXPECT_EQ(replayed.ListRegistry("HKEY_USERS\\a").value(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(replayed.CallWmi(kCall).value(), (Row{Cell(0), std::monostate{}}));
}

TEST(RecordedHost, FileSystemsAndUnitsSurviveTheJson) {
  const FileSystemUse use{4096, 100, 50, 45, 20, 10};
  const SystemdUnit unit{"ssh.service",
                         "Secure Shell",
                         "loaded",
                         "active",
                         "running",
                         "",
                         "/org/freedesktop/systemd1/unit/ssh_2eservice",
                         7,
                         "start",
                         "/job/7"};
  FakeHost laptop;
  laptop.PutFileSystem("/home", use);
  laptop.PutUnit(unit);
  const RecordingHost recording(laptop, "written from documentation: this test");
  static_cast<void>(recording.StatFileSystem("/home"));
  static_cast<void>(recording.SystemdUnits());
  const RecordedHost replayed(RecordingFromJson(ToJson(recording.recording())).value());
  EXPECT_EQ(replayed.StatFileSystem("/home").value(), use);
  EXPECT_EQ(replayed.SystemdUnits().value(), std::vector<SystemdUnit>{unit});
  EXPECT_EQ(replayed.StatFileSystem("/").error().message, "not recorded: file system of /");
  EXPECT_EQ(RecordedHost(Recording{}).SystemdUnits().error().code, Code::kUnavailable);
}

TEST(RecordedHost, ErrorsOfServicesAndProcessesAreRecordedAndNotAskedIsSaid) {
  FakeHost laptop(Os::kWindows);
  laptop.FailServices(Code::kDenied);
  const RecordingHost recording(laptop, "written from documentation: this test");
  static_cast<void>(recording.Services());
  const RecordedHost replayed(RecordingFromJson(ToJson(recording.recording())).value());
  EXPECT_EQ(replayed.Services().error(), (Error{Code::kDenied, "services"}));
  EXPECT_EQ(replayed.Processes().error(), (Error{Code::kUnavailable, "not recorded: processes"}));
  EXPECT_EQ(replayed.CallWmi(kCall).error().message,
            "not recorded: WMI call root C.K=\"1\" GetX ReturnValue X");
}

TEST(RecordedHost, ASecretInACommandLineOfAServiceIsNotRecorded) {
  FakeHost laptop(Os::kWindows);
  laptop.PutService({.name = "agent", .command = R"(C:\a.exe --password=canary-7781 --fast)"});
  const RecordingHost recording(laptop, "written from documentation: this test");
  EXPECT_NE(recording.Services()->front().command->find("canary-7781"), std::string::npos);
  const std::string json = ToJson(recording.recording());
  EXPECT_EQ(json.find("canary"), std::string::npos) << json;
  EXPECT_NE(json.find(R"(C:\\a.exe --password=[redacted])"), std::string::npos) << json;
}

TEST(RecordedHost, AQuestionThatWasNeverAskedIsAnErrorThatNamesIt) {
  const RecordedHost host(Recording{.origin = "written from documentation: this test"});
  EXPECT_EQ(host.ReadFile("/etc/hosts").error(),
            (Error{Code::kUnavailable, "not recorded: file /etc/hosts"}));
  EXPECT_EQ(host.Run({{"/usr/bin/apt-get", "-s", "upgrade"}}).error().message,
            "not recorded: command /usr/bin/apt-get -s upgrade");
  EXPECT_EQ(host.ReadDbusProperty(kActive).error().message,
            "not recorded: D-Bus org.freedesktop.systemd1 /unit/auditd "
            "org.freedesktop.systemd1.Unit ActiveState");
}

TEST(RecordedHost, TheAskersBoundHoldsInTheReplayToo) {
  FakeHost laptop;
  laptop.Put("/etc/hosts", "12345");
  const RecordingHost recording(laptop, "written from documentation: this test");
  static_cast<void>(recording.ReadFile("/etc/hosts"));
  EXPECT_EQ(RecordedHost(recording.recording()).ReadFile("/etc/hosts", 4).error().code,
            Code::kTooLarge);
}

// A machine on which a process comes between two looks.
TEST(RecordedHost, AFolderThatIsListedTwiceIsTheSameToBoth) {
  FakeHost host;
  host.Put("/proc/7/stat", "7 (a)");
  const RecordingHost recorder(host, "written here");
  const auto first = recorder.ListDir("/proc");
  ASSERT_TRUE(first) << first.error().message;
  host.Put("/proc/8/stat", "8 (b)");
  EXPECT_EQ(recorder.ListDir("/proc"), first);
  EXPECT_EQ(RecordedHost(recorder.recording()).ListDir("/proc"), first);
}

TEST(RecordedHost, TheAskerGetsTheSecretAndTheRecordingDoesNot) {
  FakeHost laptop;
  laptop.Put("/etc/swanctl/swanctl.conf", "secrets { ike-1 { secret = canary-7781 } }\n");
  laptop.PutCommand({"/usr/bin/nmcli", "-s"}, {0, "vpn.secret: canary-7781\n", "psk=canary-7781"});
  const DbusProperty password{"org.example", "/", "org.example.Vpn", "Password"};
  laptop.PutDbus(password, Cell("canary-7781"));
  const RecordingHost recording(laptop, "written from documentation: this test");
  EXPECT_NE(recording.ReadFile("/etc/swanctl/swanctl.conf").value().find("canary-7781"),
            std::string::npos);
  static_cast<void>(recording.ReadHead("/etc/swanctl/swanctl.conf", 40));
  static_cast<void>(recording.Run({{"/usr/bin/nmcli", "-s"}}));
  static_cast<void>(recording.ReadDbusProperty(password));
  const std::string json = ToJson(recording.recording());
  EXPECT_EQ(json.find("canary"), std::string::npos) << json;
  EXPECT_NE(json.find("secrets { ike-1 { secret = [redacted] } }"), std::string::npos) << json;
}

TEST(RecordedHost, WhatIsNoRecordingIsRefusedWithItsReason) {
  const std::string head = R"({"schema": "sallyport.recorded-host/v1", "os": "linux",)"
                           R"( "time": {"boot_ms": 1, "wall_ms": 2}, "origin": )";
  const auto error_of = [](const std::string& json) { return RecordingFromJson(json).error(); };
  EXPECT_TRUE(RecordingFromJson(head + R"("capture of a real machine"})").has_value());
  EXPECT_EQ(error_of(head + R"(""})").message, "recording: origin is empty");
  EXPECT_EQ(error_of(R"({"schema": "sallyport.recorded-host/v2"})").message,
            "recording: schema is not sallyport.recorded-host/v1");
  EXPECT_EQ(error_of("{").code, Code::kMalformed);
  EXPECT_EQ(error_of("[]").code, Code::kMalformed);
  EXPECT_EQ(error_of(head + R"("x", "files": [{"ask": 7, "content": ""}]})").code,
            Code::kMalformed);
  EXPECT_EQ(error_of(head + R"("x", "files": [{"ask": "/a", "error": {"code": "odd",)"
                            R"( "message": ""}}]})")
                .message,
            "recording: no error code 'odd'");
  EXPECT_EQ(RecordedHost::Load("/nowhere/laptop.json").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sallyport
