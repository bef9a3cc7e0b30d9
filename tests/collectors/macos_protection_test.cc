// SPDX-License-Identifier: Apache-2.0
// Outputs as public reports of real Macs and the manual pages of socketfilterfw, spctl(8),
// csrutil(8), system_profiler(8) and nvram(8) show them; none was captured here.
#include "collectors/macos_protection.h"

#include <gtest/gtest.h>

#include "collectors/xprotect_bundle.h"
#include "tests/collectors/plist_text.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Argv = std::vector<std::string>;
const Value kNone = std::monostate{};
constexpr char kAlfFile[] = "/Library/Preferences/com.apple.alf.plist";
constexpr char kTool[] = "/usr/libexec/ApplicationFirewall/socketfilterfw";
constexpr char kNewXprotect[] = "/var/protected/xprotect/XProtect.bundle/Contents/";
constexpr char kOldXprotect[] =
    "/Library/Apple/System/Library/CoreServices/XProtect.bundle/Contents/";

FakeHost MacOs(const std::string& version) {
  FakeHost host(Os::kMacos);
  host.Put("/System/Library/CoreServices/SystemVersion.plist",
           PlistText("<dict><key>ProductVersion</key><string>" + version + "</string></dict>"));
  return host;
}

std::string AlfSettings(int state) {
  return PlistText(
      "<dict><key>allowsignedenabled</key><integer>1</integer>"
      "<key>firewallunload</key><integer>0</integer><key>globalstate</key><integer>" +
      std::to_string(state) +
      "</integer><key>loggingenabled</key><integer>1</integer><key>loggingoption"
      "</key><integer>0</integer><key>stealthenabled</key><integer>0</integer>"
      "<key>version</key><string>1.6</string></dict>");
}

void PutTool(FakeHost* host, const char* question, const char* answer) {
  host->PutCommand({kTool, question}, {0, answer, ""});
}

TEST(AlfMacos, UpToFourteenItsSettingsAreAPropertyList) {
  FakeHost host = MacOs("14.6.1");
  host.Put(kAlfFile, AlfSettings(2));
  EXPECT_EQ(AlfMacos(host, {}).value(),
            (Rows{{Cell(1), Cell(0), Cell(2), Cell(1), Cell(0), Cell(0), Cell("1.6")}}));
}

TEST(AlfMacos, AFileThatIsMissingIsNotAFirewallThatIsOff) {
  EXPECT_EQ(AlfMacos(MacOs("13.4.1"), {}).error().code, Code::kNotFound);
}

TEST(AlfMacos, FromFifteenOnTheToolIsAskedAndNotTheFileThatAnUpgradeLeftBehind) {
  FakeHost host = MacOs("15.1");
  host.Put(kAlfFile, AlfSettings(1));
  PutTool(&host, "--getglobalstate", "Firewall is disabled. (State = 0)\n");
  PutTool(&host, "--getstealthmode", "Firewall stealth mode is on\n");
  PutTool(&host, "--getallowsigned",
          "Automatically allow built-in signed software ENABLED.\n"
          "Automatically allow downloaded signed software ENABLED.\n");
  EXPECT_EQ(AlfMacos(host, {}).value(),
            (Rows{{Cell(1), Unknown{}, Cell(0), Unknown{}, Unknown{}, Cell(1), Unknown{}}}));
}

TEST(AlfMacos, BlockingAllIsAStateOfItsOwn) {
  FakeHost host = MacOs("15.1");
  PutTool(&host, "--getglobalstate", "Firewall is enabled. (State = 1)\n");
  PutTool(&host, "--getblockall", "Firewall has block all state set to disabled.\n");
  EXPECT_EQ(AlfMacos(host, {}).value()[0][2], Cell(1));
  PutTool(&host, "--getblockall", "Firewall has block all state set to enabled.\n");
  EXPECT_EQ(AlfMacos(host, {}).value()[0][2], Cell(2));
  PutTool(&host, "--getglobalstate",
          "Firewall is blocking all non-essential incoming connections. (State = 2)\n");
  EXPECT_EQ(AlfMacos(host, {}).value()[0][2], Cell(2));
  EXPECT_EQ(AlfMacos(host, {}).value()[0][5], Cell(Unknown{}));
  PutTool(&host, "--getglobalstate", "Firewall is managed.\n");
  EXPECT_EQ(AlfMacos(host, {}).error().code, Code::kMalformed);
}

const Argv kSpctl{"/usr/sbin/spctl", "--status", "--verbose"};

TEST(GatekeeperMacos, AnExitOfOneIsAnAnswer) {
  FakeHost host(Os::kMacos);
  host.Put("/var/db/gke.bundle/Contents/version.plist",
           PlistText("<dict><key>CFBundleShortVersionString</key><string>8.0</string></dict>"));
  host.PutCommand(kSpctl, {0, "assessments enabled\ndeveloper id enabled\n", ""});
  EXPECT_EQ(GatekeeperMacos(host, {}).value(), (Rows{{Cell(1), Cell(1), Cell("8.0"), Unknown{}}}));
  host.PutCommand(kSpctl, {1, "", "assessments disabled\n"});
  EXPECT_EQ(GatekeeperMacos(host, {}).value()[0][0], Cell(0));
  host.PutCommand(kSpctl, {0, "globally disabled\n", ""});
  EXPECT_EQ(GatekeeperMacos(host, {}).error().code, Code::kMalformed);
}

