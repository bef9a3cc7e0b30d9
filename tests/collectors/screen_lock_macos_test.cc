// SPDX-License-Identifier: Apache-2.0
// Keys as Apple's "ScreensaverUser" and "Screensaver" payloads have them; none was captured.
#include <gtest/gtest.h>

#include "collectors/screen_lock.h"
#include "tests/collectors/plist_text.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
const Value kProfile = Cell("profile com.apple.screensaver");
constexpr char kMachine[] = "/Library/Managed Preferences/com.apple.screensaver.plist";
constexpr char kAda[] = "/Library/Managed Preferences/ada/com.apple.screensaver.plist";

std::string Settings(const std::string& ask, const std::string& more) {
  return PlistText("<dict><key>askForPassword</key>" + ask + more + "</dict>");
}
constexpr char kDelay[] = "<key>askForPasswordDelay</key><integer>5</integer>";
constexpr char kIdle[] = "<key>idleTime</key><integer>600</integer>";

Rows Locks(const FakeHost& host) { return ScreenLockMacos(host, {}).value(); }

TEST(ScreenLockMacos, WithoutAProfileNothingIsTold) {
  const Row untold = {kNone, Unknown{}, Unknown{}, Unknown{}, Unknown{}, kNone};
  FakeHost host(Os::kMacos);
  EXPECT_EQ(Locks(host), (Rows{untold}));
  host.Put("/Library/Managed Preferences/com.apple.dock.plist", PlistText("<dict></dict>"));
  EXPECT_EQ(Locks(host), (Rows{untold}));
}

TEST(ScreenLockMacos, AProfileIsEnforcedForEverybodyOrForOne) {
  FakeHost host(Os::kMacos);
  host.Put(kMachine, Settings("<true/>", std::string(kDelay) + kIdle));
  host.Put(kAda, Settings("<integer>1</integer>",
                          "<key>idleTime</key><integer>120</integer>" + std::string(kDelay)));
  EXPECT_EQ(Locks(host), (Rows{{kNone, Cell(1), Cell(600), Cell(5), Cell(1), kProfile},
                               {Cell("ada"), Cell(1), Cell(120), Cell(5), Cell(1), kProfile}}));
}

TEST(ScreenLockMacos, OneProfileSaysNothingOfOtherPeople) {
  FakeHost host(Os::kMacos);
  host.Put(kAda, Settings("<true/>", std::string(kDelay) + kIdle));
  EXPECT_EQ(Locks(host), (Rows{{Cell("ada"), Cell(1), Cell(600), Cell(5), Cell(1), kProfile},
                               {kNone, Unknown{}, Unknown{}, Unknown{}, Unknown{}, kNone}}));
}

TEST(ScreenLockMacos, WithoutAPasswordItDoesNotLock) {
  FakeHost host(Os::kMacos);
  host.Put(kMachine, Settings("<false/>", kIdle));
  EXPECT_EQ(Locks(host), (Rows{{kNone, Cell(0), Cell(600), kNone, Cell(1), kProfile}}));
}

TEST(ScreenLockMacos, WithoutAnIdleTimeTheDisplaysSleepDecidesAndIsNotTold) {
  FakeHost host(Os::kMacos);
  host.Put(kMachine, Settings("<true/>", kDelay));
  EXPECT_EQ(Locks(host), (Rows{{kNone, Unknown{}, Unknown{}, Cell(5), Unknown{}, kProfile}}));
  host.Put(kMachine, Settings("<true/>", "<key>idleTime</key><integer>0</integer>"));
  EXPECT_EQ(Locks(host), (Rows{{kNone, Unknown{}, Unknown{}, Unknown{}, Unknown{}, kProfile}}));
  host.Put(kMachine, PlistText("<dict>" + std::string(kIdle) + "</dict>"));
  EXPECT_EQ(Locks(host)[0][1], Cell(Unknown{}));
}

TEST(ScreenLockMacos, AProfileThatCannotBeReadIsAnError) {
  FakeHost host(Os::kMacos);
  host.Put(kMachine, "no property list");
  EXPECT_EQ(ScreenLockMacos(host, {}).error().code, Code::kMalformed);
  host.Fail(kMachine, Code::kDenied);
  EXPECT_EQ(ScreenLockMacos(host, {}).error().code, Code::kDenied);
}

}  // namespace
}  // namespace sallyport
