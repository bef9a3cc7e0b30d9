// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "collectors/os_patch_state.h"
#include "collectors/windows_registry.h"
#include "collectors/windows_support.h"
#include "tests/support/fake_host.h"

namespace sallyport {
namespace {

constexpr int64_t kNow = 1'795'392'000;  // 2026-11-23
const std::string kUpdate =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update)";
const std::string kPolicy =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU)";
const std::string kServicing =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing)";
const std::string kSettings = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings)";
const std::string kMdm =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\PolicyManager\current\device\Update)";

ServiceInfo UpdateService(ServiceInfo::Start start) { return {.name = "wuauserv", .start = start}; }

FakeHost Windows(const char* build, int64_t revision, const char* edition) {
  FakeHost host(Os::kWindows);
  host.SetTime({.wall = std::chrono::seconds(kNow)});
  const auto put = [&](const char* name, Value value) {
    host.PutRegistry(kCurrentVersionKey, name, std::move(value));
  };
  put("CurrentMajorVersionNumber", Cell(10));
  put("CurrentMinorVersionNumber", Cell(0));
  put("CurrentBuildNumber", Cell(build));
  put("UBR", Cell(revision));
  put("EditionID", Cell(edition));
  host.PutRegistryKeys(kServicing, std::vector<std::string>{"Packages"});
  host.PutService(UpdateService(ServiceInfo::Start::kDemand));
  return host;
}
FakeHost Laptop() { return Windows("26200", 7171, "Professional"); }

std::map<std::string, Value> Read(const Host& host) {
  const Row row = OsPatchStateWindows(host, {}).value().front();
  std::map<std::string, Value> out;
  for (size_t i = 0; i < row.size(); ++i) {
    out[std::string(kOsPatchState.columns[i].name)] = row[i];
  }
  return out;
}

TEST(OsPatchStateWindows, WhichUpdatesAreMissingIsUnknownAndNeverNone) {
  auto row = Read(Laptop());
  for (const char* column : {"security_updates_pending", "security_updates_held", "updates_pending",
                             "updates_held", "updates_phased", "lists_age_days"}) {
    EXPECT_EQ(row[column], Cell(Unknown{})) << column;
  }
  EXPECT_EQ(row["package_manager"], Cell("windows_update"));
  EXPECT_EQ(row["kernel_running"], Cell("10.0.26200.7171"));
  EXPECT_EQ(row["reboot_required"], Cell(0));
  EXPECT_EQ(row["auto_updates"], Cell(1));
  EXPECT_EQ(row["distribution_eol"], Cell("2027-10-12"));
  EXPECT_EQ(row["distribution_support"], Cell("full"));
  EXPECT_EQ(row["distribution_supported"], Cell(1));
}

using Names = std::vector<std::string>;

TEST(OsPatchStateWindows, ARestartIsWaitedForWhenEitherKeyIsThereEvenAnEmptyOne) {
  FakeHost host = Laptop();
  host.PutRegistryKeys(kUpdate, Names{"Results"});
  EXPECT_EQ(Read(host)["reboot_required"], Cell(0));
  host.PutRegistryKeys(kUpdate, Names{"RebootRequired", "Results"});
  EXPECT_EQ(Read(host)["reboot_required"], Cell(1));
  host.PutRegistryKeys(kUpdate, Fail(Code::kDenied, kUpdate));
  EXPECT_EQ(Read(host)["reboot_required"], Cell(Unknown{}));
  host.PutRegistryKeys(kServicing, Names{"Packages", "RebootPending"});
  EXPECT_EQ(Read(host)["reboot_required"], Cell(1));
}

TEST(OsPatchStateWindows, WithoutServicingsOwnKeyARestartIsUnknown) {
  for (const Code code : {Code::kNotFound, Code::kDenied}) {
    FakeHost host = Laptop();
    host.PutRegistryKeys(kServicing, Fail(code, kServicing));
    EXPECT_EQ(Read(host)["reboot_required"], Cell(Unknown{}));
  }
}

TEST(OsPatchStateWindows, RenamesThatAnyInstallerLeavesAreNoRestartThatIsWaitedFor) {
  FakeHost host = Laptop();
  host.PutRegistry(R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager)",
                   "PendingFileRenameOperations", Cell("\\??\\C:\\x"));
  EXPECT_EQ(Read(host)["reboot_required"], Cell(0));
}

TEST(OsPatchStateWindows, UpdatesAreOffByPolicyByMdmByAPauseAndWithTheirService) {
  const std::pair<std::pair<std::string, std::string>, Value> off[] = {
      {{kPolicy, "NoAutoUpdate"}, Cell(1)},
      {{kPolicy, "AUOptions"}, Cell(2)},
      {{kPolicy, "AUOptions"}, Cell(3)},
      {{kPolicy, "AUOptions"}, Cell(7)},
      {{kMdm, "AllowAutoUpdate"}, Cell(5)},
      {{kMdm, "AllowAutoUpdate"}, Cell(0)},
      {{kSettings, "PauseUpdatesExpiryTime"}, Cell("2026-12-01T10:00:00Z")},
  };
  for (const auto& [where, value] : off) {
    FakeHost host = Laptop();
    host.PutRegistry(where.first, where.second, value);
    EXPECT_EQ(Read(host)["auto_updates"], Cell(0)) << where.second << " " << ToText(value);
  }
}

