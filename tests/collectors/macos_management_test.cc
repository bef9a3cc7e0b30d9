// SPDX-License-Identifier: Apache-2.0
// Property lists as public repositories and Apple's pages on profiles show their keys, output as
// profiles(1) has it; none was captured here.
#include "collectors/macos_management.h"

#include <gtest/gtest.h>

#include "collectors/os_patch_state.h"
#include "tests/collectors/plist_text.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kManaged[] = "/Library/Managed Preferences/";
constexpr char kUpdates[] = "/Library/Preferences/com.apple.SoftwareUpdate.plist";
constexpr char kManagedUpdates[] = "/Library/Managed Preferences/com.apple.SoftwareUpdate.plist";

TEST(ManagedPoliciesMacos, AreThoseOfTheMachineAndOfItsUsers) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(ManagedPoliciesMacos(host, {}).value(), Rows{});
  host.Put(std::string(kManaged) + "com.apple.screensaver.plist",
           PlistText("<dict><key>PayloadUUID</key><string>U-1</string><key>askForPassword</key>"
                     "<true/><key>idleTime</key><integer>600</integer></dict>"));
  host.Put(std::string(kManaged) + "complete.plist", PlistText("<dict/>"));
  host.Put(std::string(kManaged) + "ada/com.example.plist",
           PlistText("<dict><key>name</key><string>x</string><key>list</key><array/></dict>"));
  EXPECT_EQ(ManagedPoliciesMacos(host, {}).value(),
            (Rows{{Cell("com.apple.screensaver"), Cell("U-1"), Cell("askForPassword"), Cell("1"),
                   Cell(""), Cell(0)},
                  {Cell("com.apple.screensaver"), Cell("U-1"), Cell("idleTime"), Cell("600"),
                   Cell(""), Cell(0)},
                  {Cell("com.example"), Cell(""), Cell("name"), Cell("x"), Cell("ada"), Cell(0)},
                  {Cell("com.example"), Cell(""), Cell("list"), Unknown{}, Cell("ada"), Cell(0)}}));
}

TEST(ManagedPoliciesMacos, OneListThatIsBrokenOrDeniedIsAnErrorAndNotFewerRows) {
  FakeHost host(Os::kMacos);
  host.Put(std::string(kManaged) + "a.plist", PlistText("<dict/>"));
  host.Put(std::string(kManaged) + "b.plist", "garbage");
  EXPECT_EQ(ManagedPoliciesMacos(host, {}).error().code, Code::kMalformed);
  host.Fail(std::string(kManaged) + "b.plist", Code::kDenied);
  EXPECT_EQ(ManagedPoliciesMacos(host, {}).error().code, Code::kDenied);
}

std::string Extension(const std::string& identifier, const std::string& state) {
  return "<dict><key>identifier</key><string>" + identifier + "</string><key>state</key><string>" +
         state +
         "</string><key>teamID</key><string>TEAM</string><key>uniqueID</key><string>U</string>"
         "<key>originPath</key><string>/Applications/A.app/x</string><key>bundleVersion</key><dict>"
         "<key>CFBundleShortVersionString</key><string>7.1</string></dict><key>container</key>"
         "<dict><key>bundlePath</key><string>/Applications/A.app</string></dict>"
         "<key>categories</key><array><string>com.apple.system_extension.endpoint_security"
         "</string></array></dict>";
}

void PutExtensions(FakeHost* host, const std::string& extensions, const std::string& policies) {
  host->Put(
      "/Library/SystemExtensions/db.plist",
      PlistText("<dict><key>extensions</key><array>" + extensions +
                "</array><key>extensionPolicies</key><array>" + policies + "</array></dict>"));
}

TEST(SystemExtensionsMacos, OneThatWaitsForItsUserKeepsThatWord) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(SystemExtensionsMacos(host, {}).value(), Rows{});
  PutExtensions(&host, Extension("com.a.es", "activated_waiting_for_user"), "");
  EXPECT_EQ(
      SystemExtensionsMacos(host, {}).value(),
      (Rows{{Cell("/Applications/A.app/x"), Cell("U"), Cell("activated_waiting_for_user"),
             Cell("com.a.es"), Cell("7.1"), Cell("com.apple.system_extension.endpoint_security"),
             Cell("/Applications/A.app"), Cell("TEAM"), Cell(0)}}));
}

