// SPDX-License-Identifier: Apache-2.0
// policy/packs/vpn-hardening.yml: of each policy a row that fails it and one that passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/lint/built_in_pack.h"
#include "agent/lint/pack_judge.h"
#include "agent/lint/vpn_file_kinds.h"
#include "collectors/tables.h"
#include "policy/engine.h"

namespace sallyport {
namespace {

using Cells = std::map<std::string, Value>;

struct Example {
  const char* policy;
  const char* table;
  Cells fails;
  Cells passes;
  Severity severity;
};

const Value kNull = std::monostate{};

Cells With(Cells more, Cells base) {
  more.merge(base);
  return more;
}
Cells Connection(Cells more) {
  return With(std::move(more),
              {{"name", Cell("corp")}, {"client", Cell("strongswan")}, {"source", Cell("/f:7")}});
}
Cells Algorithm(const char* kind, const char* algorithm, int weak) {
  return {{"connection", Cell("corp")},   {"phase", Cell("ike")},  {"child", kNull},
          {"algorithm", Cell(algorithm)}, {"kind", Cell(kind)},    {"weak", Cell(weak)},
          {"from_default", Cell(0)},      {"source", Cell("/f:7")}};
}
Cells Secret(Cells more) {
  return With(std::move(more), {{"connection", Cell("corp")},
                                {"client", Cell("strongswan")},
                                {"kind", Cell("psk")},
                                {"storage", Cell("config")},
                                {"source", Cell("/f:7")}});
}
Cells Authenticated(const char* local, Value eap) {
  return Connection(
      {{"local_auth", Cell(local)}, {"remote_auth", Cell("pubkey")}, {"eap_method", eap}});
}
Cells Route(const char* destination, int everything) {
  return {{"connection", Cell("corp")},
          {"client", Cell("strongswan")},
          {"destination", Cell(destination)},
          {"everything", Cell(everything)},
          {"source", Cell("/f:7")}};
}
Cells Setting(int known, Value weak) {
  return {{"client", Cell("strongswan")}, {"name", Cell("charon.x")}, {"value", Cell("yes")},
          {"known", Cell(known)},         {"weak", std::move(weak)},  {"from_default", Cell(0)},
          {"source", Cell("/f:7")}};
}
Cells Revocation(const char* policy, int enforced) {
  return {{"connection", Cell("corp")},
          {"client", Cell("strongswan")},
          {"policy", Cell(policy)},
          {"enforced", Cell(enforced)},
          {"source", Cell("/f:7")}};
}

std::vector<Example> Examples() {
  constexpr auto kError = Severity::kError;
  constexpr auto kWarning = Severity::kWarning;
  constexpr auto kNote = Severity::kNote;
  return {
      {"vpn-shared-key", "vpn_connections", Connection({{"uses_psk", Cell(1)}}),
       Connection({{"uses_psk", Cell(0)}}), kWarning},
      {"vpn-shared-key-for-anyone", "vpn_credentials", Secret({{"any_peer", Cell(1)}}),
       Secret({{"any_peer", Cell(0)}}), kError},
      {"vpn-secret-in-clear", "vpn_credentials", Secret({{"sealed", Cell(0)}}),
       Secret({{"sealed", Cell(1)}}), kWarning},
      {"vpn-secret-readable", "vpn_credentials",
       Secret({{"sealed", Cell(0)}, {"others_read", Cell(1)}}),
       Secret({{"sealed", Cell(0)}, {"others_read", Cell(0)}}), kError},
      {"vpn-server-check", "vpn_connections", Connection({{"server_check", Cell("none")}}),
       Connection({{"server_check", Cell("name")}}), kError},
      {"vpn-server-name", "vpn_connections", Connection({{"server_check", Cell("chain")}}),
       Connection({{"server_check", kNull}}), kWarning},
      {"vpn-password-method", "vpn_connections", Authenticated("eap-md5", Cell("eap-md5")),
       Authenticated("eap-tls", Cell("eap-tls")), kError},
      {"vpn-password-method", "vpn_connections",
       Authenticated("psk,eap|mschapv2|mschap|chap|pap", kNull),
       Authenticated("psk,eap|mschapv2", kNull), kError},
      {"vpn-password-method", "vpn_connections", Authenticated("psk,eap|chap", kNull),
       Authenticated("psk|pubkey", kNull), kError},
      {"vpn-eap-method", "vpn_connections", Connection({{"eap_method", Cell("eap-mschapv2")}}),
       Connection({{"eap_method", kNull}}), kNote},
      {"vpn-ikev1", "vpn_connections", Connection({{"ike_version", Cell(0)}}),
       Connection({{"ike_version", Cell(2)}}), kWarning},
      {"vpn-aggressive", "vpn_connections", Connection({{"aggressive", Cell(1)}}),
       Connection({{"aggressive", kNull}}), kError},
      {"vpn-weak-encryption", "vpn_proposals", Algorithm("encryption", "3des", 1),
       Algorithm("encryption", "aes256gcm16", 0), kError},
      {"vpn-weak-integrity", "vpn_proposals", Algorithm("integrity", "sha1", 1),
       Algorithm("integrity", "sha256", 0), kWarning},
      {"vpn-weak-key-exchange", "vpn_proposals", Algorithm("key_exchange", "modp1024", 1),
       Algorithm("key_exchange", "ecp384", 0), kWarning},
      {"vpn-weak-proposals", "vpn_connections",
       Connection({{"weak_proposals", Cell("3des,unauthenticated")},
                   {"esp_proposals", Cell("aes256-modp2048")}}),
       Connection({{"weak_proposals", Cell("")}}), kError},
      {"vpn-weak-proposals", "vpn_connections",
       Connection({{"weak_proposals", Cell("something")}, {"esp_proposals", kNull}}),
       Connection({{"weak_proposals", kNull}}), kError},
      {"vpn-pfs", "vpn_connections",
       Connection({{"pfs", Cell(0)}, {"esp_proposals", Cell("default")}}),
       Connection({{"pfs", kNull}}), kWarning},
      {"vpn-fallback", "vpn_connections",
       Connection({{"fallback", Cell(1)}, {"protocol", Cell("any")}}),
       Connection({{"fallback", Cell(0)}}), kWarning},
      {"vpn-cleartext", "vpn_connections", Connection({{"protocol", Cell("l2tp")}}),
       Connection({{"protocol", Cell("l2tp_ipsec")}}), kError},
      {"vpn-revocation", "vpn_revocation", Revocation("relaxed", 0), Revocation("strict", 1),
       kWarning},
      {"vpn-split-tunnel", "vpn_connections",
       Connection({{"split_tunnel", Cell(1)}, {"remote_ts", Cell("10.1.0.0/16")}}),
       Connection({{"split_tunnel", Cell(0)}}), kNote},
      {"vpn-wide-route", "vpn_routes", Route("10.0.0.0/8", 0), Route("10.1.2.0/24", 0), kNote},
      {"vpn-wide-route", "vpn_routes", Route("2001:db8::/32", 0), Route("0.0.0.0/0", 1), kNote},
      {"vpn-weak-setting", "vpn_settings", Setting(1, Cell(1)), Setting(1, Cell(0)), kWarning},
      {"vpn-unknown-setting", "vpn_settings", Setting(0, kNull), Setting(1, kNull), kWarning},
      {"vpn-not-understood", "vpn_connections", Connection({{"problem", Cell("unknown option")}}),
       Connection({{"problem", kNull}}), kWarning},
  };
}

class HardeningPack : public testing::Test {
 protected:
  void SetUp() override {
    schemas_ = AllSchemas();
    auto judge = PackJudge::Make(BuiltInPack(), "vpn-hardening.yml", schemas_);
    ASSERT_TRUE(judge) << judge.error().message;
    judge_ = std::make_unique<PackJudge>(std::move(*judge));
  }

