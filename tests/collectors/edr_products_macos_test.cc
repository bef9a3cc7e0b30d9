// SPDX-License-Identifier: Apache-2.0
// "mdatp health" as learn.microsoft.com describes its fields, "falconctl stats" as public scripts
// read it, the database of extensions as public repositories show its keys; none was captured.
#include <gtest/gtest.h>

#include <map>

#include "collectors/edr/macos_product.h"
#include "collectors/edr_products.h"
#include "tests/collectors/plist_text.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

using Cells = std::map<std::string, Value>;
const Value kNone = std::monostate{};
constexpr char kDefender[] = "com.microsoft.wdav.epsext";
constexpr char kFalcon[] = "com.crowdstrike.falcon.Agent";
const std::vector<std::string> kMdatp{"/usr/local/bin/mdatp", "health"};
const std::vector<std::string> kFalconctl{"/Applications/Falcon.app/Contents/Resources/falconctl",
                                          "stats", "agent_info"};

FakeHost Mac(const std::string& identifier, const std::string& state) {
  FakeHost host(Os::kMacos);
  host.Put("/Library/SystemExtensions/db.plist",
           PlistText("<dict><key>extensions</key><array><dict><key>identifier</key><string>" +
                     identifier + "</string><key>state</key><string>" + state +
                     "</string><key>bundleVersion</key><dict><key>CFBundleShortVersionString</key>"
                     "<string>101.25</string></dict></dict></array></dict>"));
  return host;
}

// A healthy sensor, with `change` in the place of one of its lines.
std::string Health(const std::string& name = "", const std::string& value = "") {
  std::map<std::string, std::string> lines = {
      {"healthy", "true"},
      {"health_issues", "[]"},
      {"licensed", "true"},
      {"app_version", "\"101.25082.0007\""},
      {"real_time_protection_enabled", "true [managed]"},
      {"passive_mode_enabled", "false"},
      {"tamper_protection", "\"block\""},
      {"definitions_updated_minutes_ago", "4321"},
      {"definitions_status", "\"up_to_date\""},
      {"full_disk_access_enabled", "true"},
      {"conflicting_applications", "[]"},
  };
  if (!name.empty()) lines[name] = value;
  std::string out;
  for (const auto& [key, text] : lines) out += key + "        : " + text + "\n";
  return out;
}

Cells Read(const Host& host) {
  const Rows rows = EdrProductsMacos(host, {}).value();
  EXPECT_EQ(rows.size(), 1u);
  Cells out;
  for (size_t i = 0; i < rows.front().size(); ++i) {
    out[std::string(kEdrProducts.columns[i].name)] = rows.front()[i];
  }
  return out;
}

Cells Defender(const std::string& health) {
  FakeHost host = Mac(kDefender, "activated_enabled");
  host.PutCommand(kMdatp, {0, health, ""});
  return Read(host);
}

TEST(EdrProductsMacos, AHealthyDefender) {
  const Cells cells = Defender(Health());
  EXPECT_EQ(cells.at("name"), Cell("defender_endpoint"));
  EXPECT_EQ(cells.at("running"), Cell(1));
  EXPECT_EQ(cells.at("enforcing"), Cell(1));
  EXPECT_EQ(cells.at("state"), Cell("enforcing"));
  EXPECT_EQ(cells.at("version"), Cell("101.25082.0007"));
  EXPECT_EQ(cells.at("signature_age_days"), Cell(3));
  EXPECT_EQ(cells.at("unit_state"), Cell("activated_enabled"));
  EXPECT_EQ(cells.at("mode"), Cell("active"));
  EXPECT_EQ(cells.at("degraded"), Cell(0));
  EXPECT_EQ(cells.at("tamper_protection"), Cell(1));
}

TEST(EdrProductsMacos, AnExtensionThatWaitsForItsUserDoesNotRun) {
  for (const char* state : {"activated_waiting_for_user", "activated_disabled",
                            "terminated_waiting_to_uninstall_on_reboot"}) {
    FakeHost host = Mac(kDefender, state);
    host.PutCommand(kMdatp, {0, Health(), ""});
    Cells cells = Read(host);
    EXPECT_EQ(cells["running"], Cell(0)) << state;
    EXPECT_EQ(cells["enforcing"], Cell(0)) << state;
    EXPECT_EQ(cells["state"], Cell("stopped")) << state;
    EXPECT_EQ(cells["unit_state"], Cell(state));
  }
}

TEST(EdrProductsMacos, WithoutFullDiskAccessASensorIsBlindAndWithoutALicenceItEnds) {
  for (const char* name : {"full_disk_access_enabled", "licensed", "healthy"}) {
    EXPECT_EQ(Defender(Health(name, "false"))["degraded"], Cell(1)) << name;
    EXPECT_EQ(Defender(Health(name, "unavailable"))["degraded"], Cell(Unknown{})) << name;
  }
  EXPECT_EQ(Defender(Health("conflicting_applications", "[\"Other\"]"))["degraded"], Cell(1));
}

