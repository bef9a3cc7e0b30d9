// SPDX-License-Identifier: Apache-2.0
// A crowd of devices against a running sallyport-policyd: what one full attestation and one beat
// cost the service in CPU time, and what one connected device costs it in memory. Facts are this
// machine's own. Each phase is bracketed by raw P-256 verifications on this machine, so that the
// figures are ratios of one run. Prints one JSON object.
#include <absl/synchronization/mutex.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <time.h>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "attestation/dsse.h"
#include "attestation/evidence.h"
#include "base/text.h"
#include "collectors/tables.h"
#include "platform/host_linux.h"
#include "tests/support/test_device.h"

namespace sallyport {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// utime + stime of a process, proc_pid_stat(5) fields 14 and 15.
double CpuSeconds(int pid) {
  const std::string stat = ReadAll("/proc/" + std::to_string(pid) + "/stat");
  const std::vector<std::string_view> fields =
      Fields(std::string_view(stat).substr(stat.rfind(')') + 1));
  const auto ticks = ParseInt(fields.at(11)).value() + ParseInt(fields.at(12)).value();
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

int64_t RssKib(int pid) {
  const std::string status = ReadAll("/proc/" + std::to_string(pid) + "/status");
  for (std::string_view line : Lines(status)) {
    if (line.starts_with("VmRSS:")) return ParseInt(Fields(line).at(1)).value();
  }
  return 0;
}

double ThreadCpuSeconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Verifications per CPU-second of a digest with a context that is reused: the machine's limit.
double RawVerifiesPerCpuSecond() {
  const SigningKey key = SigningKey::Generate().value();
  const std::string digest = Sha256("raw");
  const std::string signature = key.Sign("raw").value();
  EVP_PKEY_CTX* ctx = EVP_PKEY_CTX_new_from_pkey(nullptr, key.public_key().get(), nullptr);
  EVP_PKEY_verify_init(ctx);
  constexpr int kCount = 8000;
  int good = 0;
  const double start = ThreadCpuSeconds();
  for (int i = 0; i < kCount; ++i) {
    good += EVP_PKEY_verify(ctx, reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(digest.data()),
                            digest.size());
  }
  const double spent = ThreadCpuSeconds() - start;
  EVP_PKEY_CTX_free(ctx);
  return good == kCount ? kCount / spent : 0;
}

// What a fleet's policies read of each laptop; osquery's large tables are read where one asks.
constexpr const char* kAskedFor[] = {"os_version",     "kernel_info",  "system_info",
                                     "os_patch_state", "disk_volumes", "edr_products",
                                     "vpn_connections"};

std::vector<TableResult> FactsOfThisMachine() {
  const LinuxHost host;
  std::vector<TableResult> tables;
  for (const char* table : kAskedFor) {
    tables.push_back(Collect(*FindCollector(Os::kLinux, table), host, {}));
  }
  return tables;
}

struct Crowd {
  std::vector<std::unique_ptr<TestDevice>> devices;
  std::vector<TableResult> tables;

  std::mutex mutex;
  std::condition_variable done;
  int64_t answers = 0;
  int64_t accepted = 0;
  int64_t wanted = 0;
  std::atomic<int64_t> to_send{0};
  enum class Phase { kIdle, kFull, kUnchanged, kBeat } phase = Phase::kIdle;
  size_t bytes_full = 0;
  size_t bytes_unchanged = 0;
  size_t bytes_beat = 0;

  void SendOne(TestDevice& device) {
    if (to_send.fetch_sub(1) <= 0) return;
    if (phase == Phase::kBeat) {
      const v1::Beat beat = device.MakeBeat();
      if (bytes_beat == 0) bytes_beat = beat.ByteSizeLong();
      return device.SendBeat(beat);
    }
    v1::Evidence evidence = device.Draft(tables);
    if (phase == Phase::kUnchanged) {
      for (int i = 0; i < evidence.tables_size(); ++i) {
        v1::TableResult* table = evidence.mutable_tables(i);
        table->clear_columns();
        table->clear_rows();
        table->set_unchanged_digest(TableDigest(tables[static_cast<size_t>(i)]));
      }
    }
    const v1::Envelope envelope = device.Sign(evidence);
    size_t& bytes = phase == Phase::kFull ? bytes_full : bytes_unchanged;
    if (bytes == 0) bytes = envelope.ByteSizeLong();
    device.SendEvidence(envelope);
  }

  void OnMessage(TestDevice& device, const v1::ServiceMessage& message) {
    if (!message.has_result() && !message.has_beat_ack()) return;
    const bool good = message.has_result()
                          ? message.result().verdict() == v1::AttestationResult::VERDICT_ACCEPTED
                          : message.beat_ack().accepted();
    SendOne(device);
    const std::lock_guard lock(mutex);
    ++answers;
    accepted += good ? 1 : 0;
    if (answers >= wanted) done.notify_one();
  }

  // Every device keeps one message in flight until `count` are answered.
  bool Run(Phase what, int64_t count) {
    {
      const std::lock_guard lock(mutex);
      phase = what;
      answers = accepted = 0;
      wanted = count;
    }
    to_send = count;
    for (const auto& device : devices) SendOne(*device);
    std::unique_lock lock(mutex);
    return done.wait_for(lock, std::chrono::minutes(5), [&] { return answers >= wanted; }) &&
           accepted == wanted;
  }
};

struct Options {
  std::string enroll;
  std::string ca;
  std::string token;
  int pid = 0;
  int devices = 64;
  int64_t full = 6000;
  int64_t beats = 20000;
};

nlohmann::json Phase(Crowd& crowd, Crowd::Phase what, int64_t count, int pid) {
  const double raw_before = RawVerifiesPerCpuSecond();
  const double cpu = CpuSeconds(pid);
  const bool all = crowd.Run(what, count);
  const double spent = CpuSeconds(pid) - cpu;
  const double raw = (raw_before + RawVerifiesPerCpuSecond()) / 2;
  const double rate = static_cast<double>(count) / spent;
  return {{"count", count},    {"all_accepted", all},         {"server_cpu_s", spent},
          {"per_cpu_s", rate}, {"raw_verify_per_cpu_s", raw}, {"share_of_raw", rate / raw}};
}

using Member = std::pair<TestEnroller::Identity, Leaf>;

bool Join(Crowd& crowd, std::span<Member> members) {
  for (auto& [identity, leaf] : members) {
    crowd.devices.push_back(std::make_unique<TestDevice>(std::move(identity), std::move(leaf)));
    TestDevice& device = *crowd.devices.back();
    const Status connected = device.Connect([&crowd, &device](const v1::ServiceMessage& message) {
      device.Learn(message);
      crowd.OnMessage(device, message);
    });
    if (connected) continue;
    std::fprintf(stderr, "connect: %s\n", connected.error().message.c_str());
    return false;
  }
  return true;
}

int Load(const Options& options) {
  TestEnroller enroller(options.enroll, ReadAll(options.ca));
  Crowd crowd;
  crowd.tables = FactsOfThisMachine();
  std::vector<Member> members;
  for (int i = 0; i < options.devices; ++i) {
    auto identity =
        enroller.Enroll(options.token, LeafName::Role::kDevice, "load-" + std::to_string(i));
    if (!identity) {
      std::fprintf(stderr, "enroll: %s\n", identity.error().message.c_str());
      return 1;
    }
    auto leaf = enroller.FetchLeaf(*identity);
    if (!leaf) {
      std::fprintf(stderr, "leaf: %s\n", leaf.error().message.c_str());
      return 1;
    }
    members.emplace_back(*std::move(identity), *std::move(leaf));
  }
  // What the service needs once, for threads, pages of the store and the like, is not a device's.
  const size_t first = members.size() / 4;
  if (!Join(crowd, std::span(members).first(first))) return 1;
  crowd.Run(Crowd::Phase::kFull, static_cast<int64_t>(first) * 16);
  const int64_t rss_before = RssKib(options.pid);
  const double cpu_before = CpuSeconds(options.pid);
  if (!Join(crowd, std::span(members).subspan(first))) return 1;
  const double cpu_connected = CpuSeconds(options.pid);
  const int64_t rss_connected = RssKib(options.pid);
  crowd.Run(Crowd::Phase::kFull, options.devices);  // each has a verdict, as in life
  const auto joined = static_cast<double>(members.size() - first);
  nlohmann::json out;
  out["schema"] = "sallyport.bench-attest/v1";
  out["devices"] = options.devices;
  out["rss_kib_per_device"] = static_cast<double>(RssKib(options.pid) - rss_before) / joined;
  out["rss_kib_per_connection"] = static_cast<double>(rss_connected - rss_before) / joined;
  out["connect_cpu_ms"] = (cpu_connected - cpu_before) * 1000 / joined;
  out["full"] = Phase(crowd, Crowd::Phase::kFull, options.full, options.pid);
  out["unchanged"] = Phase(crowd, Crowd::Phase::kUnchanged, options.full, options.pid);
  out["beat"] = Phase(crowd, Crowd::Phase::kBeat, options.beats, options.pid);
  out["bytes"] = {
      {"full", crowd.bytes_full}, {"unchanged", crowd.bytes_unchanged}, {"beat", crowd.bytes_beat}};
  std::printf("%s\n", out.dump(2).c_str());
  return 0;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  sallyport::Options options;
  CLI::App app("Load of a running policy service");
  app.add_option("--enroll", options.enroll, "enrollment listener")->required();
  app.add_option("--ca", options.ca, "its CA, PEM")->required();
  app.add_option("--token", options.token, "good for --devices uses")->required();
  app.add_option("--pid", options.pid, "of the policy service")->required();
  app.add_option("--devices", options.devices, "connected at once");
  app.add_option("--full", options.full, "attestations of each kind");
  app.add_option("--beats", options.beats, "beats");
  CLI11_PARSE(app, argc, argv);
  // One connection a device needs two descriptors and a few more.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return sallyport::Load(options);
}
