// SPDX-License-Identifier: Apache-2.0
// 20 typical policies over 54 rows of evidence in 8 tables: microseconds per evidence, beside the
// same predicates by hand, which is what no engine can be faster than.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/engine.h"
#include "policy/reads.h"

namespace sallyport {
namespace {

constexpr Column kOs[] = {{"name", Type::kText, ""},
                          {"version", Type::kText, "", "version"},
                          {"major", Type::kInteger, ""},
                          {"platform", Type::kText, ""}};
constexpr Column kPatch[] = {{"package_manager", Type::kText, ""},
                             {"security_updates_pending", Type::kInteger, ""},
                             {"reboot_required", Type::kInteger, ""},
                             {"lists_age_s", Type::kBigint, ""},
                             {"distribution_supported", Type::kInteger, ""}};
constexpr Column kVolumes[] = {
    {"mount_point", Type::kText, ""}, {"device", Type::kText, ""},
    {"protection", Type::kText, ""},  {"holds_user_data", Type::kInteger, ""},
    {"is_swap", Type::kInteger, ""},  {"exempt", Type::kInteger, ""}};
constexpr Column kEdr[] = {{"name", Type::kText, ""},
                           {"category", Type::kText, ""},
                           {"running", Type::kInteger, ""},
                           {"enforcing", Type::kInteger, ""},
                           {"signature_age_s", Type::kBigint, ""}};
constexpr Column kVpn[] = {{"name", Type::kText, ""},
                           {"uses_psk", Type::kInteger, ""},
                           {"aggressive", Type::kInteger, ""},
                           {"weak_proposals", Type::kText, ""},
                           {"ike_version", Type::kInteger, ""}};
constexpr Column kKernel[] = {{"version", Type::kText, "", "version"},
                              {"arguments", Type::kText, ""}};
constexpr Column kSystem[] = {{"hostname", Type::kText, ""},
                              {"hardware_model", Type::kText, ""},
                              {"cpu_physical_cores", Type::kInteger, ""}};
constexpr Column kPackages[] = {
    {"name", Type::kText, ""}, {"version", Type::kText, "", "version"}, {"arch", Type::kText, ""}};
constexpr Column kFile[] = {{"path", Type::kText, "", "", Role::kRequired},
                            {"mode", Type::kText, ""},
                            {"size", Type::kBigint, ""}};
constexpr Schema kSchemas[] = {
    {"os_version", kOs},      {"os_patch_state", kPatch},  {"disk_volumes", kVolumes},
    {"edr_products", kEdr},   {"vpn_connections", kVpn},   {"kernel_info", kKernel},
    {"system_info", kSystem}, {"deb_packages", kPackages}, {"file", kFile}};

constexpr const char* kQueries[] = {
    "SELECT 1 FROM os_version WHERE major >= 12",
    "SELECT 1 FROM os_version WHERE platform = 'debian' AND version >= '12.4'",
    "SELECT 1 FROM os_patch_state WHERE security_updates_pending = 0",
    "SELECT 1 FROM os_patch_state WHERE reboot_required = 0",
    "SELECT 1 FROM os_patch_state WHERE lists_age_s < 172800",
    "SELECT 1 FROM os_patch_state WHERE distribution_supported = 1",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM disk_volumes) AND NOT EXISTS (SELECT 1 FROM disk_volumes "
    "WHERE (holds_user_data IS NOT 0 OR is_swap IS NOT 0) AND exempt IS NOT 1 AND protection IS "
    "NOT "
    "'on')",
    "SELECT 1 FROM disk_volumes WHERE mount_point = '/home' AND protection = 'on'",
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM disk_volumes WHERE is_swap = 1 AND protection IS NOT "
    "'on')",
    "SELECT 1 FROM edr_products WHERE name = 'clamav' AND running = 1",
    "SELECT 1 FROM edr_products WHERE name = 'clamav' AND signature_age_s < 259200",
    "SELECT 1 FROM edr_products WHERE name = 'auditd' AND enforcing = 1",
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM vpn_connections WHERE uses_psk IS NOT 0)",
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM vpn_connections WHERE weak_proposals IS NOT '')",
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM vpn_connections WHERE aggressive IS NOT 0)",
    "SELECT 1 FROM kernel_info WHERE version >= '6.1'",
    "SELECT 1 FROM system_info WHERE hostname <> ''",
    "SELECT 1 FROM deb_packages WHERE name = 'openssl' AND version >= '3.0.11'",
    "SELECT 1 FROM deb_packages WHERE name = 'openssh-server' AND version >= '9.2'",
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM deb_packages WHERE name = 'telnetd')",
};

