// SPDX-License-Identifier: Apache-2.0
// sallyport-agent: the unprivileged half of the laptop; holds the key, the spool and the stream.
#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/arguments.h"
#include "agent/places.h"
#include "agent/stop_request.h"
#include "attestation/tls13.h"
#include "base/exit_code.h"
#include "base/utf8_path.h"
#include "platform/this_host.h"

namespace sallyport {
namespace {

struct CommandLine {
  AgentOptions agent;
  std::string run;
  std::string ready_file;
  std::vector<UserId> owners;
};

int Parse(int argc, char** argv, CommandLine* line) {
  CLI::App app("Sallyport agent: sends this laptop's signed posture to the policy service");
  const Places places = DefaultPlaces();
  line->agent.state = places.state;
  line->run = places.run;
  app.add_option("--state", line->agent.state, "enrollment folder")->capture_default_str();
  app.add_option("--run", line->run, "beginning of the names of the local sockets")
      ->capture_default_str();
  app.add_option("--collector-socket", line->agent.collector_socket, "instead of the one in --run");
  app.add_option("--socket", line->agent.socket, "instead of the one in --run");
  app.add_option(
      "--owner", line->owners,
      "user who may ask for checks and evidence: a uid, or on Windows a SID (repeatable)");
  app.add_option("--spool-evidences", line->agent.spool.evidences, "bound of the offline history")
      ->capture_default_str();
  app.add_option("--spool-bytes", line->agent.spool.bytes, "bound of the offline history")
      ->capture_default_str();
  app.add_option("--ready-file", line->ready_file, "made when the local socket is served");
  app.set_version_flag("--version", SALLYPORT_VERSION);
  try {
    const Arguments arguments(argc, argv);
    app.parse(arguments.argc(), arguments.argv());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? -1 : static_cast<int>(ExitCode::kUsage);
  }
  // The watcher is told whole paths only.
  line->agent.state =
      Utf8Of(std::filesystem::absolute(PathOf(line->agent.state)).lexically_normal());
  line->agent.owners = {line->owners.begin(), line->owners.end()};
  if (line->agent.socket.empty()) line->agent.socket = AgentSocket(line->run);
  if (line->agent.collector_socket.empty()) {
    line->agent.collector_socket = CollectorSocket(line->run);
  }
  return 0;
}

int Run(int argc, char** argv) {
  CommandLine line;
  if (const int code = Parse(argc, argv, &line); code != 0) return code < 0 ? 0 : code;
  if (const Status tls = RequireTls13(); !tls) {
    spdlog::error("{}", tls.error().message);
    return static_cast<int>(ExitCode::kInternal);
  }
  StopRequest stop;
  qputenv("QT_NO_GLIB", "1");  // Qt's own loop does, and costs less memory
  QCoreApplication app(argc, argv);
  stop.OnStop([] { QCoreApplication::quit(); });

  const std::unique_ptr<Host> host = MakeThisHost();
  int code = 0;
  {
    Agent agent(line.agent, *host);
    if (const Status started = agent.Start(); !started) {
      spdlog::error("{}", started.error().message);
      return static_cast<int>(ExitCode::kInternal);
    }
    if (!line.ready_file.empty())
      std::ofstream(PathOf(line.ready_file)) << QCoreApplication::applicationPid() << "\n";
    code = QCoreApplication::exec();
  }
  // A certificate may be on its way in a thread that nobody can stop; nothing is left to be saved.
  std::_Exit(code);
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  // It writes a line to stderr for each string of a peer that is not UTF-8. That a message does not
  // parse is said by whoever parses it.
  google::protobuf::SetLogHandler(nullptr);
  return sallyport::Run(argc, argv);
}