TEST(OsPatchStateWindows, WhereServicesMayNotBeListedUpdatesMayBeOff) {
  FakeHost host = Laptop();
  host.FailServices(Code::kDenied);
  EXPECT_EQ(Read(host)["auto_updates"], Cell(Unknown{}));
}

TEST(OsPatchStateWindows, AServiceThatIsDisabledUpdatesNothingWhateverThePolicySays) {
  FakeHost host(Os::kWindows);
  host.SetTime({.wall = std::chrono::seconds(kNow)});
  for (const auto& [name, value] :
       {std::pair<const char*, Value>{"CurrentMajorVersionNumber", Cell(10)},
        {"CurrentMinorVersionNumber", Cell(0)},
        {"CurrentBuildNumber", Cell("26200")}}) {
    host.PutRegistry(kCurrentVersionKey, name, value);
  }
  host.PutRegistry(kPolicy, "AUOptions", Cell(4));
  host.PutService(UpdateService(ServiceInfo::Start::kDisabled));
  EXPECT_EQ(Read(host)["auto_updates"], Cell(0));
}

TEST(OsPatchStateWindows, SettingsThatAreOnUnclearOrOverAreToldApart) {
  const std::pair<std::pair<std::string, std::string>, std::pair<Value, Value>> cases[] = {
      {{kPolicy, "AUOptions"}, {Cell(4), Cell(1)}},
      {{kPolicy, "AUOptions"}, {Cell(5), Unknown{}}},
      {{kPolicy, "AUOptions"}, {Cell("4"), Unknown{}}},  // of another type
      {{kMdm, "AllowAutoUpdate"}, {Cell(1), Cell(1)}},
      {{kSettings, "PauseUpdatesExpiryTime"}, {Cell("2026-11-20T10:00:00Z"), Cell(1)}},
      {{kSettings, "PauseUpdatesExpiryTime"}, {Cell("soon"), Unknown{}}},
  };
  for (const auto& [where, values] : cases) {
    FakeHost host = Laptop();
    host.PutRegistry(where.first, where.second, values.first);
    EXPECT_EQ(Read(host)["auto_updates"], values.second) << where.second << ToText(values.first);
  }
}

TEST(OsPatchStateWindows, TheLastDetectionIsCountedInDaysWhereItIsWritten) {
  FakeHost host = Laptop();
  const std::string key = kUpdate + R"(\Results\Detect)";
  host.PutRegistry(key, "LastSuccessTime", Cell("2026-11-20 08:15:30"));
  EXPECT_EQ(Read(host)["lists_age_days"], Cell(3));
  host.PutRegistry(key, "LastSuccessTime", Cell("2026-12-20 08:15:30"));  // ahead of the clock
  EXPECT_EQ(Read(host)["lists_age_days"], Cell(Unknown{}));
  host.PutRegistry(key, "LastSuccessTime", Cell("yesterday"));
  EXPECT_EQ(Read(host)["lists_age_days"], Cell(Unknown{}));
}

TEST(OsPatchStateWindows, Windows10HasEndedUnlessItsRevisionShowsExtendedUpdates) {
  auto row = Read(Windows("19045", 6456, "Professional"));
  EXPECT_EQ(row["distribution_support"], Cell("ended"));
  EXPECT_EQ(row["distribution_supported"], Cell(0));
  EXPECT_EQ(row["distribution_eol"], Cell("2025-10-14"));
  row = Read(Windows("19045", 6575, "Professional"));
  EXPECT_EQ(row["distribution_support"], Cell("lts"));
  EXPECT_EQ(row["distribution_supported"], Cell(1));
  EXPECT_EQ(row["distribution_eol"], Cell("2028-10-10"));
}

TEST(OsPatchStateWindows, EachBranchHasAnEndOfItsOwnForEachEdition) {
  EXPECT_EQ(Read(Windows("26100", 1, "Core"))["distribution_supported"], Cell(0));
  EXPECT_EQ(Read(Windows("26100", 1, "Enterprise"))["distribution_supported"], Cell(1));
  EXPECT_EQ(Read(Windows("26100", 1, "EnterpriseS"))["distribution_eol"], Cell("2029-10-09"));
  for (const char* edition : {"ServerStandard", "IoTEnterpriseS", ""}) {
    EXPECT_EQ(Read(Windows("26100", 1, edition))["distribution_supported"], Cell(Unknown{}));
  }
  EXPECT_EQ(Read(Windows("99999", 1, "Core"))["distribution_support"], Cell(Unknown{}));
}

}  // namespace
}  // namespace sallyport
