// SPDX-License-Identifier: Apache-2.0
// The gate's verdicts in the kernel: one grant, one end, one hundred in one transaction. Needs
// root; runs in a network namespace of its own.
#include <benchmark/benchmark.h>
#include <sched.h>

#include <chrono>
#include <cstdio>

#include "gateway/nft/lease_table.h"

namespace sallyport::gateway {
namespace {

nft::LeaseTable OpenTable(benchmark::State& state) {
  const auto access = ParseAccess(
      "services: {app: {hosts: [10.0.0.1], ports: [tcp/443]}}\n"
      "tiers: {full: [app], limited: [], quarantine: []}\n",
      "bench");
  auto table = nft::LeaseTable::Open();
  if (!table || !table->Install({*access, {"ipsec0"}})) state.SkipWithError("no table: root?");
  return *std::move(table);
}

std::vector<Move> Moves(uint32_t count, Tier before, Tier after) {
  std::vector<Move> out;
  for (uint32_t i = 0; i < count; ++i) {
    out.push_back({{"ipsec0", Ipv4{0x0a640000 + i}}, before, after, Millis{600'000}, "dev-0001"});
  }
  return out;
}

void Check(benchmark::State& state, const Status& applied) {
  if (!applied) state.SkipWithError(applied.error().message.c_str());
}

// range(0): elements that are there besides.
void BM_GrantAndEndOne(benchmark::State& state, bool time_grant) {
  nft::LeaseTable table = OpenTable(state);
  Check(state, table.Apply(Moves(static_cast<uint32_t>(state.range(0)), Tier::kNone, Tier::kFull)));
  const Place place{"ipsec0", Ipv4{0x0b000001}};
  const std::vector<Move> grant = {{place, Tier::kNone, Tier::kFull, Millis{600'000}, "dev-1"}};
  const std::vector<Move> end = {{place, Tier::kFull, Tier::kNone, Millis{0}, ""}};
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

void BM_MoveOne(benchmark::State& state) {
  nft::LeaseTable table = OpenTable(state);
  Check(state, table.Apply(Moves(1, Tier::kNone, Tier::kFull)));
  Tier now = Tier::kFull;
  for (auto _ : state) {
    const Tier next = now == Tier::kFull ? Tier::kQuarantine : Tier::kFull;
    Check(state, table.Apply(Moves(1, now, next)));
    now = next;
  }
}
BENCHMARK(BM_MoveOne);

void BM_RefreshMany(benchmark::State& state) {
  nft::LeaseTable table = OpenTable(state);
  const auto count = static_cast<uint32_t>(state.range(0));
  Check(state, table.Apply(Moves(count, Tier::kNone, Tier::kFull)));
  const std::vector<Move> refresh = Moves(count, Tier::kFull, Tier::kFull);
  for (auto _ : state) Check(state, table.Apply(refresh));
}
BENCHMARK(BM_RefreshMany)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sallyport::gateway

int main(int argc, char** argv) {
  if (unshare(CLONE_NEWNET) != 0) {
    std::perror("network namespace (root is needed)");
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
