// SPDX-License-Identifier: Apache-2.0
// The policies that ship, over the tables that there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "collectors/tables.h"
#include "policy/engine.h"
#include "policy/lint.h"

namespace sallyport {
namespace {

using Cells = std::map<std::string, Value>;

class DefaultPack : public testing::Test {
 protected:
  void SetUp() override { UseFiles({"default.yml"}); }
  void UseFiles(const std::vector<std::string>& names) {
    schemas_ = AllSchemas();
    PolicySet all;
    for (const std::string& name : names) {
      std::ifstream file(SALLYPORT_SOURCE_DIR "/policy/packs/" + name);
      const std::string yaml{std::istreambuf_iterator<char>(file), {}};
      const auto set = ParsePolicies(yaml, name);
      ASSERT_TRUE(set) << set.error().message;
      all.policies.insert(all.policies.end(), set->policies.begin(), set->policies.end());
    }
    auto engine = Engine::Compile(all, schemas_);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
  }

  // A row by names; columns that are not named are unknown, so that a policy that reads more than
  // the test shows is seen.
  TableResult Table(std::string_view name, const std::vector<Cells>& rows) const {
    const auto schema = std::ranges::find(schemas_, name, &Schema::name);
    EXPECT_NE(schema, schemas_.end()) << name;
    TableResult result;
    result.table = name;
    for (const Column& column : schema->columns) result.columns.emplace_back(column.name);
    for (const Cells& cells : rows) {
      Row row(result.columns.size(), Unknown{});
      for (const auto& [column, value] : cells) {
        const int at = schema->IndexOf(column);
        EXPECT_GE(at, 0) << name << "." << column;
        row[static_cast<size_t>(at)] = value;
      }
      result.rows.push_back(std::move(row));
    }
    return result;
  }

  static Cells Volume(const char* mount, const char* protection, bool swap = false,
                      bool exempt = false) {
    return {{"mount_point", swap ? Value{} : Cell(mount)},
            {"device", Cell(mount)},
            {"protection", Cell(protection)},
            {"method", Cell("LUKS2")},
            {"holds_user_data", Cell(swap ? 0 : 1)},
            {"is_swap", Cell(swap)},
            {"exempt", Cell(exempt)}};
  }
  static Cells Product(const char* name, const char* category, const char* state,
                       const char* mode = nullptr) {
    return {{"name", Cell(name)},
            {"category", Cell(category)},
            {"running", Cell(std::string_view(state) != "stopped")},
            {"enforcing", Cell(std::string_view(state) == "enforcing")},
            {"state", Cell(state)},
            {"mode", mode == nullptr ? Cell(std::nullopt) : Cell(mode)}};
  }
  static Cells Patches(int pending, bool reboot, bool supported) {
    return {{"package_manager", Cell("apt")},
            {"security_updates_pending", Cell(pending)},
            {"reboot_required", Cell(reboot)},
            {"kernel_running", Cell("6.1.0-27")},
            {"kernel_installed", Cell("6.1.0-28")},
            {"distribution_eol", Cell("2028-06-30")},
            {"distribution_support", Cell(supported ? "full" : "ended")},
            {"distribution_supported", Cell(supported)}};
  }
  static Cells Connection(const char* name, bool psk, const char* weak) {
    return {{"name", Cell(name)},
            {"uses_psk", Cell(psk)},
            {"weak_proposals", Cell(weak)},
            {"aggressive", Cell(0)},
            {"source", Cell("/etc/swanctl/conf.d/x.conf:1")}};
  }

  std::vector<TableResult> Healthy() const {
    return {Table("disk_volumes", {Volume("/", "on"), Volume("/boot", "off", false, true),
                                   Volume("/dev/dm-1", "on", true)}),
            Table("edr_products", {Product("clamav", "antivirus", "enforcing"),
                                   Product("auditd", "audit", "stopped")}),
            Table("os_patch_state", {Patches(0, false, true)}),
            Table("vpn_connections", {Connection("work", false, "")})};
  }

  RawOutcome Of(const std::string& policy, const std::vector<TableResult>& evidence) {
    const auto outcomes = engine_->Evaluate(Os::kLinux, evidence);
    const auto& all = engine_->policies().policies;
    const auto at = std::ranges::find(all, policy, &Policy::name);
    EXPECT_NE(at, all.end()) << policy;
    return *outcomes[static_cast<size_t>(at - all.begin())];
  }

