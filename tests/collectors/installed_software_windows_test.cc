// SPDX-License-Identifier: Apache-2.0
// Answers as Microsoft Learn describes Win32_QuickFixEngineering, Win32_OptionalFeature and the
// Uninstall registry key; none was captured.
#include "collectors/installed_software.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kNative[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall)";
constexpr char kWow[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall)";
constexpr char kUser[] =
    R"(HKEY_USERS\S-1-5-21-1-2-3-1001\Software\Microsoft\Windows\CurrentVersion\Uninstall)";
constexpr char kGuid[] = "{90160000-008C-0000-1000-0000000FF1CE}";

FakeHost Machine() {
  FakeHost host(Os::kWindows);
  host.PutRegistryKeys("HKEY_USERS", std::vector<std::string>{".DEFAULT", "S-1-5-21-1-2-3-1001",
                                                              "S-1-5-21-1-2-3-1001_Classes"});
  host.PutRegistryKeys(kNative, std::vector<std::string>{kGuid, "AddressBook"});
  host.PutRegistryKeys(kWow, std::vector<std::string>{"Old Tool"});
  host.PutRegistryKeys(kUser, std::vector<std::string>{"Editor"});
  const std::string office = std::string(kNative) + "\\" + kGuid;
  host.PutRegistry(office, "DisplayName", Cell("Office"));
  host.PutRegistry(office, "DisplayVersion", Cell("16.0.1"));
  host.PutRegistry(office, "InstallLocation", Cell(R"(C:\Program Files\Office)"));
  host.PutRegistry(office, "InstallSource", Cell(R"(C:\src)"));
  host.PutRegistry(office, "Language", Cell(1033));
  host.PutRegistry(office, "Publisher", Cell("Microsoft"));
  host.PutRegistry(office, "UninstallString", Cell("MsiExec.exe /X{9016}"));
  host.PutRegistry(office, "InstallDate", Cell("20261101"));
  host.PutRegistry(std::string(kWow) + "\\Old Tool", "DisplayName", Cell("Old Tool"));
  host.PutRegistry(std::string(kUser) + "\\Editor", "DisplayName", Cell("Editor"));
  return host;
}

TEST(ProgramsWindows, AreThoseOfBothViewsAndOfUsersThatHaveAName) {
  EXPECT_EQ(ProgramsWindows(Machine(), {}).value(),
            (Rows{{Cell("Office"), Cell("16.0.1"), Cell(R"(C:\Program Files\Office)"),
                   Cell(R"(C:\src)"), Cell("1033"), Cell("Microsoft"), Cell("MsiExec.exe /X{9016}"),
                   Cell("20261101"), Cell(kGuid), kNone, Unknown{}},
                  {Cell("Old Tool"), kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone,
                   Unknown{}},
                  {Cell("Editor"), kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone,
                   Unknown{}}}));
}

TEST(ProgramsWindows, AnEntryWhoseNameMayNotBeReadIsARowAndAViewThatMayNotBeReadAnError) {
  FakeHost host = Machine();
  host.PutRegistry(std::string(kWow) + "\\Old Tool", "DisplayName", Fail(Code::kDenied, "x"));
  EXPECT_EQ(ProgramsWindows(host, {}).value()[1][0], Cell(Unknown{}));
  host.PutRegistryKeys(kWow, Fail(Code::kDenied, kWow));
  EXPECT_EQ(ProgramsWindows(host, {}).error().code, Code::kDenied);
}

TEST(PatchesWindows, AreWhatQuickFixEngineeringListsAndNothingElse) {
  FakeHost host(Os::kWindows);
  const char* const kQuery =
      "SELECT CSName, HotFixID, Caption, Description, FixComments, InstalledBy, InstallDate, "
      "InstalledOn FROM Win32_QuickFixEngineering";
  const Rows fixes{{Cell("ADA-PC"), Cell("KB5044285"), Cell("https://support.microsoft.com/"),
                    Cell("Security Update"), Cell(""), Cell(R"(NT AUTHORITY\SYSTEM)"), kNone,
                    Cell("11/12/2026")}};
  host.PutWmi(R"(root\CIMV2)", kQuery, fixes);
  EXPECT_EQ(PatchesWindows(host, {}).value(), fixes);
  host.PutWmi(R"(root\CIMV2)", kQuery, Fail(Code::kTimeout, "WMI"));
  EXPECT_EQ(PatchesWindows(host, {}).error().code, Code::kTimeout);
}

TEST(OptionalFeaturesWindows, HaveAStateAndItsWordAndANewStateIsUnknown) {
  FakeHost host(Os::kWindows);
  host.PutWmi(R"(root\CIMV2)", "SELECT Name, Caption, InstallState FROM Win32_OptionalFeature",
              Rows{{Cell("SMB1Protocol"), Cell("SMB 1.0"), Cell(2)},
                   {Cell("TelnetClient"), Cell("Telnet"), Cell(1)},
                   {Cell("IIS"), Cell("IIS"), Cell(3)},
                   {Cell("New"), Cell("New"), Cell(4)}});
  EXPECT_EQ(OptionalFeaturesWindows(host, {}).value(),
            (Rows{{Cell("SMB1Protocol"), Cell("SMB 1.0"), Cell(2), Cell("Disabled")},
                  {Cell("TelnetClient"), Cell("Telnet"), Cell(1), Cell("Enabled")},
                  {Cell("IIS"), Cell("IIS"), Cell(3), Cell("Absent")},
                  {Cell("New"), Cell("New"), Unknown{}, Unknown{}}}));
}

}  // namespace
}  // namespace sallyport