TableResult Table(const Schema& schema, Rows rows) {
  TableResult result;
  result.table = schema.name;
  for (const Column& column : schema.columns) result.columns.emplace_back(column.name);
  result.rows = std::move(rows);
  return result;
}

// A healthy laptop: every policy passes, which is what nearly every evidence is.
std::vector<TableResult> Laptop() {
  Rows volumes;
  for (int i = 0; i < 6; ++i) {
    volumes.push_back({Cell(i == 0   ? "/"
                            : i == 1 ? "/home"
                                     : "/srv/" + std::to_string(i)),
                       Cell("/dev/mapper/vg-" + std::to_string(i)), Cell("on"), Cell(1), Cell(0),
                       Cell(0)});
  }
  Rows vpn;
  for (int i = 0; i < 4; ++i) {
    vpn.push_back({Cell("vpn-" + std::to_string(i)), Cell(0), Cell(0), Cell(""), Cell(2)});
  }
  Rows packages;
  for (int i = 0; i < 36; ++i) {
    packages.push_back({Cell("package-" + std::to_string(i)), Cell("1.2.3"), Cell("amd64")});
  }
  packages[20] = {Cell("openssl"), Cell("3.0.15"), Cell("amd64")};
  packages[30] = {Cell("openssh-server"), Cell("9.2p1"), Cell("amd64")};
  return {Table(kSchemas[0], {{Cell("Debian"), Cell("12.8"), Cell(12), Cell("debian")}}),
          Table(kSchemas[1], {{Cell("apt"), Cell(0), Cell(0), Cell(3600), Cell(1)}}),
          Table(kSchemas[2], std::move(volumes)),
          Table(kSchemas[3], {{Cell("clamav"), Cell("antivirus"), Cell(1), Cell(1), Cell(7200)},
                              {Cell("auditd"), Cell("audit"), Cell(1), Cell(1), Value{}},
                              {Cell("falcon"), Cell("edr"), Cell(0), Cell(0), Value{}},
                              {Cell("osquery"), Cell("edr"), Cell(1), Cell(0), Value{}}}),
          Table(kSchemas[4], std::move(vpn)),
          Table(kSchemas[5], {{Cell("6.1.0-28-amd64"), Cell("quiet")}}),
          Table(kSchemas[6], {{Cell("laptop"), Cell("T14"), Cell(8)}}),
          Table(kSchemas[7], std::move(packages))};
}

size_t RowCount(const std::vector<TableResult>& evidence) {
  size_t rows = 0;
  for (const TableResult& table : evidence) rows += table.rows.size();
  return rows;
}

PolicySet Twenty() {
  PolicySet set;
  for (const char* query : kQueries) {
    Policy policy;
    policy.name = "p" + std::to_string(set.policies.size());
    policy.query = query;
    set.policies.push_back(policy);
  }
  return set;
}

void TwentyPolicies(benchmark::State& state) {
  const PolicySet set = Twenty();
  auto engine = Engine::Compile(set, kSchemas);
  if (!engine) {
    state.SkipWithError(engine.error().message.c_str());
    return;
  }
  const std::vector<TableResult> evidence = Laptop();
  for (const auto& outcome : (*engine)->Evaluate(Os::kLinux, evidence)) {
    if (outcome->verdict != Verdict::kPass) state.SkipWithError("a policy does not pass");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize((*engine)->Evaluate(Os::kLinux, evidence));
  }
  state.counters["rows"] = static_cast<double>(RowCount(evidence));
  state.counters["policies"] = static_cast<double>(set.policies.size());
}
BENCHMARK(TwentyPolicies)->Unit(benchmark::kMicrosecond);

// The same rows again, a little older.
void TwentyPoliciesRedated(benchmark::State& state) {
  const PolicySet set = Twenty();
  const std::vector<TableResult> evidence = Laptop();
  RawOutcomes outcomes = (*Engine::Compile(set, kSchemas))->Evaluate(Os::kLinux, evidence);
  const std::vector<std::chrono::milliseconds> ages(evidence.size(), std::chrono::seconds(1));
  for (auto _ : state) {
    if (!Redate(set, ages, &outcomes)) state.SkipWithError("a policy must be run again");
  }
}
BENCHMARK(TwentyPoliciesRedated)->Unit(benchmark::kMicrosecond);