const Argv kCsrutil{"/usr/bin/csrutil", "status"};

Value Flag(const Host& host, const char* flag) {
  const Rows rows = SipConfigMacos(host, {}).value();
  for (const Row& row : rows) {
    if (row[0] == Cell(flag)) return row[1];
  }
  return Cell("no such flag");
}

TEST(SipConfigMacos, OnMeansThatNothingIsAllowed) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kCsrutil, {0, "System Integrity Protection status: enabled.\n", ""});
  EXPECT_EQ(Flag(host, "sip"), Cell(1));
  EXPECT_EQ(Flag(host, "allow_untrusted_kexts"), Cell(0));
  host.PutCommand(kCsrutil, {0, "System Integrity Protection status: disabled.\n", ""});
  EXPECT_EQ(Flag(host, "sip"), Cell(0));
  EXPECT_EQ(Flag(host, "allow_untrusted_kexts"), Cell(Unknown{}));
}

TEST(SipConfigMacos, ACustomConfigurationIsNotOnAndTellsWhatItAllows) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kCsrutil,
                  {0,
                   "System Integrity Protection status: unknown (Custom Configuration).\n\n"
                   "Configuration:\n\tApple Internal: disabled\n\tKext Signing: disabled\n"
                   "\tFilesystem Protections: enabled\n\tDebugging Restrictions: enabled\n"
                   "\tDTrace Restrictions: enabled\n\tNVRAM Protections: enabled\n"
                   "\tBaseSystem Verification: enabled\n\n"
                   "This is an unsupported configuration, likely to break in the future.\n",
                   ""});
  EXPECT_EQ(SipConfigMacos(host, {}).value(),
            (Rows{{Cell("sip"), Cell(0), Unknown{}},
                  {Cell("allow_any_recovery_os"), Cell(0), Unknown{}},
                  {Cell("allow_apple_internal"), Cell(0), Unknown{}},
                  {Cell("allow_task_for_pid"), Cell(0), Unknown{}},
                  {Cell("allow_unrestricted_dtrace"), Cell(0), Unknown{}},
                  {Cell("allow_unrestricted_fs"), Cell(0), Unknown{}},
                  {Cell("allow_unrestricted_nvram"), Cell(0), Unknown{}},
                  {Cell("allow_untrusted_kexts"), Cell(1), Unknown{}}}));
  host.PutCommand(kCsrutil,
                  {0, "System Integrity Protection status: enabled (Custom Configuration).\n", ""});
  EXPECT_EQ(Flag(host, "sip"), Cell(0));
  host.PutCommand(kCsrutil, {0, "System Integrity Protection status: perhaps.\n", ""});
  EXPECT_EQ(SipConfigMacos(host, {}).error().code, Code::kMalformed);
}

TEST(CsrutilInfoMacos, TellsWhetherTheSystemVolumeIsSealed) {
  FakeHost host(Os::kMacos);
  const Argv ask{"/usr/bin/csrutil", "authenticated-root", "status"};
  host.PutCommand(ask, {0, "Authenticated Root status: enabled\n", ""});
  EXPECT_EQ(CsrutilInfoMacos(host, {}).value(), (Rows{{Cell(1)}}));
  host.PutCommand(ask, {0, "Authenticated Root status: disabled\n", ""});
  EXPECT_EQ(CsrutilInfoMacos(host, {}).value(), (Rows{{Cell(0)}}));
  host.PutCommand(ask, {0, "Authenticated Root status: unknown\n", ""});
  EXPECT_EQ(CsrutilInfoMacos(host, {}).error().code, Code::kMalformed);
}

constexpr char kProfile[] = "/Library/Managed Preferences/com.apple.screensaver.plist";

TEST(ScreenlockMacos, IsTheProfilesAndUnknownWithoutOne) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(ScreenlockMacos(host, {}).value(), (Rows{{Unknown{}, Unknown{}}}));
  host.Put(kProfile, PlistText("<dict><key>askForPassword</key><true/><key>askForPasswordDelay"
                               "</key><integer>5</integer><key>idleTime</key>"
                               "<integer>600</integer></dict>"));
  EXPECT_EQ(ScreenlockMacos(host, {}).value(), (Rows{{Cell(1), Cell(5)}}));
  host.Put(kProfile, PlistText("<dict><key>askForPassword</key><true/></dict>"));
  EXPECT_EQ(ScreenlockMacos(host, {}).value(), (Rows{{Cell(1), Unknown{}}}));
  host.Put(kProfile, PlistText("<dict><key>askForPassword</key><false/></dict>"));
  EXPECT_EQ(ScreenlockMacos(host, {}).value(), (Rows{{Cell(0), Cell(-1)}}));
  host.Put(kProfile, PlistText("<dict><key>idleTime</key><integer>600</integer></dict>"));
  EXPECT_EQ(ScreenlockMacos(host, {}).value(), (Rows{{Unknown{}, Unknown{}}}));
  host.Fail(kProfile, Code::kDenied);
  EXPECT_EQ(ScreenlockMacos(host, {}).error().code, Code::kDenied);
}

