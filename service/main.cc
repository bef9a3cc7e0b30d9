// SPDX-License-Identifier: Apache-2.0
// sallyport-policyd: the policy service.
#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "attestation/durable_file.h"
#include "attestation/tls13.h"
#include "base/exit_code.h"
#include "service/service.h"

namespace sallyport {
namespace {

constexpr Millis kDrainDeadline{5000};
constexpr timespec kDay{24 * 3600, 0};

int Exit(ExitCode code) { return static_cast<int>(code); }

struct CommandLine {
  ServiceOptions options;
  std::string lease = "10m";
  std::string beat_interval = "1m";
  std::string full_interval = "15m";
  std::string leaf_lifetime = "8h";
  std::string vpn_lifetime = "7d";
  std::string ready_file;
};

void Describe(CLI::App* app, CommandLine* line) {
  ServiceOptions& o = line->options;
  app->set_config("--config", "", "read options from a file of NAME=VALUE lines");
  app->set_version_flag("--version", SALLYPORT_VERSION);
  app->add_option("--state", o.state, "folder of CA, keys and database")->required();
  app->add_option("--policies", o.policies, "policy file (YAML)")->required();
  app->add_option("--trust-domain", o.trust_domain, "name in all certificates")->required();
  app->add_option("--enroll-listen", o.enroll_listen, "ADDR:PORT of enrollment");
  app->add_option("--attest-listen", o.attest_listen, "ADDR:PORT of attestation");
  app->add_option("--advertise-enroll", o.advertise_enroll, "HOST:PORT that clients are told");
  app->add_option("--advertise-attest", o.advertise_attest, "HOST:PORT that clients are told");
  app->add_option("--server-name", o.server_names,
                  "DNS name or IP address of the server certificate; may be repeated");
  app->add_option("--admin-socket", o.admin_socket, "socket of sallyportctl");
  app->add_option("--lease", line->lease, "longest lease of access");
  app->add_option("--beat-interval", line->beat_interval, "how often an agent says it is there");
  app->add_option("--full-interval", line->full_interval, "longest time between signatures");
  app->add_option("--leaf-lifetime", line->leaf_lifetime, "of TLS client certificates");
  app->add_option("--vpn-lifetime", line->vpn_lifetime, "of VPN certificates");
  app->add_option("--ready-file", line->ready_file, "written when all listen");
}

Status ReadDurations(CommandLine* line) {
  ServiceOptions& o = line->options;
  Millis leaf{0};
  Millis vpn{0};
  const struct {
    const char* option;
    const std::string& text;
    Millis* out;
    Millis least;
  } durations[] = {{"--lease", line->lease, &o.terms.lease, Millis{1000}},
                   {"--beat-interval", line->beat_interval, &o.terms.beat_interval, Millis{100}},
                   {"--full-interval", line->full_interval, &o.terms.full_interval, Millis{100}},
                   {"--leaf-lifetime", line->leaf_lifetime, &leaf, Millis{1000}},
                   {"--vpn-lifetime", line->vpn_lifetime, &vpn, Millis{1000}}};
  for (const auto& duration : durations) {
    const Result<Millis> parsed = ParseDuration(duration.text);
    if (!parsed) return Wrap(parsed.error(), duration.option);
    if (*parsed < duration.least) {
      return Fail(Code::kInvalidArgument,
                  std::string(duration.option) + ": at least " + DurationText(duration.least));
    }
    *duration.out = *parsed;
  }
  o.leaf_lifetime = std::chrono::duration_cast<std::chrono::seconds>(leaf);
  o.vpn_lifetime = std::chrono::duration_cast<std::chrono::seconds>(vpn);
  return {};
}

Status WriteReadyFile(const std::string& path, const PolicyService& service) {
  if (path.empty()) return {};
  const nlohmann::json ready = {
      {"schema", "sallyport.policyd-ready/v1"}, {"pid", getpid()},
      {"enroll", service.enroll_address()},     {"attest", service.attest_address()},
      {"admin_socket", service.admin_socket()}, {"ca_file", service.ca_file()}};
  return ReplaceSmallFile(path, ready.dump(2) + "\n", FileAccess::kEveryoneReads);
}

// The signals that end or reload it are taken by this thread alone.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void ServeUntilTold(PolicyService& service, const sigset_t& signals) {
  while (true) {
    const int got = sigtimedwait(&signals, nullptr, &kDay);
    if (got == SIGTERM || got == SIGINT) return;
    if (got == SIGHUP) service.ReloadPolicies();
    if (got < 0 && errno == EAGAIN) {
      if (Status fresh = service.KeepFresh(); !fresh) spdlog::error("{}", fresh.error().message);
    }
  }
}

int Run(const CommandLine& line) {
  const sigset_t signals = BlockSignals();
  umask(0077);
  if (Status tls = RequireTls13(); !tls) {
    spdlog::error("{}", tls.error().message);
    return Exit(ExitCode::kInternal);
  }
  Result<std::unique_ptr<PolicyService>> service = PolicyService::Start(line.options);
  if (!service) {
    spdlog::error("cannot start: {}", service.error().message);
    return Exit(service.error().code == Code::kInvalidArgument ? ExitCode::kUsage
                                                               : ExitCode::kInternal);
  }
  if (Status written = WriteReadyFile(line.ready_file, **service); !written) {
    spdlog::error("{}", written.error().message);
    return Exit(ExitCode::kInternal);
  }
  spdlog::info("listening: enroll={} attest={} admin={}", (*service)->enroll_address(),
               (*service)->attest_address(), (*service)->admin_socket());
  sd_notify(0, "READY=1");
  ServeUntilTold(**service, signals);
  sd_notify(0, "STOPPING=1");
  (*service)->Drain(kDrainDeadline);
  service->reset();
  spdlog::info("stopped");
  return Exit(ExitCode::kOk);
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  // Debian's abseil looks for deadlocks at each lock: a third of the cost of a message.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Messages of a few KiB make glibc merge its fast bins over and over: a twentieth of the CPU.
  mallopt(M_MXFAST, 0);
  // A line for each text that is not UTF-8 would let a laptop fill the log; it is refused by name.
  google::protobuf::SetLogHandler(nullptr);
  spdlog::set_default_logger(spdlog::stderr_color_mt("policyd"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  CLI::App app("sallyport-policyd: verifies what laptops sign, judges it by policy, grants leases");
  sallyport::CommandLine line;
  sallyport::Describe(&app, &line);
  try {  // CLI11 throws
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(sallyport::ExitCode::kUsage);
  }
  if (sallyport::Status read = sallyport::ReadDurations(&line); !read) {
    spdlog::error("{}", read.error().message);
    return static_cast<int>(sallyport::ExitCode::kUsage);
  }
  return sallyport::Run(line);
}