// Five hundred paths, each collected for itself, and a policy for each of them.
void FiveHundredKeys(benchmark::State& state) {
  PolicySet set;
  std::vector<TableResult> evidence;
  for (int i = 0; i < 500; ++i) {
    const std::string path = "/usr/share/some/folder/file-" + std::to_string(i);
    Policy policy;
    policy.name = "p" + std::to_string(i);
    policy.query = "SELECT 1 FROM file WHERE path = '" + path + "' AND mode = '0644'";
    set.policies.push_back(policy);
    evidence.push_back(Table(kSchemas[8], {{Cell(path), Cell("0644"), Cell(100)}}));
    evidence.back().keys = {{"path", path}};
  }
  auto engine = Engine::Compile(set, kSchemas);
  if (!engine) return state.SkipWithError(engine.error().message.c_str());
  for (const auto& outcome : (*engine)->Evaluate(Os::kLinux, evidence)) {
    if (outcome->verdict != Verdict::kPass) state.SkipWithError("a policy does not pass");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize((*engine)->Evaluate(Os::kLinux, evidence));
  }
}
BENCHMARK(FiveHundredKeys)->Unit(benchmark::kMicrosecond);

int64_t Number(const Row& row, size_t column) { return std::get<int64_t>(row[column]); }
std::string_view Text(const Row& row, size_t column) { return std::get<std::string>(row[column]); }

template <typename Predicate>
bool Any(const TableResult& table, Predicate predicate) {
  for (const Row& row : table.rows) {
    if (predicate(row)) return true;
  }
  return false;
}

// The 20 queries by hand; versions as plain text, which is less work than the collation does.
int ByHand(const std::vector<TableResult>& e) {
  using R = const Row&;
  int passed = 0;
  passed += Any(e[0], [](R r) { return Number(r, 2) >= 12; });
  passed += Any(e[0], [](R r) { return Text(r, 3) == "debian" && Text(r, 1) >= "12.4"; });
  passed += Any(e[1], [](R r) { return Number(r, 1) == 0; });
  passed += Any(e[1], [](R r) { return Number(r, 2) == 0; });
  passed += Any(e[1], [](R r) { return Number(r, 3) < 172800; });
  passed += Any(e[1], [](R r) { return Number(r, 4) == 1; });
  passed += !e[2].rows.empty() && !Any(e[2], [](R r) {
    return (Number(r, 3) != 0 || Number(r, 4) != 0) && Number(r, 5) != 1 && Text(r, 2) != "on";
  });
  passed += Any(e[2], [](R r) { return Text(r, 0) == "/home" && Text(r, 2) == "on"; });
  passed += !Any(e[2], [](R r) { return Number(r, 4) == 1 && Text(r, 2) != "on"; });
  passed += Any(e[3], [](R r) { return Text(r, 0) == "clamav" && Number(r, 2) == 1; });
  passed += Any(e[3], [](R r) { return Text(r, 0) == "clamav" && Number(r, 4) < 259200; });
  passed += Any(e[3], [](R r) { return Text(r, 0) == "auditd" && Number(r, 3) == 1; });
  passed += !Any(e[4], [](R r) { return Number(r, 1) != 0; });
  passed += !Any(e[4], [](R r) { return !Text(r, 3).empty(); });
  passed += !Any(e[4], [](R r) { return Number(r, 2) != 0; });
  passed += Any(e[5], [](R r) { return Text(r, 0) >= "6.1"; });
  passed += Any(e[6], [](R r) { return !Text(r, 0).empty(); });
  passed += Any(e[7], [](R r) { return Text(r, 0) == "openssl" && Text(r, 1) >= "3.0.11"; });
  passed += Any(e[7], [](R r) { return Text(r, 0) == "openssh-server" && Text(r, 1) >= "9.2"; });
  passed += !Any(e[7], [](R r) { return Text(r, 0) == "telnetd"; });
  return passed;
}

void TwentyPredicatesByHand(benchmark::State& state) {
  const std::vector<TableResult> evidence = Laptop();
  if (ByHand(evidence) != 20) state.SkipWithError("a predicate does not hold");
  for (auto _ : state) {
    benchmark::DoNotOptimize(ByHand(evidence));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(TwentyPredicatesByHand)->Unit(benchmark::kMicrosecond);

void Compile(benchmark::State& state) {
  const PolicySet set = Twenty();
  for (auto _ : state) benchmark::DoNotOptimize(Engine::Compile(set, kSchemas));
}
BENCHMARK(Compile)->Unit(benchmark::kMicrosecond);

void Learn(benchmark::State& state) {
  const PolicySet set = Twenty();
  for (auto _ : state) benchmark::DoNotOptimize(LearnReads(set, kSchemas));
}
BENCHMARK(Learn)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sallyport

BENCHMARK_MAIN();
