// SPDX-License-Identifier: Apache-2.0
// sallyport-service: the service of Windows. Reads the machine, and keeps sallyport-agent running,
// which talks to the network with few rights.
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <cstdio>
#include <optional>

#include "agent/arguments.h"
#include "agent/places.h"
#include "agent/service/event_log_windows.h"
#include "agent/service/install_windows.h"
#include "agent/service/laptop_service_windows.h"
#include "agent/service/service_control_windows.h"
#include "agent/service/this_program_windows.h"
#include "agent/stop_request.h"
#include "base/exit_code.h"
#include "platform/posted.h"

namespace sallyport {
namespace {

constexpr size_t kLogBytes = 1 << 20;

struct CommandLineOptions {
  ServiceOptions service;
  bool console = false;
  bool install = false;
  bool uninstall = false;
  std::string name = "Sallyport";
};

int CodeOf(const Error& error) {
  return static_cast<int>(error.code == Code::kDenied ? ExitCode::kPermission
                                                      : ExitCode::kInternal);
}

void AddServiceOptions(CLI::App* app, ServiceOptions* options) {
  app->add_option("--state", options->state, "folder that holds agent\\ and collector\\")
      ->capture_default_str();
  app->add_option("--run", options->run, "beginning of the names of the local pipes")
      ->capture_default_str();
  app->add_option("--agent", options->agent, "program; beside this one");
  app->add_option("--agent-arg", options->agent_args, "more for the agent (repeatable)")
      ->allow_extra_args(false);
  app->add_option("--service-key", options->service_key,
                  "key that signs manifests; <state>\\agent\\service.spki");
  app->add_option("--limit", options->limit, "file of paths that the collector never reads");
  app->add_option("--log", options->log,
                  "file for everything that is said; the newest 2 MiB are kept");
  app->add_option("--table-deadline", options->table_deadline_s,
                  "seconds; a table that takes longer ends this process")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app->add_option("--max-memory-mib", options->max_memory_mib, "a process that is larger is ended")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
}

// 0: go on. Else the exit code, less one.
int Parse(const Arguments& arguments, CommandLineOptions* line) {
  const Places places = DefaultPlaces();
  line->service.state = places.state.substr(0, places.state.rfind('\\'));
  line->service.run = places.run;
  CLI::App app{"The Sallyport service: reads this machine, and keeps sallyport-agent running."};
  AddServiceOptions(&app, &line->service);
  app.add_flag("--console", line->console, "runs here, not under the service manager");
  CLI::App* install = app.add_subcommand(
      "install", "adds the service; the options before this word are kept in its command line");
  CLI::App* uninstall = app.add_subcommand("uninstall", "stops the service and takes it out");
  for (CLI::App* sub : {install, uninstall}) {
    sub->add_option("--name", line->name, "of the service")->capture_default_str();
  }
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", SALLYPORT_VERSION);
  try {
    app.parse(arguments.argc(), arguments.argv());
  } catch (const CLI::ParseError& e) {  // CLI11's border
    return app.exit(e) == 0 ? 1 : static_cast<int>(ExitCode::kUsage) + 1;
  }
  line->install = install->parsed();
  line->uninstall = uninstall->parsed();
  return 0;
}

// Everything before the subcommand, as it was given: the service is to run with it.
std::vector<std::string> Kept(const Arguments& arguments) {
  std::vector<std::string> kept;
  for (int i = 1; i < arguments.argc() && std::string_view(arguments.argv()[i]) != "install"; ++i) {
    kept.emplace_back(arguments.argv()[i]);
  }
  return kept;
}

// In a console: stderr, everything. Under the service manager: the Event Log, warnings and errors.
Status OpenLog(const CommandLineOptions& line) {
  std::vector<spdlog::sink_ptr> sinks;
  if (line.console) {
    sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  } else {
    sinks.push_back(MakeEventLogSink());
  }
  std::optional<Error> failed;
  if (!line.service.log.empty()) {
    try {
      sinks.push_back(
          std::make_shared<spdlog::sinks::rotating_file_sink_mt>(line.service.log, kLogBytes, 1));
    } catch (const spdlog::spdlog_ex& e) {  // spdlog's border
      failed = Error{Code::kInvalidArgument, e.what()};
    }
  }
  auto logger = std::make_shared<spdlog::logger>("service", sinks.begin(), sinks.end());
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  if (failed) return tl::unexpected(*failed);
  return {};
}

// Until it is told to end; `control` is null in a console.
int Serve(const ServiceOptions& options, ServiceControl* control) {
  const auto busy = [control] {
    if (control != nullptr) control->Busy();
  };
  const auto service = LaptopService::Start(options, busy);
  if (!service) {
    spdlog::error("{}", service.error().message);
    return CodeOf(service.error());
  }
  if (control != nullptr) control->Running();
  spdlog::info("running");
  QCoreApplication::exec();
  spdlog::info("stopping");
  (*service)->Stop(busy);
  return 0;
}

int RunInConsole(const CommandLineOptions& line, int argc, char** argv) {
  StopRequest stop;
  QCoreApplication qt(argc, argv);
  stop.OnStop([] { QCoreApplication::quit(); });
  if (const Status opened = OpenLog(line); !opened) {
    spdlog::error("{}", opened.error().message);
    return static_cast<int>(ExitCode::kUsage);
  }
  return Serve(line.service, nullptr);
}

// QCoreApplication stays in the main thread: made in the service manager's, its end was seen to
// fault.
int RunAsService(const CommandLineOptions& line, int argc, char** argv) {
  QCoreApplication qt(argc, argv);
  Posted quit([] { QCoreApplication::quit(); });
  ServiceControl control([&quit] { quit.Ask(); });
  if (const Status begun = control.Begin(); !begun) {
    std::fprintf(stderr, "sallyport-service: %s; --console runs it here, install adds it\n",
                 begun.error().message.c_str());
    return static_cast<int>(ExitCode::kUsage);
  }
  int code = 0;
  if (const Status opened = OpenLog(line); !opened) {
    spdlog::error("{}", opened.error().message);
    code = static_cast<int>(ExitCode::kUsage);
  } else {
    code = Serve(line.service, &control);
  }
  spdlog::info("stopped: {}", code);
  control.Stopped(static_cast<DWORD>(code));
  return code;
}

int Install(const CommandLineOptions& line, const Arguments& arguments) {
  const auto program = ThisProgram();
  const auto notice = [](const std::string& text) {
    std::fprintf(stderr, "sallyport-service: %s\n", text.c_str());
  };
  const Status done = !program ? tl::unexpected(program.error())
                               : InstallService({line.name, *program, Kept(arguments)}, notice);
  if (done) return 0;
  notice(done.error().message);
  return CodeOf(done.error());
}

int Uninstall(const CommandLineOptions& line) {
  const Status done = UninstallService(line.name);
  if (done) return 0;
  std::fprintf(stderr, "sallyport-service: %s\n", done.error().message.c_str());
  return CodeOf(done.error());
}

int Run(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  CommandLineOptions line;
  if (const int code = Parse(arguments, &line); code != 0) return code - 1;
  if (line.install) return Install(line, arguments);
  if (line.uninstall) return Uninstall(line);
  return line.console ? RunInConsole(line, argc, argv) : RunAsService(line, argc, argv);
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) { return sallyport::Run(argc, argv); }