  // All tables of VPNs; `table` has one row, in which what is not named could not be told.
  std::vector<TableResult> Tables(std::string_view table, const Cells& cells) const {
    std::vector<TableResult> out;
    for (std::string_view name : VpnTables()) {
      const auto schema = std::ranges::find(schemas_, name, &Schema::name);
      TableResult& result = out.emplace_back();
      result.table = name;
      for (const Column& column : schema->columns) result.columns.emplace_back(column.name);
      if (name != table) continue;
      Row row(result.columns.size(), Unknown{});
      for (const auto& [column, value] : cells) {
        const int at = schema->IndexOf(column);
        EXPECT_GE(at, 0) << name << "." << column;
        if (at >= 0) row[static_cast<size_t>(at)] = value;
      }
      result.rows.push_back(std::move(row));
    }
    return out;
  }

  std::vector<ConfigFinding> Judge(const Example& example, const Cells& cells) {
    std::vector<ConfigFinding> all = judge_->Judge(Os::kLinux, Tables(example.table, cells), "/f");
    std::erase_if(all, [&](const ConfigFinding& f) { return f.rule != example.policy; });
    return all;
  }

  std::vector<Schema> schemas_;
  std::unique_ptr<PackJudge> judge_;
};

TEST_F(HardeningPack, EachPolicyFailsItsWeakExampleAtItsLineAndPassesItsStrongOne) {
  for (const Example& example : Examples()) {
    SCOPED_TRACE(example.policy);
    const auto weak = Judge(example, example.fails);
    ASSERT_EQ(weak.size(), 1u);
    EXPECT_EQ(weak[0].kind, FindingKind::kFail) << weak[0].observed;
    EXPECT_EQ(weak[0].severity, example.severity);
    EXPECT_EQ(weak[0].path, "/f");
    EXPECT_EQ(weak[0].line, 7);
    for (const ConfigFinding& finding : Judge(example, example.passes)) {
      ADD_FAILURE() << FindingKindName(finding.kind) << " " << finding.observed;
    }
  }
}

TEST_F(HardeningPack, EachPolicyIsUnknownWhereNothingCouldBeTold) {
  for (const Example& example : Examples()) {
    SCOPED_TRACE(example.policy);
    Cells cells = example.fails;
    const std::set<std::string> names = {"name",  "connection", "client", "source",
                                         "known", "kind",       "phase",  "algorithm"};
    const bool by_known = std::string_view(example.policy) == "vpn-unknown-setting";
    if (by_known) continue;  // a column that is always told
    std::erase_if(cells, [&](const auto& cell) { return !names.contains(cell.first); });
    const auto findings = Judge(example, cells);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].kind, FindingKind::kUnknown) << findings[0].observed;
  }
}

