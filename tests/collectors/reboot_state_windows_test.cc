// SPDX-License-Identifier: Apache-2.0
// Keys as public documentation of pending restarts names them; none was captured.
#include <gtest/gtest.h>

#include "collectors/reboot_state.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

const Value kNone = std::monostate{};
constexpr char kServicing[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing)";
constexpr char kUpdate[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update)";
constexpr char kSession[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager)";
using Names = std::vector<std::string>;

FakeHost Machine() {
  FakeHost host(Os::kWindows);
  host.PutRegistryKeys(kServicing, Names{"Packages", "SessionsPending"});
  host.PutRegistryKeys(kUpdate, Names{"Results"});
  return host;
}

TEST(RebootStateWindows, NothingWaitsAndThatIsARow) {
  EXPECT_EQ(RebootStateWindows(Machine(), {}).value(), (Rows{{Cell(0), kNone, kNone}}));
  FakeHost host(Os::kWindows);  // one that never looked for updates
  host.PutRegistryKeys(kServicing, Names{});
  EXPECT_EQ(RebootStateWindows(host, {}).value(), (Rows{{Cell(0), kNone, kNone}}));
}

TEST(RebootStateWindows, EachReasonIsARow) {
  FakeHost host = Machine();
  host.PutRegistryKeys(kServicing, Names{"Packages", "RebootPending"});
  host.PutRegistryKeys(kUpdate, Names{"RebootRequired", "Results"});
  EXPECT_EQ(RebootStateWindows(host, {}).value(),
            (Rows{{Cell(1), Cell("component servicing"), Unknown{}},
                  {Cell(1), Cell("Windows Update"), Unknown{}}}));
}

TEST(RebootStateWindows, FilesThatAnInstallerLeftToBeRenamedAreNoPendingRestart) {
  FakeHost host = Machine();
  host.PutRegistry(kSession, "PendingFileRenameOperations", Cell(R"(\??\C:\Temp\a.tmp)"));
  EXPECT_EQ(RebootStateWindows(host, {}).value(),
            (Rows{{Cell(0), Cell("files to be renamed"), Unknown{}}}));
}

TEST(RebootStateWindows, WhatMayNotBeAskedIsUnknownBesideWhatWasFound) {
  FakeHost host = Machine();
  host.PutRegistryKeys(kServicing, Fail(Code::kDenied, kServicing));
  EXPECT_EQ(RebootStateWindows(host, {}).value(), (Rows{{Unknown{}, Unknown{}, Unknown{}}}));
  host.PutRegistryKeys(kUpdate, Names{"RebootRequired"});
  EXPECT_EQ(
      RebootStateWindows(host, {}).value(),
      (Rows{{Cell(1), Cell("Windows Update"), Unknown{}}, {Unknown{}, Unknown{}, Unknown{}}}));
}

}  // namespace
}  // namespace sallyport