TEST(SystemExtensionsMacos, AProfileAllowsATeamOrOneOfItsExtensions) {
  FakeHost host(Os::kMacos);
  const auto managed = [&host](const std::string& policy) {
    PutExtensions(&host, Extension("com.a.es", "activated_enabled"), "<dict>" + policy + "</dict>");
    return SystemExtensionsMacos(host, {}).value()[0][8];
  };
  EXPECT_EQ(managed("<key>allowedTeamIDs</key><array><string>TEAM</string></array>"), Cell(1));
  EXPECT_EQ(managed("<key>allowedTeamIDs</key><array><string>OTHER</string></array>"), Cell(0));
  const std::string one = "<key>allowedExtensions</key><dict><key>TEAM</key><array><string>";
  EXPECT_EQ(managed(one + "com.a.es</string></array></dict>"), Cell(1));
  EXPECT_EQ(managed(one + "com.b</string></array></dict>"), Cell(0));
}

TEST(MdmMacos, TellsWhetherTheMacIsEnrolledAndByWhom) {
  FakeHost host(Os::kMacos);
  const std::vector<std::string> ask{"/usr/bin/profiles", "status", "-type", "enrollment"};
  host.PutCommand(ask, {0,
                        "Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\n"
                        "MDM server: https://mdm.example.com/mdm/connect\n",
                        ""});
  Row row = MdmMacos(host, {}).value().front();
  EXPECT_EQ((Row{row[3], row[7], row[9], row[12], row[1]}),
            (Row{Cell("true"), Cell("true"), Cell("https://mdm.example.com/mdm/connect"),
                 Cell("true"), Unknown{}}));
  host.PutCommand(ask, {0, "Enrolled via DEP: No\nMDM enrollment: Yes\n", ""});
  EXPECT_EQ(MdmMacos(host, {}).value()[0][12], Cell("false"));
  host.PutCommand(ask, {0, "Enrolled via DEP: No\nMDM enrollment: No\n", ""});
  row = MdmMacos(host, {}).value().front();
  EXPECT_EQ((Row{row[3], row[9], row[1]}), (Row{Cell("false"), kNone, kNone}));
  host.PutCommand(ask, {1, "", "profiles: not supported\n"});
  EXPECT_EQ(MdmMacos(host, {}).error().code, Code::kMalformed);
}

TEST(MdmMacos, TheProfileThatEnrolledTheMacTellsTheRest) {
  FakeHost host(Os::kMacos);
  host.PutCommand({"/usr/bin/profiles", "status", "-type", "enrollment"},
                  {0, "Enrolled via DEP: No\nMDM enrollment: Yes (User Approved)\n", ""});
  const std::vector<std::string> list{"/usr/bin/profiles", "-C", "-o", "stdout-xml"};
  host.PutCommand(
      list,
      {0,
       PlistText("<dict><key>_computerlevel</key><array>"
                 "<dict><key>ProfileIdentifier</key><string>com.example.wifi</string>"
                 "<key>ProfileItems</key><array/></dict>"
                 "<dict><key>ProfileIdentifier</key><string>com.example.enroll</string>"
                 "<key>ProfileInstallDate</key><string>2026-01-05 09:00:00 +0000</string>"
                 "<key>ProfileItems</key><array>"
                 "<dict><key>PayloadType</key><string>com.apple.security.scep</string></dict>"
                 "<dict><key>PayloadType</key><string>com.apple.mdm</string>"
                 "<key>PayloadContent</key><dict><key>AccessRights</key><integer>8191</integer>"
                 "<key>CheckInURL</key><string>https://a:b@mdm.example.com/checkin</string>"
                 "<key>IdentityCertificateUUID</key><string>ID-1</string>"
                 "<key>ServerURL</key><string>https://mdm.example.com/mdm</string>"
                 "<key>SignMessage</key><true/><key>Topic</key>"
                 "<string>com.apple.mgmt.External.1</string></dict></dict></array></dict>"
                 "</array></dict>"),
       ""});
  EXPECT_EQ(MdmMacos(host, {}).value(),
            (Rows{{Cell(8191), Cell("https://mdm.example.com/checkin"), Unknown{}, Cell("true"),
                   Cell("true"), Cell("ID-1"), Cell("2026-01-05 09:00:00 +0000"), Cell("false"),
                   Cell("com.example.enroll"), Unknown{}, Cell("true"),
                   Cell("com.apple.mgmt.External.1"), Cell("true")}}));
  host.PutCommand(list, {0, PlistText("<dict><key>_computerlevel</key><array/></dict>"), ""});
  EXPECT_EQ(MdmMacos(host, {}).value()[0][0], Cell(Unknown{}));
  host.PutCommand(list, {0, "There are no configuration profiles installed", ""});
  EXPECT_EQ(MdmMacos(host, {}).value()[0][4], Cell(Unknown{}));
}