  std::vector<Schema> schemas_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(DefaultPack, AHealthyLaptopPassesAll) {
  const auto outcomes = engine_->Evaluate(Os::kLinux, Healthy());
  ASSERT_EQ(outcomes.size(), 8U);
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]) continue;  // another system's
    EXPECT_EQ(outcomes[i]->verdict, Verdict::kPass)
        << engine_->policies().policies[i].name << ": " << outcomes[i]->reason;
  }
}

TEST_F(DefaultPack, NothingCollectedIsUnknownThroughout) {
  for (const auto& outcome : engine_->Evaluate(Os::kLinux, {})) {
    if (!outcome) continue;
    EXPECT_EQ(outcome->verdict, Verdict::kUnknown);
  }
}

TEST_F(DefaultPack, AnyCellThatCannotBeToldIsNoPass) {
  std::vector<TableResult> evidence = Healthy();
  for (TableResult& table : evidence) {
    for (Row& row : table.rows) std::ranges::fill(row, Unknown{});
  }
  for (const auto& outcome : engine_->Evaluate(Os::kLinux, evidence)) {
    if (!outcome) continue;
    EXPECT_EQ(outcome->verdict, Verdict::kUnknown);
  }
}

TEST_F(DefaultPack, ClearVolumesAndSwapFailAndAreShown) {
  std::vector<TableResult> evidence = Healthy();
  evidence[0] = Table("disk_volumes", {Volume("/", "on"), Volume("/home", "off"),
                                       Volume("/dev/sda3", "off", true)});
  const RawOutcome outcome = Of("disk-encryption", evidence);
  EXPECT_EQ(outcome.verdict, Verdict::kFail);
  EXPECT_EQ(outcome.observed,
            "/home: protection=off, method=LUKS2; /dev/sda3: protection=off, method=LUKS2");
  evidence[0] = Table("disk_volumes", {});
  EXPECT_EQ(Of("disk-encryption", evidence).verdict, Verdict::kFail) << "no volumes at all";
  evidence[0] = Table("disk_volumes", {Volume("/", "on"), Volume("/dev/sda3", "off", true)});
  EXPECT_EQ(Of("disk-encryption", evidence).verdict, Verdict::kFail) << "swap in the clear alone";
  evidence[0] = Table("disk_volumes", {Volume("/", "partial")});
  EXPECT_EQ(Of("disk-encryption", evidence).verdict, Verdict::kFail);
}

TEST_F(DefaultPack, AnAuditDaemonIsNoEdr) {
  std::vector<TableResult> evidence = Healthy();
  evidence[1] = Table("edr_products", {Product("clamav", "antivirus", "stopped"),
                                       Product("auditd", "audit", "enforcing")});
  const RawOutcome outcome = Of("edr-running", evidence);
  EXPECT_EQ(outcome.verdict, Verdict::kFail);
  EXPECT_EQ(outcome.observed,
            "auditd: category=audit, state=enforcing, mode=null; "
            "clamav: category=antivirus, state=stopped, mode=null");
}

TEST_F(DefaultPack, AProductThatRunsIsEnoughAndOneThatIsDegradedIsNone) {
  const auto verdict = [this](const char* state) {
    std::vector<TableResult> evidence = Healthy();
    evidence[1] = Table("edr_products", {Product("clamav", "antivirus", "stopped"),
                                         Product("falcon", "edr", state, "rfm-state=?")});
    return Of("edr-running", evidence);
  };
  EXPECT_EQ(verdict("enforcing").verdict, Verdict::kPass);
  EXPECT_EQ(verdict("running").verdict, Verdict::kPass);
  EXPECT_EQ(verdict("stopped").verdict, Verdict::kFail);
  EXPECT_EQ(verdict("degraded").verdict, Verdict::kFail);
  EXPECT_EQ(verdict("degraded").observed,
            "clamav: category=antivirus, state=stopped, mode=null; "
            "falcon: category=edr, state=degraded, mode=rfm-state=?");
}

TEST_F(DefaultPack, AProductWhoseStateCannotBeToldIsNoPassAndNoFail) {
  std::vector<TableResult> evidence = Healthy();
  Cells falcon = Product("falcon", "edr", "running");
  falcon["state"] = Unknown{};
  evidence[1] = Table("edr_products", {falcon});
  EXPECT_EQ(Of("edr-running", evidence).verdict, Verdict::kUnknown);
}

