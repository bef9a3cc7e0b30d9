// SPDX-License-Identifier: Apache-2.0
// sallyport-service: the privileged daemon of macOS. Reads the machine for sallyport-agent, which
// launchd starts as another user; opens no network connection. launchd starts it again when its
// watchdog has ended it.
#include <libproc.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <cstdio>

#include "agent/collector/collector_process.h"
#include "agent/collector/watchdog.h"
#include "agent/places.h"
#include "agent/stop_request.h"
#include "agent/user_posix.h"
#include "base/exit_code.h"

namespace sallyport {
namespace {

struct Options {
  Places places = DefaultPlaces();
  std::string user = "_sallyport";
  std::string service_key;
  std::string limit;
  int table_deadline_s = 30;
  uint64_t max_memory_mib = 256;
};

// What Activity Monitor calls Memory; sys/resource.h. 0 when the kernel does not say.
uint64_t Footprint() {
  rusage_info_v2 usage{};
  if (proc_pid_rusage(getpid(), RUSAGE_INFO_V2, reinterpret_cast<rusage_info_t*>(&usage)) != 0) {
    return 0;
  }
  return usage.ri_phys_footprint;
}

// Not by the log: the main thread may hang with its lock in hand.
void End(const std::string& why, int exit_code) {
  dprintf(STDERR_FILENO, "%s\n", why.c_str());
  _exit(exit_code);
}

Result<std::unique_ptr<CollectorProcess>> Start(const Options& options) {
  const auto agent = FindAgentUser(options.user);
  if (!agent) return tl::unexpected(agent.error());
  const Places& places = options.places;
  if (const Status made = MakeFolder(places.collector_state, 0700, {0, 0}); !made) {
    return tl::unexpected(made.error());
  }
  if (const Status made = MakeAgentFolders(places.state, places.run, *agent); !made) {
    return tl::unexpected(made.error());
  }
  CollectorOptions collector;
  collector.socket = CollectorSocket(options.places.run);
  collector.state = options.places.collector_state;
  collector.progress = ProgressPath(collector.socket, collector.state);
  collector.service_key =
      options.service_key.empty() ? options.places.state + "/service.spki" : options.service_key;
  collector.limit = options.limit;
  collector.agent_user = std::to_string(agent->uid);
  return CollectorProcess::Make(collector);
}

int Serve(const Options& options) {
  const auto process = Start(options);
  if (!process) {
    spdlog::error("{}", process.error().message);
    return static_cast<int>(process.error().code == Code::kDenied ? ExitCode::kPermission
                                                                  : ExitCode::kInternal);
  }
  const Watchdog watchdog({.progress = ProgressPath(CollectorSocket(options.places.run),
                                                    options.places.collector_state),
                           .table_deadline = std::chrono::seconds(options.table_deadline_s),
                           .max_bytes = options.max_memory_mib << 20,
                           .bytes = Footprint},
                          End);
  return QCoreApplication::exec();
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app{"Reads this Mac for sallyport-agent."};
  app.add_option("--state", options.places.collector_state, "folder for what outlives a restart")
      ->capture_default_str();
  app.add_option("--agent-state", options.places.state, "the agent's enrollment folder")
      ->capture_default_str();
  app.add_option("--run", options.places.run, "holds collector.sock and agent.sock")
      ->capture_default_str();
  app.add_option("--user", options.user, "who the agent runs as")->capture_default_str();
  app.add_option("--service-key", options.service_key,
                 "key that signs manifests; <agent-state>/service.spki");
  app.add_option("--limit", options.limit, "file of paths that are never read, one per line");
  app.add_option("--table-deadline", options.table_deadline_s,
                 "seconds; a table that takes longer ends this process")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--max-memory-mib", options.max_memory_mib, "a process that is larger is ended")
      ->check(CLI::Range(16, 65536))
      ->capture_default_str();
  app.set_version_flag("--version", SALLYPORT_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {  // CLI11's border
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("collector"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  StopRequest stop;
  QCoreApplication qt(argc, argv);
  stop.OnStop([] { QCoreApplication::quit(); });  // after the table that is being read
  return Serve(options);
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run(argc, argv); }
