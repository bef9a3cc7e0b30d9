// SPDX-License-Identifier: Apache-2.0
// The gate's verdicts in the kernel: one, a hundred in one transaction, a fleet. Needs root.
#include <benchmark/benchmark.h>
#include <sched.h>

#include <chrono>

#include "gateway/nft/lease_table.h"

namespace sallyport::gateway {
namespace {

// In a network namespace of its own: nothing is left of the benchmark before.
nft::LeaseTable OpenTable(benchmark::State& state) {
  if (unshare(CLONE_NEWNET) != 0) state.SkipWithError("no network namespace: root?");
  const auto access = ParseAccess(
      "services: {app: {hosts: [10.0.0.1], ports: [tcp/443]}}\n"
      "tiers: {full: [app], limited: [], quarantine: []}\n",
      "bench");
  auto table = nft::LeaseTable::Open();
  if (!table || !table->Install({*access, {"ipsec0"}}, nft::Ownership::kOurs))
    state.SkipWithError("no table: root?");
  return *std::move(table);
}

// `count` places from `first` on.
std::vector<Move> Moves(uint32_t first, uint32_t count, Tier before, Tier after) {
  std::vector<Move> out;
  for (uint32_t i = 0; i < count; ++i) {
    out.push_back({{"ipsec0", Ipv4{first + i}}, before, after, Millis{600'000}, "dev-0001"});
  }
  return out;
}

constexpr uint32_t kFleet = 0x0a640000;
constexpr uint32_t kMeasured = 0x0b000001;

void Check(benchmark::State& state, const Status& applied) {
  if (!applied) state.SkipWithError(applied.error().message.c_str());
}

// A table with as many elements as range(0) says, besides those that are measured.
nft::LeaseTable OpenFleet(benchmark::State& state) {
  nft::LeaseTable table = OpenTable(state);
  const auto fleet = static_cast<uint32_t>(state.range(0));
  Check(state, table.Apply(Moves(kFleet, fleet, Tier::kNone, Tier::kFull)));
  return table;
}

void BM_GrantAndEndOne(benchmark::State& state, bool time_grant) {
  nft::LeaseTable table = OpenFleet(state);
  const auto grant = Moves(kMeasured, 1, Tier::kNone, Tier::kFull);
  const auto end = Moves(kMeasured, 1, Tier::kFull, Tier::kNone);
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    Check(state, table.Apply(grant));
    const auto granted = std::chrono::steady_clock::now();
    Check(state, table.Apply(end));
    const auto ended = std::chrono::steady_clock::now();
    const std::chrono::duration<double> took = time_grant ? granted - begin : ended - granted;
    state.SetIterationTime(took.count());
  }
}
BENCHMARK_CAPTURE(BM_GrantAndEndOne, grant, true)->Arg(0)->Arg(10'000)->UseManualTime();
BENCHMARK_CAPTURE(BM_GrantAndEndOne, end, false)->Arg(0)->Arg(10'000)->UseManualTime();

// range(1) places from one tier to another and back, in one transaction each.
void BM_Move(benchmark::State& state) {
  nft::LeaseTable table = OpenFleet(state);
  const auto count = static_cast<uint32_t>(state.range(1));
  Check(state, table.Apply(Moves(kMeasured, count, Tier::kNone, Tier::kFull)));
  const auto lower = Moves(kMeasured, count, Tier::kFull, Tier::kQuarantine);
  const auto raise = Moves(kMeasured, count, Tier::kQuarantine, Tier::kFull);
  bool full = true;
  for (auto _ : state) {
    Check(state, table.Apply(full ? lower : raise));
    full = !full;
  }
}
BENCHMARK(BM_Move)
    ->ArgsProduct({{0, 10'000}, {1, 100}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

void BM_Refresh(benchmark::State& state) {
  nft::LeaseTable table = OpenFleet(state);
  const auto count = static_cast<uint32_t>(state.range(1));
  Check(state, table.Apply(Moves(kMeasured, count, Tier::kNone, Tier::kFull)));
  const auto refresh = Moves(kMeasured, count, Tier::kFull, Tier::kFull);
  for (auto _ : state) Check(state, table.Apply(refresh));
}
BENCHMARK(BM_Refresh)
    ->ArgsProduct({{0, 10'000}, {1, 100}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// The table is empty, as after a flush; range(0) places are granted again.
void BM_Reload(benchmark::State& state) {
  nft::LeaseTable table = OpenTable(state);
  const auto count = static_cast<uint32_t>(state.range(0));
  const auto grant = Moves(kFleet, count, Tier::kNone, Tier::kFull);
  const auto end = Moves(kFleet, count, Tier::kFull, Tier::kNone);
  for (auto _ : state) {
    Check(state, table.Apply(grant));
    state.PauseTiming();
    Check(state, table.Apply(end));
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Reload)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace sallyport::gateway

BENCHMARK_MAIN();