TEST_F(DefaultPack, TheStricterFileBesideItDemandsThatAProductPrevents) {
  UseFiles({"default.yml", "edr-enforcing.yml"});
  const auto verdict = [this](const Value& enforcing) {
    std::vector<TableResult> evidence = Healthy();
    Cells product = Product("clamav", "antivirus", "running");
    product["enforcing"] = enforcing;
    evidence[1] = Table("edr_products", {product});
    EXPECT_EQ(Of("edr-running", evidence).verdict, Verdict::kPass);
    return Of("edr-enforcing", evidence).verdict;
  };
  EXPECT_EQ(verdict(Cell(1)), Verdict::kPass);
  EXPECT_EQ(verdict(Cell(0)), Verdict::kFail) << "clamd alone scans what it is asked to";
  EXPECT_EQ(verdict(Cell(std::nullopt)), Verdict::kFail);
  EXPECT_EQ(verdict(Unknown{}), Verdict::kUnknown);
  std::vector<TableResult> evidence = Healthy();
  evidence[1] = Table("edr_products", {Product("auditd", "audit", "enforcing")});
  EXPECT_EQ(Of("edr-enforcing", evidence).verdict, Verdict::kFail);
}

TEST_F(DefaultPack, AMacWithAnUpdateThatItKnowsOfFails) {
  const auto mac = [this](int pending) {
    Cells cells = Patches(0, false, true);
    cells["updates_pending"] = Cell(pending);
    const auto outcomes =
        engine_->Evaluate(Os::kMacos, std::vector{Table("os_patch_state", {cells})});
    const auto& all = engine_->policies().policies;
    const auto at = std::ranges::find(all, "macos-updates", &Policy::name);
    return outcomes[static_cast<size_t>(at - all.begin())]->verdict;
  };
  EXPECT_EQ(mac(0), Verdict::kPass);
  EXPECT_EQ(mac(1), Verdict::kFail);
}