void PutXprotect(FakeHost* host, const std::string& contents, const std::string& version) {
  host->Put(contents + "Info.plist",
            PlistText("<dict><key>CFBundleShortVersionString</key><string>" + version +
                      "</string></dict>"));
  host->Put(contents + "Resources/XProtect.meta.plist",
            PlistText("<dict><key>ExtensionBlacklist</key><dict><key>Extensions</key><array><dict>"
                      "<key>CFBundleIdentifier</key><string>com.bad." +
                      version +
                      "</string><key>Developer Identifier</key><string>TEAM</string></dict>"
                      "</array></dict><key>PlugInBlacklist</key><dict><key>10</key><dict>"
                      "<key>com.oracle.java</key><dict><key>MinimumPlugInBundleVersion</key>"
                      "<string>1.8.51</string></dict></dict></dict></dict>"));
}

TEST(XprotectBundle, OfTheVersionsThatLieOnAMacOnlyTheActiveOneCounts) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(FindXprotectBundle(host).error().code, Code::kNotFound);
  PutXprotect(&host, kOldXprotect, "5310");
  EXPECT_EQ(FindXprotectBundle(host).value().version, Cell("5310"));
  PutXprotect(&host, kNewXprotect, "5312");
  EXPECT_EQ(FindXprotectBundle(host).value().version, Cell("5312"));
  // It counts when it is the older one, too.
  PutXprotect(&host, kNewXprotect, "5289");
  EXPECT_EQ(FindXprotectBundle(host).value().version, Cell("5289"));
  host.Fail(std::string(kNewXprotect) + "Info.plist", Code::kDenied);
  EXPECT_EQ(FindXprotectBundle(host).error().code, Code::kDenied);
}

TEST(XprotectMetaMacos, AreTheRulesOfTheBundleThatCounts) {
  FakeHost host(Os::kMacos);
  PutXprotect(&host, kOldXprotect, "5310");
  PutXprotect(&host, kNewXprotect, "5312");
  EXPECT_EQ(XprotectMetaMacos(host, {}).value(),
            (Rows{{Cell("com.bad.5312"), Cell("extension"), Cell("TEAM"), Cell("any")},
                  {Cell("com.oracle.java"), Cell("plugin"), Cell(""), Cell("1.8.51")}}));
}

const Argv kBridge{"/usr/sbin/system_profiler", "SPiBridgeDataType"};
const Argv kNvram{"/usr/sbin/nvram", "94b73556-2197-4702-82a8-3e1337dafbfb:AppleSecureBootPolicy"};

TEST(SecurebootMacos, AppleSiliconTellsItsPolicyInWords) {
  FakeHost host(Os::kMacos);
  const auto put = [&host](const std::string& level) {
    host.PutCommand(kBridge, {0,
                              "Controller:\n\n      Model Identifier: Mac14,2\n"
                              "      Boot Policy:\n          Secure Boot: " +
                                  level +
                                  "\n          System Integrity Protection: Enabled\n"
                                  "          Allow All Kernel Extensions: No\n"
                                  "          User Approved Privileged MDM Operations: Yes\n",
                              ""});
  };
  put("Full Security");
  EXPECT_EQ(SecurebootMacos(host, {}).value(),
            (Rows{{Cell(1), kNone, Cell("Full Security"), Cell(0), Cell(1), kNone}}));
  put("Reduced Security");
  EXPECT_EQ(SecurebootMacos(host, {}).value()[0][0], Cell(1));
  put("Permissive Security");
  EXPECT_EQ(SecurebootMacos(host, {}).value()[0][0], Cell(0));
  put("Other");
  EXPECT_EQ(SecurebootMacos(host, {}).value()[0][0], Cell(Unknown{}));
}

TEST(SecurebootMacos, AT2HasAVariableAndAVirtualMachineHasNothing) {
  FakeHost host(Os::kMacos);
  host.PutCommand(kBridge, {0, "Controller:\n\n      Model Name: Apple T2 Security Chip\n", ""});
  const std::string name = kNvram[1] + "\t";
  host.PutCommand(kNvram, {0, name + "%02\n", ""});
  EXPECT_EQ(SecurebootMacos(host, {}).value(),
            (Rows{{Cell(1), Cell(1), Cell("Full Security"), kNone, kNone, kNone}}));
  host.PutCommand(kNvram, {0, name + "%01\n", ""});
  EXPECT_EQ(SecurebootMacos(host, {}).value()[0][1], Cell(2));
  host.PutCommand(kNvram, {0, name + "%00\n", ""});
  EXPECT_EQ(SecurebootMacos(host, {}).value()[0][0], Cell(0));
  host.PutCommand(kNvram, {1, "", "nvram: Error getting variable: data was not found\n"});
  EXPECT_EQ(SecurebootMacos(host, {}).error().code, Code::kUnsupported);
}

}  // namespace
}  // namespace sallyport
