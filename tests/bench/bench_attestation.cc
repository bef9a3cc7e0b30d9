// SPDX-License-Identifier: Apache-2.0
// Verifying an evidence (PAE, SHA-256, ECDSA) next to this machine's raw P-256 verify, in one run:
// what the product adds to the arithmetic. Times are CPU time of the measuring thread.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <algorithm>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "attestation/keys.h"

namespace sallyport {
namespace {

const SigningKey& Key() {
  static const SigningKey key = SigningKey::Generate().value();
  return key;
}

const v1::Envelope& Envelope2KiB() {
  static const v1::Envelope envelope =
      SignEnvelope(Key(), kEvidenceType, std::string(2048, 'e')).value();
  return envelope;
}

// The limit: the digest is given, the context is made once.
class RawVerify {
 public:
  RawVerify() : ctx_(EVP_PKEY_CTX_new_from_pkey(nullptr, Key().public_key().get(), nullptr)) {
    EVP_PKEY_verify_init(ctx_);
    digest_ = Sha256(Pae(kEvidenceType, Envelope2KiB().payload()));
  }
  ~RawVerify() { EVP_PKEY_CTX_free(ctx_); }
  RawVerify(const RawVerify&) = delete;
  RawVerify& operator=(const RawVerify&) = delete;

  bool operator()() {
    const std::string& sig = Envelope2KiB().signatures(0).sig();
    return EVP_PKEY_verify(ctx_, Bytes(sig), sig.size(), Bytes(digest_), digest_.size()) == 1;
  }

 private:
  static const unsigned char* Bytes(const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  }
  EVP_PKEY_CTX* ctx_;
  std::string digest_;
};

bool VerifyOurs() {
  return VerifyEnvelope(Key().public_key(), kEvidenceType, Envelope2KiB()).has_value();
}

void BM_RawVerify(benchmark::State& state) {
  RawVerify raw;
  for (auto _ : state) {
    if (!raw()) state.SkipWithError("does not verify");
  }
}
BENCHMARK(BM_RawVerify)->ThreadRange(1, 2);

void BM_VerifyEnvelope(benchmark::State& state) {
  for (auto _ : state) {
    if (!VerifyOurs()) state.SkipWithError("does not verify");
  }
}
BENCHMARK(BM_VerifyEnvelope)->ThreadRange(1, 2);

void BM_SignEnvelope(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(SignEnvelope(Key(), kEvidenceType, std::string(2048, 'e')));
  }
}
BENCHMARK(BM_SignEnvelope);

void BM_HmacSha256OfABeat(benchmark::State& state) {
  const std::string key(32, 'k');
  const std::string message(57, 'm');
  for (auto _ : state) benchmark::DoNotOptimize(HmacSha256(key, message));
}
BENCHMARK(BM_HmacSha256OfABeat);

void BM_TableDigestOf50Rows(benchmark::State& state) {
  TableResult table;
  table.table = "edr_products";
  table.columns = {"name", "vendor", "running", "enforcing"};
  table.rows.assign(50, {Cell("clamav"), Cell("Cisco"), Cell(1), Cell(Unknown{})});
  for (auto _ : state) benchmark::DoNotOptimize(TableDigest(table));
}
BENCHMARK(BM_TableDigestOf50Rows);

// ---- paired: the two alternate in slices, so that noise of the machine meets both --------------

struct Times {
  double cpu_us = 0;   // of this thread
  double wall_us = 0;  // also counts waiting for a lock, and for other load of the machine
};

double Seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

constexpr int kSlices = 40;
constexpr int kPerSlice = 200;

template <typename Function>
Times Slice(Function function) {
  const double cpu = Seconds(CLOCK_THREAD_CPUTIME_ID);
  const double wall = Seconds(CLOCK_MONOTONIC);
  for (int i = 0; i < kPerSlice; ++i) {
    if (!function()) std::abort();
  }
  return {(Seconds(CLOCK_THREAD_CPUTIME_ID) - cpu) / kPerSlice * 1e6,
          (Seconds(CLOCK_MONOTONIC) - wall) / kPerSlice * 1e6};
}

double Median(std::vector<Times>& all, double Times::*field) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle, {}, field);
  return (*middle).*field;
}

struct Paired {
  std::vector<Times> raw;
  std::vector<Times> ours;
};

Paired Measure(int threads) {
  Paired out;
  std::mutex mutex;
  std::barrier together(threads);
  const auto work = [&] {
    RawVerify raw_verify;
    for (int slice = 0; slice < kSlices; ++slice) {
      together.arrive_and_wait();
      const Times raw = Slice([&] { return raw_verify(); });
      together.arrive_and_wait();
      const Times ours = Slice(VerifyOurs);
      const std::scoped_lock lock(mutex);
      out.raw.push_back(raw);
      out.ours.push_back(ours);
    }
  };
  std::vector<std::thread> pool;
  for (int i = 0; i < threads; ++i) pool.emplace_back(work);
  for (std::thread& thread : pool) thread.join();
  return out;
}

void PrintPaired() {
  VerifyOurs();  // first use sets up what stays
  Paired one = Measure(1);
  Paired two = Measure(2);
  std::printf("paired verify of 2 KiB, us per message, medians of %d slices\n", kSlices);
  std::printf("  threads  raw     ours    ours of raw (must: 93 %%)\n");
  int threads = 1;
  for (Paired* p : {&one, &two}) {
    const double raw = Median(p->raw, &Times::cpu_us);
    const double ours = Median(p->ours, &Times::cpu_us);
    std::printf("  %-8d %-7.2f %-7.2f %.1f %%\n", threads++, raw, ours, 100 * raw / ours);
  }
  std::printf("  2 threads of 1 (must: 1.8x)  per CPU-second %.2fx, by wall clock %.2fx\n",
              2 * Median(one.ours, &Times::cpu_us) / Median(two.ours, &Times::cpu_us),
              2 * Median(one.ours, &Times::wall_us) / Median(two.ours, &Times::wall_us));
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  sallyport::PrintPaired();
  return 0;
}