// What a customer plans with: whom a policy is for, what it takes away and after how long.
TEST_F(DefaultPack, WhatAPolicyTakesAwayAndAfterHowLong) {
  UseFiles({"default.yml", "edr-enforcing.yml"});
  std::string all;
  for (const Policy& policy : engine_->policies().policies) {
    const auto minutes = [](Millis time) { return std::to_string(time.count() / 60'000) + "m"; };
    all += policy.name + ":";
    for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
      if (policy.AppliesTo(os)) all += std::string(" ") + OsName(os);
    }
    all += std::string(policy.critical ? ", critical" : "") + ", " + ModeName(policy.mode) +
           " to " + TierName(policy.tier) + " after " + minutes(policy.grace) + ", unknown to " +
           TierName(policy.unknown_tier) + " after " + minutes(policy.unknown_after) +
           ", facts of " + minutes(policy.max_age) + "\n";
  }
  EXPECT_EQ(all,
            "disk-encryption: linux darwin windows, block to quarantine after 4320m, unknown to "
            "limited after 15m, facts of 15m\n"
            "edr-running: linux darwin windows, critical, block to none after 0m, unknown to "
            "limited after 5m, facts of 5m\n"
            "os-supported: linux windows, block to limited after 20160m, unknown to limited after "
            "1440m, facts of 1440m\n"
            "security-updates: linux, block to limited after 10080m, unknown to limited after "
            "1440m, facts of 1440m\n"
            "windows-updates: windows, block to limited after 10080m, unknown to limited after "
            "1440m, facts of 1440m\n"
            "macos-updates: darwin, block to limited after 10080m, unknown to limited after 1440m, "
            "facts of 1440m\n"
            "vpn-no-psk: linux, block to quarantine after 0m, unknown to limited after 15m, facts "
            "of 15m\n"
            "vpn-no-weak-dh: linux, block to quarantine after 0m, unknown to limited after 15m, "
            "facts of 15m\n"
            "edr-enforcing: linux darwin windows, critical, block to none after 0m, unknown to "
            "limited after 5m, facts of 5m\n");
}

// Else it is unknown there for ever.
TEST_F(DefaultPack, APolicyIsForSystemsThatCollectWhatItReads) {
  for (const Policy& policy : engine_->policies().policies) {
    for (const Os os : {Os::kLinux, Os::kMacos, Os::kWindows}) {
      if (!policy.AppliesTo(os)) continue;
      for (const Schema& schema : schemas_) {
        if (policy.query.find(" " + std::string(schema.name) + " ") == std::string::npos) continue;
        EXPECT_NE(FindCollector(os, schema.name), nullptr)
            << policy.name << " reads " << schema.name << " on " << OsName(os);
      }
    }
  }
}

TEST_F(DefaultPack, WindowsThatUpdatesItselfAndNeedsNoRestartPasses) {
  const auto windows = [this](bool automatic, bool reboot) {
    Cells cells = Patches(0, reboot, true);
    cells["security_updates_pending"] = Unknown{};
    cells["auto_updates"] = Cell(automatic);
    const auto outcomes =
        engine_->Evaluate(Os::kWindows, std::vector{Table("os_patch_state", {cells})});
    const auto& all = engine_->policies().policies;
    const auto at = std::ranges::find(all, "windows-updates", &Policy::name);
    return outcomes[static_cast<size_t>(at - all.begin())]->verdict;
  };
  EXPECT_EQ(windows(true, false), Verdict::kPass);
  EXPECT_EQ(windows(false, false), Verdict::kFail);
  EXPECT_EQ(windows(true, true), Verdict::kFail);
}

TEST_F(DefaultPack, PendingUpdatesARebootAndAnOldReleaseFail) {
  std::vector<TableResult> evidence = Healthy();
  evidence[2] = Table("os_patch_state", {Patches(3, false, true)});
  EXPECT_EQ(Of("security-updates", evidence).verdict, Verdict::kFail);
  EXPECT_THAT(Of("security-updates", evidence).observed,
              testing::HasSubstr("security_updates_pending=3"));
  EXPECT_EQ(Of("os-supported", evidence).verdict, Verdict::kPass);
  evidence[2] = Table("os_patch_state", {Patches(0, true, true)});
  EXPECT_EQ(Of("security-updates", evidence).verdict, Verdict::kFail);
  evidence[2] = Table("os_patch_state", {Patches(0, false, false)});
  EXPECT_EQ(Of("os-supported", evidence).verdict, Verdict::kFail);
  EXPECT_THAT(Of("os-supported", evidence).observed, testing::HasSubstr("ended"));
}

TEST_F(DefaultPack, APskConnectionWithModp1024FailsBothAndIsNamed) {
  std::vector<TableResult> evidence = Healthy();
  evidence[3] = Table("vpn_connections",
                      {Connection("work", false, ""), Connection("legacy", true, "modp1024")});
  EXPECT_EQ(Of("vpn-no-psk", evidence).verdict, Verdict::kFail);
  EXPECT_EQ(Of("vpn-no-psk", evidence).observed,
            "legacy: uses_psk=1, source=/etc/swanctl/conf.d/x.conf:1");
  EXPECT_EQ(Of("vpn-no-weak-dh", evidence).verdict, Verdict::kFail);
  EXPECT_THAT(Of("vpn-no-weak-dh", evidence).observed,
              testing::HasSubstr("legacy: weak_proposals=modp1024"));
  Cells aggressive = Connection("old", false, "");
  aggressive["aggressive"] = Cell(1);
  evidence[3] = Table("vpn_connections", {aggressive});
  EXPECT_EQ(Of("vpn-no-weak-dh", evidence).verdict, Verdict::kFail);
  evidence[3] = Table("vpn_connections", {});
  EXPECT_EQ(Of("vpn-no-psk", evidence).verdict, Verdict::kPass) << "no VPN is no weak VPN";
}

TEST_F(DefaultPack, OnlyThePoliciesThatForbidAThingPassOnNothing) {
  EXPECT_EQ(FindWeaknesses(engine_->policies(), schemas_),
            (std::vector<std::string>{"vpn-no-psk: passes when every table is empty",
                                      "vpn-no-weak-dh: passes when every table is empty"}));
}

TEST_F(DefaultPack, EveryPolicyTellsHowToMendIt) {
  for (const Policy& policy : engine_->policies().policies) {
    EXPECT_EQ(policy.mode, Mode::kBlock) << policy.name;
    EXPECT_FALSE(policy.description.empty()) << policy.name;
    EXPECT_FALSE(policy.resolution.empty()) << policy.name;
    EXPECT_FALSE(policy.expected.empty()) << policy.name;
    EXPECT_FALSE(policy.observe.empty()) << policy.name;
  }
}

}  // namespace
}  // namespace sallyport
