// SPDX-License-Identifier: Apache-2.0
// sallyport-collector: reads the machine for the agent. Privileged; opens no network connection.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <QCoreApplication>

#include "agent/arguments.h"
#include "agent/collector/collector_process.h"
#include "agent/places.h"
#include "agent/stop_request.h"
#include "base/exit_code.h"

namespace sallyport {
namespace {

int Run(int argc, char** argv) {
  const Places places = DefaultPlaces();
  CollectorOptions options;
  options.socket = CollectorSocket(places.run);
  options.state = places.collector_state;
  options.agent_user = OwnUser();
  CLI::App app{"Reads the machine for sallyport-agent."};
  app.add_option("--socket", options.socket, "where the agent connects")->capture_default_str();
  app.add_option("--state", options.state, "folder for what outlives a restart")
      ->capture_default_str();
  app.add_option("--progress", options.progress, "file that marks what is being read");
  app.add_option("--service-key", options.service_key,
                 "key that signs manifests (SubjectPublicKeyInfo, DER); <state>/service.spki");
  app.add_option("--limit", options.limit, "file of paths that are never read, one per line");
  app.add_option("--agent-user", options.agent_user,
                 "who is served, beside administrators: a uid, or on Windows a SID");
  app.set_version_flag("--version", SALLYPORT_VERSION);
  try {
    const Arguments arguments(argc, argv);
    app.parse(arguments.argc(), arguments.argv());
  } catch (const CLI::ParseError& e) {  // CLI11's border
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  if (options.service_key.empty()) options.service_key = options.state + "/service.spki";
  if (options.progress.empty()) options.progress = ProgressPath(options.socket, options.state);
  spdlog::set_default_logger(spdlog::stderr_logger_st("collector"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  StopRequest stop;
  QCoreApplication qt(argc, argv);
  stop.OnStop([] { QCoreApplication::quit(); });  // after the table that is being read
  const auto process = CollectorProcess::Make(options);
  if (!process) {
    spdlog::error("{}", process.error().message);
    return static_cast<int>(ExitCode::kInternal);
  }
  return QCoreApplication::exec();
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run(argc, argv); }