TEST(AppsMacos, AreDescribedByThemselvesAndOneThatCannotBeReadIsARow) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(AppsMacos(host, {}).value(), Rows{});
  host.Put("/Applications/A.app/Contents/Info.plist",
           PlistText("<dict><key>CFBundleIdentifier</key><string>com.a</string><key>LSUIElement"
                     "</key><true/><key>CFBundleShortVersionString</key><string>1.2</string>"
                     "<key>LSEnvironment</key><dict/></dict>"));
  host.Put("/Applications/B.app/Contents/Info.plist", "garbage");
  host.Put("/Applications/notes.txt", "x");
  const Rows rows = AppsMacos(host, {}).value();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0],
            (Row{Cell("A.app"), Cell("/Applications/A.app"), Cell(""), Cell("com.a"), Cell(""),
                 Cell("1.2"), Cell(""), Cell(""), Unknown{}, Cell("1"), Cell(""), Cell(""),
                 Cell(""), Cell(""), Cell(""), Cell(""), Cell(""), Cell(""), Unknown{}}));
  EXPECT_EQ(rows[1][0], Cell("B.app"));
  EXPECT_EQ(rows[1][3], Cell(Unknown{}));
  host.Fail("/Applications", Code::kDenied);
  EXPECT_EQ(AppsMacos(host, {}).error().code, Code::kDenied);
}

// One that looked for updates at noon of 2026-11-20, three and a half days ago.
FakeHost Mac(int available, const std::string& more = "") {
  FakeHost host(Os::kMacos);
  host.SetTime({.wall = std::chrono::seconds(1'795'478'400)});
  host.PutCommand({"/usr/sbin/sysctl", "kern.osrelease"}, {0, "kern.osrelease: 22.5.0\n", ""});
  host.Put(kUpdates,
           PlistText("<dict><key>LastRecommendedUpdatesAvailable</key><integer>" +
                     std::to_string(available) +
                     "</integer><key>LastSuccessfulDate</key><date>2026-11-20T12:00:00Z</date>" +
                     more + "</dict>"));
  return host;
}

Value Patch(const Host& host, const char* column) {
  return OsPatchStateMacos(host, {}).value()[0].at(
      static_cast<size_t>(kOsPatchState.IndexOf(column)));
}

TEST(SoftwareUpdateMacos, IsWhatWasFoundWithoutAskingApple) {
  EXPECT_EQ(SoftwareUpdateMacos(Mac(2), {}).value(), (Rows{{Cell(1)}}));
  EXPECT_EQ(SoftwareUpdateMacos(Mac(0), {}).value(), (Rows{{Cell(0)}}));
  EXPECT_EQ(SoftwareUpdateMacos(FakeHost(Os::kMacos), {}).error().code, Code::kNotFound);
}

TEST(SoftwareUpdateMacos, NoneFoundLongAgoIsUnknownAndSomeFoundLongAgoAreSome) {
  FakeHost host = Mac(0);
  host.SetTime({.wall = std::chrono::seconds(1'795'478'400 + 5 * 86'400)});
  EXPECT_EQ(SoftwareUpdateMacos(host, {}).value(), (Rows{{Unknown{}}}));
  EXPECT_EQ(Patch(host, "lists_age_days"), Cell(8));
  host = Mac(2);
  host.SetTime({.wall = std::chrono::seconds(1'795'478'400 + 5 * 86'400)});
  EXPECT_EQ(SoftwareUpdateMacos(host, {}).value(), (Rows{{Cell(1)}}));
}

TEST(OsPatchStateMacos, HowManyAreKnownAndWhichOfThemMendAWeaknessIsNot) {
  EXPECT_EQ(Patch(Mac(2), "updates_pending"), Cell(2));
  EXPECT_EQ(Patch(Mac(2), "security_updates_pending"), Cell(Unknown{}));
  EXPECT_EQ(Patch(Mac(0), "security_updates_pending"), Cell(0));
  EXPECT_EQ(Patch(Mac(0), "lists_age_days"), Cell(3));
  EXPECT_EQ(Patch(Mac(0), "kernel_running"), Cell("22.5.0"));
  EXPECT_EQ(Patch(Mac(0), "distribution_supported"), Cell(Unknown{}));
}

TEST(OsPatchStateMacos, TheProfileDecidesWhetherUpdatesInstallThemselves) {
  const std::string all =
      "<key>AutomaticCheckEnabled</key><true/><key>AutomaticDownload</key><true/>"
      "<key>AutomaticallyInstallMacOSUpdates</key><true/>";
  EXPECT_EQ(Patch(Mac(0, all), "auto_updates"), Cell(1));
  EXPECT_EQ(Patch(Mac(0), "auto_updates"), Cell(Unknown{}));
  FakeHost host = Mac(0, all);
  host.Put(kManagedUpdates, PlistText("<dict><key>AutomaticDownload</key><false/></dict>"));
  EXPECT_EQ(Patch(host, "auto_updates"), Cell(0));
  host.Fail(kManagedUpdates, Code::kDenied);
  EXPECT_EQ(Patch(host, "auto_updates"), Cell(Unknown{}));
}

}  // namespace
}  // namespace sallyport