TEST_F(HardeningPack, WeakAlgorithmWithARowOfItsOwnIsToldOnce) {
  auto tables = Tables("vpn_connections", Connection({{"weak_proposals", Cell("3des")}}));
  for (TableResult& table : Tables("vpn_proposals", Algorithm("encryption", "3des", 1))) {
    if (table.table == "vpn_proposals")
      *std::ranges::find(tables, table.table, &TableResult::table) = table;
  }
  auto& row = std::ranges::find(tables, "vpn_proposals", &TableResult::table)->rows[0];
  row[1] = Cell("strongswan");
  std::set<std::string> told;
  for (const ConfigFinding& finding : judge_->Judge(Os::kLinux, tables, "/f")) {
    if (finding.kind == FindingKind::kFail) told.insert(finding.rule);
  }
  EXPECT_TRUE(told.contains("vpn-weak-encryption"));
  EXPECT_FALSE(told.contains("vpn-weak-proposals"));
}

TEST_F(HardeningPack, CredentialThatWasNotUnderstoodNeverPasses) {
  for (const char* policy : {"vpn-secret-in-clear", "vpn-shared-key-for-anyone"}) {
    SCOPED_TRACE(policy);
    const Example example{policy, "vpn_credentials", {}, {}, Severity::kWarning};
    for (const Value& kind : {Cell("unknown"), Value(Unknown{})}) {
      const auto told = Judge(example, Secret({{"kind", kind}}));
      ASSERT_EQ(told.size(), 1u);
      EXPECT_EQ(told[0].kind, FindingKind::kUnknown);
    }
    const auto sealed = Judge(
        example, Secret({{"kind", Cell("unknown")}, {"sealed", Cell(1)}, {"any_peer", kNull}}));
    EXPECT_EQ(sealed.size(), 1u);
    EXPECT_TRUE(Judge(example, Secret({{"kind", Cell("certificate")}})).empty());
  }
}

TEST_F(HardeningPack, EachPolicyHasAnExampleAnExpectationAndARemedy) {
  std::set<std::string> shown;
  for (const Example& example : Examples()) shown.insert(example.policy);
  for (const ConfigRule& rule : judge_->Rules()) {
    EXPECT_EQ(shown.count(rule.id), 1u) << rule.id;
    EXPECT_FALSE(rule.about.empty() || rule.expected.empty() || rule.remedy.empty()) << rule.id;
  }
  EXPECT_EQ(judge_->Rules().size(), shown.size());
}

TEST_F(HardeningPack, NoVpnAtAllIsNoFinding) {
  EXPECT_TRUE(judge_->Judge(Os::kLinux, Tables("", {}), "/f").empty());
}

TEST_F(HardeningPack, ServiceTakesItBesideTheDefaultsAndItBlocksNobody) {
  const auto set = ParsePolicies(BuiltInPack(), "vpn-hardening.yml");
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_TRUE(Engine::Compile(*set, schemas_));
  for (const Policy& policy : set->policies) {
    EXPECT_NE(policy.mode, Mode::kBlock) << policy.name;
    EXPECT_NE(policy.observe.find(" source FROM "), std::string::npos) << policy.name;
  }
}

}  // namespace
}  // namespace sallyport