TEST(EdrProductsMacos, DefenderThatIsPassiveEnforcesNothingThoughRealTimeProtectionIsCalledOn) {
  Cells cells = Defender(Health("passive_mode_enabled", "true"));
  EXPECT_EQ(cells["enforcing"], Cell(0));
  EXPECT_EQ(cells["mode"], Cell("passive"));
  EXPECT_EQ(cells["degraded"], Cell(1));
  EXPECT_EQ(Defender(Health("real_time_protection_enabled", "false"))["enforcing"], Cell(0));
  EXPECT_EQ(Defender(Health("real_time_protection_enabled", "?"))["enforcing"], Cell(Unknown{}));
}

TEST(EdrProductsMacos, TamperProtectionThatOnlyWritesDownIsNone) {
  EXPECT_EQ(Defender(Health("tamper_protection", "\"audit\""))["tamper_protection"], Cell(0));
  EXPECT_EQ(Defender(Health("tamper_protection", "\"disabled\""))["tamper_protection"], Cell(0));
}

TEST(EdrProductsMacos, ASensorThatDoesNotAnswerIsUnknown) {
  FakeHost host = Mac(kDefender, "activated_enabled");
  host.FailCommand(kMdatp, Code::kTimeout);
  Cells cells = Read(host);
  EXPECT_EQ(cells["running"], Cell(1));
  for (const char* column : {"enforcing", "state", "mode", "degraded", "tamper_protection",
                             "version", "signature_age_days"}) {
    EXPECT_EQ(cells[column], Cell(Unknown{})) << column;
  }
}

TEST(EdrProductsMacos, FalconSaysWhetherItsSensorIsOperational) {
  FakeHost host = Mac(kFalcon, "activated_enabled");
  host.PutCommand(kFalconctl, {0,
                               "=== agent_info ===\n      version: 7.19.18913.0\n"
                               "      Sensor operational: true\n",
                               ""});
  Cells cells = Read(host);
  EXPECT_EQ(cells["enforcing"], Cell(1));
  EXPECT_EQ(cells["degraded"], Cell(0));
  EXPECT_EQ(cells["version"], Cell("7.19.18913.0"));
  host.PutCommand(kFalconctl, {0, "version: 7.19\nSensor operational: false\n", ""});
  EXPECT_EQ(Read(host)["enforcing"], Cell(0));
  EXPECT_EQ(Read(host)["degraded"], Cell(1));
  host.PutCommand(kFalconctl, {0, "version: 7.19\n", ""});
  EXPECT_EQ(Read(host)["degraded"], Cell(Unknown{}));
}

TEST(EdrProductsMacos, AProductWithoutAToolRunsAndWhetherItPreventsIsUnknown) {
  const Cells cells = Read(Mac("com.jamf.protect.security-extension", "activated_enabled"));
  EXPECT_EQ(cells.at("running"), Cell(1));
  EXPECT_EQ(cells.at("enforcing"), Cell(Unknown{}));
  EXPECT_EQ(cells.at("state"), Cell("running"));
  EXPECT_EQ(cells.at("version"), Cell("101.25"));
}

TEST(EdrProductsMacos, XprotectIsTheActiveBundleAndItsAgeShowsAChannelThatIsStuck) {
  FakeHost host(Os::kMacos);
  host.SetTime({.wall = std::chrono::seconds(1'800'000'000)});
  const std::string contents = "/var/protected/xprotect/XProtect.bundle/Contents/";
  host.Put(contents + "Info.plist",
           PlistText("<dict><key>CFBundleShortVersionString</key><string>5312</string></dict>"));
  FileStat old;
  old.modified_s = 1'800'000'000 - 40 * 86'400;
  host.Put(contents + "Resources/XProtect.yara", "rule", old);
  const Cells cells = Read(host);
  EXPECT_EQ(cells.at("name"), Cell("xprotect"));
  EXPECT_EQ(cells.at("version"), Cell("5312"));
  EXPECT_EQ(cells.at("signature_age_days"), Cell(40));
  EXPECT_EQ(cells.at("running"), kNone);
  EXPECT_EQ(cells.at("enforcing"), Cell(Unknown{}));
}

TEST(EdrProductsMacos, WithoutProductsThereIsNoRowAndADatabaseThatMayNotBeReadIsAnError) {
  FakeHost host(Os::kMacos);
  EXPECT_EQ(EdrProductsMacos(host, {}).value(), Rows{});
  host.Fail("/Library/SystemExtensions/db.plist", Code::kDenied);
  EXPECT_EQ(EdrProductsMacos(host, {}).error().code, Code::kDenied);
  EXPECT_GE(EdrProductsOfMacos().size() + 1, 10u);
}

}  // namespace
}  // namespace sallyport
